"""What each command does: binds the list of commands to the window, its rooms and the session."""

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, QUrl
from PyQt6.QtGui import QActionGroup, QDesktopServices
from PyQt6.QtWidgets import QFileDialog

from mnist_gui.engine.checkpoint import SUFFIX
from mnist_gui.engine.config import Device
from mnist_gui.engine.runs import runs_folder
from mnist_gui.gui.actions import Actions
from mnist_gui.gui.canvas.drawing_files import save_dialog
from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.commands import Situation
from mnist_gui.gui.dialogs.about import AboutDialog
from mnist_gui.gui.dialogs.preferences import Choice, PreferencesDialog
from mnist_gui.gui.dialogs.shortcuts import ShortcutsDialog
from mnist_gui.gui.main_window import MainWindow
from mnist_gui.gui.recent import RecentMenu
from mnist_gui.gui.theme import PROJECTOR_SCALE, Theme, ThemeMode
from mnist_gui.session.session import Session

_MODELS = f"Models (*{SUFFIX})"
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp);;All files (*)"
_STROKES = "Pen strokes (*.jsonl *.jsonl.gz);;All files (*)"
_DATASETS = "Data sets (*-ubyte *.idx?-ubyte *.gz *.npz *.pkl *ubyte*);;All files (*)"


class Menus(QObject):
    """Owns the actions of a window and keeps them enabled as the situation allows.

    Attributes:
        actions: one for each command.
    """

    def __init__(self, window: MainWindow, session: Session, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._theme = theme
        self.actions = Actions(self)
        self._bind_files()
        self._bind_edit()
        self._bind_view()
        self._bind_draw()
        self._bind_pins()
        self._bind_mine()
        self._bind_train()
        self._bind_help()
        self._fill()
        self._follow()

    def _fill(self) -> None:
        bar = self._window.menuBar()
        assert bar is not None, "a main window has a menu bar"
        self.actions.fill(bar)
        for action in self.actions.all():
            self._window.addAction(action)
        values = self._session.settings.values
        files = self.actions.menus["File"]
        datasets = RecentMenu("Recent data sets", values.recent_datasets, self._session.open_dataset, self._window)
        models = RecentMenu("Recent models", values.recent_models, self._session.open_model, self._window)
        files.insertMenu(self.actions["open_model"], datasets)
        files.insertMenu(self.actions["bundled_model"], models)

    def _bind_files(self) -> None:
        bind, session = self.actions.bind, self._session
        bind("open_dataset", self._open_dataset)
        bind("open_dataset_folder", self._open_dataset_folder)
        bind("bundled_dataset", partial(session.open_dataset, None))
        bind("open_model", self._open_model)
        bind("bundled_model", session.open_bundled_model)
        bind("save_model", self._save_model)
        bind("show_runs", self._show_runs)
        bind("preferences", self._change_preferences)
        bind("quit", self._quit)

    def _bind_edit(self) -> None:
        bind, canvas, browser = self.actions.bind, self._window.canvas, self._window.browser
        bind("undo", canvas.undo_stack.undo)
        bind("redo", canvas.undo_stack.redo)
        canvas.undo_stack.undoTextChanged.connect(partial(self._name_change, "undo"))
        canvas.undo_stack.redoTextChanged.connect(partial(self._name_change, "redo"))
        bind("copy_digit", browser.copy_digit)
        bind("copy_drawing", canvas.exports.copy_drawing)
        bind("copy_image", canvas.exports.copy_image)
        bind("copy_probabilities", canvas.exports.copy_probabilities)
        bind("copy_reading", canvas.exports.copy_reading)
        bind("go_to", self._go_to)
        bind("open_digit", browser.open_selected)

    def _name_change(self, command: str, change: str) -> None:
        """Says in the menu what would be undone or redone."""
        self.actions[command].setText(f"{command.capitalize()} {change}".rstrip())

    def _bind_view(self) -> None:
        bind, window = self.actions.bind, self._window
        for name, dock in zip(("show_browse", "show_train", "show_draw", "show_why"), window.rooms.docks, strict=True):
            bind(name, dock.go_to)
        bind("larger_tiles", window.browser.zoom_in)
        bind("smaller_tiles", window.browser.zoom_out)
        bind("reset_layout", window.reset_layout)
        self.actions["full_screen"].setChecked(window.isFullScreen())
        self.actions.bind_switch("full_screen", self._set_full_screen)
        self.actions.bind_switch("projector", lambda on: self._theme.set_scale(PROJECTOR_SCALE if on else 1.0))
        group = QActionGroup(self)
        for mode in ThemeMode:
            action = self.actions[f"theme_{mode}"]
            group.addAction(action)
            bind(f"theme_{mode}", partial(self._set_theme, mode))
        self._theme.follow(self._check_theme)

    def _bind_draw(self) -> None:
        bind, canvas = self.actions.bind, self._window.canvas
        for tool in Tool:
            self.actions.bind_switch(str(tool), partial(self._take_tool, tool))
        canvas.tool_changed.connect(self._check_tool)
        self._check_tool(Tool.PEN)
        self.actions["pressure"].setChecked(self._session.settings.values.pressure)
        self.actions.bind_switch("pressure", canvas.set_pressure)
        bind("save_drawing", self._save_drawing)
        bind("draw_on_digit", self._window.browser.draw_on_selected)
        bind("open_picture", self._open_picture)
        bind("paste_picture", self._paste_picture)
        bind("show_photo", self._show_photo)
        bind("replay", self._replay_strokes)
        bind("clear_canvas", canvas.clear)

    def _bind_pins(self) -> None:
        self.actions.bind("pin", self._window.pinning.pin_shown)
        self.actions.bind("pin_digit", self._window.browser.pin_selected)

    def _bind_mine(self) -> None:
        bind, mine = self.actions.bind, self._window.mine
        bind("my_digits", mine.show)
        bind("import_digits", mine.import_digits)
        bind("collect", mine.collect)
        bind("fine_tune", mine.tune)

    def _bind_train(self) -> None:
        bind, panel = self.actions.bind, self._window.training
        bind("start", panel.start)
        bind("pause", panel.pause_or_resume)
        bind("step", panel.step)
        bind("stop", panel.stop)
        bind("copy_plot", panel.copy_plot)
        bind("copy_numbers", panel.copy_numbers)
        log_scale = self.actions["log_scale"]
        log_scale.setChecked(panel.log_scale)
        panel.log_scale_changed.connect(log_scale.setChecked)
        self.actions.bind_switch("log_scale", self._set_log_scale)

    def _bind_help(self) -> None:
        self.actions.bind("shortcuts", lambda: ShortcutsDialog(self._window).open())
        self.actions.bind("about", lambda: AboutDialog(self._theme, self._window).open())

    def _follow(self) -> None:
        session, stack = self._session, self._window.canvas.undo_stack
        for signal in (
            session.dataset_changed,
            session.model_changed,
            session.selection_changed,
            session.run_changed,
            self._window.training.can_start_changed,
            stack.canUndoChanged,
            stack.canRedoChanged,
        ):
            signal.connect(self._update)
        self._update()

    def _update(self) -> None:
        session, stack = self._session, self._window.canvas.undo_stack
        self.actions.update(
            Situation(
                dataset=session.dataset is not None,
                model=session.model is not None,
                selection=session.selection is not None,
                can_undo=stack.canUndo(),
                can_redo=stack.canRedo(),
                settings_fit=self._window.training.can_start,
                run=session.run_state,
            )
        )

    # ---- files
    def _open_dataset(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open data set", "", _DATASETS)
        if path:
            self._session.open_dataset(Path(path))

    def _open_dataset_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self._window, "Open data set folder")
        if path:
            self._session.open_dataset(Path(path))

    def _open_model(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open model", "", _MODELS)
        if path:
            self._session.open_model(Path(path))

    def _save_model(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self._window, "Save model as", f"model{SUFFIX}", _MODELS)
        if path:
            self._session.save_model(Path(path))

    def _show_runs(self) -> None:
        folder = runs_folder()
        folder.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._session.notice.emit(f"Saved runs are in {folder}")

    def _change_preferences(self) -> None:
        values = self._session.settings.values
        dialog = PreferencesDialog(Choice(self._theme.mode, values.threads, values.device), self._window)

        def take() -> None:
            choice = dialog.choice()
            values.threads, values.device = choice.threads, choice.device
            self._set_theme(choice.theme)
            self._window.training.set_device(Device(choice.device))
            self._session.run_changed.emit()

        dialog.accepted.connect(take)
        dialog.open()

    def _quit(self) -> None:
        self._window.close()

    # ---- pictures
    def _open_picture(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open picture", "", _PICTURES)
        if path:
            self._window.rooms.draw.go_to()
            self._window.photos.open_file(Path(path))

    def _paste_picture(self) -> None:
        self._window.rooms.draw.go_to()
        self._window.photos.paste()

    def _show_photo(self) -> None:
        self._window.rooms.draw.go_to()
        self._window.photos.show_again()

    # ---- view
    def _go_to(self) -> None:
        self._window.rooms.browse.show()
        self._window.rooms.browse.raise_()
        self._window.browser.focus_go_to()

    def _take_tool(self, tool: Tool, on: bool) -> None:
        self._window.canvas.set_tool(tool if on else Tool.PEN)
        self._check_tool(self._window.canvas.tool)  # the pen's own command, given again, is not switched off

    def _check_tool(self, chosen: Tool) -> None:
        for tool in Tool:
            self.actions[str(tool)].setChecked(tool is chosen)

    def _save_drawing(self) -> None:
        exports = self._window.canvas.exports
        if exports.possible:
            dialog = save_dialog(self._window, Path(self._session.settings.values.drawing_folder))
            dialog.fileSelected.connect(lambda path: exports.save(Path(path), dialog.selectedNameFilter()))
            dialog.open()

    def _replay_strokes(self) -> None:
        folder = self._session.settings.values.stroke_folder
        path, _ = QFileDialog.getOpenFileName(self._window, "Replay stroke file", folder, _STROKES)
        if path:
            self._window.replay(Path(path))

    def _set_log_scale(self, on: bool) -> None:
        self._window.training.log_scale = on

    def _set_full_screen(self, on: bool) -> None:
        full = Qt.WindowState.WindowFullScreen
        state = self._window.windowState()  # a maximised window is maximised again afterwards
        self._window.setWindowState(state | full if on else state & ~full)

    def _set_theme(self, mode: ThemeMode) -> None:
        self._session.settings.values.theme = str(mode)
        self._session.settings.save()
        self._theme.set_mode(mode)

    def _check_theme(self) -> None:
        self.actions[f"theme_{self._theme.mode}"].setChecked(True)
