"""darkroom show: pictures in this terminal."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import click
from msgspec import Struct
from msgspec.structs import replace

from tui.cli.asking import asked
from tui.cli.colours import colours_of
from tui.cli.documents import as_json_option, print_object
from tui.cli.exits import DONE, FAILED, USAGE, complain, leave
from tui.cli.setting import configuration
from tui.config import GraphicsSetting
from tui.graphics_choice import choose_graphics, limits_within
from tui.history.entry import Entry, UnreadableEntry
from tui.history.finding import find_entries
from tui.history.store import HistoryStore
from tui.paths import Paths, find_paths
from tui.terminal import begin_probe, read_cell_pixels
from tui.text import Shown, one_line, showable
from tui.tmux import ask_tmux

if TYPE_CHECKING:
    from PIL import Image

    from tui.images.printed import Printer

GRACE = 0.5
"""Seconds a terminal may take to answer."""
FOUND = 24
"""Pictures of a search that are shown, if not said otherwise."""
TILE_COLUMNS = 28
"""About how many columns a picture has that is one of many."""
GAP = 2
AT_ONCE = 3
_BENEATH = 2
"""Lines that stay free under a picture as high as the terminal: for its name, and the prompt."""
_SHORT_ID = 6


class Picture(Struct, frozen=True):
    """A file to show, and the entry that it is of."""

    path: Path
    entry: Entry | None = None
    number: int = 1
    """Which of the entry's pictures, from 1."""

    @property
    def sha256(self) -> str:
        """The hash of the file's bytes, where it is known."""
        return self.entry.images[self.number - 1].sha256 if self.entry is not None else ""


class Room(Struct, frozen=True):
    """The cells that there are."""

    columns: int
    rows: int
    is_set: bool
    """Whether the user said how wide a picture is to be."""


@click.command("show")
@click.argument("targets", metavar="FILE|ENTRY...", nargs=-1)
@click.option("--search", metavar="QUERY", help="The pictures that QUERY finds in history.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=FOUND,
    help=f"With --search: N pictures at most; {FOUND} if not given.",
)
@click.option("--number", metavar="N", type=click.IntRange(min=1), help="Only an entry's Nth.")
@click.option("--width", metavar="CELLS", type=click.IntRange(min=1), help="Columns of a picture.")
@click.option("--height", metavar="CELLS", type=click.IntRange(min=1), help="Lines of a picture.")
@click.option("--graphics", metavar="WAY", help="auto, kitty, sixel, half or off: only its size.")
@as_json_option
@click.pass_context
def command(
    context: click.Context,
    targets: tuple[str, ...],
    search: str | None,
    limit: int,
    number: int | None,
    width: int | None,
    height: int | None,
    graphics: str | None,
    as_json: bool,
) -> None:
    """Show pictures in this terminal: of files, of entries, or of a search.

    Part of an entry's ID will do. One picture is as large as the terminal; several are a contact
    sheet. Where standard output is no terminal, a line is printed for each picture instead: its
    file, its size and its bytes.

    The QUERY is as for darkroom history.
    """
    if bool(targets) == (search is not None):
        raise click.UsageError("Name files or entries, or --search for a query.", context)
    paths = find_paths()
    store = HistoryStore(paths)
    way = _graphics_setting(context, graphics, paths)
    if search is not None:
        pictures = _found(paths, store, search, limit)
        if not pictures:
            complain(f"no picture in {paths.history} is as asked")
    else:
        pictures = [each for target in targets for each in _named(store, target, number)]
    if as_json or way == "off" or sys.stdout is None or not sys.stdout.isatty():
        sys.exit(_list(pictures, as_json))
    sys.exit(_draw(pictures, paths, way, (width, height)))


def _graphics_setting(context: click.Context, named: str | None, paths: Paths) -> GraphicsSetting:
    setting = named or context.find_root().params.get("graphics")
    if setting is None:
        return configuration(paths).graphics
    if setting not in get_args(GraphicsSetting):
        leave(f"graphics is one of {', '.join(get_args(GraphicsSetting))}", USAGE)
    return cast("GraphicsSetting", setting)


# What is shown


def _found(paths: Paths, store: HistoryStore, text: str, limit: int) -> list[Picture]:
    # Among so many entries there are enough pictures, unless most have none.
    entries = find_entries(paths, store, asked(f"{text} has:image"), limit)
    return [each for entry in entries for each in _pictures_of(store, entry)][:limit]


def _named(store: HistoryStore, target: str, number: int | None) -> list[Picture]:
    """The pictures of a file or an entry; ends the process where there are none."""
    path = Path(target)
    if path.is_file():
        return [Picture(path)]
    try:
        entry = store.read(store.resolve(target))
    except LookupError as error:
        what = "no such file" if os.sep in target or path.suffix else f"no file, and {error}"
        leave(f"{target}: {what}", USAGE)
    except (OSError, UnreadableEntry) as error:
        leave(f"{target}: {error}", FAILED)
    pictures = [
        each for each in _pictures_of(store, entry) if number is None or each.number == number
    ]
    if not pictures:
        which = "no picture" if number is None else f"no picture {number}"
        leave(f"{entry.id} has {which}", FAILED)
    return pictures


def _pictures_of(store: HistoryStore, entry: Entry) -> Iterator[Picture]:
    for number, image in enumerate(entry.images, 1):
        try:
            yield Picture(store.absolute(image.file), entry, number)
        except ValueError as error:
            complain(f"{entry.id}: {error}")


# As text


def _list(pictures: Iterable[Picture], as_json: bool) -> int:
    from tui.images.scaling import measure
    from tui.images.verify import NotAnImage

    code = DONE
    for picture in pictures:
        try:
            width, height, bytes = measure(picture.path)
        except (NotAnImage, OSError) as error:
            complain(f"{picture.path}: {_reason(error)}")
            code = FAILED
            continue
        if as_json:
            entry = picture.entry
            document = {
                "file": str(picture.path),
                "width": width,
                "height": height,
                "bytes": bytes,
                "entry": None if entry is None else entry.id,
                "number": None if entry is None else picture.number,
            }
            print_object(document)
        else:
            click.echo(showable(f"{picture.path}  {width}×{height}  {bytes} bytes"))
    return code


# As pictures


def _draw(
    pictures: list[Picture],
    paths: Paths,
    setting: GraphicsSetting,
    size: tuple[int | None, int | None],
) -> int:
    probe, question = begin_probe(), ask_tmux(os.environ)
    # The terminal answers while these load.
    from tui.images.printed import Printer

    terminal = probe.finish(GRACE)
    tmux = question.answer()
    graphics = choose_graphics(setting, terminal, os.environ, tmux).graphics
    if graphics == "off":
        return _list(pictures, as_json=False)
    window = shutil.get_terminal_size()
    width, height = size
    room = Room(
        columns=min(width or window.columns, window.columns),
        rows=height or max(1, window.lines - _BENEATH),
        is_set=width is not None,
    )
    if graphics == "sixel":
        # What does not fit on the screen at once would scroll while it is drawn.
        room = Room(room.columns, min(room.rows, max(1, window.lines - 1)), room.is_set)
    cell_pixels = terminal.cell_pixels if terminal.tty else read_cell_pixels()
    printer = Printer(
        graphics,
        cell_pixels or terminal.cell_pixels,
        limits_within(tmux, terminal.sixel_limits),
        colours_of(terminal, os.environ),
        is_through_tmux=tmux is not None,
    )
    if len(pictures) == 1:
        return _draw_one(pictures[0], room, printer)
    return _draw_sheet(pictures, paths, window.columns, room, printer, has_height=bool(height))


def _draw_one(picture: Picture, room: Room, printer: Printer) -> int:
    from tui.images.printed import printed, side_by_side
    from tui.images.scaling import fit, scale_upright
    from tui.images.verify import NotAnImage, read_limited

    pane = printer.pane(room.columns, room.rows)
    try:
        data = read_limited(picture.path)
        upright = scale_upright(data, lambda width, height: fit(width, height, pane).picture)
    except (NotAnImage, OSError) as error:
        leave(f"{picture.path}: {_reason(error)}", FAILED)
    drawn = printed(upright.image, pane, printer)
    _write(side_by_side([drawn], drawn.columns, drawn.rows, 0))
    facts = f"{upright.width}×{upright.height} · {len(data) / 1e6:.1f} MB"
    click.echo(showable(f"{one_line(picture.path.name, limit=80)} · {facts}"))
    return DONE


def _draw_sheet(
    pictures: list[Picture],
    paths: Paths,
    columns: int,
    room: Room,
    printer: Printer,
    *,
    has_height: bool,
) -> int:
    from tui.images.printed import Printed, printed, side_by_side
    from tui.images.thumbnails import ThumbnailCache
    from tui.images.verify import NotAnImage

    if room.is_set:
        across = max(1, (columns + GAP) // (room.columns + GAP))
        width = room.columns
    else:
        across = max(1, round((columns + GAP) / (TILE_COLUMNS + GAP)))
        width = max(1, (columns + GAP) // across - GAP)
    three_quarters = width * printer.cell_pixels[0] * 3 // (4 * printer.cell_pixels[1])
    lines = room.rows if has_height else max(1, min(three_quarters, room.rows))
    cache = ThumbnailCache(paths.thumbnails)
    # A small copy may be of a picture that is large enough.
    pane = replace(printer.pane(width, lines), max_enlargement=math.inf)

    def small(picture: Picture) -> Image.Image | str:
        """The picture scaled down, or why it cannot be shown."""
        try:
            return cache.get(picture.path, picture.sha256)
        except (NotAnImage, OSError) as error:
            return _reason(error)

    code = DONE
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        copies = pool.map(small, pictures)
        for start in range(0, len(pictures), across):
            row = pictures[start : start + across]
            drawn: list[Printed] = []
            for picture, copy in zip(row, copies, strict=False):
                if isinstance(copy, str):
                    complain(f"{picture.path}: {copy}")
                    code = FAILED
                    drawn.append(Printed(0, 0))
                else:
                    drawn.append(printed(copy, pane, printer))
            _write(side_by_side(drawn, width, lines, GAP))
            click.echo(_captions(row, width))
    finally:
        pool.shutdown(cancel_futures=True)
    return code


def _captions(pictures: Iterable[Picture], width: int) -> Shown:
    """What stands beneath a row of pictures of `width` columns."""
    captions = [_cut(one_line(_caption(picture), limit=2 * width), width) for picture in pictures]
    return showable((" " * GAP).join(captions).rstrip())


def _cut(text: str, width: int) -> str:
    """`text` in exactly `width` columns, with an ellipsis where it was cut."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) > width:
        text = f"{set_cell_size(text, width - 1).rstrip()}…"
    return set_cell_size(text, width)


def _caption(picture: Picture) -> str:
    entry = picture.entry
    if entry is None:
        return picture.path.name
    number = f" #{picture.number}" if len(entry.images) > 1 else ""
    return f"{entry.id[-_SHORT_ID:]}{number} {entry.prompt}"


def _write(drawn: str) -> None:
    # What draws a picture acts on the terminal, and is all our own.
    click.echo(bytes(drawn, "utf-8"), nl=False)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
