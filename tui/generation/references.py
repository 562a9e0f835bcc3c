"""Input images as they are sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tui.api.results import ReferenceImage
from tui.history.entry import EntryReference
from tui.images.verify import HEAD_BYTES, sniff


def load_reference(reference: EntryReference, path_of: Callable[[str], Path]) -> ReferenceImage:
    """What is sent for `reference`: the bytes of its copy, or its address.

    Raises OSError, and ValueError where `path_of` does.
    """
    if not reference.file:
        return ReferenceImage(url=reference.name, is_mask=reference.is_mask)
    return read_reference(path_of(reference.file), is_mask=reference.is_mask)


def read_reference(file: Path, *, is_mask: bool = False) -> ReferenceImage:
    """The image in `file` as it is sent. Raises OSError."""
    data = file.read_bytes()
    format = sniff(data[:HEAD_BYTES])
    media_type = f"image/{format}" if format else ""
    return ReferenceImage(data=data, media_type=media_type, is_mask=is_mask)
