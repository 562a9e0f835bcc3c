"""The guard: whatever a widget draws, no character in it acts on the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import (
    Button,
    Checkbox,
    Collapsible,
    DataTable,
    Input,
    Label,
    Link,
    Markdown,
    OptionList,
    Pretty,
    RadioButton,
    RichLog,
    Select,
    SelectionList,
    Static,
    Tabs,
    TextArea,
    Tree,
)

from tests.outside_world import SEQUENCES
from tests.screens.conftest import MakeApp
from tests.screens.conftest import make_app as make_app
from tests.terminal_bytes import harmful
from tui.guarded_app import GuardedApp
from tui.widgets import guard
from tui.widgets.guard import install_guard, is_installed
from tui.widgets.picture_strip import Drawn, PictureStrip, SixelDrawing

CONSOLE = Console(color_system="truecolor", force_terminal=True, width=80)
RAW = "".join(SEQUENCES.values())


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Textual as it is."""
    monkeypatch.setattr(Strip, "render", guard._textual_render)
    yield


def _sent(strip: Strip) -> bytes:
    return strip.render(CONSOLE).encode("utf-8", "surrogatepass")


@pytest.mark.usefixtures("unguarded")
def test_the_application_installs_the_guard(make_app: MakeApp) -> None:
    assert not is_installed()
    make_app()
    assert is_installed()


@pytest.mark.usefixtures("unguarded")
def test_textual_itself_lets_such_characters_through() -> None:
    assert harmful(_sent(Strip([Segment(RAW)])))


@given(st.lists(st.tuples(st.text(st.characters()), st.booleans(), st.text(st.characters()))))
def test_no_text_and_no_address_of_a_link_acts(pieces: list[tuple[str, bool, str]]) -> None:
    install_guard()
    segments = [
        Segment(text, Style(bold=True, link=link or None) if styled else None)
        for text, styled, link in pieces
    ]
    sent = _sent(Strip(segments)).decode("utf-8", "surrogatepass")
    # Textual's own sequences around a link are no harm: what is in them is looked at.
    inside = re.sub("\x1b\\]8;([^\x1b]*)\x1b\\\\", r"\1", sent)
    assert harmful(inside.encode("utf-8", "surrogatepass")) == []


@given(st.text(st.characters()))
def test_a_line_is_as_wide_as_textual_counted_it(text: str) -> None:
    install_guard()
    strip = Strip([Segment(text)])
    assert Strip([Segment(strip.render(CONSOLE))]).cell_length == strip.cell_length


def test_what_is_harmless_is_drawn_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    install_guard()
    segments = [
        Segment("┌ 漢字 ─ é 👩\u200d🎤 ▀", Style(color="red", bgcolor="#102030", bold=True)),
        Segment("plain"),
        Segment("linked", Style(link="https://example.com/a?b=c")),
    ]
    guarded = Strip(segments).render(CONSOLE)
    monkeypatch.setattr(Strip, "render", guard._textual_render)
    assert Strip(segments).render(CONSOLE) == guarded


def test_a_picture_draws_itself_between_guarded_text() -> None:
    install_guard()
    cells = Strip([Segment(f"ab{RAW}"), Segment("PPPP"), Segment(f"cd{RAW}")])
    picture = SixelDrawing("\x1bPq#0~~\x1b\\", Region(2, 5, 4, 1), "    ", lambda: None)
    start = -cells.crop(0, 2).cell_length
    sent = PictureStrip(cells, [Drawn(picture, 0, -start)], 0, 5).render(CONSOLE).encode()
    assert b"\x1bPq#0~~\x1b\\" in sent
    assert harmful(sent.replace(b"\x1bPq#0~~\x1b\\", b"")) == []


class Everything(GuardedApp):
    """Raw text in each of Textual's own widgets, as one that forgot `tui.text` would put it."""

    def compose(self) -> ComposeResult:
        text = Content(RAW)
        yield Static(text)
        yield Label(text)
        yield Button(text)
        yield Checkbox(text)
        yield RadioButton(text)
        yield Input(RAW, placeholder=RAW)
        yield TextArea(RAW)
        yield OptionList(text)
        yield SelectionList((text, 1))
        yield Select([(RAW, 1)], allow_blank=False)
        yield Markdown(RAW)
        yield Pretty(RAW)
        yield Link("x", url=RAW)
        yield Tabs(RAW)
        yield Collapsible(title=RAW)
        yield Tree(text.plain)
        yield DataTable()
        yield RichLog()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_column(Content(RAW))
        table.add_row(Content(RAW))
        self.query_one(RichLog).write(RAW)
        self.notify(RAW, title=RAW)
        for widget in self.query(Widget):
            widget.border_title = Content(RAW)
            widget.tooltip = Content(RAW)


async def test_no_widget_of_textual_lets_one_through() -> None:
    app = Everything()
    async with app.run_test(size=(200, 120), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        sent = "".join(strip.render(app.console) for strip in strips)
        assert "evil.example" in sent  # The text is there,
        harm = harmful(sent.encode("utf-8", "surrogatepass"))
        assert harm == []  # and nothing of it that acts.


async def test_a_notice_of_textual_is_not_read_as_markup() -> None:
    app: App[None] = GuardedApp()
    async with app.run_test(notifications=True) as pilot:
        app.notify("[/tmp/x.png] [@click=app.quit]x[/]", title="[/]", markup=True)
        await pilot.pause()
        (notice,) = app._notifications
        assert not notice.markup
        assert notice.message == "[/tmp/x.png] [@click=app.quit]x[/]"
