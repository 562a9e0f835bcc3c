"""The test cards of darkroom doctor: one for each way to draw pictures, side by side.

They are drawn as the studio draws pictures. What a terminal makes of them only who sits before it
can tell, so that one is asked, and what is best can be kept in config.toml.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from tui.cli.colours import colours_of
from tui.cli.exits import DONE, FAILED, USAGE, complain, leave
from tui.cli.setting import configuration
from tui.config import ConfigError, GraphicsSetting
from tui.graphics_choice import choose_graphics
from tui.paths import Paths
from tui.terminal import Graphics, TerminalFacts
from tui.text import Shown, one_line, showable
from tui.tmux import TmuxFacts, through_tmux

if TYPE_CHECKING:
    from rich.color import ColorSystem

    from tui.images.preview import Preview

TITLES: dict[Graphics, Shown] = {
    "half": Shown("1 half cells"),
    "sixel": Shown("2 sixel"),
    "kitty": Shown("3 kitty"),
}
"""In the order in which they are drawn: what does harm where it is not understood comes last."""
BEST_FIRST: tuple[Graphics, ...] = ("kitty", "sixel", "half")

_BLACK = (0, 0, 0)
_MOST_COLUMNS, _FEWEST_COLUMNS = 40, 14
_FEWEST_ROWS = 4
_BESIDES = 4
"""Columns of a card's frame, and between it and the next."""
_OTHER_LINES = 10
"""Lines of text above and below the cards."""
_SHAPE = 0.62
"""A card's height by its width."""


class Card(Struct, frozen=True):
    """A card in the terminal, in whole cells."""

    graphics: Graphics
    x: int
    """Column of its frame, from 0."""
    columns: int
    rows: int


def show_testcards(
    paths: Paths, terminal: TerminalFacts, environment: Mapping[str, str], tmux: TmuxFacts | None
) -> None:
    """Draw the cards, ask which are right, and offer to keep the best; ends the process."""
    if not terminal.tty:
        leave("--images needs a terminal, to draw in and to ask", USAGE)
    config = configuration(paths)
    cards = tuple(_laid_out(terminal, environment))
    if not cards:
        leave("the terminal is too small for test cards: make its window larger", FAILED)
    from tui.images.testcard import WHAT_TO_SEE

    removal = _draw(cards, terminal, environment, tmux)
    sight = f"Right is: {WHAT_TO_SEE}. A card fills its frame, and the frame is whole."
    click.echo(showable(textwrap.fill(sight, shutil.get_terminal_size().columns - 1)))
    try:
        right = _ask_which([card.graphics for card in cards])
    finally:
        click.echo(bytes(removal.encode()), nl=False)
    best: Graphics = next((graphics for graphics in BEST_FIRST if graphics in right), "off")
    chosen = choose_graphics("auto", terminal, environment, tmux).graphics
    _offer(paths.config_file, best, config.graphics, chosen)
    if environment.get("DARKROOM_GRAPHICS"):
        complain("DARKROOM_GRAPHICS is set, and wins over config.toml")
    sys.exit(DONE)


def _laid_out(terminal: TerminalFacts, environment: Mapping[str, str]) -> Iterator[Card]:
    """The cards that there is room for: all, or none."""
    # Apple's Terminal prints what it does not understand, and kitty's pictures are long.
    prints_kitty = environment.get("TERM_PROGRAM") == "Apple_Terminal"
    shown = [graphics for graphics in TITLES if graphics != "kitty" or not prints_kitty]
    across, down = shutil.get_terminal_size()
    width, height = terminal.cell_pixels
    columns = min(_MOST_COLUMNS, across // len(shown) - _BESIDES)
    rows = min(round(columns * width * _SHAPE / height), down - _OTHER_LINES)
    if columns >= _FEWEST_COLUMNS and rows >= _FEWEST_ROWS:
        for number, graphics in enumerate(shown):
            yield Card(graphics, number * (columns + _BESIDES), columns, rows)


# Drawing


def _draw(
    cards: tuple[Card, ...],
    terminal: TerminalFacts,
    environment: Mapping[str, str],
    tmux: TmuxFacts | None,
) -> str:
    """Draw the cards; what makes the terminal forget what it keeps of them."""
    previews = [_prepared(card, terminal) for card in cards]
    lines = cards[0].rows + 3
    frames = "".join(f"{_beside(cards, line, lines)}\r\n" for line in range(lines))
    click.echo(bytes(frames.encode()), nl=False)
    removal = ""
    for card, preview in zip(cards, previews, strict=True):
        upload = preview.kitty.upload if preview.kitty is not None else ""
        if preview.kitty is not None:
            removal += _outside(preview.kitty.removal, tmux)
        pieces = [_outside(upload, tmux)]
        pieces += [
            _at(card.x + 1, lines - 2 - row, text)
            for row, text in _rows_of(preview, colours_of(terminal, environment))
        ]
        click.echo(bytes("".join(pieces).encode()), nl=False)
    return removal


def _prepared(card: Card, terminal: TerminalFacts) -> Preview:
    """The card as the studio would prepare the picture in a pane of its size."""
    from tui.images.prepare import prepare_preview
    from tui.images.preview import PreviewRequest
    from tui.images.sixel import BAND
    from tui.images.testcard import paint_testcard

    width, height = terminal.cell_pixels
    across, down = card.columns * width, card.rows * height
    if card.graphics == "sixel":
        down -= down % BAND
    edge = (width, (height + 1) // 2) if card.graphics == "half" else (1, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "card.png")
        paint_testcard(across, down, edge).save(path)
        return prepare_preview(
            PreviewRequest(
                path=path,
                columns=card.columns,
                rows=card.rows,
                cell_pixels=terminal.cell_pixels,
                graphics=card.graphics,
                background=_BLACK,
                sixel_limits=terminal.sixel_limits,
            )
        )


def _rows_of(preview: Preview, colours: ColorSystem) -> Iterator[tuple[int, str]]:
    """What is written from which row on."""
    if preview.sixel:
        yield 0, preview.sixel
    elif preview.kitty is not None:
        for row in range(preview.rows):
            yield row, preview.kitty.cells(row, 0, preview.columns)
    else:
        from tui.images.printed import cell_text

        for row, cells in enumerate(preview.half):
            yield row, cell_text(cells, colours)


def _beside(cards: tuple[Card, ...], line: int, lines: int) -> str:
    """Line `line` of `lines` of the frames of all cards."""
    parts = []
    for card in cards:
        inner = card.columns
        if line == 0:
            parts.append(f" {TITLES[card.graphics]}".ljust(inner + _BESIDES))
        elif line == 1:
            parts.append(f"┌{'─' * inner}┐  ")
        elif line == lines - 1:
            parts.append(f"└{'─' * inner}┘  ")
        else:
            parts.append(f"│{' ' * inner}│  ")
    return "".join(parts).rstrip()


def _at(x: int, up: int, text: str) -> str:
    """`text` written so many lines above the cursor, from column `x` on; the cursor stays."""
    return f"\x1b7\x1b[{up}A\x1b[{x + 1}G{text}\x1b8"


def _outside(commands: str, tmux: TmuxFacts | None) -> str:
    return commands if tmux is None else through_tmux(commands)


# Asking


def _ask_which(shown: list[Graphics]) -> set[Graphics]:
    """The graphics that are seen rightly."""
    numbers = {TITLES[graphics][0]: graphics for graphics in shown}
    _forget_typed()
    known = ", ".join(numbers)
    while True:
        answer = _answer(f"Which are right? {known}, several, or Enter for none: ")
        wanted = set(answer) - set(" ,;.")
        if wanted <= numbers.keys():
            return {numbers[number] for number in wanted}
        complain(f"please type {known} or several of them")


def _offer(path: Path, best: Graphics, configured: GraphicsSetting, chosen: Graphics) -> None:
    """Offer to keep `best`, where something else would be drawn: `chosen`, when left open."""
    if best == "off":
        click.echo("None: the studio can name pictures in a line of text instead.")
    if best == (chosen if configured == "auto" else configured):
        click.echo(one_line(f"Darkroom draws by {best} here: nothing has to be changed."))
        return
    now = f"{configured}, which is {chosen} here" if configured == "auto" else configured
    click.echo(one_line(f"Best here is {best}. Darkroom is set to {now}."))
    wanted = best if best != chosen else "auto"
    line = f'graphics = "{wanted}"'
    if _answer(f"Keep {line} in config.toml, for every terminal? y or n: ").lower() not in (
        "y",
        "yes",
    ):
        click.echo("Nothing was stored.")
        return
    from tui.config_edit import save_graphics

    try:
        save_graphics(path, wanted)
    except ConfigError as error:
        leave(f"{error}; nothing was stored", FAILED)
    click.echo(showable(f"Stored in {path}."))


def _answer(question: str) -> str:
    """What is typed after `question`; ends the process where no more can be typed."""
    click.echo(showable(question), nl=False)
    answer = sys.stdin.readline()
    if not answer:
        click.echo()
        leave("nothing was stored", USAGE)
    return answer.strip()


def _forget_typed() -> None:
    """Take away what the terminal answers to pictures, which would be read as typed."""
    try:
        import termios
    except ImportError:
        return
    with suppress(termios.error, OSError):
        termios.tcflush(0, termios.TCIFLUSH)
