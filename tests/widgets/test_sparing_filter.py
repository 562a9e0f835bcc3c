"""Colours become 24 bits as with Textual's own filter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import ANSIToTruecolor

from tui.guarded_app import GuardedApp
from tui.images.cell_style import CellStyle
from tui.widgets.sparing_filter import SparingTruecolor

THEME = GuardedApp().ansi_theme
colours = st.sampled_from([None, "default", "red", "bright_blue", "color(200)", "#102030"])
styles = st.builds(Style, color=colours, bgcolor=colours, dim=st.sampled_from([None, True, False]))
cells = st.binary(min_size=3, max_size=3) | st.binary(min_size=6, max_size=6)
segments = st.builds(
    Segment, st.text(max_size=3), st.none() | styles | cells.map(CellStyle.of), st.none()
)


@given(st.lists(segments), st.sampled_from(["#000000", "#f0e0d0"]))
def test_it_gives_what_textual_gives(line: list[Segment], ground: str) -> None:
    background = Color.parse(ground)
    found = SparingTruecolor(THEME).apply(line, background)
    assert found == ANSIToTruecolor(THEME).apply(line, background)


def test_the_cells_of_a_picture_are_not_looked_at() -> None:
    cell = Segment("▀", CellStyle.of(b"abcdef"))
    assert SparingTruecolor(THEME).apply([cell], Color.parse("black"))[0] is cell


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "dracula"])
async def test_it_is_the_filter_of_the_application_in_every_theme(theme: str) -> None:
    app = GuardedApp()
    async with app.run_test():
        app.theme = theme
        app.ansi_theme_dark = app.ansi_theme_light
        kinds = [type(each) for each in app._filters]
        assert SparingTruecolor in kinds
        assert ANSIToTruecolor not in kinds


def test_the_colours_of_a_cell_are_in_24_bits() -> None:
    style = CellStyle.of(b"abcdef")
    assert style.color is not None
    assert style.color.type is ColorType.TRUECOLOR
    assert style.bgcolor is not None
    assert style.bgcolor.name == "#646566"
