"""What an entry says of a picture."""

from __future__ import annotations

from tui.history.entry import EntryImage
from tui.images.verify import ImageFacts


def entry_image(name: str, facts: ImageFacts, record: str = "") -> EntryImage:
    """The picture in the file `name`, relative to the data folder, as its entry has it."""
    return EntryImage(
        file=name,
        sha256=facts.sha256,
        bytes=facts.bytes,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        record=record,
    )
