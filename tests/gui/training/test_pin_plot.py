import numpy as np
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from mnist_gui.gui.training.pin_plot import PinPlot, end_names, percent, shortened, small_fonts
from mnist_gui.gui.training.step_scale import StepScale
from mnist_gui.session.probability_curve import ProbabilityCurve

AREA = QRectF(0, 0, 500, 120)


def curve(*rows):
    """Readings: (step, {class: share}), the rest spread over the other classes."""
    made = ProbabilityCurve()
    for step, shares in rows:
        row = np.full(10, (1 - sum(shares.values())) / (10 - len(shares)), np.float32)
        for digit, share in shares.items():
            row[digit] = share
        made.add(step, row)
    return made


def painted(theme, what, label=None, cursor=None):
    image = QImage(500, 120, QImage.Format.Format_RGB32)
    image.fill(theme.colours.window)
    painter = QPainter(image)
    plot = PinPlot(theme)
    plot.draw(painter, AREA, QFont(), what, StepScale(0, 100), label, cursor)
    painter.end()
    return image, plot.inside(AREA, QFont())


def has(image, area, colour):
    wanted = QColor(colour).rgb()
    return any(
        image.pixel(x, y) == wanted
        for x in range(round(area.left()), round(area.right()))
        for y in range(round(area.top()), round(area.bottom()))
    )


def test_that_the_answer_and_the_label_are_named_and_nothing_else():
    row = np.full(10, 0.01, np.float32)
    row[[4, 9]] = 0.7, 0.22
    assert [(named.digit, named.text, named.strong) for named in end_names(row, 9)] == [
        (4, "4  70 %", True),
        (9, "▸9  22 %", False),
    ]
    assert [named.text for named in end_names(row, 4)] == ["▸4  70 %"]
    assert [named.text for named in end_names(row, None)] == ["4  70 %"]


def test_that_the_longest_name_fits_beside_the_end_of_its_line(theme):
    (name,) = end_names(np.eye(10, dtype=np.float32)[8], 8)
    assert name.text == "▸8  100.0 %"
    room = AREA.right() - PinPlot(theme).inside(AREA, QFont()).right()
    assert QFontMetricsF(small_fonts(QFont())[1]).horizontalAdvance(name.text) < room


def test_that_percents_have_a_decimal_where_it_matters():
    assert [percent(value) for value in (0.5, 0.984, 0.999, 0.012, 0.0)] == [
        "50 %",
        "98.4 %",
        "99.9 %",
        "1.2 %",
        "0.0 %",
    ]


def test_that_a_long_curve_is_drawn_with_few_points_and_keeps_its_peaks():
    made = ProbabilityCurve()
    for step in range(3000):
        row = np.full(10, 0.1, np.float32)
        row[3] = 0.9 if step == 1777 else 0.1
        made.add(step, row)
    steps, values = shortened(made, 300)
    assert 150 <= len(steps) <= 300
    assert values[:, 3].max() == np.float32(0.9)
    assert steps[-1] == 2999
    assert (np.diff(steps) >= 0).all()


def test_that_the_strong_lines_have_the_colours_of_their_classes(theme):
    image, box = painted(theme, curve((0, {4: 0.1}), (50, {4: 0.6, 9: 0.3}), (100, {4: 0.6, 9: 0.3})), label=9)
    assert has(image, box, theme.colours.classes[4])
    assert has(image, box, theme.colours.classes[9])
    assert not has(image, box, theme.colours.classes[2])


def test_that_probability_goes_from_the_floor_to_the_ceiling(theme):
    image, box = painted(theme, curve((0, {4: 1.0}), (100, {4: 1.0})))
    lower_half = QRectF(box.left() + 10, box.center().y(), 200, box.height() / 2 - 6)
    upper_edge = QRectF(box.left() + 10, box.top() - 2, 200, 6)
    assert has(image, upper_edge, theme.colours.classes[4])
    assert not has(image, lower_half, theme.colours.classes[4])


def test_that_nothing_is_drawn_without_readings_and_in_no_room(theme):
    image, box = painted(theme, ProbabilityCurve())
    assert not any(has(image, box, colour) for colour in theme.colours.classes)
    painter = QPainter(image)
    PinPlot(theme).draw(painter, QRectF(0, 0, 20, 4), QFont(), curve((0, {1: 1.0})), StepScale(), 1)
    painter.end()
