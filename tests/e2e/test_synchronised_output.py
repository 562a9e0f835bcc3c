"""Where a terminal has synchronised output, a picture comes within one update of the screen.

What is between the beginning and the end of an update the terminal shows at once
(https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.images.pictures import quadrants, write
from tests.pseudo_terminal import PseudoTerminal

BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
UPDATE = re.compile(re.escape(BEGIN) + b".*?" + re.escape(END), re.DOTALL)
PLACEHOLDER = "\U0010eeee".encode()
UPLOAD, REMOVAL = b"\x1b_Gi=", b"\x1b_Ga=d"
SIXEL = b"\x1bP0;1;0q"
KITTY = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;c"
FOOT = b"\x1bP>|foot(1.16.2)\x1b\\\x1b[?62;4;22c"


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    return [
        write(tmp_path / "wide.png", quadrants(900, 600)),
        write(tmp_path / "tall.png", quadrants(300, 600)),
    ]


@contextmanager
def synchronised(answers: bytes, pictures: list[Path], first: bytes) -> Iterator[PseudoTerminal]:
    """A screen with a picture, that begins with `first`, in a terminal that shows updates whole."""
    terminal = PseudoTerminal(
        *("-m", "tests.e2e.picture_app", *map(str, pictures)),
        size=(90, 30),
        cell_pixels=(9, 18),
        environment={"TERM": "xterm-256color"},
    )
    try:
        terminal.wait_for(b"\x1b[c")
        terminal.send(answers)
        terminal.wait_for(b"\x1b[?2026$p")
        terminal.send(b"\x1b[?2026;2$y")
        terminal.wait_for(first)
        # From here on every update is told to be one.
        terminal.send(b"d")
        terminal.wait_for(BEGIN)
        terminal.wait_for(lambda written: written.count(BEGIN) == written.count(END))
        yield terminal
    finally:
        terminal.close()


def outside(written: bytes) -> bytes:
    """What belongs to no update."""
    return UPDATE.sub(b"", written)


@pytest.mark.parametrize(
    ("answers", "begins"), [(KITTY, PLACEHOLDER), (FOOT, SIXEL)], ids=["kitty", "sixel"]
)
def test_a_picture_comes_whole(answers: bytes, begins: bytes, pictures: list[Path]) -> None:
    with synchronised(answers, pictures, begins) as terminal:
        before = len(terminal.written)
        terminal.send(b"n")
        terminal.wait_for(lambda written: begins in written[before:])
        terminal.wait_for(lambda written: written.count(BEGIN) == written.count(END))
        since = terminal.written[before:]
    updates = [update for update in UPDATE.findall(since) if begins in update]
    assert updates
    assert begins not in outside(since) and UPLOAD not in outside(since)
    if answers is KITTY:
        # Pixels and places in one update.
        assert UPLOAD in updates[0] and updates[0].count(PLACEHOLDER) > 100


def test_a_picture_is_forgotten_only_when_it_is_no_longer_seen(pictures: list[Path]) -> None:
    with synchronised(KITTY, pictures, PLACEHOLDER) as terminal:
        before = len(terminal.written)
        terminal.send(b"q")
        assert terminal.finish() == 0
        since = terminal.written[before:]
    assert REMOVAL in outside(since)
    assert PLACEHOLDER not in since[since.index(REMOVAL) :]
