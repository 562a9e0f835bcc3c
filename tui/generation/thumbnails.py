"""Small copies of the pictures of entries. Every call touches the disk and belongs into a thread.

Pillow is imported in the first call and not before, for the sake of the first frame.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, UnreadableEntry

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from tui.images.preview import Tile, TileRequest
    from tui.images.thumbnails import ThumbnailCache


class FileThumbnails:
    """Finds the copy of a picture in a file."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the copies are kept; it need not be there yet."""
        self._folder = folder
        self._opening = Lock()
        self._cache: ThumbnailCache | None = None

    def tile(self, file: Path, sha256: str, request: TileRequest) -> Tile | None:
        """The picture in `file` for a list; None where it cannot be shown.

        `sha256` is that of its bytes, as far as it is known.
        """
        from tui.images.tiles import prepare_tile
        from tui.images.verify import NotAnImage

        try:
            return prepare_tile(self.opened().get(file, sha256), request)
        except (OSError, NotAnImage, ValueError):
            return None

    def opened(self) -> ThumbnailCache:
        """Where the copies are."""
        from tui.images.thumbnails import ThumbnailCache

        with self._opening:
            if self._cache is None:
                self._cache = ThumbnailCache(self._folder)
            return self._cache


class EntryThumbnails:
    """Finds a picture of an entry, and its copy."""

    def __init__(self, desk: HistoryDesk) -> None:
        self._desk = desk
        self._files = FileThumbnails(desk.thumbnails)

    def image(self, entry_id: str, number: int = 0) -> Image.Image | None:
        """The copy of a picture of the entry, RGB or RGBA; None where it cannot be shown.

        `number` is counted from 1; 0 is the first that there is.
        """
        from tui.images.verify import NotAnImage

        try:
            entry = self._desk.read(entry_id)
            for image in entry.images[number - 1 : number] if number else entry.images:
                if not image.missing:
                    path = self._desk.store.absolute(image.file)
                    return self._files.opened().get(path, image.sha256)
        except (OSError, UnreadableEntry, NotAnImage, ValueError):
            return None
        return None

    def tile(self, entry_id: str, request: TileRequest, number: int = 0) -> Tile | None:
        """A picture of the entry for a list, by number as for `image`; None where it cannot be
        shown."""
        from tui.images.tiles import prepare_tile

        image = self.image(entry_id, number)
        return None if image is None else prepare_tile(image, request)

    def empty_trash(self, days: int) -> int:
        """Remove for good what was thrown away more than `days` days ago, and all that was made of
        its pictures; how many entries it was.

        Raises OSError where something cannot be removed.
        """
        return self._desk.empty_trash(days, removal(self._desk.thumbnails, self._desk.previews))


def removal(thumbnails: Path, previews: Path) -> Callable[[Entry], None]:
    """What removes from these folders all that was made of the pictures of an entry that is gone
    for good.

    Another entry may have the same picture: then it is made again.
    """

    def remove(entry: Entry) -> None:
        # Loaded only where something is thrown away.
        from tui.images.kept_previews import kept_in
        from tui.images.thumbnails import ThumbnailCache

        for image in entry.images:
            ThumbnailCache(thumbnails).remove(image.sha256)
            kept_in(previews).remove(image.sha256)

    return remove
