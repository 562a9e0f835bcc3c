"""Pictures of one job, from wherever the endpoint has them to their place beside the entry."""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from tui.api.client import Check, GeneratedImage, ImagesClient, Record, Spool, Unfit
from tui.api.errors import ApiError
from tui.files import make_folder, new_file, rename_durably, settle
from tui.generation.matching import find_record
from tui.generation.picture_facts import entry_image
from tui.generation.undisturbed import finished_in_thread
from tui.history.entry import Entry, EntryImage
from tui.history.store import HistoryStore
from tui.images.recent import RECENT
from tui.images.verify import ImageFacts, NotAnImage, extension, verify_image

EXPIRED = frozenset((401, 403, 404, 410))
"""Statuses of an address that is dead, where the picture may still be had by its record."""
NO_CONTENT = EXPIRED | {400, 405, 501}
"""Statuses of an endpoint that does not give a record's picture."""


class PictureSaver:
    """Saves the pictures of one entry: `.part` first, their right names once verified."""

    def __init__(self, client: ImagesClient, store: HistoryStore, entry_id: str) -> None:
        self._client = client
        self._store = store
        self._id = entry_id
        self._previews: list[Path] = []
        self._held: dict[int, _Held] = {}
        # Not a method of this object: each would be what keeps the other.
        self.spool = Spool(partial(_path, store, entry_id, ending="answer.part"))
        """Where pictures inside an answer go."""

    async def save(
        self,
        image: GeneratedImage,
        number: int,
        entry: Entry | None,
        *,
        record: Record | None = None,
    ) -> EntryImage:
        """Save the picture of this number, from 1 up.

        `entry` is given where a record of it would hold this picture and no other, and `record`
        where the picture is that of a known one. Raises ApiError, NotAnImage when what came is
        none: it is then kept aside; and OSError, after which it may be called again: what had
        come is held.
        """
        held = self._held.get(number) or _Held(image.data)
        attempt = _Attempt(self._path(number, "part"), held.record)
        is_placed = False
        try:
            if held.data is None and image.file is None:
                await asyncio.to_thread(_make_room, attempt.part)
                await self._fetch_into(attempt, image, entry, record)
            source = held.data or image.file
            kept = await finished_in_thread(self._place, attempt, number, source)
            is_placed = True
        except OSError as error:
            if held.data is None:
                await finished_in_thread(self._hold, image, number, attempt)
                if image.file is not None and number not in self._held:
                    raise _vanished(error) from error
            raise
        else:
            self._held.pop(number, None)
            return kept
        finally:
            if not is_placed and number not in self._held:
                await finished_in_thread(_remove, attempt.part)

    async def copy(self, image: GeneratedImage, number: int, folder: Path) -> Path:
        """Put a picture that is not saved yet into `folder`, under the name it will have here.

        Raises OSError, FileExistsError among it where another file has that name, ApiError, and
        NotAnImage.
        """
        held = self._held.get(number) or _Held(image.data)
        attempt = _Attempt(folder / f"{self._id}-{number}.part", held.record)
        try:
            if held.data is not None:
                await finished_in_thread(_write, attempt.part, held.data)
            elif image.file is not None:
                data = await asyncio.to_thread(image.file.read_bytes)
                await finished_in_thread(_write, attempt.part, data)
            else:
                await self._fetch_into(attempt, image, None, None)
            return await finished_in_thread(_placed_copy, attempt)
        finally:
            await finished_in_thread(_remove, attempt.part)

    async def preview(self, image: GeneratedImage) -> Path | None:
        """A file with a picture that is not one of the results, for as long as the job runs."""
        if image.data is None:
            return image.file
        path = self._path(len(self._previews) + 1, "preview.part")
        self._previews.append(path)
        await asyncio.to_thread(_make_room, path)
        await finished_in_thread(_write, path, image.data)
        return path

    def discard(self) -> None:
        """Remove what was needed only while the job ran."""
        if not self._held:
            # Else what could not be saved may lie there, and a check of the history finds it.
            self.spool.discard()
        for path in self._previews:
            _remove(path)

    async def _fetch_into(
        self, attempt: _Attempt, image: GeneratedImage, entry: Entry | None, record: Record | None
    ) -> None:
        with suppress(Unfit):  # Placing it says so again.
            if record is not None:
                attempt.record = record.id
                await self._fetch_record(record, attempt)
            elif image.url is not None:
                attempt.record = await self._fetch(image.url, attempt, entry)

    async def _fetch(self, url: str, attempt: _Attempt, entry: Entry | None) -> str:
        """Fetch the picture; gives the id of its record, if that was what led to it."""
        try:
            await self._client.download(url, attempt.part, attempt.verify)
        except ApiError as dead:
            if entry is not None and dead.status in EXPIRED:
                # The library is a second source: its links are fresh.
                with suppress(ApiError):
                    if record := await find_record(self._client, entry):
                        await self._client.download_record(record.id, attempt.part, attempt.verify)
                        return record.id
            raise _not_fetched(dead) from None
        return ""

    async def _fetch_record(self, record: Record, attempt: _Attempt) -> None:
        try:
            await fetch_record(self._client, record, attempt.part, attempt.verify)
        except ApiError as dead:
            raise _not_fetched(dead) from None

    def _place(self, attempt: _Attempt, number: int, source: bytes | Path | None) -> EntryImage:
        """Verify the picture, and give it its name; `source` is where it is, if not at its part."""
        if source is not None:
            _make_room(attempt.part)
            if isinstance(source, Path):
                _adopt(source, attempt.part)
            else:
                _write(attempt.part, source)
        try:
            if attempt.facts is None:
                attempt.verify(attempt.part)
        except Unfit as error:
            # It may have been paid for: the bytes stay, out of the way of the pictures.
            attempt.target = self._path(number, "rejected")
            rename_durably(attempt.part, attempt.target)
            raise NotAnImage(str(error)) from None
        facts = attempt.facts
        assert facts is not None
        name = self._store.image_name(self._id, number, extension(facts.format))
        attempt.target = self._store.absolute(name)
        rename_durably(attempt.part, attempt.target)
        return entry_image(name, facts, attempt.record)

    def _hold(self, image: GeneratedImage, number: int, attempt: _Attempt) -> None:
        """Keep what came, wherever it has got to, for the next attempt."""
        is_whole = image.file is not None or attempt.facts is not None
        for path in (attempt.part if is_whole else None, image.file, attempt.target):
            if path is not None:
                with suppress(OSError):
                    self._held[number] = _Held(path.read_bytes(), attempt.record)
                    return

    def _path(self, number: int, ending: str) -> Path:
        return _path(self._store, self._id, number, ending)


def _path(store: HistoryStore, entry_id: str, number: int, ending: str) -> Path:
    return store.absolute(store.image_name(entry_id, number, ending))


async def fetch_record(
    client: ImagesClient, record: Record, target: Path, check: Check | None = None
) -> None:
    """Fetch a record's picture into `target`. Raises as ImagesClient.download does."""
    try:
        await client.download_record(record.id, target, check)
    except ApiError as dead:
        # Some endpoints list addresses, and know no way from a record to its picture.
        if record.url is None or dead.status not in NO_CONTENT:
            raise
        await client.download(record.url, target, check)


def _not_fetched(error: ApiError) -> ApiError:
    """`error` of a download as that of a picture which was made, whatever it says of itself."""
    if error.charged == "yes":
        return error
    return ApiError(
        "download",
        error.message,
        status=error.status,
        request_id=error.request_id,
        hint="The picture was made: look for it in the library.",
        charged="yes",
        body=error.body,
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """A picture that the disk has refused, and the id of the record that it came by."""

    data: bytes | None
    record: str = ""


class _Attempt:
    """One attempt at saving a picture, and how far it came."""

    # A decoded picture takes 160 MB at most: one at a time, however many jobs there are.
    _decoding = Lock()

    def __init__(self, part: Path, record: str) -> None:
        self.part = part
        self.record = record
        self.facts: ImageFacts | None = None
        self.target: Path | None = None
        """Where the file is to be in the end."""

    def verify(self, path: Path) -> None:
        """Decode the file, and keep what was found; raises Unfit for what is no picture."""
        try:
            with self._decoding:
                self.facts = verify_image(path, RECENT.keep)
        except NotAnImage as error:
            raise Unfit(str(error)) from None


def _placed_copy(attempt: _Attempt) -> Path:
    """Give a copy its name; one that is there already is left as it is."""
    try:
        if attempt.facts is None:
            attempt.verify(attempt.part)
    except Unfit as error:
        raise NotAnImage(str(error)) from None
    facts = attempt.facts
    assert facts is not None
    target = attempt.part.with_suffix(f".{extension(facts.format)}")
    if target.exists() and target.read_bytes() != attempt.part.read_bytes():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    rename_durably(attempt.part, target)
    return target


def _vanished(error: OSError) -> ApiError:
    return ApiError(
        "download",
        f"The picture came, and was lost from the disk: {error.strerror or error}.",
        hint="It was made: look for it in the library.",
        charged="yes",
    )


def _make_room(path: Path) -> None:
    make_folder(path.parent)
    path.unlink(missing_ok=True)


def _adopt(file: Path, part: Path) -> None:
    with file.open("rb+") as opened:
        settle(opened)
    # Its next name is the one that must last.
    file.replace(part)


def _write(path: Path, data: bytes) -> None:
    with new_file(path) as file:
        file.write(data)
        settle(file)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
