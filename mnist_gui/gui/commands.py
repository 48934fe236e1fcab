"""Everything that can be done from the menus, as plain data.

This one list makes the menus, the shortcuts, the tips, the list of shortcuts (F1) and the table in the README.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mnist_gui.session.states import RunState


@dataclass(frozen=True)
class Situation:
    """What decides whether a command can be given now.

    Attributes:
        dataset: there are digits.
        model: there is a model.
        selection: a digit is selected.
        can_undo: the canvas has something to take back.
        can_redo: the canvas has something to do again.
        settings_fit: a run can be made of the settings.
        run: what the run is doing.
    """

    dataset: bool = False
    model: bool = False
    selection: bool = False
    can_undo: bool = False
    can_redo: bool = False
    settings_fit: bool = True
    run: RunState = RunState.IDLE


def always(_now: Situation) -> bool:
    """Whatever the situation."""
    return True


def with_dataset(now: Situation) -> bool:
    """There are digits."""
    return now.dataset


def with_model(now: Situation) -> bool:
    """There is a model."""
    return now.model


def with_selection(now: Situation) -> bool:
    """A digit is selected."""
    return now.selection


def while_idle(now: Situation) -> bool:
    """No run goes on."""
    return now.run is RunState.IDLE


def can_start(now: Situation) -> bool:
    """A run can be started."""
    return now.dataset and now.settings_fit and while_idle(now)


def can_pause(now: Situation) -> bool:
    """There is a run that can be halted or go on."""
    return now.run in (RunState.TRAINING, RunState.PAUSED)


def can_step(now: Situation) -> bool:
    """A single step can be made."""
    return can_start(now) or can_pause(now)


def can_stop(now: Situation) -> bool:
    """There is a run that was not stopped yet."""
    return now.run not in (RunState.IDLE, RunState.STOPPING)


MENUS: Final = ("File", "Edit", "View", "Dataset", "Draw", "Train", "Help")


@dataclass(frozen=True)
class Command:
    """One thing that can be done.

    Attributes:
        id: its name in the program.
        menu: one of `MENUS`, or such a name, a slash and the name of a menu inside it.
        title: what the menu says; three dots where a dialog follows.
        tip: at most two sentences: the field's term and plain words.
        shortcuts: keys in Qt's notation; the first is shown in the menu.
        enabled: whether it can be given now.
        checkable: whether it is switched on and off.
        new_section: whether a line is drawn above it.
    """

    id: str
    menu: str
    title: str
    tip: str
    shortcuts: tuple[str, ...] = ()
    enabled: Callable[[Situation], bool] = always
    checkable: bool = False
    new_section: bool = False


COMMANDS: Final = (
    # ---- File
    Command("open_dataset", "File", "Open data set…",
            "Reads digits from IDX files, mnist.pkl.gz or a Keras .npz. The labels and the other split are found by"
            " name.", ("Ctrl+O",)),
    Command("open_dataset_folder", "File", "Open data set folder…",
            "Reads the data set that lies in a folder, for example the four files of MNIST.", ("Ctrl+Alt+O",)),
    Command("open_model", "File", "Open model…", "Takes a saved model to read digits with.", ("Ctrl+Shift+O",),
            while_idle, new_section=True),
    Command("bundled_model", "File", "Use bundled model",
            "Takes the model that came with the application.", (), while_idle),
    Command("save_model", "File", "Save model as…",
            "Writes the weights of the present model to a file (a checkpoint).", ("Ctrl+Shift+S",), with_model),
    Command("show_runs", "File", "Show saved runs",
            "Opens the folder into which every run is saved by itself when it ends."),
    Command("preferences", "File", "Preferences…", "Theme, CPU threads and the device for training.", ("Ctrl+,",),
            new_section=True),
    Command("quit", "File", "Quit", "Ends the application. A run that goes on is stopped and its best weights are"
            " saved.", ("Ctrl+Q",), new_section=True),
    # ---- Edit
    Command("undo", "Edit", "Undo", "Takes back the last change of the drawing.", ("Ctrl+Z",),
            lambda now: now.can_undo),
    Command("redo", "Edit", "Redo", "Makes the change again that was taken back.", ("Ctrl+Shift+Z", "Ctrl+Y"),
            lambda now: now.can_redo),
    Command("copy_digit", "Edit", "Copy selected digit",
            "Puts the selected digit on the clipboard as a picture of 28x28 pixels.", ("Ctrl+Shift+C",),
            with_selection, new_section=True),
    Command("copy_drawing", "Edit", "Copy drawing",
            "Puts the drawing on the clipboard, as a picture and as strokes in text."),
    Command("copy_image", "Edit", "Copy what the model sees",
            "Puts the 28x28 picture that the drawing is turned into on the clipboard, and its grey levels as text."),
    Command("copy_probabilities", "Edit", "Copy probabilities",
            "Puts the ten probabilities of the drawing on the clipboard, as text and as a picture."),
    Command("copy_reading", "Edit", "Copy drawing with its reading",
            "Puts the drawing, what the model sees and the ten probabilities on the clipboard: as one picture, as text"
            " and as a table.", ("Ctrl+Alt+C",)),
    Command("copy_plot", "Edit", "Copy curves", "Puts the training curves on the clipboard as a picture."),
    Command("copy_numbers", "Edit", "Copy numbers of the curves",
            "Puts the losses and errors of the run on the clipboard as a table (CSV)."),
    # ---- View
    Command("show_browse", "View", "Browse", "Goes to the panel with all digits of the data set.", ("Ctrl+1",)),
    Command("show_train", "View", "Train", "Goes to the panel in which a network learns.", ("Ctrl+2",)),
    Command("show_draw", "View", "Draw", "Goes to the canvas whose digit the model reads.", ("Ctrl+3",)),
    Command("show_why", "View", "Why", "Goes to the panel that shows why the digit in Draw is read as it is.",
            ("Ctrl+4",)),
    Command("larger_tiles", "View", "Larger digits", "Shows fewer and larger digits in the grid.",
            ("Ctrl++", "Ctrl+="), new_section=True),
    Command("smaller_tiles", "View", "Smaller digits", "Shows more and smaller digits in the grid.", ("Ctrl+-",)),
    Command("log_scale", "View", "Logarithmic loss",
            "Draws the training curves on a logarithmic axis, so that small differences late in a run can be seen.",
            ("Ctrl+L",), checkable=True),
    Command("theme_system", "View/Theme", "As the system", "Follows the light or dark setting of the desktop.", (),
            checkable=True, new_section=True),
    Command("theme_light", "View/Theme", "Light", "Dark text on a light background.", (), checkable=True),
    Command("theme_dark", "View/Theme", "Dark", "Light text on a dark background.", (), checkable=True),
    Command("full_screen", "View", "Full screen", "The window fills the screen, or no longer does.", ("F11",),
            checkable=True),
    Command("projector", "View", "Projector mode",
            "Larger text and thicker lines, to be read from the last row of a classroom.", ("Shift+F11",),
            checkable=True),
    Command("reset_layout", "View", "Reset layout", "Puts the panels back to where they were at first.",
            new_section=True),
    # ---- Dataset
    Command("go_to", "Dataset", "Go to digit…", "Selects the digit with a given index.", ("Ctrl+G",), with_dataset),
    Command("open_digit", "Dataset", "Show in Draw",
            "Shows the selected digit on the canvas exactly as the model sees it.", ("Ctrl+D",), with_selection),
    Command("pin_digit", "Dataset", "Pin selected digit",
            "Keeps the selected digit in sight: Train > Pins shows what a network says of it while it learns.", (),
            with_selection),
    Command("bundled_dataset", "Dataset", "Use bundled MNIST",
            "Shows the original 70,000 digits that came with the application.", new_section=True),
    Command("my_digits", "Dataset", "My digits",
            "Shows the drawings that you kept, as a data set like any other. Draw, then press the digit that it is.",
            ("Ctrl+M",)),
    Command("import_digits", "Dataset", "Add to My digits…",
            "Adds the digits of a stroke file (.jsonl) or of IDX files to My digits. Those that are there stay.", ()),
    # ---- Draw
    Command("pen", "Draw", "Pen", "Draws with ink.", (), checkable=True),
    Command("eraser", "Draw", "Eraser", "Takes away the ink below its ring. Given again, it takes the pen.",
            ("Ctrl+E",), checkable=True),
    Command("stroke_eraser", "Draw", "Stroke eraser",
            "Takes away every whole stroke that its ring touches. Given again, it takes the pen.",
            ("Ctrl+Shift+E",), checkable=True),
    Command("pressure", "Draw", "Pressure changes the width",
            "A pen that feels pressure draws a wider stroke where it is pressed harder.", (), checkable=True),
    Command("clear_canvas", "Draw", "Clear canvas", "Empties the canvas; this can be undone.", ("Ctrl+Backspace",)),
    Command("save_drawing", "Draw", "Save drawing as…",
            "Writes the drawing as a picture (PNG), at any size (SVG) or as strokes that can be replayed (.jsonl).",
            ("Ctrl+S",), new_section=True),
    Command("draw_on_digit", "Draw", "Draw on selected digit",
            "Puts the selected digit on the canvas, to draw on. The drawing that was there comes back by Undo.",
            ("Ctrl+Shift+D",), with_selection),
    Command("replay", "Draw", "Replay stroke file…",
            "Draws the digits of a file of pen strokes (.jsonl) again, as if by a hand. Your drawing waits.",
            ("Ctrl+R",)),
    Command("collect", "Draw", "Collect digits",
            "Asks for one digit after the other and keeps what you draw in My digits. Given again, it ends.",
            ("Ctrl+K",), new_section=True),
    Command("pin", "Draw", "Pin",
            "Keeps the digit in Draw in sight: Train > Pins shows what a network says of it while it learns.",
            ("Ctrl+P",), new_section=True),
    Command("open_picture", "Draw", "Open picture…",
            "Reads a PNG, JPEG, BMP, GIF or WebP. One digit goes to the canvas; of several each gets a box.",
            ("Ctrl+I",)),
    Command("paste_picture", "Draw", "Paste picture",
            "Reads the picture, or the picture file, on the clipboard as Open picture does.", ("Ctrl+V",)),
    Command("show_photo", "Draw", "Back to the photo",
            "Shows the photo with several digits that was open last, with its corrected boxes."),
    # ---- Train
    Command("start", "Train", "Start", "Trains a new network with the settings of the panel.", ("F5",), can_start),
    Command("pause", "Train", "Pause or resume", "Halts the run after the present step, or lets it go on.", ("F6",),
            can_pause),
    Command("step", "Train", "One step",
            "Learns from one minibatch and pauses. Starts a run when there is none.", ("F10",), can_step),
    Command("stop", "Train", "Stop", "Ends the run. Its best weights are kept and saved.", ("Shift+F5",), can_stop),
    Command("fine_tune", "Train", "Fine-tune on My digits",
            "Has the model learn from My digits, mixed with those that it knows. You see before and after, then keep"
            " or discard.", ("Ctrl+Shift+T",), with_model, new_section=True),
    # ---- Help
    Command("shortcuts", "Help", "Keyboard shortcuts", "Every key of the application in one list.",
            ("F1", "Ctrl+/")),
    Command("about", "Help", "About", "Versions, licences and credits.", new_section=True),
)  # fmt: skip


def shortcut_rows() -> list[tuple[str, str, str, str]]:
    """Menu, title, keys and tip of every command that has a key, in the order of the menus."""
    return [
        (command.menu.replace("/", " > "), command.title.rstrip("…"), " or ".join(command.shortcuts), command.tip)
        for command in COMMANDS
        if command.shortcuts
    ]


def shortcut_table() -> str:
    """The rows of `shortcut_rows` as the Markdown table of the README."""
    lines = ["| Menu | Command | Keys |", "|---|---|---|"]
    lines += [f"| {menu} | {title} | {keys} |" for menu, title, keys, _ in shortcut_rows()]
    return "\n".join(lines) + "\n"
