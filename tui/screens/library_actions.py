"""What is done in the library, whichever screens come and go meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.generation.adopting import DONE
from tui.generation.library_desk import LibraryDesk, Listed
from tui.text import showable

if TYPE_CHECKING:
    from tui.generation.adopting import Adopted
    from tui.history.entry import Entry


class LibraryActions:
    """Has the desk act, in workers of the application."""

    def __init__(self, app: App[None], desk: LibraryDesk) -> None:
        self._app = app
        self._desk = desk
        self._work: Worker[None] | None = None
        self._listing: Worker[None] | None = None

    def refresh(self) -> None:
        """List anew, from the newest record on, whatever is waited for."""
        self._listing = self._begin(self._refresh(self._listing), "library-list")

    def more(self) -> None:
        """List older records."""
        self._listing = self._begin(self._desk.more(), "library-list")

    def adopt(self, rows: Sequence[Listed]) -> None:
        """Make entries of records."""
        self._do(self._adopt(rows))

    def adopt_all(self) -> None:
        """Make entries of all records that have a picture and no entry."""
        self._do(self._adopt(None))

    def delete(
        self, rows: Sequence[Listed], then: Callable[[frozenset[str]], object] = lambda _: None
    ) -> None:
        """Delete records at the endpoint; `then` gets the ids of those that are not there now."""
        self._do(self._delete(rows, then))

    def use_as_reference(self, row: Listed, use: Callable[[Entry, int], object]) -> None:
        """Use a record's picture as a reference; it is adopted first, where it is not yet."""
        self._do(self._use_as_reference(row, use))

    def stop(self) -> None:
        """End what is under way; what is done stays done."""
        if self._work is not None:
            self._work.cancel()

    async def _refresh(self, before: Worker[None] | None) -> None:
        if before is not None and before.is_running:
            before.cancel()
            with suppress(WorkerFailed, WorkerCancelled):
                await before.wait()
        await self._desk.refresh()

    async def _adopt(self, rows: Sequence[Listed] | None) -> None:
        if rows is None:
            found = await self._desk.adopt_all()
        else:
            found = await self._desk.adopt(rows)
        if found or not self._desk.problem:
            self._tell(found)

    def _tell(self, found: Sequence[Adopted]) -> None:
        count = sum(each.result in ("adopted", "failed") for each in found)
        text = f"{count:,} adopted." if count else "Nothing was missing."
        if all(each.result in DONE for each in found):
            self._app.notify(showable(text), title="Library", timeout=5)

    async def _delete(
        self, rows: Sequence[Listed], then: Callable[[frozenset[str]], object]
    ) -> None:
        removal = await self._desk.delete(rows)
        then(frozenset([*removal.deleted, *removal.gone]))
        if count := len(removal.deleted) + len(removal.gone):
            what = "1 record" if count == 1 else f"{count:,} records"
            self._app.notify(showable(f"{what} deleted."), title="Library", timeout=5)

    async def _use_as_reference(self, row: Listed, use: Callable[[Entry, int], object]) -> None:
        entry = row.entry
        if entry is None or not entry.images:
            found = await self._desk.adopt([row])
            entry = found[0].entry if found and found[0].result in DONE else None
        if entry is not None and entry.images:
            use(entry, 0)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        if self._desk.work is not None:
            work.close()
            self._app.notify(
                "Something is under way. c stops it.", title="Library", severity="warning"
            )
            return
        self._work = self._begin(work, "library-work")

    def _begin(self, work: Coroutine[Any, Any, None], group: str) -> Worker[None]:
        return self._app.run_worker(
            work, group=group, description="Acts on the library", exit_on_error=False
        )
