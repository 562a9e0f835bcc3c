from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.sheet_grid import WIDTHS, SheetGrid, sheet_grid

GRIDS = st.builds(
    sheet_grid,
    count=st.integers(0, 500),
    width=st.integers(1, 240),
    height=st.integers(1, 80),
    size=st.integers(0, len(WIDTHS) - 1),
    cell_pixels=st.sampled_from([(10, 20), (6, 13), (20, 40)]),
)


def test_a_hundred_pictures_fit_on_a_large_screen() -> None:
    grid = sheet_grid(100, 195, 56, 0, (10, 20))
    assert grid.lines <= 56


def test_cells_grow_with_their_size() -> None:
    rooms = [sheet_grid(9, 116, 36, size, (10, 20)).room for size in range(len(WIDTHS))]
    assert rooms == sorted(rooms) and len(set(rooms)) == len(WIDTHS)


@given(GRIDS)
def test_every_cell_is_found_where_it_lies(grid: SheetGrid) -> None:
    for index in range(grid.count):
        left, top = grid.left_of(index), grid.top_of(index)
        for column in (left, left + grid.width - 1):
            for line in (top, top + grid.height - 1):
                assert grid.cell_at(column, line) == index
        first, end = grid.cells_between(top, top + 1)
        assert first <= index < end
        assert top + grid.height < grid.lines
    assert grid.cells_between(0, grid.lines) == (0, grid.count)


@given(GRIDS, st.integers(-5, 300), st.integers(-5, 400))
def test_nothing_is_found_beside_the_cells(grid: SheetGrid, column: int, line: int) -> None:
    index = grid.cell_at(column, line)
    if index is not None:
        assert grid.left_of(index) <= column < grid.left_of(index) + grid.width
        assert grid.top_of(index) <= line < grid.top_of(index) + grid.height
