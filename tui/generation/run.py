"""The run of one job: the only place in the project that spends money."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from tui.api.client import GeneratedImage, Generation, ImagesClient, ReferenceImage
from tui.api.errors import ApiError
from tui.files import make_folder, new_file, rename_durably, settle
from tui.history.entry import Entry, EntryImage, EntryReference, Failure, Response, Status, now
from tui.history.store import HistoryStore
from tui.images.verify import NotAnImage, extension, verify_image

Changed = Callable[[Entry], None]
"""Told of every state of the entry, after it is on the disk."""
T = TypeVar("T")

_log = logging.getLogger(__name__)

MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


async def run_job(
    entry: Entry,
    open_client: Callable[[str], Awaitable[ImagesClient]],
    store: HistoryStore,
    changed: Changed,
) -> Entry:
    """Send the request of `entry`, keep what comes back, and return the entry as it ended.

    Nothing is sent before the entry says so on the disk, and nothing is sent twice. Failures end
    in the entry, not in exceptions; a cancelled run leaves the entry cancelled when nothing was
    sent, and unknown otherwise.
    """
    run = _Run(entry, store, changed)
    try:
        await run.generate(open_client)
    except asyncio.CancelledError:
        await _undisturbed(run.interrupted())
        raise
    except ApiError as error:
        await run.fail(_status_of(error, run.sent), _failure(error))
    except OSError as error:
        _log.warning("job %s could not be saved, errno %s", entry.id, error.errno, exc_info=error)
        await run.fail_to_save(error)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose a paid entry
        _log.error("job %s met a fault of ours", entry.id, exc_info=error)
        await run.fail("unknown" if run.sent else "failed", _own_fault(error, run.sent))
    return run.entry


class _Run:
    def __init__(self, entry: Entry, store: HistoryStore, changed: Changed) -> None:
        self.entry = entry
        self.sent = False
        self._store = store
        self._changed = changed

    async def generate(self, open_client: Callable[[str], Awaitable[ImagesClient]]) -> None:
        client = await open_client(self.entry.endpoint)
        references = await asyncio.to_thread(self._load_references)
        await self._keep(replace(self.entry, status="running", response=Response(sent=now())))
        self.sent = True
        entry = self.entry
        generation = await client.generate(
            entry.model, entry.prompt, entry.parameters, references=references
        )
        await self._keep(replace(self.entry, response=self._response(generation)))
        await self._collect(client, generation)

    async def interrupted(self) -> None:
        status: Status = "unknown" if self.sent else "cancelled"
        if self.entry.images:
            status = "partial"
        await self._end(replace(self.entry, status=status))

    async def fail(self, status: Status, failure: Failure) -> None:
        await self._end(replace(self.entry, status=status, error=failure))

    async def fail_to_save(self, error: OSError) -> None:
        reason = error.strerror or str(error)
        failure = Failure(
            kind="not_saved",
            message=f"Could not be saved: {reason}",
            hint="Make room or mend the folder; the endpoint may still hold the picture."
            if self.sent
            else "Nothing was sent. Make room or mend the folder, then send again.",
            charged="maybe" if self.sent else "no",
        )
        status: Status = "unknown" if self.sent else "failed"
        await self.fail(status, failure)

    async def _collect(self, client: ImagesClient, generation: Generation) -> None:
        """Save every picture of `generation`; one that fails does not cost the others."""
        failure: Failure | None = None
        notes: list[str] = []
        for number, image in enumerate(generation.images, start=1):
            if image.error:
                notes.append(f"image {number}: {image.error}")
                continue
            try:
                kept = await self._save_image(client, image, number)
            except ApiError as error:
                failure = _failure(error)
            except NotAnImage as error:
                failure = Failure(
                    kind="bad_response",
                    message=f"What came is no picture: {error}",
                    hint="The bytes are kept beside the entry's images, ending in .rejected.",
                    charged="maybe",
                )
            else:
                await self._keep(replace(self.entry, images=(*self.entry.images, kept)))
                continue
            notes.append(f"image {number}: {failure.message}")
        await self._finish(failure, notes)

    async def _finish(self, failure: Failure | None, notes: list[str]) -> None:
        entry = self.entry
        if notes and entry.response:
            entry = replace(entry, response=replace(entry.response, notes=tuple(notes)))
        if not notes and entry.images:
            await self._keep(replace(entry, status="done"))
        elif entry.images:
            await self._keep(replace(entry, status="partial", error=failure))
        else:
            failure = failure or Failure(
                kind="bad_response",
                message=notes[0] if notes else "The endpoint made no picture.",
                hint="Often a silent refusal: change the prompt, or look into the records.",
                charged="maybe",
            )
            await self._keep(replace(entry, status="failed", error=failure))

    async def _save_image(
        self, client: ImagesClient, image: GeneratedImage, number: int
    ) -> EntryImage:
        """Put one picture beside the others: `.part` first, its right name once verified."""
        part = self._image_path(number, "part")
        try:
            await asyncio.to_thread(_make_room, part)
            if image.data is not None:
                await asyncio.to_thread(_write_part, part, image.data)
            elif image.url is not None:
                await client.download(image.url, part)
            else:
                raise NotAnImage("neither bytes nor an address")
            return await _undisturbed(asyncio.to_thread(self._verified, part, number))
        finally:
            part.unlink(missing_ok=True)

    def _verified(self, part: Path, number: int) -> EntryImage:
        try:
            facts = verify_image(part)
        except NotAnImage:
            # It may have been paid for: the bytes stay, out of the way of the pictures.
            rename_durably(part, self._image_path(number, "rejected"))
            raise
        name = self._store.image_name(self.entry.id, number, extension(facts.format))
        rename_durably(part, self._store.absolute(name))
        return EntryImage(
            file=name,
            sha256=facts.sha256,
            bytes=facts.bytes,
            width=facts.width,
            height=facts.height,
            format=facts.format,
        )

    def _image_path(self, number: int, extension: str) -> Path:
        return self._store.absolute(self._store.image_name(self.entry.id, number, extension))

    def _load_references(self) -> list[ReferenceImage]:
        return [self._load_reference(reference) for reference in self.entry.references]

    def _load_reference(self, reference: EntryReference) -> ReferenceImage:
        if not reference.file:
            return ReferenceImage(url=reference.name)
        path = self._store.absolute(reference.file)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ApiError(
                "invalid_request",
                f"The reference {reference.name} cannot be read: {error.strerror}.",
                hint="Nothing was sent. Choose it again, or send without it.",
            ) from error
        return ReferenceImage(data=data, media_type=MEDIA_TYPES[path.suffix.removeprefix(".")])

    def _response(self, generation: Generation) -> Response:
        return replace(
            self.entry.response or Response(),
            received=now(),
            served_by=generation.served_by or "",
            request_id=generation.request_id or "",
            usage=generation.usage,
            urls=tuple(image.url for image in generation.images if image.url),
        )

    async def _end(self, entry: Entry) -> None:
        """Keep how the job ended; it is told even where the disk refuses it."""
        try:
            await self._keep(entry)
        except OSError:
            self.entry = entry
            self._changed(entry)

    async def _keep(self, entry: Entry) -> None:
        await _undisturbed(asyncio.to_thread(self._store.write, entry))
        self.entry = entry
        self._changed(entry)


async def _undisturbed(work: Awaitable[T]) -> T:
    """The result of `work`, finished even when the run is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _status_of(error: ApiError, sent: bool) -> Status:
    return "unknown" if sent and error.charged == "maybe" else "failed"


def _failure(error: ApiError) -> Failure:
    return Failure(
        kind=error.kind,
        message=error.message,
        hint=error.hint,
        status=error.status,
        charged=error.charged,
        body=error.body,
    )


def _own_fault(error: Exception, sent: bool) -> Failure:
    return Failure(
        kind="internal",
        message=f"Darkroom itself failed ({type(error).__name__}).",
        hint="Look into the endpoint's records." if sent else "Nothing was sent.",
        charged="maybe" if sent else "no",
    )


def _make_room(part: Path) -> None:
    make_folder(part.parent)
    part.unlink(missing_ok=True)


def _write_part(part: Path, data: bytes) -> None:
    with new_file(part) as file:
        file.write(data)
        settle(file)
