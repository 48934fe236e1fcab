import itertools
import os
import subprocess
import sys

import pytest
from PyQt6.QtGui import QImage

from mnist_gui.gui.screenshots import SIZE, two


def test_that_the_two_that_is_drawn_is_one_stroke_inside_the_canvas():
    points = two()
    assert all(0.05 < x < 0.95 and 0.05 < y < 0.95 for x, y in points)
    steps = [abs(x - a) + abs(y - b) for (a, b), (x, y) in itertools.pairwise(points)]
    assert max(steps) < 0.1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_pictures_of_the_real_window_are_made_in_both_themes(tmp_path):
    command = [sys.executable, "-m", "mnist_gui", "screenshot", str(tmp_path / "pictures")]
    done = subprocess.run(command, env={**os.environ}, capture_output=True, text=True, timeout=590, check=False)
    assert done.returncode == 0, done.stderr
    names = {f"{name}-{theme}.png" for name in ("browsing", "drawing", "training") for theme in ("light", "dark")}
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == names
    for name in names:
        image = QImage(str(tmp_path / "pictures" / name))
        assert image.size() == SIZE
        corner = image.pixelColor(2, SIZE.height() - 2).lightness()
        assert corner > 200 if "light" in name else corner < 60
