"""The mask of `darkroom generate --mask`.

What cannot be meant ends the process with a sentence, before anything is written or sent.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from tui.cli.exits import USAGE, leave
from tui.config import EndpointSettings
from tui.generation.draft import Draft
from tui.generation.references import DraftReference
from tui.history.entry import MASK
from tui.images.verify import HEAD_BYTES, sniff
from tui.text import storable


def masked(draft: Draft, named: str) -> Draft:
    """`draft` with the file `named` as its mask, instead of one that it had."""
    seen = tuple(reference for reference in draft.references if not reference.is_mask)
    if not seen:
        leave("--mask needs the reference that it belongs to: -i FILE; nothing was sent", USAGE)
    file = Path(named)
    # What is wrong with one that is no image is told where it is made ready.
    if _format(file) not in (None, "png"):
        leave(f"{named}: a mask is a PNG, and this is none; nothing was sent", USAGE)
    mask = DraftReference(storable(file.name), str(file.absolute()), role=MASK)
    return replace(draft, references=(*seen, mask))


def refuse_masks(draft: Draft, endpoint: str, settings: EndpointSettings) -> None:
    """End the process where `draft` has a mask and the endpoint takes none."""
    if settings.references != "edits" and any(each.is_mask for each in draft.references):
        leave(
            f"{endpoint} takes no mask: its references go into a field of the request; if the"
            f' server has /images/edits, write references = "edits" under [endpoints.{endpoint}] in'
            " config.toml; nothing was sent",
            USAGE,
        )


def _format(file: Path) -> str | None:
    with suppress(OSError, ValueError):
        # Reading a pipe might wait for ever.
        if file.is_file():
            with file.open("rb") as content:
                return sniff(content.read(HEAD_BYTES))
    return None
