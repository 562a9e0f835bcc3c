"""The running studio, fed with text that means harm: what its terminal gets, and a click does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.outside_world import MARKUP, PAYLOADS, world
from tests.pseudo_terminal import PseudoTerminal
from tests.terminal_bytes import harmful, modes_after
from tui.paths import Paths

HISTORY, DOWN, ENTER, PALETTE, QUIT = b"\x1b[15~", b"\x1b[B", b"\r", b"\x10", b"\x11"


Open = Callable[..., PseudoTerminal]


@pytest.fixture
def open_studio(paths: Paths) -> Iterator[Open]:
    """Opens the studio over a home in which each of some payloads is in every place."""
    opened: list[PseudoTerminal] = []

    def open_studio(payloads: Iterable[str], size: tuple[int, int]) -> PseudoTerminal:
        now = datetime.now(UTC)
        for minutes, payload in enumerate(payloads):
            world(paths, payload, now - timedelta(minutes=10 * minutes))
        environment = {
            "DARKROOM_HOME": str(paths.data),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        opened.append(PseudoTerminal("-m", "tui", size=size, environment=environment))
        return opened[-1]

    yield open_studio
    for terminal in opened:
        terminal.close()


def test_no_byte_that_acts_comes_out(open_studio: Open) -> None:
    studio = open_studio(PAYLOADS.values(), (120, 40))
    studio.wait_for(b"Qprompt")
    written = b""
    for number, mark in enumerate([b"Qerror", b"Qfile", b"Qout", b"Qfile"] * len(PAYLOADS)):
        for keys, bar, shown in (([HISTORY], b"load", b""), ([DOWN][:number], b"commands", mark)):
            written += studio.written
            studio.written = b""
            studio.send(*keys, *[ENTER] * bool(shown))
            # The bar of keys says where the focus is.
            studio.wait_for(lambda new, each=(bar, shown): all(part in new for part in each))
    studio.written = written + studio.written
    studio.send(PALETTE)
    studio.wait_for(b"Search for commands")
    for mark in (b"Qprompt", b"Qmodel", b"Qlabel", b"Qendpoint", b"Qcard"):
        assert mark in studio.written
    studio.send(QUIT)
    assert studio.finish() == 0
    assert harmful(studio.written) == []
    assert modes_after(studio.written).are_as_at_first


@pytest.mark.parametrize("name", ["bell", "quit"])
def test_a_click_on_any_cell_runs_nothing_that_a_text_asks_for(
    open_studio: Open, name: str
) -> None:
    columns, rows = 110, 30
    studio = open_studio([MARKUP[name]], (columns, rows))
    studio.wait_for(b"Qprompt")
    studio.send(HISTORY, ENTER)
    studio.wait_for(b"Qerror")
    for row in range(2, rows):  # The last row is the bar of keys, where a click presses them.
        for column in range(1, columns + 1):
            if row < rows - 4 or column < columns - 34:  # Where the send button is not.
                studio.send(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m".encode())
        studio.drain()
    studio.send(PALETTE)
    # Thousands of clicks come before it.
    studio.wait_for(b"Search for commands", patience=90)
    assert studio.process.poll() is None  # What was asked for is the end,
    studio.send(QUIT)
    assert studio.finish() == 0
    assert harmful(studio.written) == []  # or the bell.


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_the_command_line_prints_no_byte_that_acts(paths: Paths, payload: str) -> None:
    entries = world(paths, payload)
    home = {"DARKROOM_HOME": str(paths.data), "TERM": "xterm-256color"}
    program = Path(__file__).with_name("all_commands.py")
    # An argument holds no NUL, and as bytes whatever else.
    word = payload.replace("\0", "").encode("utf-8", "surrogatepass")
    terminal = PseudoTerminal(str(program), entries["failed"].id, word, environment=home)
    terminal.finish()
    terminal.close()
    marks = {b"Qprompt", b"Qmodel", b"Qlabel", b"Qerror", b"Qcard"}
    if payload.encode("utf-8", "replace") != word:
        marks -= {b"Qlabel"}  # The model's name cannot be written on a command line.
    assert [mark for mark in marks if mark not in terminal.written] == []
    assert harmful(terminal.written.replace(b"\t", b" ")) == []
