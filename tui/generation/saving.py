"""Pictures of one job, from wherever the endpoint has them to their place beside the entry."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from tui.api.client import GeneratedImage, ImagesClient, Spool, Unfit
from tui.api.errors import ApiError
from tui.api.unfit import Check
from tui.files import make_folder, new_file, rename_durably, settle
from tui.generation.matching import find_record
from tui.generation.picture_facts import entry_image
from tui.history.entry import Entry, EntryImage
from tui.history.store import HistoryStore
from tui.images.verify import ImageFacts, NotAnImage, extension, verify_image

T = TypeVar("T")

EXPIRED = frozenset((401, 403, 404, 410))
"""Statuses of an address that is dead, where the picture may still be had by its record."""


class PictureSaver:
    """Saves the pictures of one entry: `.part` first, their right names once verified."""

    def __init__(self, client: ImagesClient, store: HistoryStore, entry_id: str) -> None:
        self._client = client
        self._store = store
        self._id = entry_id
        self._previews: list[Path] = []
        self.spool = Spool(lambda number: self._path(number, "answer.part"))
        """Where pictures inside an answer go."""

    async def save(self, image: GeneratedImage, number: int, entry: Entry | None) -> EntryImage:
        """Save the picture of this number, from 1 up.

        `entry` is given where a record of it would hold this picture and no other. Raises
        ApiError, OSError, and NotAnImage when what came is none: it is then kept aside.
        """
        part = self._path(number, "part")
        verified = _Verified()
        record = ""
        try:
            await asyncio.to_thread(_make_room, part)
            if image.file is not None:
                await undisturbed(asyncio.to_thread(_adopt, image.file, part))
            elif image.data is not None:
                await undisturbed(asyncio.to_thread(_write, part, image.data))
            elif image.url is not None:
                record = await self._fetch(image.url, part, verified, entry)
            return await undisturbed(asyncio.to_thread(self._place, part, verified, number, record))
        except Unfit as error:
            # It may have been paid for: the bytes stay, out of the way of the pictures.
            rejected = self._path(number, "rejected")
            await undisturbed(asyncio.to_thread(rename_durably, part, rejected))
            raise NotAnImage(str(error)) from None
        finally:
            await undisturbed(asyncio.to_thread(part.unlink, missing_ok=True))

    async def preview(self, image: GeneratedImage) -> Path | None:
        """A file with a picture that is not one of the results, for as long as the job runs."""
        if image.data is None:
            return image.file
        path = self._path(len(self._previews) + 1, "preview.part")
        self._previews.append(path)
        await asyncio.to_thread(_make_room, path)
        await undisturbed(asyncio.to_thread(_write, path, image.data))
        return path

    def discard(self) -> None:
        """Remove what was needed only while the job ran."""
        self.spool.discard()
        for path in self._previews:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    async def _fetch(self, url: str, part: Path, check: Check, entry: Entry | None) -> str:
        """Fetch the picture; gives the id of its record, if that was what led to it."""
        try:
            await self._client.download(url, part, check)
        except ApiError as dead:
            if entry is not None and dead.status in EXPIRED:
                # The library is a second source: its links are fresh.
                with suppress(ApiError):
                    if record := await find_record(self._client, entry):
                        await self._client.download_record(record.id, part, check)
                        return record.id
            raise _not_fetched(dead) from None
        return ""

    def _place(self, part: Path, verified: _Verified, number: int, record: str) -> EntryImage:
        if verified.facts is None:
            verified(part)
        assert verified.facts is not None
        name = self._store.image_name(self._id, number, extension(verified.facts.format))
        rename_durably(part, self._store.absolute(name))
        return entry_image(name, verified.facts, record)

    def _path(self, number: int, extension: str) -> Path:
        return self._store.absolute(self._store.image_name(self._id, number, extension))


async def undisturbed(work: Awaitable[T]) -> T:
    """The result of `work`, finished even when the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


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


class _Verified:
    """Decodes a file, and keeps what it found; raises Unfit for what is no picture."""

    # A decoded picture takes 160 MB at most: one at a time, however many jobs there are.
    _decoding = Lock()

    def __init__(self) -> None:
        self.facts: ImageFacts | None = None

    def __call__(self, path: Path) -> None:
        try:
            with self._decoding:
                self.facts = verify_image(path)
        except NotAnImage as error:
            raise Unfit(str(error)) from None


def _make_room(path: Path) -> None:
    make_folder(path.parent)
    path.unlink(missing_ok=True)


def _adopt(file: Path, part: Path) -> None:
    with file.open("rb+") as opened:
        settle(opened)
    rename_durably(file, part)


def _write(path: Path, data: bytes) -> None:
    with new_file(path) as file:
        file.write(data)
        settle(file)
