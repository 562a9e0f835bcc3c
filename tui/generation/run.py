"""The run of one job: the only place in the project that spends money."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.api.client import Arrival, GeneratedImage, Generation, ImagesClient, ReferenceImage
from tui.api.errors import ApiError
from tui.generation.holding import HeldPictures, Holding
from tui.generation.ownership import Ownership
from tui.generation.progress import Preview, Progress
from tui.generation.references import load_reference
from tui.generation.saving import PictureSaver
from tui.generation.sending import Tries
from tui.generation.undisturbed import finished_in_thread, undisturbed
from tui.history.entry import (
    UNFINISHED,
    Entry,
    EntryImage,
    EntryReference,
    Failure,
    Response,
    Status,
    UnreadableEntry,
    now,
)
from tui.history.store import HistoryStore
from tui.images.verify import NotAnImage
from tui.text import storable

Changed = Callable[[Entry], None]
"""Told of every state of the entry, after it is on the disk."""
Told = Callable[[Progress], None]
"""Told of pauses and previews."""
_log = logging.getLogger(__name__)

SAVED_AT_ONCE = 4
PATIENCE = 1.0
"""Seconds to wait for who looks at the entry at this moment."""
PRESSES = uuid.UUID("0b6d0f3e-6c1b-5e0e-9d3e-3f6f5a0c4d21")
"""The namespace of idempotency keys, one for each entry."""


async def run_job(
    entry: Entry,
    open_client: Callable[[str], Awaitable[ImagesClient]],
    store: HistoryStore,
    changed: Changed,
    told: Told | None = None,
    begun: Callable[[HeldPictures], object] | None = None,
) -> Entry:
    """Send the request of `entry`, keep what comes back, and return the entry as it ended.

    Nothing is sent before the entry says so on the disk, and nothing is sent again that may have
    been heard; `Tries` has the rules. Failures end in the entry, not in exceptions; a cancelled
    run leaves the entry cancelled when nothing was sent, and unknown otherwise, or with the
    pictures that had come. An entry that another process works on, or has worked on since it was
    queued, is given as it is on the disk, and nothing is sent. `begun` gets what can be done about
    pictures that the disk refuses.
    """
    run = _Run(entry, store, changed, told)
    if begun is not None:
        begun(run)
    ownership = Ownership(store.locks, entry.id)
    try:
        return await _run_alone(run, ownership, open_client)
    finally:
        await ownership.release(run.discard)


async def _run_alone(
    run: _Run, ownership: Ownership, open_client: Callable[[str], Awaitable[ImagesClient]]
) -> Entry:
    entry = run.entry
    try:
        is_ours = await ownership.take(PATIENCE, run.look)
        if taken := run.taken_elsewhere(is_ours=is_ours):
            return taken
        await run.generate(open_client)
    except asyncio.CancelledError:
        await undisturbed(run.interrupted())
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
    def __init__(
        self, entry: Entry, store: HistoryStore, changed: Changed, told: Told | None
    ) -> None:
        self.entry = entry
        self._found = entry
        self.sent = False
        self._store = store
        self._changed = changed
        self._tell = told or _tell_nobody
        self._writing = asyncio.Lock()
        self._slots = asyncio.Semaphore(SAVED_AT_ONCE)
        self._saving: dict[int, asyncio.Task[Failure | None]] = {}
        self._fetching: set[asyncio.Task[Failure | None]] = set()
        self._previewing: set[asyncio.Task[None]] = set()
        self._images: dict[int, EntryImage] = {}
        self._streams = False
        self._holding = Holding(self._tell)
        self._saver: PictureSaver | None = None
        self._unsaved: dict[int, GeneratedImage] = {}

    async def generate(self, open_client: Callable[[str], Awaitable[ImagesClient]]) -> None:
        client = await open_client(self.entry.endpoint)
        references: list[ReferenceImage] = []
        if self.entry.references:
            references = await asyncio.to_thread(self._load_references)
        self._saver = saver = PictureSaver(client, self._store, self.entry.id)
        try:
            generation = await self._send(client, references, saver)
            await self._keep(response=self._response(generation))
            await self._collect(saver, generation)
        except asyncio.CancelledError:
            self._holding.give_up()
            await undisturbed(self._rescue(saver))
            raise
        finally:
            await undisturbed(self._stop_saving())

    def look(self) -> None:
        """See what the disk says of the entry. Touches the disk."""
        try:
            self._found = self._store.read(self.entry.id)
        except FileNotFoundError:
            # Thrown away meanwhile, as by another program.
            self._found = replace(self.entry, status="cancelled")
        except (OSError, UnreadableEntry):
            pass

    def taken_elsewhere(self, *, is_ours: bool) -> Entry | None:
        """The entry as another process has it; None where it is this one's to send."""
        known = self._found
        if is_ours and (known.status == "queued" or known.read_only):
            return None
        _log.warning("job %s is not sent: it is %s elsewhere", known.id, known.status)
        self.entry = known
        self._changed(known)
        return known

    def discard(self) -> None:
        """Remove what was needed only while it ran. Touches the disk."""
        if self._saver is not None:
            self._saver.discard()

    def save_again(self) -> None:
        self._holding.try_again()

    async def save_elsewhere(self, folder: Path) -> tuple[Path, ...]:
        if self._saver is None:
            return ()
        unsaved = sorted(self._unsaved.items())
        return tuple([await self._saver.copy(image, n, folder) for n, image in unsaved])

    async def interrupted(self) -> None:
        if self.entry.status not in UNFINISHED:
            # The end was being written when the user gave up.
            return
        status: Status = "unknown" if self.sent else "cancelled"
        if self._images:
            status = "partial"
        await self._end(status=status)

    async def fail(self, status: Status, failure: Failure) -> None:
        await self._end(status=status, error=failure)

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

    async def _send(
        self, client: ImagesClient, references: list[ReferenceImage], saver: PictureSaver
    ) -> Generation:
        """Send the request, again only where `Tries` allows it. Raises ApiError."""
        entry = self.entry
        tries = Tries()
        while True:
            await self._change(status="running", response=Response(sent=now()))
            self.sent = True
            try:
                return await client.generate(
                    entry.model,
                    entry.prompt,
                    entry.parameters,
                    references,
                    spool=saver.spool,
                    told=partial(self._arrived, saver),
                    idempotency_key=str(uuid.uuid5(PRESSES, entry.id)),
                )
            except ApiError as error:
                pause = tries.pause_after(error)
                if pause is None:
                    raise
                _log.info("job %s pauses: %s, status %s", entry.id, error.kind, error.status)
            # Nothing came of it, and so it is not sent as far as anybody needs to know.
            self.sent = False
            await self._change(status="queued", response=None)
            self._tell(pause)
            await asyncio.sleep(pause.until - time.monotonic())

    def _arrived(self, saver: PictureSaver, arrival: Arrival) -> None:
        """Take a picture that came before the end of its generation."""
        self._streams = True
        if arrival.preview:
            task = asyncio.create_task(self._show(saver, arrival.image))
            self._previewing.add(task)
            task.add_done_callback(self._previewing.discard)
        else:
            self._begin_saving(saver, arrival.image, arrival.number)

    async def _show(self, saver: PictureSaver, image: GeneratedImage) -> None:
        with suppress(OSError):
            if path := await saver.preview(image):
                self._tell(Preview(path))

    def _begin_saving(
        self, saver: PictureSaver, image: GeneratedImage, number: int, *, alone: bool = False
    ) -> None:
        self._unsaved[number] = image
        task = asyncio.create_task(self._save(saver, image, number, alone=alone))
        self._saving[number] = task
        if image.file is None and image.data is None:
            self._fetching.add(task)

    async def _save(
        self, saver: PictureSaver, image: GeneratedImage, number: int, *, alone: bool
    ) -> Failure | None:
        """Save one picture; why it is not to be had, if it is not. Raises OSError."""
        try:
            async with self._slots:
                # A record holds one picture: it can stand in only for one that was alone.
                known = self.entry if alone else None
                kept = await self._holding.until_saved(lambda: saver.save(image, number, known))
        except ApiError as error:
            return _failure(error)
        except NotAnImage as error:
            return Failure(
                kind="bad_response",
                message=f"What came is no picture: {error}",
                hint="The bytes are kept beside the entry's images, ending in .rejected.",
                charged="maybe",
            )
        revised = image.revised_prompt
        if storable(self.entry.prompt).strip() == revised.strip():
            revised = ""
        self._unsaved.pop(number, None)
        self._images[number] = replace(kept, seed=image.seed, revised_prompt=revised)
        if not alone:
            await self._keep()
        # One that was alone is written together with the end.
        return None

    async def _collect(self, saver: PictureSaver, generation: Generation) -> None:
        """Save every picture of `generation`; one that fails does not cost the others."""
        alone = len(generation.images) == 1
        for number, image in enumerate(generation.images, start=1):
            if image.exists and number not in self._saving:
                self._begin_saving(saver, image, number, alone=alone)
        failure: Failure | None = None
        notes: list[str] = []
        for number, image in enumerate(generation.images, start=1):
            problem = image.error
            # Who gives up takes nothing from a picture that is being saved.
            if problem is None and (failed := await asyncio.shield(self._saving[number])):
                failure, problem = failed, failed.message
            if problem is not None:
                notes.append(f"image {number}: {problem}")
        await self._finish(failure, notes)

    async def _finish(self, failure: Failure | None, notes: list[str]) -> None:
        response = self.entry.response or Response()
        response = replace(response, notes=tuple(notes))
        if not self._images:
            failure = failure or Failure(
                kind="bad_response",
                message=notes[0] if notes else "The endpoint made no picture.",
                hint="Often a silent refusal: change the prompt, or look into the records.",
                charged="maybe",
            )
            await self._keep(status="failed", error=failure, response=response)
        elif notes:
            await self._keep(status="partial", error=failure, response=response)
        else:
            await self._keep(status="done")

    async def _rescue(self, saver: PictureSaver) -> None:
        """Keep pictures that had come whole when the user stopped waiting for the others."""
        if self._saving or self._streams:
            return
        for number, spooled in enumerate(saver.spool.pictures, start=1):
            self._begin_saving(saver, spooled.image, number)

    async def _stop_saving(self) -> None:
        """Let what is here already be saved, and wait for nothing else."""
        for task in (*self._fetching, *self._previewing):
            task.cancel()
        if tasks := {*self._saving.values(), *self._previewing}:
            await asyncio.gather(*tasks, return_exceptions=True)

    def _load_references(self) -> list[ReferenceImage]:
        return [self._load_reference(reference) for reference in self.entry.references]

    def _load_reference(self, reference: EntryReference) -> ReferenceImage:
        try:
            return load_reference(reference, self._store.absolute)
        except OSError as error:
            raise ApiError(
                "invalid_request",
                f"The reference {reference.name} cannot be read: {error.strerror}.",
                hint="Nothing was sent. Choose it again, or send without it.",
            ) from error

    def _response(self, generation: Generation) -> Response:
        return replace(
            self.entry.response or Response(),
            received=now(),
            served_by=generation.served_by or "",
            request_id=generation.request_id or "",
            usage=generation.usage,
            urls=tuple(image.url for image in generation.images if image.url),
        )

    async def _keep(self, **changes: Any) -> None:
        """`_change` for what was paid for: waits until the disk takes it."""
        await self._holding.until_saved(lambda: self._change(**changes))

    async def _end(self, **changes: Any) -> None:
        """Keep how the job ended; it is told even where the disk refuses it."""
        try:
            await self._change(**changes)
        except OSError:
            self.entry = self._with(changes)
            self._changed(self.entry)

    def _with(self, changes: Mapping[str, Any]) -> Entry:
        """The entry with `changes`, and the pictures that are saved."""
        images = tuple(image for _, image in sorted(self._images.items()))
        return replace(self.entry, images=images or self.entry.images, **changes)

    async def _change(self, **changes: Any) -> None:
        """Write the entry with `changes`, and tell it. Raises OSError."""
        async with self._writing:
            entry = self._with(changes)
            written: list[Entry] = []
            try:
                await finished_in_thread(lambda: written.append(self._store.write_outcome(entry)))
            finally:
                # What is on the disk is told, even where the job was cancelled meanwhile.
                if written:
                    self.entry = written[0]
                    self._changed(self.entry)


def _tell_nobody(_: Progress) -> None:
    pass


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
