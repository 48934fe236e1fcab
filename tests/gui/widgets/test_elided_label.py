"""A label that shortens its text instead of pushing others away."""

from mnist_gui.gui.widgets.elided_label import ElidedLabel


def test_that_a_long_text_asks_for_no_room_and_is_whole_in_the_tip(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a sentence that is longer than the room for it")
    assert label.minimumSizeHint().width() == 0
    assert label.toolTip() == label.text() == "a sentence that is longer than the room for it"


def test_that_two_texts_with_the_same_visible_start_look_the_same(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(60, 20)
    pictures = []
    for end in ("one way to end", "another way to end"):
        label.setText(f"a sentence that goes {end}")
        pictures.append(label.grab().toImage())
    assert pictures[0] == pictures[1]
    label.resize(600, 20)
    wide = label.grab().toImage()
    label.setText("a sentence that goes one way to end")
    assert label.grab().toImage() != wide
