"""darkroom doctor --images: what it draws, what it asks, and what it keeps."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Home, Run
from tests.images.sixel_reader import read_sixel
from tests.pseudo_terminal import PseudoTerminal
from tests.terminal_bytes import harmful
from tui.images.testcard import BARS, EDGE, LEFT, RIGHT, paint_testcard

CELL = (9, 18)
COLUMNS, ROWS = 22, 7
"""Of a card in a terminal of 80 columns."""
FOOT = b"\x1bP>|foot(1.16.2)\x1b\\\x1b[?62;4;22c"
PLAIN = b"\x1b[?62;22c"
WHICH = b"Enter for none: "
KEEP = b"y or n: "
SIXEL = re.compile(r"\x1bP0;1;0q.*?\x1b\\", re.DOTALL)
UPLOAD = re.compile(rb"\x1b_G([^;\x1b]*);([^\x1b]+)\x1b\\")
REMOVAL = re.compile(rb"\x1b_Ga=d,d=I,i=\d+,q=2\x1b\\")


@contextmanager
def shown(
    home: Home, answers: bytes = FOOT, size: tuple[int, int] = (80, 24)
) -> Iterator[PseudoTerminal]:
    """The command in a terminal that answers so, when it asks which are right."""
    home.environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    home.environment.pop("TERM_PROGRAM", None)
    terminal = PseudoTerminal(
        *("-m", "tui", "doctor", "--images"),
        size=size,
        cell_pixels=CELL,
        environment=home.environment,
    )
    try:
        terminal.wait_for(b"\x1b[c")
        terminal.send(answers)
        terminal.wait_for(WHICH)
        yield terminal
    finally:
        terminal.close()


def answered(terminal: PseudoTerminal, *lines: bytes) -> str:
    """What is printed until the command ends, after `lines` were typed."""
    begin = len(terminal.written)
    for number, line in enumerate(lines):
        if number:
            terminal.wait_for(lambda written: KEEP in written[begin:])
        terminal.send(line + b"\n")
    assert terminal.finish() == 0
    return terminal.written[begin:].decode().replace("\r\n", "\n")


def write(home: Home, configuration: str) -> None:
    home.folder.mkdir()
    (home.folder / "config.toml").write_text(configuration, "utf-8")


def stored(home: Home) -> str | None:
    file = home.folder / "config.toml"
    return file.read_text("utf-8") if file.exists() else None


def test_the_cards_are_drawn_pixel_for_pixel_in_frames_of_their_size(home: Home) -> None:
    with shown(home) as terminal:
        written = terminal.written
    card = np.asarray(paint_testcard(COLUMNS * CELL[0], ROWS * CELL[1]))
    (sixels,) = SIXEL.findall(written.decode())
    drawn = read_sixel(sixels) * 2.55
    assert drawn.shape == card.shape
    assert np.abs(drawn - card).mean() < 3
    payload = b"".join(payload for keys, payload in UPLOAD.findall(written) if b"a=q" not in keys)
    sent = Image.open(io.BytesIO(base64.b64decode(payload))).convert("RGB")
    assert np.array_equal(np.asarray(sent), card)
    assert written.count("\U0010eeee".encode()) == COLUMNS * ROWS
    assert written.decode().count("▀") == COLUMNS * ROWS
    assert written.decode().count("─" * COLUMNS) == 2 * 3
    assert written.decode().count(f"│{' ' * COLUMNS}│") == 3 * ROWS
    # All is above the question: nothing was scrolled.
    assert written.count(b"\n") < 24


def test_what_is_sent_to_the_terminal_are_pictures_and_moves_alone(home: Home) -> None:
    with shown(home) as terminal:
        answered(terminal, b"12")
    cursor = re.sub(rb"\x1b[78]|\x1b\[\d+[AG]", b"", REMOVAL.sub(b"", terminal.written))
    text = re.sub(rb"\x1bP0;1;0q.*?\x1b\\|\x1b_G[^\x1b]*\x1b\\", b"", cursor, flags=re.DOTALL)
    after = text[text.index(b"\x1b[c") + 3 :]
    assert harmful(after) == []


def test_the_best_of_those_that_are_right_is_what_is_drawn_already(home: Home) -> None:
    with shown(home) as terminal:
        said = answered(terminal, b"1, 2")
    assert "Darkroom draws by sixel here: nothing has to be changed." in said
    assert stored(home) is None


def test_the_terminal_keeps_no_card(home: Home) -> None:
    with shown(home) as terminal:
        assert not REMOVAL.search(terminal.written)
        answered(terminal, b"2")
    assert len(REMOVAL.findall(terminal.written)) == 1


def test_the_best_is_stored_where_it_is_wanted_and_the_rest_stays(home: Home) -> None:
    write(home, '# Mine\ntheme = "daylight"  # bright\n')
    with shown(home) as terminal:
        said = answered(terminal, b"1", b"y")
    assert "Best here is half. Darkroom is set to auto, which is sixel here." in said
    kept = stored(home) or ""
    assert {'graphics = "half"', "# Mine", 'theme = "daylight"  # bright'} < {*kept.splitlines()}


def test_nothing_is_stored_where_it_is_not_wanted(home: Home) -> None:
    with shown(home) as terminal:
        said = answered(terminal, b"1", b"")
    assert "Nothing was stored." in said
    assert stored(home) is None


def test_kitty_is_stored_where_only_the_user_knows_of_it(home: Home) -> None:
    with shown(home, PLAIN) as terminal:
        answered(terminal, b"31", b"yes")
    assert stored(home) == 'graphics = "kitty"\n'


def test_a_setting_that_is_not_the_best_goes_back_to_auto(home: Home) -> None:
    write(home, 'graphics = "half"\n')
    with shown(home) as terminal:
        said = answered(terminal, b"2", b"y")
    assert "Best here is sixel. Darkroom is set to half." in said
    assert stored(home) == 'graphics = "auto"\n'


def test_with_none_right_pictures_can_be_switched_off(home: Home) -> None:
    with shown(home) as terminal:
        answered(terminal, b"", b"y")
    assert stored(home) == 'graphics = "off"\n'


def test_what_is_no_answer_is_asked_again(home: Home) -> None:
    with shown(home) as terminal:
        terminal.send(b"4\n")
        terminal.wait_for(lambda written: written.count(WHICH) == 2)
        assert b"please type 1, 2, 3 or several of them" in terminal.written
        answered(terminal, b"2")


def test_an_end_instead_of_an_answer_stores_nothing_and_leaves_no_card(home: Home) -> None:
    with shown(home) as terminal:
        terminal.send(b"\x04")
        assert terminal.finish() == 2
    assert b"nothing was stored" in terminal.written
    assert REMOVAL.search(terminal.written)


def test_apples_terminal_which_would_print_it_gets_no_kitty_card(home: Home) -> None:
    home.environment |= {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}
    terminal = PseudoTerminal(
        "-m", "tui", "doctor", "--images", cell_pixels=CELL, environment=home.environment
    )
    try:
        terminal.wait_for(b"\x1b[c")
        terminal.send(b"\x1b[?1;2c")
        terminal.wait_for(WHICH)
        assert b"\x1b_G" not in terminal.written
        assert b"3 kitty" not in terminal.written
    finally:
        terminal.close()


def test_a_terminal_too_small_for_cards_is_told(home: Home) -> None:
    with pytest.raises(AssertionError, match="too small"), shown(home, size=(40, 12)):
        pass


def test_without_a_terminal_nothing_is_drawn(run: Run) -> None:
    finished = run("doctor", "--images")
    assert finished.code == 2
    assert finished.out == ""
    assert finished.complaints == ["--images needs a terminal, to draw in and to ask"]


@pytest.mark.parametrize("other", ["--json", "--bundle", "--online"])
def test_it_goes_alone(run: Run, other: str) -> None:
    finished = run("doctor", "--images", other)
    assert finished.code == 2
    assert "--images goes alone" in finished.err


def test_the_card_shows_turns_mirroring_and_lost_edges() -> None:
    card = np.asarray(paint_testcard(200, 120))
    for edge in (card[0], card[-1], card[:, 0], card[:, -1]):
        assert (edge == EDGE).all()
    assert not (card[1, 1:-1] == EDGE).all()
    middle = card[60]
    reds = np.flatnonzero((middle == LEFT).all(axis=1))
    greens = np.flatnonzero((middle == RIGHT).all(axis=1))
    assert 0 < reds.mean() < 100 < greens.mean()
    assert [tuple(card[10, 200 * number // 8 + 12]) for number in range(8)] == list(BARS)
    # The ring is as wide as it is tall.
    bright = (card[26:94] > 200).all(axis=2)
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 1
