"""How many digits of synthetic photographs are found and read.

`python tests/benchmarks/photo_reading.py [pages a case]` prints a table; the digits are those of the MNIST test set,
the model is the bundled one. "exact": found, alone and whole. "read wrong": of those, in percent; beside it the error
of the same model on the same digits as they are in the data set.
"""

import sys
import time
from io import BytesIO
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from photo_pages import Look, found_on, make_page, score

from mnist_gui.data.dataset import Split
from mnist_gui.data.drawing import LEAST_SIDE, Drawing
from mnist_gui.data.fitting import fitted
from mnist_gui.data.ink import digit_image

CASES = {
    "clean": Look(),
    "JPEG at quality 40": Look(noise=3, quality=40),
    "light on dark": Look(paper=0.1, ink=0.85, noise=4, quality=80),
    "light falls off by 65 %": Look(gradient=0.65, noise=4, quality=75),
    "soft shadow": Look(shadow=0.5, softness=20, gradient=0.3, noise=4, quality=75),
    "hard shadow": Look(shadow=0.5, softness=1, gradient=0.3, noise=4, quality=75),
    "ruled": Look(ruled=40, gradient=0.4, noise=3, quality=75),
    "checked": Look(checked=32, gradient=0.4, noise=3, quality=75),
    "checked, dark lines": Look(checked=32, line=0.5, noise=3, quality=75, turned=-2),
    "lines as dark as ink": Look(ruled=60, line=0.3, noise=3, quality=75),
    "turned by 5 degrees": Look(turned=5, noise=3, quality=75),
    "dark, noisy, blurred": Look(paper=0.5, ink=0.12, gradient=0.5, noise=8, quality=60, blur=1),
    "pencil": Look(ink=0.6, gradient=0.4, noise=4, quality=75),
    "small digits": Look(digit=34, noise=3, quality=75),
    "close together": Look(gap=0.06, noise=3, quality=75),
    "all at once": Look(gradient=0.6, shadow=0.4, ruled=44, turned=-3, noise=6, quality=40, blur=1),
}
EVEN = ("clean", "JPEG at quality 40", "light on dark")


def pages(mnist, look, count, seed=5):
    """Pages of different digits of the test set, and the images that are on each."""
    rng = np.random.default_rng(seed)
    images, labels = mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST)
    order = rng.permutation(len(images))
    for _ in range(count):
        page = make_page(images[order], labels[order], look, rng, most=150)
        yield page, images[order[: len(page.labels)]]
        order = order[len(page.labels) :]


def measure(mnist, look, count, probabilities_of=None):
    """How many digits there were and what became of them, and seconds of CPU a page."""
    fates = ("digits", "exact", "merged", "split", "missed", "extra")
    total = dict.fromkeys((*fates, "read", "wrong", "wrong_before"), 0)
    seconds = 0.0
    for page, images in pages(mnist, look, count):
        start = time.process_time()
        found = found_on(page)
        seconds += time.process_time() - start
        result = score(page, found)
        for name in fates:
            total[name] += getattr(result, name)
        if probabilities_of is not None:
            numbers = [number for number, _ in result.pairs]
            crops = [found.digits[place].ink for _, place in result.pairs]
            seen = [digit_image(Drawing(picture=fitted(crop), least_side=LEAST_SIDE)) for crop in crops]
            labels = page.labels[numbers]
            total["read"] += len(numbers)
            total["wrong"] += int((probabilities_of(np.stack(seen)).argmax(axis=1) != labels).sum())
            total["wrong_before"] += int((probabilities_of(images[numbers]).argmax(axis=1) != labels).sum())
    return total, seconds / count


def large_photo(mnist):
    """The bytes of a photo of 12 megapixels with 60 digits on ruled paper."""
    from PIL import Image

    look = Look(height=3000, width=4000, digit=300, gradient=0.5, noise=5, ruled=170, turned=2)
    page = make_page(mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST), look, np.random.default_rng(1), 60)
    buffer = BytesIO()
    Image.fromarray(page.grey).convert("RGB").save(buffer, "jpeg", quality=85)
    return buffer.getvalue()


def main(count):
    """Prints the table."""
    from mnist_gui.data.library import bundled_mnist
    from mnist_gui.engine import checkpoint
    from mnist_gui.engine.classifier import Classifier
    from mnist_gui.resources import resource_path

    mnist = bundled_mnist()
    read = Classifier(checkpoint.load(resource_path("models", f"bundled{checkpoint.SUFFIX}"))).probabilities
    print(f"{'case':26}{'digits':>7}{'exact %':>9}{'merged':>8}{'split':>7}{'missed':>8}{'extra':>7}"
          f"{'read wrong %':>14}{'in MNIST %':>12}{'CPU s':>7}")  # fmt: skip
    for name, look in CASES.items():
        t, seconds = measure(mnist, look, count, read)
        print(f"{name:26}{t['digits']:7}{100 * t['exact'] / t['digits']:9.2f}{t['merged']:8}{t['split']:7}"
              f"{t['missed']:8}{t['extra']:7}{100 * t['wrong'] / t['read']:14.2f}"
              f"{100 * t['wrong_before'] / t['read']:12.2f}{seconds:7.2f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
