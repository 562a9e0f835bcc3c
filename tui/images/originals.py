"""Pictures kept decoded, so that any part of one can be drawn in a moment.

Light to import; what decodes is loaded when a picture is first asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

if TYPE_CHECKING:
    from tui.images.scaling import RGB, UprightPicture

    _Key: TypeAlias = tuple[Path, int, int, RGB]


class Originals:
    """The last pictures that were asked for: one, unless more are needed side by side.

    One of `MAX_PIXELS` takes 160 MB. Safe among threads.
    """

    def __init__(self, most: int = 1) -> None:
        """`most` is how many are kept."""
        self._most = most
        self._kept: OrderedDict[_Key, UprightPicture] = OrderedDict()
        self._lock = Lock()

    def load(self, path: Path, background: RGB) -> UprightPicture:
        """The image in `path` in all its pixels, RGB; `background` shows where it is clear.

        Raises NotAnImage and OSError. Takes up to a second the first time.
        """
        from tui.images.scaling import flattened, scale_upright
        from tui.images.verify import read_limited

        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size, background)
        # One at a time: two that decode the same at once would take twice the memory.
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            while len(self._kept) >= self._most:
                self._kept.popitem(last=False)
            upright = scale_upright(read_limited(path), lambda width, height: (width, height))
            opaque = replace(upright, image=flattened(upright.image, background))
            return self._kept.setdefault(key, opaque)
