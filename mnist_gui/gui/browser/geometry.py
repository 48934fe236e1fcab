"""Where the tiles of the grid are: arithmetic on counts and sizes, the same cost for ten digits as for 70,000."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GridGeometry:
    """Equal cells in rows, centred; each holds a caption above a square digit, and a gap to the right and below.

    All lengths are whole screen pixels, so every tile is equally sharp at any scale factor. Places are measured from
    the top left of the content; the digits are numbered row by row in the order shown.

    Attributes:
        count: number of digits.
        width: of the visible part, which the cells must fit into.
        side: of the square digit.
        caption: height above the digit; 0 for none.
        gap: between neighbours, and around all.
    """

    count: int
    width: int
    side: int
    caption: int
    gap: int

    @property
    def columns(self) -> int:
        """Digits in a row, at least 1."""
        return max(1, (self.width - self.gap) // self.cell_width)

    @property
    def rows(self) -> int:
        """Rows that hold digits."""
        return -(-self.count // self.columns)

    @property
    def cell_width(self) -> int:
        """From one column to the next."""
        return self.side + self.gap

    @property
    def cell_height(self) -> int:
        """From one row to the next."""
        return self.caption + self.side + self.gap

    @property
    def left(self) -> int:
        """Where the first column begins."""
        return max(self.gap, (self.width - self.columns * self.cell_width + self.gap) // 2)

    @property
    def height(self) -> int:
        """Of the whole content."""
        return self.rows * self.cell_height + self.gap if self.count else 0

    def place_of(self, position: int) -> tuple[int, int]:
        """Left and top of the cell of the digit at `position`."""
        row, column = divmod(position, self.columns)
        return self.left + column * self.cell_width, self.gap + row * self.cell_height

    def position_at(self, x: int, y: int) -> int | None:
        """The digit whose cell covers a place, None beside and below the digits."""
        column, row = (x - self.left) // self.cell_width, (y - self.gap) // self.cell_height
        if not 0 <= column < self.columns or row < 0:
            return None
        position = row * self.columns + column
        return position if position < self.count else None

    def rows_between(self, top: int, bottom: int) -> range:
        """The rows with a pixel in [top, bottom)."""
        first = max(0, (top - self.gap) // self.cell_height)
        last = max(0, -(-(bottom - self.gap) // self.cell_height))
        return range(min(first, self.rows), min(last, self.rows))
