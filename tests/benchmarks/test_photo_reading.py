"""Digits found on photographs, and the time a large one takes.

Repeat with `pytest -m benchmark tests/benchmarks/test_photo_reading.py -s`; the whole table, with what is read, comes
from `python tests/benchmarks/photo_reading.py`.
"""

import statistics
import time

import pytest
from photo_reading import CASES, EVEN, large_photo, measure
from timing import alarm, size

from mnist_gui.gui.canvas.photo_boxes import photo_digits
from mnist_gui.pictures import decode, find_photo

pytestmark = pytest.mark.benchmark

UNAIMED = ("lines as dark as ink", "close together")


@pytest.mark.parametrize("name", [name for name in CASES if name not in UNAIMED])
def test_that_99_percent_are_found_under_even_light_and_95_under_uneven(mnist, name, capsys):
    total, seconds = measure(mnist, CASES[name], size(10, 2))
    share = 100 * total["exact"] / total["digits"]
    with capsys.disabled():
        print(f"\n{name}: {share:.2f} % of {total['digits']} digits found exactly, {seconds:.2f} s of CPU a page")
    assert share >= (99 if name in EVEN else 95)


def test_that_a_photo_of_12_megapixels_takes_less_than_a_second_and_a_half(mnist, tmp_path, capsys):
    path = tmp_path / "large.jpg"
    path.write_bytes(large_photo(mnist))
    times = []
    for _ in range(size(7, 3)):
        start = time.thread_time()
        photo = find_photo(path.name, decode(path))
        digits = photo_digits(photo.page.digits)
        times.append(time.thread_time() - start)
    with capsys.disabled():
        print(f"\n12 megapixels, {len(digits)} digits: median {statistics.median(times):.2f} s of CPU")
    assert len(digits) == 60
    assert statistics.median(times) < alarm(1.5)
