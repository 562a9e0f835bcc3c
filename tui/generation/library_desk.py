"""The library for who shows it: what was listed, what is under way, and what went wrong.

It outlives the screen: an adoption goes on while something else is looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tui.api.client import ImagesClient, Record
from tui.api.errors import ApiError
from tui.generation.adopting import DONE, Adopted
from tui.generation.choosing import Asked
from tui.generation.library import Library, Listed
from tui.generation.record_listing import keeps_no_list
from tui.generation.record_owners import Owner
from tui.generation.record_removal import Removal
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry
from tui.paths import Paths

__all__ = ["LibraryDesk", "Listed", "Work"]

_MOST_KEPT = 300
"""Records that stay listed while nobody looks: ten thousand would take 50 MB."""


class Work(Struct, frozen=True):
    """Something that is done to several records."""

    what: str
    """As in "Adopting"."""
    done: int = 0
    count: int | None = None
    """How many there are; None while that is not known."""


class LibraryDesk:
    """Lists one endpoint's records, and acts on them. `told` hears when there is something new.

    Failures are told in `problem`.
    """

    def __init__(
        self,
        paths: Paths,
        history: HistoryDesk,
        endpoint: str,
        open_client: Callable[[str], Awaitable[ImagesClient]],
        *,
        asked: Callable[[Entry], Asked],
        changed: Callable[[Entry], object],
        told: Callable[[], object],
    ) -> None:
        """`asked` and `changed` are as for Library."""
        self._paths = paths
        self._history = history
        self.endpoint = endpoint
        """The name of the endpoint."""
        self._open_client = open_client
        self._asked = asked
        self._changed = changed
        self._told = told
        self._library: Library | None = None
        self._rows: dict[str, Listed] = {}
        self.is_fresh = True
        """Whether no list was begun yet."""
        self.store = history.store
        self.is_listing = False
        """Whether the endpoint is being asked for records."""
        self.keeps_no_list = False
        self.is_stuck = False
        """Whether the last listing failed, so that the next is for the user to begin."""
        self.problem = ""
        """What went wrong last, in sentences; it may hold outside text."""
        self.work: Work | None = None
        """What is under way, apart from listing."""

    @property
    def rows(self) -> tuple[Listed, ...]:
        """What was listed, newest first."""
        return tuple(self._rows.values())

    @property
    def is_whole(self) -> bool:
        """Whether there are no older records."""
        return self._library is not None and self._library.is_whole

    async def more(self) -> None:
        """List the next older records."""
        async with self._listing() as is_free:
            if is_free:
                library = await self._opened()
                for each in await library.more():
                    self._rows[each.id] = each

    async def refresh(self) -> None:
        """Begin anew, with the newest records."""
        async with self._listing() as is_free:
            if is_free:
                self._library = None
                library = await self._opened()
                page = await library.more()
                self._rows = {each.id: each for each in page}

    async def look_again(self) -> None:
        """See whose the records are now. The endpoint is not asked."""
        if self._library is None or not self._rows:
            return
        try:
            rows = await self._library.with_owners([each.record for each in self.rows], anew=True)
        except OSError as error:
            self.problem = f"History cannot be searched: {error.strerror or error}."
        else:
            # Some may have been deleted meanwhile, and others come.
            known = self._rows
            self._rows |= {each.id: each for each in rows if each.id in known}
        self._told()

    def rest(self) -> None:
        """To be called when nobody looks at it any more: a long list is made anew the next time."""
        if self.work is None and not self.is_listing and len(self._rows) > _MOST_KEPT:
            self._rows, self._library, self.is_fresh = {}, None, True

    async def adopt(self, rows: Sequence[Listed]) -> list[Adopted]:
        """Make entries of records."""
        found: list[Adopted] = []
        async with self._working("Adopting", len(rows)) as library:
            if library is not None:
                found = await self._adopt(library, rows)
        return found

    async def adopt_all(self) -> list[Adopted]:
        """Make entries of all records that have a picture and no entry, listing what is left."""
        found: list[Adopted] = []
        async with self._working("Listing", None) as library:
            if library is not None:
                while page := await library.more():
                    self._rows |= {each.id: each for each in page}
                    self._tell(Work("Listing", len(self._rows)))
                for each in await library.newer():
                    self._rows = {each.id: each, **self._rows}
                missing = [each for each in self.rows if each.is_missing]
                self._tell(Work("Adopting", 0, len(missing)))
                found = await self._adopt(library, missing)
        return found

    async def delete(self, rows: Sequence[Listed]) -> Removal:
        """Delete records at the endpoint; entries keep their pictures."""
        removal = Removal()
        async with self._working("Deleting", len(rows)) as library:
            if library is not None:
                removal = await library.delete(rows, self._removed)
                self._removed(removal)
        return removal

    async def picture(self, record: Record) -> Path:
        """A file with the picture of a record. Raises ApiError and OSError."""
        library = await self._opened()
        return await library.pictures.get(record)

    async def _adopt(self, library: Library, rows: Sequence[Listed]) -> list[Adopted]:
        def told(adopted: Adopted) -> None:
            self._take_in(adopted)
            if self.work is not None:
                self._tell(replace(self.work, done=self.work.done + 1))

        found = await library.adopt([each.record for each in rows], told)
        self.problem = _adoption_problem(found)
        return found

    def _take_in(self, adopted: Adopted) -> None:
        """Show whose a record is now."""
        row, entry = self._rows.get(adopted.record.id), adopted.entry
        if row is not None and entry is not None and adopted.result in DONE:
            self._rows[row.id] = replace(row, owner=Owner(entry))

    def _removed(self, removal: Removal) -> None:
        gone = {*removal.deleted, *removal.gone}
        self._rows = {id: row for id, row in self._rows.items() if id not in gone}
        self.problem = _removal_problem(removal)
        if self.work is not None:
            self._tell(replace(self.work, done=len(gone)))

    def _tell(self, work: Work | None) -> None:
        self.work = work
        self._told()

    @asynccontextmanager
    async def _listing(self) -> AsyncIterator[bool]:
        """Whether nobody lists already; failures are kept."""
        if self.is_listing or (self.work is not None and self.work.what == "Listing"):
            yield False
            return
        self.is_listing, self.is_fresh, self.is_stuck, self.problem = True, False, False, ""
        self._told()
        try:
            yield True
        except (ApiError, OSError) as error:
            self.is_stuck = True
            self._fail(error)
        finally:
            self.is_listing = False
            self._told()

    @asynccontextmanager
    async def _working(self, what: str, count: int | None) -> AsyncIterator[Library | None]:
        """The library, where nothing else is done with it; failures are kept."""
        if self.work is not None:
            yield None
            return
        self.problem = ""
        self._tell(Work(what, 0, count))
        try:
            yield await self._opened()
        except (ApiError, OSError) as error:
            self._fail(error)
        finally:
            self._tell(None)

    def _fail(self, error: ApiError | OSError) -> None:
        if isinstance(error, OSError):
            self.problem = f"History cannot be used: {error.strerror or error}."
            return
        self.keeps_no_list = keeps_no_list(error) and not self._rows
        if self.keeps_no_list:
            self.problem = f"{self.endpoint} keeps no list of what it made. {error.message}"
        else:
            # What it says of an unsent request is about money, and there was none in this.
            hint = "" if error.kind == "not_sent" else error.hint
            self.problem = f"{error.message} {hint}".strip()

    async def _opened(self) -> Library:
        if self._library is None:
            client = await self._open_client(self.endpoint)
            self._library = Library(
                self._paths,
                self._history,
                self.endpoint,
                client,
                asked=self._asked,
                changed=self._changed,
            )
        return self._library


def _adoption_problem(found: Sequence[Adopted]) -> str:
    """What went otherwise, of the first in full."""
    left = [each for each in found if each.result not in DONE]
    if not left:
        return ""
    more = f" {len(left)} of {len(found)} were not adopted." if len(found) > 1 else ""
    return f"{left[0].text}{more}"


def _removal_problem(removal: Removal) -> str:
    if removal.is_complete:
        return ""
    what = f"{len(removal.deleted) + len(removal.gone)} deleted, {len(removal.failed)} not"
    if removal.untried:
        what += f", {len(removal.untried)} not tried"
    return f"{what}: {removal.failed[0][1].message}" if removal.failed else what
