"""Input images: as they were chosen, and as they are sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.catalog.card import ModelCard
from tui.history.entry import MASK, EntryReference
from tui.images.prepared import Limits, Treatment

if TYPE_CHECKING:
    from tui.api.results import ReferenceImage


class DraftReference(Struct, frozen=True):
    """An input image that was chosen, and not made ready yet."""

    name: str = ""
    """What the user calls it: a file name or an address."""
    file: str = ""
    """An absolute path, or a name within the data folder; empty: `name` is its address."""
    treatment: Treatment = "fitted"
    """What is to be done to it before it is sent; an address that is sent as it is goes as an
    address."""

    role: str = ""
    """As an entry's reference has it: MASK for the mask of the first of the others."""

    @property
    def is_mask(self) -> bool:
        """Whether it says where the first reference may change, and is none itself."""
        return self.role == MASK

    @property
    def is_address(self) -> bool:
        """Whether it has to be fetched before it can be seen."""
        return not self.file


def chosen_again(reference: EntryReference) -> DraftReference:
    """A reference of a past request, for another one."""
    if not reference.file:
        return DraftReference(reference.name, treatment="as it is", role=reference.role)
    # An entry may come from elsewhere, and names what is in the data folder only.
    return DraftReference(reference.name, reference.file.lstrip("/\\"), role=reference.role)


def limits_of(card: ModelCard, *, is_mask: bool = False) -> Limits:
    """What can be done so that the model of `card` takes an image, or a mask."""
    if is_mask:
        # Its pixels lie on those of the first reference, and what is transparent counts.
        return Limits(formats=("png",))
    if card.references is None:
        return Limits()
    references = card.references
    return Limits(references.formats, references.max_bytes, references.max_pixels)


def takes_references(card: ModelCard) -> bool:
    """Whether input images are sent to the model; one that nobody described may take them."""
    return card.references is not None or card.open


def load_reference(reference: EntryReference, path_of: Callable[[str], Path]) -> ReferenceImage:
    """What is sent for `reference`: the bytes of its copy, or its address.

    Raises OSError, and ValueError where `path_of` does.
    """
    from tui.api.results import ReferenceImage

    if not reference.file:
        return ReferenceImage(url=reference.name, is_mask=reference.is_mask)
    return read_reference(path_of(reference.file), is_mask=reference.is_mask)


def read_reference(file: Path, *, is_mask: bool = False) -> ReferenceImage:
    """The image in `file` as it is sent. Raises OSError."""
    from tui.api.results import ReferenceImage
    from tui.images.verify import HEAD_BYTES, sniff

    data = file.read_bytes()
    format = sniff(data[:HEAD_BYTES])
    media_type = f"image/{format}" if format else ""
    return ReferenceImage(data=data, media_type=media_type, is_mask=is_mask)
