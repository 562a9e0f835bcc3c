"""Pictures printed into a terminal, between lines of text and to be scrolled with them.

Nothing here knows where on the screen it is. Slow: decoding and scaling take their time.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PIL import Image
from rich.color import ColorSystem
from rich.style import Style

from tui.images.cells import CellRow, half_cells, kitty_picture
from tui.images.room import pane_for
from tui.images.scaling import RGB, Pane, centred, encoded, fit, flattened
from tui.images.sixel import sixel
from tui.terminal import Graphics, SixelLimits
from tui.tmux import through_tmux

_SAVE_CURSOR, _RESTORE_CURSOR = "\x1b7", "\x1b8"


class Printer(Struct, frozen=True):
    """What a terminal can do with pictures."""

    graphics: Graphics
    """Not off."""
    cell_pixels: tuple[int, int]
    """Width and height of a cell."""
    sixel_limits: SixelLimits
    colours: ColorSystem
    """Those of half cells."""
    background: RGB = (0, 0, 0)
    """Behind clear pixels."""
    is_through_tmux: bool = False
    """Whether kitty's pictures are for the terminal outside tmux."""

    def pane(self, columns: int, rows: int) -> Pane:
        """The room for a picture in so many cells."""
        return pane_for(self.graphics, columns, rows, self.cell_pixels, self.sixel_limits)


class Printed(Struct, frozen=True):
    """A picture as terminal text."""

    columns: int
    """Cells across."""
    rows: int
    lines: tuple[str, ...] = ()
    """Each of its rows; empty where it is one sequence."""
    before: str = ""
    """What the terminal has to know before the first line."""
    sixel: str = ""


def printed(picture: Image.Image, pane: Pane, printer: Printer) -> Printed:
    """A picture, RGB or RGBA, as large as it fits into `pane`."""
    lies = fit(picture.width, picture.height, pane)
    flat = flattened(picture, printer.background)
    if flat.size != lies.picture:
        flat = flat.resize(lies.picture, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if printer.graphics == "kitty":
        kitty = kitty_picture(encoded(_on_clear(flat, lies.canvas)), lies.columns, lies.rows)
        lines = tuple(kitty.cells(row, 0, lies.columns) for row in range(lies.rows))
        before = through_tmux(kitty.upload) if printer.is_through_tmux else kitty.upload
        return Printed(lies.columns, lies.rows, lines, before)
    if printer.graphics == "sixel":
        text = sixel(flat, printer.sixel_limits.colours)
        return Printed(lies.columns, lies.rows, sixel=text)
    rows = half_cells(flat, lies.columns, lies.rows)
    return Printed(lies.columns, lies.rows, tuple(cell_text(row, printer.colours) for row in rows))


def side_by_side(pictures: Sequence[Printed], columns: int, rows: int, gap: int) -> str:
    """Pictures in a row, each in the middle of `columns` × `rows` cells, with `gap` cells between
    them; ends at the beginning of the line beneath.
    """
    places = [
        (number * (columns + gap) + (columns - each.columns) // 2, (rows - each.rows) // 2, each)
        for number, each in enumerate(pictures)
    ]
    lines: list[str] = []
    for row in range(rows):
        line, column = "", 0
        for left, top, each in places:
            if each.lines and 0 <= row - top < each.rows:
                line += " " * (left - column) + each.lines[row - top]
                column = left + each.columns
        lines.append(f"{line}\n")
    text = "".join((*(each.before for each in pictures), *lines))
    # Sixel pictures go onto lines that are there already, or the terminal might scroll in between.
    for left, top, each in places:
        if each.sixel:
            up = f"\x1b[{rows - top}A" if rows > top else ""
            across = f"\x1b[{left}C" if left else ""
            text += f"{_SAVE_CURSOR}{up}{across}{each.sixel}{_RESTORE_CURSOR}"
    return text


def _on_clear(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture in the middle of clear pixels, where it does not fill its cells."""
    if picture.size == size:
        return picture
    mask = centred(Image.new("RGB", picture.size, (255, 255, 255)), size, (0, 0, 0))
    canvas = centred(picture, size, (0, 0, 0))
    canvas.putalpha(mask.convert("L"))
    return canvas


def cell_text(row: CellRow, colours: ColorSystem) -> str:
    """What the terminal is to be given for a row of cells."""
    return "".join(
        (style or Style.null()).render(text, color_system=colours) for text, style, _ in row
    )
