import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolButton
from scripted_session import typical_events

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import HyperparameterChanged, Ready, RunStarted, StepsDone, Validated
from mnist_gui.engine.history import RunHistory
from mnist_gui.gui.theme import ThemeMode
from mnist_gui.gui.training.curve_data import POINTS
from mnist_gui.gui.training.curves import Curves
from mnist_gui.gui.training.curves_page import CurvesPage


def run(steps):
    history = RunHistory()
    history.extend([RunStarted(TrainingConfig(epochs=20), 431_080, 391, 50_000), *typical_events(steps)])
    return history


@pytest.fixture
def curves(qtbot, theme):
    curves = Curves(theme)
    curves.resize(640, 300)
    qtbot.addWidget(curves)
    with qtbot.waitExposed(curves):
        curves.show()
    return curves


def x_range(curves):
    return tuple(curves._loss.view.viewRange()[0])


def points(item):
    x, _ = item.getData()
    return 0 if x is None else len(x)


def drag(curves, start, end):
    """As a hand does it: press, move in steps, release."""
    viewport = curves._canvas.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(viewport, start + (end - start) * share, delay=20)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)


def test_that_both_curves_are_drawn_with_few_points_however_long_the_run(curves):
    curves.set_history(run(50_000))
    assert 400 <= points(curves._raw) <= POINTS
    assert 200 <= points(curves._smoothed) <= POINTS
    assert points(curves._errors) == 127


def test_that_nothing_is_drawn_while_hidden_and_all_when_shown_again(curves):
    history = run(100)
    curves.set_history(history)
    curves.hide()
    history.extend([StepsDone(101, (0.5,) * 50, 1, 1.0, 9.0)])
    curves.refresh()
    assert points(curves._raw) == 100
    curves.show()
    assert points(curves._raw) == 150


def test_that_ranges_stay_until_the_run_outgrows_them(curves):
    history = run(320)
    curves.set_history(history)
    before = x_range(curves)
    assert before == pytest.approx((0.0, 507.5))
    for step in range(321, 500, 10):
        history.extend([StepsDone(step, (0.5,) * 10, 1, 1.0, 9.0)])
        curves.refresh()
        assert x_range(curves) == before
    history.extend([StepsDone(501, (0.5,), 2, 1.0, 9.0)])
    curves.refresh()
    assert x_range(curves) == pytest.approx((0.0, 710.5))


def test_that_both_plots_show_the_same_steps(curves):
    curves.set_history(run(3000))
    curves._loss.view.setXRange(100, 900, padding=0)
    assert curves._error.view.viewRange()[0] == pytest.approx([100, 900], abs=20)


def test_that_dragging_stops_following_and_fit_follows_again(qtbot, curves):
    history = run(1000)
    curves.set_history(history)
    zoomed = []
    curves.zoomed.connect(zoomed.append)
    with qtbot.waitSignal(curves.automatic_changed) as told:
        drag(curves, QPoint(300, 80), QPoint(200, 80))
    assert told.args == [False]
    moved = x_range(curves)
    assert moved[0] > 0
    assert zoomed[-1] == pytest.approx(moved)
    history.extend([StepsDone(1001, (0.5,) * 4000, 13, 1.0, 9.0)])
    curves.refresh()
    assert x_range(curves) == moved
    with qtbot.waitSignal(curves.automatic_changed) as told:
        QTest.keyClick(curves, Qt.Key.Key_Home)
    assert told.args == [True]
    assert x_range(curves) == pytest.approx((0.0, 5075.0))


def test_that_zooming_in_shows_single_steps(curves):
    curves.set_history(run(20_000))
    for _ in range(20):
        QTest.keyClick(curves, Qt.Key.Key_Plus)
    left, right = x_range(curves)
    assert right - left < 400
    assert points(curves._raw) == pytest.approx(right - left, abs=3)


def test_that_a_log_scale_draws_logarithms_and_survives_zeros(curves):
    history = run(100)
    history.extend([StepsDone(101, (0.0,), 1, 1.0, 9.0), Validated(101, 0.3, 0.1, 0.0, True)])
    curves.set_history(history)
    curves.log_scale = True
    _, y = curves._raw.getData()
    np.testing.assert_allclose(y[:100], np.log10(history.losses[:100]))
    assert np.isfinite(y).all()
    assert not curves.grab().isNull()
    curves.log_scale = False
    _, y = curves._raw.getData()
    np.testing.assert_array_equal(y, history.losses)


def test_that_a_loss_that_is_not_finite_is_left_out(curves):
    history = run(100)
    history.extend([StepsDone(101, (float("inf"),), 1, 1.0, 9.0)])
    curves.set_history(history)
    assert points(curves._raw) == 100
    assert np.isfinite(curves._raw.getData()[1]).all()


def test_that_the_best_validation_is_ringed_and_named(curves):
    history = run(2000)
    curves.set_history(history)
    x, y = curves._best.getData()
    assert (x[0], y[0]) == (history.best.step, history.best.error)
    assert curves._best_name.toPlainText() == f"best {history.best.error:.2f} %, epoch {history.best.epoch:.3g}"


def test_that_a_new_run_takes_away_what_belonged_to_the_last(curves):
    history = run(2000)
    history.extend([HyperparameterChanged(100, "momentum", 0.5)])
    curves.set_history(history)
    assert points(curves._changes) == 2
    curves.set_history(RunHistory())
    assert points(curves._raw) == points(curves._smoothed) == points(curves._errors) == points(curves._changes) == 0
    assert not curves._best.isVisible()
    assert curves._loss._line_names[0].text() == ""


def test_that_each_changed_step_is_marked_once_and_the_newest_change_named(curves):
    history = run(1000)
    history.extend([HyperparameterChanged(500, name, 0.5) for name in ("momentum", "learning_rate")])
    curves.set_history(history)
    assert points(curves._changes) == 2
    assert curves._loss._line_names[0].text() == "learning rate 0.5"


def test_that_the_change_to_compiled_functions_is_marked_and_named(curves):
    history = run(100)
    history.extend([Ready("CPU, 2 threads", "", "interpreter", 0.4, 1)])
    curves.set_history(history)
    assert points(curves._compilers) == 0
    history.extend([Ready("CPU, 2 threads", "", "Numba", 31.0, 212)])
    curves.refresh()
    assert curves._compilers.getData()[0].tolist() == [212, 212]
    assert curves._loss._line_names[1].text() == "Numba from here"
    curves.set_history(run(50))
    assert points(curves._compilers) == 0
    assert curves._loss._line_steps[1] is None


def test_that_the_cursor_stands_in_both_plots_and_reads_them(qtbot, curves):
    history = run(1000)
    curves.set_history(history)
    with qtbot.waitSignal(curves.reading_changed) as told:
        QTest.mouseMove(curves._canvas.viewport(), QPoint(340, 60), delay=10)
    step = curves._cursor
    assert told.args[0] == f"step {step:,}, epoch {step / 391:.2f}"
    assert curves._loss._cursor.isVisible()
    assert curves._error._cursor.isVisible()
    assert "smoothed" in curves._loss._title.text()


def test_that_the_arrow_keys_read_step_by_step_and_stop_at_the_ends(curves):
    curves.set_history(run(90))
    QTest.keyClick(curves, Qt.Key.Key_Left)
    assert curves._cursor == 89
    for _ in range(3):
        QTest.keyClick(curves, Qt.Key.Key_Right)
    assert curves._cursor == 90


def test_that_the_cursor_shows_that_the_keyboard_is_here(curves):
    curves.set_history(run(90))
    QApplication.sendEvent(curves, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert curves._cursor == 90
    QApplication.sendEvent(curves, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert curves._cursor is None


def test_that_an_empty_history_has_no_cursor(curves):
    QTest.keyClick(curves, Qt.Key.Key_Left)
    assert curves._cursor is None


def test_that_the_curves_take_the_colours_of_the_theme(curves, theme):
    curves.set_history(run(500))
    theme.set_mode(ThemeMode.DARK)
    image = curves.grab().toImage()
    assert image.pixelColor(image.width() - 3, 3) == theme.colours.base
    assert curves._smoothed.opts["pen"].color() == theme.colours.accent


@pytest.fixture
def page(qtbot, theme):
    page = CurvesPage(theme, log_scale=False)
    page.resize(640, 300)
    qtbot.addWidget(page)
    page.set_history(run(600))
    with qtbot.waitExposed(page):
        page.show()
    return page


def test_that_the_picture_is_copied_as_it_is_seen(page):
    page.copy_picture()
    image = QGuiApplication.clipboard().image()
    assert image.width() == page._curves.width() * image.devicePixelRatio()
    assert len({image.pixel(x, image.height() // 4) for x in range(image.width())}) > 2


def test_that_the_numbers_are_copied_as_csv(page):
    page.copy_numbers()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 601


def test_that_the_log_button_and_the_property_agree(qtbot, page):
    button = page.findChild(QToolButton, "training_log_scale")
    with qtbot.waitSignal(page.log_scale_changed) as told:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == [True]
    assert page.log_scale
    page.log_scale = False
    assert not button.isChecked()


def test_that_fit_is_offered_only_when_the_view_was_moved(qtbot, page):
    button = page.findChild(QToolButton, "training_fit")
    assert not button.isEnabled()
    QTest.keyClick(page._curves, Qt.Key.Key_Plus)
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()
    assert page._curves.automatic


def test_that_the_plots_have_a_menu_where_the_mouse_is(page, monkeypatch):
    places = []
    monkeypatch.setattr(page._menu, "popup", places.append)
    viewport = page._curves._canvas.viewport()
    place = viewport.mapToGlobal(QPoint(100, 50))
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(100, 50), place))
    assert places == [place]
    names = [action.text() for action in page._menu.actions() if not action.isSeparator()]
    assert names == ["Log scale", "Fit", "Copy as picture", "Copy as numbers (CSV)"]
