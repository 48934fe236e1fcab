"""Places of tiles by arithmetic."""

from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.gui.browser.geometry import GridGeometry

geometries = st.builds(
    GridGeometry,
    count=st.integers(1, 70_000),
    width=st.integers(1, 4000),
    side=st.integers(28, 224),
    caption=st.integers(0, 40),
    gap=st.integers(1, 8),
)


@given(geometries, st.data())
def test_that_every_part_of_a_cell_belongs_to_its_digit(geometry, data):
    position = data.draw(st.integers(0, geometry.count - 1))
    left, top = geometry.place_of(position)
    x = data.draw(st.integers(left, left + geometry.side - 1))
    y = data.draw(st.integers(top, top + geometry.caption + geometry.side - 1))
    assert geometry.position_at(x, y) == position


@given(geometries)
def test_that_all_tiles_lie_within_the_width_and_height(geometry):
    last_column = geometry.place_of(geometry.columns - 1)[0] + geometry.side
    assert last_column <= geometry.width or geometry.columns == 1
    bottom = geometry.place_of(geometry.count - 1)[1] + geometry.caption + geometry.side
    assert bottom + geometry.gap == geometry.height


@given(geometries, st.data())
def test_that_the_rows_between_two_heights_are_those_with_a_pixel_there(geometry, data):
    top = data.draw(st.integers(0, geometry.height))
    bottom = data.draw(st.integers(top + 1, top + 2000))
    rows = geometry.rows_between(top, bottom)
    for row in {0, rows.start - 1, rows.start, rows.stop - 1, rows.stop, geometry.rows - 1} & set(
        range(geometry.rows)
    ):
        first = geometry.place_of(row * geometry.columns)[1]
        # A cell ends with its gap: painting it as well does no harm, leaving it out would.
        touches = first < bottom and first + geometry.cell_height > top
        assert (row in rows) == touches


def test_that_places_beside_the_digits_belong_to_none():
    geometry = GridGeometry(count=7, width=100, side=28, caption=10, gap=4)
    assert geometry.columns == 3
    assert geometry.position_at(0, 20) is None
    assert geometry.position_at(50, 0) is None
    left, top = geometry.place_of(6)
    assert geometry.position_at(left + geometry.cell_width, top) is None
    assert geometry.position_at(left, top + geometry.cell_height) is None


def test_that_no_digits_take_no_height():
    empty = GridGeometry(count=0, width=100, side=28, caption=10, gap=4)
    assert empty.height == 0
    assert len(empty.rows_between(0, 100)) == 0
    assert empty.position_at(10, 10) is None
