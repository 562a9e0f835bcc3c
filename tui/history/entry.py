"""An entry: what history keeps of one job, for ever."""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import tomli_w

from tui.text import storable

FORMAT = 1
Status = Literal["queued", "running", "done", "partial", "failed", "cancelled", "unknown"]
Charged = Literal["no", "maybe", "yes"]
UNFINISHED: frozenset[Status] = frozenset({"queued", "running"})

_ID = re.compile(r"\d{8}T\d{9}-[0-9a-f]{6}")


class UnreadableEntry(Exception):
    """A file that holds no entry of this version; the text says why."""


class EntryReference(msgspec.Struct, frozen=True, omit_defaults=True):
    """An input image as it was sent."""

    name: str = ""
    """What the user called it: a file name or a URL."""
    sha256: str = ""
    file: str = ""
    """The copy kept, relative to the data folder; empty for a URL."""


class Response(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of the exchange with the endpoint, apart from the pictures."""

    sent: datetime | None = None
    received: datetime | None = None
    served_by: str = ""
    """The model that answered, which may go by another name than the one asked."""
    request_id: str = ""
    usage: dict[str, int] = {}
    urls: tuple[str, ...] = ()
    """Where the pictures lay, in order; such addresses expire."""
    notes: tuple[str, ...] = ()
    """What came otherwise than asked, such as an item the endpoint refused."""


class EntryImage(msgspec.Struct, frozen=True, omit_defaults=True):
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


class Cost(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the job is believed to cost; the endpoint's bill may differ."""

    estimate_usd: float | None = None
    """None is unknown, which is not zero."""
    basis: str = ""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why the job did not end well."""

    kind: str
    message: str
    hint: str = ""
    status: int | None = None
    charged: Charged = "no"
    body: str = ""
    """What the server answered, without secrets, at most 64 KB."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One job: the request as it was made, and all that came of it."""

    id: str
    created: datetime
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


class _Stamp(datetime):
    """A time as entries write it: UTC, milliseconds, `Z`."""

    def __str__(self) -> str:
        return f"{self:%Y-%m-%dT%H:%M:%S}.{self.microsecond // 1000:03d}Z"


def now() -> datetime:
    """The present in UTC, to the millisecond that entries keep."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def new_id(created: datetime) -> str:
    """An id that sorts by `created` and collides with none made elsewhere."""
    created = created.astimezone(UTC)
    return f"{created:%Y%m%dT%H%M%S}{created.microsecond // 1000:03d}-{secrets.token_hex(3)}"


def is_id(text: str) -> bool:
    """Whether `text` has the form of an entry's id, and so is safe in a file name."""
    return _ID.fullmatch(text) is not None


def encode_entry(entry: Entry) -> bytes:
    """`entry` as the TOML text of its file."""
    document = msgspec.to_builtins(entry, builtin_types=(datetime,))
    document.pop("unknown", None)
    document = {"format": entry.format, **document}
    _restore(document, entry.unknown)
    return tomli_w.dumps(_for_toml(document)).encode("utf-8")


def decode_entry(data: bytes) -> Entry:
    """The entry in `data`. Raises UnreadableEntry for anything else."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
        entry = msgspec.convert(document, Entry, strict=True)
    except (ValueError, RecursionError) as error:
        raise UnreadableEntry(str(error)) from error
    if not is_id(entry.id):
        raise UnreadableEntry(f"not an entry's id: {entry.id!r}")
    unknown = _unknown_keys(document, entry)
    return msgspec.structs.replace(entry, unknown=unknown)


def _unknown_keys(document: Mapping[str, Any], struct: msgspec.Struct) -> dict[str, Any]:
    unknown: dict[str, Any] = {}
    for key, value in document.items():
        if key == "unknown" or key not in struct.__struct_fields__:
            unknown[key] = value
            continue
        inner = getattr(struct, key)
        if isinstance(inner, msgspec.Struct):
            found: Any = _unknown_keys(value, inner)
        elif isinstance(inner, tuple) and inner and isinstance(inner[0], msgspec.Struct):
            found = [_unknown_keys(table, item) for table, item in zip(value, inner, strict=True)]
            found = found if any(found) else None
        else:
            continue
        if found:
            unknown[key] = found
    return unknown


def _restore(document: dict[str, Any], unknown: Mapping[str, Any]) -> None:
    for key, value in unknown.items():
        known = document.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _restore(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            for table, keys in zip(known, value, strict=False):
                _restore(table, keys)
        elif key not in document:
            document[key] = value


def _for_toml(value: Any) -> Any:
    """`value` without what TOML or UTF-8 cannot hold: nulls and lone surrogates."""
    if isinstance(value, dict):
        return {storable(k): _for_toml(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_for_toml(item) for item in value if item is not None]
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, datetime):
        return _Stamp.fromtimestamp(value.timestamp(), UTC)
    return value
