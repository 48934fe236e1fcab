"""What draws on a document, whatever device moves it: the tool in the hand, where it is, and what it would take."""

from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.data.touching import touched
from mnist_gui.gui.canvas.document import CanvasDocument
from mnist_gui.gui.canvas.tool import Tool, pressed_width


class Hand(QObject):
    """Draws and erases, in units of the canvas.

    Attributes:
        rubber_near: a pen is held upside down, so that its eraser counts and not the chosen tool.
        pressure_counts: whether a pen that is pressed harder draws a wider stroke.

    Signals:
        changed: the tool, its width or what it would take is another.
    """

    changed = pyqtSignal()

    def __init__(self, document: CanvasDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._widths = dict.fromkeys(Tool, 1.0)
        self._chosen = Tool.PEN
        self._eraser_end = Tool.ERASER
        self._acting: Tool | None = None
        self._at = (0.0, 0.0)
        self._hovering: tuple[float, float] | None = None
        self._marked: tuple[int, ...] = ()
        self.rubber_near = False
        self.pressure_counts = True
        document.changed.connect(self._mark)

    @property
    def chosen(self) -> Tool:
        """The tool that was chosen."""
        return self._chosen

    @property
    def tool(self) -> Tool:
        """What is in the hand: what it works with now, the eraser of a pen held upside down, or the chosen tool."""
        return self._acting or (self._eraser_end if self.rubber_near else self._chosen)

    @property
    def width(self) -> float:
        """Width of the tool in the hand, in units: of the stroke where the pen is now."""
        current = self._document.current
        if current is not None and current.widths is not None:
            return float(current.widths[-1])
        return self._widths[self.tool]

    def width_of(self, tool: Tool) -> float:
        """The chosen width of a tool, in units."""
        return self._widths[tool]

    @property
    def down(self) -> bool:
        """Whether it is at work."""
        return self._acting is not None

    @property
    def marked(self) -> tuple[int, ...]:
        """Places of the finished strokes that the eraser of strokes would take where it is."""
        return self._marked

    def set_width(self, tool: Tool, width: float) -> None:
        """Sets the width of a tool, in units."""
        self._widths[tool] = width
        self._mark()
        self.changed.emit()

    def choose(self, tool: Tool) -> None:
        """Takes a tool for the next stroke; a chosen eraser is also that of the pen's other end."""
        self._chosen = tool
        self.rubber_near = False
        if tool.erases:
            self._eraser_end = tool
        self._mark()
        self.changed.emit()

    def hover(self, place: tuple[float, float] | None) -> None:
        """Says where the tool is, down or not; None is nowhere."""
        self._hovering = place
        self._mark()

    def press(self, place: tuple[float, float], tool: Tool | None = None, pressure: float | None = None) -> None:
        """Begins a stroke or an erasing.

        Args:
            place: x and y.
            tool: by default the one in the hand.
            pressure: 0 to 1, where the device feels it.
        """
        tool = tool or self.tool
        self._document.finish()
        self._acting, self._at = tool, place
        if tool is Tool.STROKE_ERASER:
            self._take_strokes(place)
        else:
            self._document.begin(*place, self._pressed(tool, pressure), erase=tool.erases)
        self._mark()

    def drag(self, place: tuple[float, float], pressure: float | None = None) -> None:
        """Goes on in a straight line, if it is at work."""
        if self._acting is Tool.STROKE_ERASER:
            self._take_strokes(place)
        elif self._acting is not None:
            width = None if pressure is None else self._pressed(self._acting, pressure)
            self._document.extend(*place, width)

    def lift(self) -> None:
        """Ends the stroke or the erasing, which can then be undone."""
        self._acting = None
        self._document.finish()
        self._mark()

    def cancel(self) -> None:
        """Ends the stroke or the erasing as if it had not been."""
        self._acting = None
        self._document.cancel()
        self._mark()

    def _pressed(self, tool: Tool, pressure: float | None) -> float:
        width = self._widths[tool]
        counts = self.pressure_counts and tool is Tool.PEN and pressure is not None
        return pressed_width(width, pressure or 0.0) if counts else width

    def _take_strokes(self, place: tuple[float, float]) -> None:
        radius = self._widths[Tool.STROKE_ERASER] / 2
        self._document.remove(touched(self._document.finished, self._at, place, radius))
        self._at = place

    def _mark(self) -> None:
        """Finds the strokes that the eraser of strokes would take."""
        marked: tuple[int, ...] = ()
        if self._hovering is not None and self.tool is Tool.STROKE_ERASER and self._acting is None:
            radius = self._widths[Tool.STROKE_ERASER] / 2
            marked = touched(self._document.finished, self._hovering, self._hovering, radius)
        if marked != self._marked:
            self._marked = marked
            self.changed.emit()
