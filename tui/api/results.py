"""What comes back from an endpoint, in the client's own types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """An input image: its bytes and media type, such as image/png, or an address it lies at.

    A mask is a PNG that says where the first of the others may change: where it is transparent.
    """

    data: bytes | None = field(default=None, repr=False)
    media_type: str = ""
    url: str | None = None
    is_mask: bool = False

    def __post_init__(self) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError("a reference is either bytes or an address")


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """One picture of a generation: an absolute address, its bytes, both, or why there is neither.

    The bytes are `data`, or lie in `file`, which nobody has forced onto the disk yet.
    `revised_prompt` and `seed` are what it was made from, where the endpoint says so.
    """

    url: str | None = None
    data: bytes | None = field(default=None, repr=False)
    error: str | None = None
    file: Path | None = None
    revised_prompt: str = ""
    seed: int | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a picture, rather than a reason why not."""
        return bool(self.url or self.data or self.file)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A picture that came before the end of its generation; `number` counts from 1.

    A preview gives way to what comes later under its number.
    """

    number: int
    image: GeneratedImage
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that made at least one picture.

    `served_by` is the model that answered, which may differ from the one asked for. `usage` holds
    the endpoint's counters, such as total_tokens.
    """

    created: datetime | None
    served_by: str | None
    images: tuple[GeneratedImage, ...]
    usage: dict[str, int]
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What the endpoint keeps of one generation; `created` is in UTC, 1970 when unknown."""

    id: str
    status: str
    model: str
    prompt: str
    created: datetime
    url: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records; `last_id` is the cursor of the page after it, `first_id` of that before.

    `has_more` is false on an empty page, whatever the endpoint says.
    """

    records: tuple[Record, ...]
    has_more: bool
    first_id: str | None
    last_id: str | None


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model the endpoint lists; nothing says whether it makes images."""

    id: str
    owned_by: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched: its size, SHA-256 in hexadecimal, and what the server called it."""

    bytes: int
    sha256: str
    media_type: str | None
