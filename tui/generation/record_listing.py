"""The records of an endpoint, newest first, page by page, while others are made and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tui.api.client import ImagesClient, Record
from tui.api.errors import ApiError

PAGE = 100
NO_LISTING = frozenset({404, 405, 501})
"""Statuses of an endpoint that keeps no records."""
_NO_CURSOR = frozenset({400, 404, 410, 422})
"""Statuses of an endpoint that does not know the record after which to go on."""
_MOST_TIMES = 5
"""How often it is gone on from an earlier record for one page, at most."""


def keeps_no_list(error: ApiError) -> bool:
    """Whether a listing failed since the endpoint has none."""
    return error.status in NO_LISTING


class RecordListing:
    """Lists each record once that was there when it began, and is not deleted meanwhile.

    A page goes on after the last record of the one before. Where that was deleted, and the
    endpoint does not know it any more, it goes on after an earlier one, or from the newest, and
    leaves out what was listed already. Its calls may raise ApiError, after which they may be made
    again. One call at a time.
    """

    def __init__(self, client: ImagesClient, page: int = PAGE) -> None:
        """`page` is how many records are asked for at a time, from 1 to 100."""
        self._client = client
        self._page = page
        self._records: dict[str, Record] = {}
        self._cursors: list[str] = []
        """Where pages may go on: ids of records, newest first."""
        self.is_whole = False
        """Whether there are no older ones."""
        self.times_resumed = 0
        """How often the record to go on after was gone."""
        self._expects_more = False
        self._calling = asyncio.Lock()

    @property
    def records(self) -> tuple[Record, ...]:
        """All that were listed, newest first."""
        return tuple(self._records.values())

    async def more(self) -> tuple[Record, ...]:
        """The next older records; none where there are no more."""
        async with self._calling:
            while not self.is_whole:
                if fresh := await self._next():
                    return fresh
            return ()

    async def newer(self) -> tuple[Record, ...]:
        """Those made since the newest that is known, newest first."""
        async with self._calling:
            found: dict[str, Record] = {}
            after: str | None = None
            while True:
                page = await self._client.records(limit=self._page, after=after)
                fresh = [each for each in page.records if each.id not in self._records]
                is_new = [each for each in fresh if each.id not in found]
                found.update((each.id, each) for each in is_new)
                after = page.last_id
                reached = len(fresh) < len(page.records)
                if reached or not (is_new and page.has_more and after):
                    break
            self._records = found | self._records
            self._cursors = [*found, *self._cursors]
            return tuple(found.values())

    async def all(self) -> AsyncIterator[tuple[Record, ...]]:
        """All older ones, page by page, and in the end those that were made meanwhile."""
        while page := await self.more():
            yield page
        if page := await self.newer():
            yield page

    def forget(self, record_id: str) -> None:
        """Have a record no longer, since it was deleted; it is a cursor no longer, either."""
        self._records.pop(record_id, None)
        if record_id in self._cursors:
            self._cursors.remove(record_id)

    async def _next(self) -> tuple[Record, ...]:
        """The next records that are not known yet; without any, there are no more."""
        steps = times = 0
        beyond: str | None = None
        seen: set[str] = set()
        while True:
            # Ever further back: of a hundred that were deleted, not each has to be asked for.
            cursors = self._cursors[: len(self._cursors) - steps]
            after = beyond or (cursors[-1] if cursors else None)
            try:
                page = await self._client.records(limit=self._page, after=after)
            except ApiError as error:
                if after is None or error.status not in _NO_CURSOR or times > _MOST_TIMES:
                    raise
                is_lost = True
            else:
                # Some give an empty page after a record that they do not know, and others say
                # that there is more where there is nothing.
                is_lost = bool(after and self._expects_more and not page.records and not times)
            if is_lost:
                beyond, seen = None, set()
                self.times_resumed += not steps
                steps = steps * 2 or 1
                continue
            if steps:
                steps, times = 0, times + 1
            fresh = {each.id: each for each in page.records if each.id not in self._records}
            cursor = page.last_id
            self._expects_more = page.has_more
            # One that gives the same page whatever it is asked for has told all it will.
            goes_on = page.has_more and bool(cursor) and (bool(fresh) or cursor not in seen)
            if fresh or not goes_on:
                break
            assert cursor is not None
            seen.add(cursor)
            beyond = cursor
        self.is_whole = not goes_on
        self._records.update(fresh)
        self._cursors += fresh
        if cursor and fresh and cursor not in fresh:
            # Not every endpoint goes on after the id of a record.
            self._cursors.append(cursor)
        return tuple(fresh.values())
