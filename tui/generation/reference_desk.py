"""Where input images are made ready, in threads, and kept once they are sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from tui.api.errors import ApiError
from tui.catalog.card import ModelCard
from tui.catalog.validation import check_reference
from tui.config import EndpointSettings
from tui.generation.clients import Clients
from tui.generation.references import DraftReference, limits_of, takes_references
from tui.history.entry import EntryReference
from tui.history.store import HistoryStore
from tui.images.prepared import Limits, PreparedReference, Treatment, UnfitReference
from tui.paths import Paths

Fetch: TypeAlias = Callable[[str, Path], Awaitable[object]]
"""Fetches what lies at an address into a new file. Raises ApiError and OSError."""
Way: TypeAlias = Literal["any", "file", "address"]
"""How an endpoint takes input images: either way, as files of a form, with which a mask may come,
or as addresses only."""

AT_A_TIME = 2
"""Images that are made ready at the same moment: one takes up to 500 MB."""
NO_MASK = "This endpoint takes no mask: its references go into a field of the request."
CLIPBOARD = "clipboard"
"""What a picture from there is called."""
BY_ADDRESS = "This endpoint takes references by address only, and this is a file."


def fetching(clients: Clients, endpoint: Callable[[], str]) -> Fetch:
    """Fetches as the client of the endpoint does that is in use then, and without its key."""

    async def fetch(address: str, target: Path) -> object:
        return await (await clients.get(endpoint())).download(address, target)

    return fetch


def way_of(settings: EndpointSettings | None) -> Way:
    """How an endpoint takes input images."""
    if settings is not None and settings.references == "edits":
        return "file"
    return "address" if settings is not None and settings.image_encoding == "url" else "any"


class ReferenceState(Struct, frozen=True):
    """What is known of an input image for one model. With nothing known it is being made ready."""

    reference: DraftReference
    prepared: PreparedReference | None = None
    """What would be sent."""
    is_sent_as_address: bool = False
    problem: str = ""
    """Why it cannot be sent, as a sentence, which may hold outside text."""
    objection: str = ""
    """What the model has against it, which a person may think better of."""

    @property
    def is_pending(self) -> bool:
        return not (self.prepared or self.is_sent_as_address or self.problem)


class _Task(Struct, frozen=True):
    """Something to be made ready; equal ones are the same work."""

    reference: DraftReference
    limits: Limits


class ReferenceDesk:
    """Makes input images ready for a model, each once, and tells what became of it."""

    def __init__(
        self, paths: Paths, store: HistoryStore, fetch: Fetch, *, folder: Path | None = None
    ) -> None:
        """`folder` is where they lie until they are sent, instead of the cache's."""
        self._data_folder = paths.data
        self._folder = folder or paths.references
        self._store = store
        self._fetch = fetch
        self._known: dict[_Task, tuple[object, PreparedReference | str]] = {}
        """What came of it, and the version of the file that it is true of."""
        self._fetched: set[str] = set()
        self._work: dict[_Task, asyncio.Task[PreparedReference | str]] = {}
        self._waiting = Counter[_Task]()
        self._room = asyncio.Semaphore(AT_A_TIME)

    def state(self, reference: DraftReference, card: ModelCard, way: Way = "any") -> ReferenceState:
        """What is known by now; asks nobody."""
        if direct := _without_work(reference, way):
            return direct
        limits = limits_of(card, is_mask=reference.is_mask)
        _, outcome = self._known.get(_Task(reference, limits), (None, None))
        return _state(reference, card, outcome)

    async def prepare(
        self, reference: DraftReference, card: ModelCard, way: Way = "any"
    ) -> ReferenceState:
        """Make the image ready for the model of `card`, unless it is."""
        if direct := _without_work(reference, way):
            return direct
        task = _Task(reference, limits_of(card, is_mask=reference.is_mask))
        work = self._work.get(task)
        if work is None:
            work = asyncio.create_task(self._carry_out(task), name=f"Prepares {reference.name!r}")
            self._work[task] = work
            work.add_done_callback(lambda _: self._work.pop(task, None))
        self._waiting[task] += 1
        try:
            # Another one may wait for the same work.
            return _state(reference, card, await asyncio.shield(work))
        finally:
            self._waiting[task] -= 1

    async def from_clipboard(self) -> DraftReference:
        """The picture on the clipboard, in a file. Raises UnfitReference."""
        file = await asyncio.to_thread(_from_clipboard, self._folder)
        return DraftReference(CLIPBOARD, str(file))

    def forget(self, reference: DraftReference) -> None:
        """Make it ready anew when it is wanted again, and end what is being done for it now, unless
        somebody else waits for that, as a request does that is to be sent."""
        if any(count > 1 for task, count in self._waiting.items() if task.reference == reference):
            return
        self._fetched.discard(reference.name)
        for task in [task for task in self._known if task.reference == reference]:
            del self._known[task]
        for task, work in list(self._work.items()):
            if task.reference == reference:
                work.cancel()

    async def keep(
        self, references: Sequence[DraftReference], card: ModelCard, way: Way = "any"
    ) -> tuple[EntryReference, ...]:
        """Copy what would be sent into the data folder, where it stays, and say where.

        Raises UnfitReference, which says which one it is, and OSError.
        """
        if not takes_references(card):
            return ()
        if any(reference.is_mask for reference in references):
            states = [await self.prepare(reference, card, way) for reference in references]
            for state in states:
                if state.problem:
                    raise UnfitReference(f"{state.reference.name}: {state.problem}")
            if problem := mask_problem(states):
                raise UnfitReference(problem)
        return tuple([await self._keep(each, card, way) for each in references])

    async def _keep(self, reference: DraftReference, card: ModelCard, way: Way) -> EntryReference:
        from tui.images.references import keep_reference

        for is_last in (False, True):
            state = self.state(reference, card, way)
            if state.is_pending:
                state = await self.prepare(reference, card, way)
            if state.problem:
                raise UnfitReference(f"{reference.name}: {state.problem}")
            if state.prepared is None:
                return EntryReference(reference.name, role=reference.role)
            try:
                kept = await asyncio.to_thread(keep_reference, state.prepared, self._data_folder)
            except UnfitReference as error:
                # The cache was emptied.
                if is_last:
                    raise UnfitReference(f"{reference.name}: {error}") from error
                self.forget(reference)
            else:
                return EntryReference(reference.name, kept.sha256, kept.file, role=reference.role)
        raise AssertionError("unreachable")

    async def _carry_out(self, task: _Task) -> PreparedReference | str:
        reference = task.reference
        async with self._room:
            try:
                path = await self._path(reference)
                version = await asyncio.to_thread(_version, path)
                known, outcome = self._known.get(task, (None, None))
                if outcome is None or known != version:
                    outcome = await asyncio.to_thread(
                        _prepared, path, task.limits, reference.treatment, self._folder
                    )
                if version is None and not reference.is_address:
                    outcome = _gone(reference)
                if reference.is_address and isinstance(outcome, str):
                    self._fetched.discard(reference.name)
                    outcome = f"What came from there cannot be sent: {outcome}"
            except ApiError as error:
                # What to do about a picture that was made, and paid for, is something else.
                hint = "" if error.kind == "download" else error.hint
                version, outcome = None, f"{error.message} {hint}".strip()
            except OSError as error:
                version, outcome = None, f"It cannot be kept: {error.strerror or error}."
            except ValueError:
                version, outcome = None, _gone(reference)
        self._known[task] = (version, outcome)
        return outcome

    async def _path(self, reference: DraftReference) -> Path:
        """Where the image lies in a file. Raises ApiError, OSError and ValueError."""
        if reference.is_address:
            return await self._fetch_once(reference.name)
        path = Path(reference.file)
        return path if path.is_absolute() else self._store.absolute(reference.file)

    async def _fetch_once(self, address: str) -> Path:
        import hashlib  # Not for the first frame.

        from tui.files import make_folder

        name = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
        target = self._folder / f"from-{name}.reference"
        if address not in self._fetched or not await asyncio.to_thread(target.is_file):
            await asyncio.to_thread(make_folder, target.parent)
            with suppress(FileNotFoundError):
                await asyncio.to_thread(target.unlink)
            await self._fetch(address, target)
            self._fetched.add(address)
        return target


def mask_problem(states: Sequence[ReferenceState]) -> str:
    """Why the mask among `states`, all made ready, does not fit the first reference; or nothing."""
    masks = [state for state in states if state.reference.is_mask]
    first = next((state for state in states if not state.reference.is_mask), None)
    if not masks or masks[0].prepared is None:
        return ""
    if first is None:
        return "A mask needs a reference that it belongs to."
    if first.prepared is None:
        return ""
    size, wanted = (f"{each.width}×{each.height}" for each in (masks[0].prepared, first.prepared))
    if size == wanted:
        return ""
    return (
        f"{masks[0].reference.name}: A mask is as large as the first reference is sent:"
        f" {wanted} pixels, and this one has {size}."
    )


def _without_work(reference: DraftReference, way: Way) -> ReferenceState | None:
    if reference.is_mask and way != "file":
        return ReferenceState(reference, problem=NO_MASK)
    if way == "address":
        if reference.is_address:
            return ReferenceState(reference, is_sent_as_address=True)
        return ReferenceState(reference, problem=BY_ADDRESS)
    if reference.is_address and reference.treatment == "as it is" and way == "any":
        return ReferenceState(reference, is_sent_as_address=True)
    return None


def _state(
    reference: DraftReference, card: ModelCard, outcome: PreparedReference | str | None
) -> ReferenceState:
    if outcome is None:
        return ReferenceState(reference)
    if isinstance(outcome, str):
        return ReferenceState(reference, problem=outcome)
    objection = ""
    if card.references is not None and not reference.is_mask:
        violation = check_reference(
            card, outcome.format, outcome.bytes, outcome.width, outcome.height
        )
        objection = f"{violation.message}." if violation else ""
    return ReferenceState(reference, outcome, objection=objection)


def _from_clipboard(folder: Path) -> Path:
    from tui.images.clipboard import clipboard_picture
    from tui.images.references import keep_source

    return keep_source(clipboard_picture(), folder)


def _gone(reference: DraftReference) -> str:
    if Path(reference.file).is_absolute():
        return f"There is no such file: {reference.file}."
    return f"Its copy is gone: {reference.file}."


def _version(path: Path) -> object:
    """Changes when the file does; None where there is none that can be looked at."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _prepared(
    path: Path, limits: Limits, treatment: Treatment, folder: Path
) -> PreparedReference | str:
    # Pillow is not part of the first frame.
    from tui.images.references import prepare_reference

    try:
        return prepare_reference(path, limits, treatment, folder)
    except UnfitReference as error:
        return str(error)
    except MemoryError:
        return "There is not enough memory to prepare it."
