"""The sums of products that convolutions are made of, with every kind of registers."""

import numpy as np
import pytest

from mnist_gui.engine import backend  # noqa: F401 - makes PyTensor's settings
from mnist_gui.engine.ops.numba_product import Steps, pack_kernel, product_kernel
from mnist_gui.engine.ops.numba_registers import AVX2, AVX512, AVX512_IN_HALVES, registers_of

import numba  # isort: skip

COUNTS = {AVX2: 16, AVX512: 32, AVX512_IN_HALVES: 32}
EVERY_KIND = pytest.mark.parametrize("registers", COUNTS, ids=["AVX2", "AVX-512", "AVX-512 in halves"])
ROWS, COLUMNS, OUTER, INNER = 2, 7, 3, 4


def steps(outputs, registers, *, adding=False):
    """Kernels of 3 by 2 pixels with two channels, on images of 4 by 8: x is (4, 8, 2), the result (2, 7, o)."""
    row = 8 * 2
    sides = (ROWS, row, COLUMNS * outputs), (COLUMNS, 2, outputs), (OUTER, row), (INNER, 1)
    return Steps(*sides, outputs, "float32", adding, registers)


def by_definition(x, factors):
    result = np.zeros((ROWS, COLUMNS, factors.shape[-1]))
    for r in range(ROWS):
        for m in range(COLUMNS):
            patch = x[r : r + OUTER, m : m + 2].reshape(OUTER, INNER)
            result[r, m] = np.einsum("st,sto->o", patch, factors)
    return result


@EVERY_KIND
@pytest.mark.parametrize(("outputs", "adding"), [(3, False), (37, False), (37, True)])
def test_that_the_sum_follows_the_definition_with_vectors_of(registers, outputs, adding):
    random = np.random.default_rng(outputs)
    x = random.normal(size=(4, 8, 2)).astype(np.float32)
    factors = random.normal(size=(OUTER, INNER, outputs)).astype(np.float32)
    there = random.normal(size=(ROWS, COLUMNS, outputs)).astype(np.float32)
    wanted = steps(outputs, registers, adding=adding)
    pack, product, size = pack_kernel(wanted), product_kernel(wanted), wanted.packed

    @numba.njit
    def run(x, factors, result):
        panels = np.empty(size, np.float32)
        pack(factors.reshape(-1, factors.shape[2]), panels)
        product(x, panels, result)

    result = there.copy()
    run(x, factors, result)
    np.testing.assert_allclose(result, by_definition(x, factors) + there * adding, rtol=1e-4, atol=1e-5)


@EVERY_KIND
def test_that_tiles_stay_in_the_registers(registers):
    for rows, vectors in (tile for use in registers for tile in use.tiles):
        assert rows * vectors + vectors + 1 <= COUNTS[registers]


@EVERY_KIND
@pytest.mark.parametrize("outputs", [1, 10, 20, 50, 96, 100])
def test_that_vectors_cover_all_outputs_and_nothing_behind_them(registers, outputs):
    wanted = steps(outputs, registers)
    covered = {first + lane for first in wanted.firsts for lane in range(wanted.lanes)}
    assert covered == set(range(outputs))
    assert sum(wanted.panels) == len(wanted.firsts)


@pytest.mark.parametrize(
    ("processor", "features", "registers"),
    [
        ("haswell", "+avx,+avx2,-avx512f", AVX2),
        ("generic", "", AVX2),
        ("sapphirerapids", "+avx2,+avx512f,+avx512vl", AVX512),
        ("znver3", "+avx2", AVX2),
        ("znver4", "+avx2,+avx512f", AVX512_IN_HALVES),
        ("znver5", "+avx2,+avx512f", AVX512),
    ],
)
def test_that_the_registers_follow_the_processor(processor, features, registers):
    assert registers_of(processor, features) is registers


@pytest.mark.parametrize(("outputs", "lanes"), [(20, 8), (50, 8), (100, 8), (16, 16), (64, 16), (96, 16)])
def test_that_halves_of_vectors_are_taken_where_whole_ones_would_be_emptier(outputs, lanes):
    assert steps(outputs, AVX512_IN_HALVES).lanes == lanes
    assert steps(outputs, AVX512).lanes == 16
