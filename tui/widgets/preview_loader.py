"""Pictures prepared in threads, the last few of them kept.

`tui.images.prepare` is imported in the thread and not before, for the sake of the first frame.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS

from tui.images.originals import Originals
from tui.images.preview import PreviewRequest

if TYPE_CHECKING:
    from tui.images.preview import Preview

_Stamp: TypeAlias = tuple[int, int]
_KEPT = 6


class _NotWanted(Exception):
    """What is being prepared is wanted no longer."""


class PreviewLoader:
    """Finds or makes what a request asks for."""

    def __init__(
        self,
        on_dropped: Callable[[Preview], None],
        *,
        originals: Originals | None = None,
        folder: Path | None = None,
    ) -> None:
        """`on_dropped` is called for each picture that is not kept any longer; `originals` keeps
        those decoded of which parts are asked for, and `folder` is where pictures are kept for
        longer than the program runs.
        """
        self._on_dropped = on_dropped
        self._originals = originals or Originals()
        self._folder = folder
        self._kept: OrderedDict[tuple[PreviewRequest, _Stamp], Preview] = OrderedDict()
        self._stopped = Event()

    def __iter__(self) -> Iterator[Preview]:
        """The pictures that are kept."""
        return iter(self._kept.values())

    def forget(self) -> None:
        """Keep none any longer; nobody is told."""
        self._kept.clear()

    def stop(self) -> None:
        """What is being prepared is wanted no longer: work on it ends soon."""
        self._stopped.set()

    async def load(
        self,
        request: PreviewRequest,
        colour_system: str | None,
        patience: float,
        on_wait: Callable[[Preview], None],
    ) -> Preview | str | None:
        """The picture, or why it cannot be shown; None after `stop`.

        `colour_system` is Rich's name for the colours of the terminal. `on_wait` is called when
        the picture has to be made first and that takes more than `patience` in seconds, with where
        it is going to be.
        """
        self._stopped = stopped = Event()
        try:
            stamp = await asyncio.to_thread(_stamp, request.path)
            if isinstance(stamp, str):
                return stamp
            key = (request, stamp)
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return await asyncio.to_thread(_drawn, kept, colour_system)
            work = partial(_prepare, request, self._folder, self._originals, stopped)
            preparing = asyncio.ensure_future(asyncio.to_thread(work))
            # To draw that it takes a while would keep the thread from its work.
            if not (await asyncio.wait({preparing}, timeout=patience))[0]:
                place = await asyncio.to_thread(_outline, request)
                if place is not None and not preparing.done() and not stopped.is_set():
                    on_wait(place)
            preview = await preparing
        finally:
            stopped.set()
        if preview is None or isinstance(preview, str):
            return preview
        self._kept[key] = preview
        while len(self._kept) > _KEPT:
            self._on_dropped(self._kept.popitem(last=False)[1])
        return await asyncio.to_thread(_drawn, preview, colour_system)

    async def make_ready(self, path: Path, background: tuple[int, int, int]) -> None:
        """Decode an image, if it can be, so that any part of it is soon drawn."""
        await asyncio.to_thread(_decode, self._originals, path, background)


def _decode(originals: Originals, path: Path, background: tuple[int, int, int]) -> None:
    from tui.images.verify import NotAnImage

    with suppress(NotAnImage, OSError):  # Whoever asks for a part of it is told.
        originals.load(path, background)


def _stamp(path: Path) -> _Stamp | str:
    """What changes when the file's content does, or why it cannot be read."""
    try:
        status = path.stat()
    except OSError as error:
        return error.strerror or str(error)
    return status.st_mtime_ns, status.st_size


def _outline(request: PreviewRequest) -> Preview | None:
    from tui.images.prepare import outline
    from tui.images.verify import NotAnImage

    if not request.zoom.is_whole:
        return None
    try:
        return outline(request)
    except (NotAnImage, OSError):
        return None  # Preparing it will say why.


def _prepare(
    request: PreviewRequest,
    folder: Path | None,
    originals: Originals,
    stopped: Event,
) -> Preview | str | None:
    from tui.images.kept_previews import kept_in
    from tui.images.prepare import prepare_preview
    from tui.images.verify import NotAnImage

    def check() -> None:
        if stopped.is_set():
            raise _NotWanted

    try:
        kept = kept_in(folder) if folder is not None else None
        return prepare_preview(request, kept, originals, check)
    except _NotWanted:
        return None
    except NotAnImage as error:
        return error.reason
    except OSError as error:
        return error.strerror or str(error)


def _drawn(preview: Preview, colour_system: str | None) -> Preview:
    """`preview` with its half cells as they are drawn; those that are kept are not, since each
    cell is several objects then, which Python goes through whenever it looks for garbage.
    """
    rows = tuple(preview.half)
    colours = COLOR_SYSTEMS.get(colour_system or "", ColorSystem.TRUECOLOR)
    for segment in chain(*rows):
        if segment.style is not None:
            # The style keeps its escape sequence and its hash; to make thousands takes a while,
            # better here. As Textual makes the sequence, it would keep sixteen thousand styles.
            segment.style._make_ansi_codes(colours)
            hash(segment.style)
    return replace(preview, half=rows)
