"""The mask of `darkroom generate --mask`.

What cannot be meant ends the process with a sentence, before anything is written or sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.api.results import ReferenceImage
from tui.cli.exits import FAILED, USAGE, leave
from tui.config import EndpointSettings
from tui.generation.references import read_reference
from tui.history.entry import MASK, EntryReference
from tui.images.masks import check_mask
from tui.images.references import keep_reference
from tui.images.verify import NotAnImage
from tui.text import storable

NOTHING_SENT = "nothing was sent"


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask that fits the first reference; its file is not copied yet."""

    file: Path

    def image(self) -> ReferenceImage:
        """What is sent for it."""
        try:
            return read_reference(self.file, is_mask=True)
        except OSError as error:
            leave(f"{self.file}: {_reason(error)}; {NOTHING_SENT}", FAILED)

    def keep(self, data_folder: Path) -> EntryReference:
        """The reference that an entry has for it, with its copy in `data_folder`."""
        try:
            kept = keep_reference(self.file, data_folder)
        except (OSError, NotAnImage) as error:
            leave(f"{self.file}: {_reason(error)}; {NOTHING_SENT}", FAILED)
        return EntryReference(storable(kept.name), kept.sha256, kept.file, role=MASK)


def refuse_masks(
    endpoint: str, settings: EndpointSettings, named: str | None, kept: Iterable[EntryReference]
) -> None:
    """End the process where a mask is `named`, or `kept` from an entry, and the endpoint takes
    none."""
    if settings.references == "edits":
        return
    if named is not None or any(reference.is_mask for reference in kept):
        leave(
            f"{endpoint} takes no mask: its references go into a field of the request; if the"
            f' server has /images/edits, write references = "edits" under [endpoints.{endpoint}] in'
            f" config.toml; {NOTHING_SENT}",
            USAGE,
        )


def find_mask(named: str, sent: Sequence[ReferenceImage]) -> Mask:
    """The mask called `named` for the first of the references that are `sent`."""
    first = next((image for image in sent if not image.is_mask), None)
    if first is None:
        leave(f"--mask needs the reference that it belongs to: -i FILE; {NOTHING_SENT}", USAGE)
    if first.data is None:
        leave(f"--mask needs a file as the first reference, not an address; {NOTHING_SENT}", USAGE)
    try:
        check_mask(Path(named), first.data)
    except (OSError, NotAnImage) as error:
        leave(f"{named}: {_reason(error)}; {NOTHING_SENT}", USAGE)
    return Mask(Path(named))


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason.rstrip(".")
