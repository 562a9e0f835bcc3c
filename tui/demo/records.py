"""The endpoint's records and their pictures, kept as files in one folder.

    records/<owner>/<id>.json     one record, one file; the owner is a hash of the bearer key
    pictures/<id>-<number>.jpg    numbered from 1

An id sorts by time, so that a page of a listing reads no more files than it shows. Several
processes may work in the same folder.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from tui.decoding import from_json
from tui.files import settle_folder, write_durably

Order = Literal["asc", "desc"]

_ID = re.compile(r"img_[0-9a-f]{24}")
_PICTURE = re.compile(r"img_[0-9a-f]{24}-\d{1,2}\.(jpg|png)")


class RecordError(msgspec.Struct, frozen=True):
    """Why a generation failed."""

    message: str
    type: str
    code: str | None = None


class Record(msgspec.Struct, frozen=True):
    """One request that was carried out. `created_at` is in seconds since 1970."""

    id: str
    model: str
    prompt: str
    status: Literal["completed", "failed"]
    created_at: int
    pictures: tuple[str, ...] = ()
    error: RecordError | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing, and whether more lies beyond it."""

    records: tuple[Record, ...]
    has_more: bool


class UnknownCursorError(LookupError):
    """A listing was to begin at a record that is not there."""


class Records:
    """The records in `folder`, which is created when the first one is written.

    Every method reads or writes files: call them in a thread. All may raise OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._records = folder / "records"
        self._pictures = folder / "pictures"
        self._lock = threading.Lock()
        self._latest = 0

    def new_id(self) -> str:
        """An id that sorts behind every earlier one of this process."""
        with self._lock:
            self._latest = max(self._latest + 1, time.time_ns())
            return f"img_{self._latest:016x}{secrets.token_hex(4)}"

    def save(self, key: str, record: Record, pictures: Sequence[bytes] = ()) -> None:
        """Keep `record` for `key`, and `pictures`, as it names them; none if they are kept."""
        for name, content in zip(record.pictures if pictures else (), pictures, strict=True):
            self.keep_picture(name, content)
        write_durably(self._file(key, record.id), msgspec.json.encode(record))

    def keep_picture(self, name: str, content: bytes) -> None:
        """Keep a picture whose record is not there yet."""
        write_durably(self._pictures / name, content)

    def find(self, key: str, record_id: str) -> Record | None:
        """The record, if `key` owns one of this id."""
        if not _ID.fullmatch(record_id):
            return None
        try:
            return from_json(self._file(key, record_id).read_bytes(), Record)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def delete(self, key: str, record_id: str) -> bool:
        """Delete the record and its pictures; False where `key` owns none of this id."""
        record = self.find(key, record_id)
        if record is None:
            return False
        file = self._file(key, record_id)
        try:
            file.unlink()
        except FileNotFoundError:
            return False
        settle_folder(file.parent)
        for name in record.pictures:
            with suppress(FileNotFoundError):
                (self._pictures / name).unlink()
        return True

    def page(
        self,
        key: str,
        *,
        limit: int,
        order: Order = "desc",
        after: str | None = None,
        before: str | None = None,
    ) -> Page:
        """At most `limit` records of `key`: those behind `after`, or the nearest before `before`.

        Raises UnknownCursorError where the record to begin at is not there.
        """
        ids = self._ids(key)
        if order == "desc":
            ids.reverse()
        shown, has_more = part_of(ids, limit=limit, after=after, before=before)
        records = (self.find(key, record_id) for record_id in shown)
        return Page(tuple(record for record in records if record is not None), has_more)

    def picture(self, name: str) -> Path | None:
        """The file of a picture, if there is one."""
        path = self._pictures / name
        return path if _PICTURE.fullmatch(name) and path.is_file() else None

    def _file(self, key: str, record_id: str) -> Path:
        owner = hashlib.sha256(key.encode()).hexdigest()[:32]
        return self._records / owner / f"{record_id}.json"

    def _ids(self, key: str) -> list[str]:
        folder = self._file(key, "").parent
        return sorted(file.stem for file in folder.glob("img_*.json") if _ID.fullmatch(file.stem))


def part_of(
    ids: list[str], *, limit: int, after: str | None, before: str | None
) -> tuple[list[str], bool]:
    """At most `limit` of `ids`, and whether more lie beyond, as for `Records.page`."""
    if after is not None:
        ids = ids[_position(ids, after) + 1 :]
    if before is not None:
        ids = ids[: _position(ids, before)]
    shown = ids[-limit:] if before is not None else ids[:limit]
    return shown, len(ids) > len(shown)


def _position(ids: list[str], record_id: str) -> int:
    try:
        return ids.index(record_id)
    except ValueError:
        raise UnknownCursorError(record_id) from None
