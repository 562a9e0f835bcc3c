"""An entry: what history keeps of one job, for ever."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Protocol, TypeAlias

import msgspec
import tomli
import tomli_w

from tui.decoding import convert
from tui.text import storable

FORMAT = 1
Status = Literal["queued", "running", "done", "partial", "failed", "cancelled", "unknown"]
Charged = Literal["no", "maybe", "yes"]
UNFINISHED: frozenset[Status] = frozenset({"queued", "running"})

Time: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment; without a zone it would be none."""

MASK = "mask"

_ID = re.compile(r"[0-9]{8}T[0-9]{9}-[0-9a-f]{6}")


class UnreadableEntry(Exception):
    """A file that holds no entry of this version; the text says why."""


# None of an entry's parts can belong to a ring, and thousands may be held: Python does not look
# through them for garbage (gc=False).


class EntryReference(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An input image as it was sent."""

    name: str = ""
    """What the user called it: a file name or a URL."""
    sha256: str = ""
    file: str = ""
    """The copy kept, relative to the data folder; empty for a URL."""
    missing: bool = False
    """Whether a check of the history found no such file, and the user knows."""
    role: str = ""
    """MASK for the mask of the first of the others; empty for those that the model sees."""

    @property
    def is_mask(self) -> bool:
        """Whether it says where the first reference may change, and is none itself."""
        return self.role == MASK


class Response(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known of the exchange with the endpoint, apart from the pictures."""

    sent: Time | None = None
    received: Time | None = None
    served_by: str = ""
    """The model that answered, which may go by another name than the one asked."""
    request_id: str = ""
    usage: dict[str, int] = {}
    urls: tuple[str, ...] = ()
    """Where the pictures lay, in order; such addresses expire."""
    records: tuple[str, ...] = ()
    """The endpoint's records that were found to be this job's."""
    removed: tuple[str, ...] = ()
    """Those of its records that were deleted at the endpoint."""
    notes: tuple[str, ...] = ()
    """What came otherwise than asked, such as an item the endpoint refused."""


class EntryImage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One picture on disk, its bytes as they came."""

    file: str
    """Relative to the data folder."""
    sha256: str
    bytes: int
    width: int
    height: int
    format: str
    record: str = ""
    """The endpoint's record, once known."""
    seed: int | None = None
    """What the endpoint says it was made from."""
    revised_prompt: str = ""
    """What the endpoint made of the prompt, where it says so and it is another."""
    missing: bool = False
    """Whether a check of the history found no such file, and the user knows."""


class Cost(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the job is believed to cost; the endpoint's bill may differ."""

    estimate_usd: float | None = None
    """None is unknown, which is not zero."""
    basis: str = ""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Why the job did not end well."""

    kind: str
    message: str
    hint: str = ""
    status: int | None = None
    charged: Charged = "no"
    body: str = ""
    """What the server answered, without secrets, at most 64 KB."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One job: the request as it was made, and all that came of it."""

    id: str
    created: Time
    status: Status
    endpoint: str
    model: str
    prompt: str
    format: int = FORMAT
    parent: str = ""
    """The entry that this one was made from; empty if none."""
    starred: bool = False
    rating: int = 0
    tags: tuple[str, ...] = ()
    note: str = ""
    parameters: dict[str, Any] = {}
    """Request fields exactly as they were sent."""
    references: tuple[EntryReference, ...] = ()
    response: Response | None = None
    images: tuple[EntryImage, ...] = ()
    cost: Cost | None = None
    error: Failure | None = None
    unknown: dict[str, Any] = {}
    """Keys this version does not know, at their places; they survive a rewrite."""

    @property
    def reference_count(self) -> int:
        """How many references the model sees: a mask is none."""
        return count_references(self.references)

    @property
    def read_only(self) -> bool:
        """Whether a later version wrote it, so that this one must leave it alone."""
        return self.format > FORMAT

    @property
    def seconds(self) -> float | None:
        """Seconds from sending to the answer; None while there is no answer."""
        response = self.response
        if response is None or response.sent is None or response.received is None:
            return None
        return (response.received - response.sent).total_seconds()

    @property
    def may_cost(self) -> bool:
        """Whether it was or may have been charged, as far as anybody knows."""
        if self.status in ("queued", "cancelled"):
            return False
        return self.error is None or self.error.charged != "no"


class _Stamp(datetime):
    """A time in UTC as entries write it: `2026-11-22T07:03:12.418Z`."""

    def __str__(self) -> str:
        precision = "microseconds" if self.microsecond % 1000 else "milliseconds"
        return f"{self.replace(tzinfo=None).isoformat(timespec=precision)}Z"


class _Reference(Protocol):
    @property
    def is_mask(self) -> bool: ...


def count_references(references: Iterable[_Reference]) -> int:
    """How many of `references` the model sees: a mask is none."""
    return sum(not reference.is_mask for reference in references)


def now() -> datetime:
    """The present in UTC, to the millisecond that entries keep."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def new_id(created: datetime) -> str:
    """An id that sorts by `created` and collides with none made elsewhere."""
    return id_at(created, os.urandom(3))


def id_at(created: datetime, ending: bytes) -> str:
    """The id that sorts by `created` and ends in these three bytes."""
    created = created.astimezone(UTC)
    milliseconds = created.microsecond // 1000
    return f"{created:%Y%m%dT%H%M%S}{milliseconds:03d}-{ending.hex()}"


def is_id(text: str) -> bool:
    """Whether `text` has the form of an entry's id, and so is safe in a file name."""
    return _ID.fullmatch(text) is not None


def encode_entry(entry: Entry) -> bytes:
    """`entry` as the TOML text of its file.

    Nulls are left out, and lone surrogates replaced: TOML has neither. Raises ValueError or
    RecursionError for parameters that are nested or written too deep or long to be read again.
    """
    document = msgspec.to_builtins(entry, builtin_types=(datetime, date, time))
    document.pop("unknown", None)
    document = {"format": entry.format, **document}
    _restore(document, entry.unknown)
    return tomli_w.dumps(_for_toml(document)).encode("utf-8")


def decode_entry(data: bytes) -> Entry:
    """The entry in `data`. Raises UnreadableEntry for anything else."""
    if not data.endswith(b"\n"):
        # What was cut off may still be TOML, and rewriting it would lose the rest for good.
        raise UnreadableEntry("cut off: its last line does not end")
    try:
        document = tomli.loads(data.decode("utf-8"))
        known = {key: value for key, value in document.items() if key != "unknown"}
        entry = convert(known, Entry)
    except (ValueError, RecursionError) as error:
        raise UnreadableEntry(str(error)) from error
    if not is_id(entry.id):
        raise UnreadableEntry(f"not an entry's id: {entry.id!r}")
    response = entry.response or Response()
    for what, moment in (
        ("created", entry.created), ("sent", response.sent), ("received", response.received)
    ):  # fmt: skip
        if moment is not None and not 1 < moment.year < 9999:
            # There are no such days in every zone.
            raise UnreadableEntry(f"{what} in the year {moment.year}")
    return msgspec.structs.replace(entry, unknown=_unknown_keys(document, entry))


def _is_known(key: str, struct: msgspec.Struct | type[msgspec.Struct]) -> bool:
    return key != "unknown" and key in struct.__struct_fields__


def _unknown_keys(document: Mapping[str, Any], struct: msgspec.Struct) -> dict[str, Any]:
    unknown: dict[str, Any] = {}
    for key, value in document.items():
        if not _is_known(key, struct):
            unknown[key] = value
            continue
        inner = getattr(struct, key)
        found: Any = None
        if isinstance(inner, msgspec.Struct):
            found = _unknown_keys(value, inner)
        elif isinstance(inner, tuple) and inner and isinstance(inner[0], msgspec.Struct):
            found = [_unknown_keys(table, item) for table, item in zip(value, inner, strict=True)]
            found = found if any(found) else None
        if found:
            unknown[key] = found
    return unknown


def _restore(document: dict[str, Any], unknown: Mapping[str, Any]) -> None:
    """Put back what `_unknown_keys` found, except into tables that the entry no longer has."""
    for key, value in unknown.items():
        if not _is_known(key, Entry):
            document[key] = value
        elif isinstance(value, dict):
            document.get(key, {}).update(value)
        else:
            for table, keys in zip(document.get(key, ()), value, strict=False):
                table.update(keys)


def _for_toml(value: Any) -> Any:
    """`value` without what TOML or UTF-8 cannot hold: nulls and lone surrogates."""
    if isinstance(value, dict):
        return {storable(k): _for_toml(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_for_toml(item) for item in value if item is not None]
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, datetime) and value.utcoffset() == timedelta(0):
        return _Stamp.combine(value.date(), value.timetz())
    return value
