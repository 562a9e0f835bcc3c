"""The work of one generation: painting, keeping the pictures, making the record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tui.demo.content_filter import check_picture
from tui.demo.errors import Refusal
from tui.demo.painter import Painting, encode, paint
from tui.demo.records import Record, RecordError, Records
from tui.demo.requests import Generation
from tui.demo.work import Workshop

_SUFFIXES = {"jpeg": "jpg", "png": "png"}
LOST_PICTURE = RecordError(
    "The generation of this picture failed.", "api_error", "InternalServiceError"
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that was taken: from here on it is charged."""

    key: str
    id: str
    created_at: int
    generation: Generation

    @classmethod
    def issue(cls, key: str, generation: Generation, records: Records) -> Ticket:
        return cls(key, records.new_id(), int(time.time()), generation)

    def record(self, pictures: tuple[str, ...], error: RecordError | None = None) -> Record:
        return Record(
            id=self.id,
            model=self.generation.limits.id,
            prompt=self.generation.prompt,
            status="completed" if error is None else "failed",
            created_at=self.created_at,
            pictures=pictures,
            error=error,
        )


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture that is kept, or was lost and has no name. `index` counts from 0."""

    index: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request. `lost` has the indices of the pictures that failed."""

    ticket: Ticket
    record: Record
    lost: frozenset[int] = frozenset()


async def carry_out(
    ticket: Ticket,
    records: Records,
    workshop: Workshop,
    *,
    lost: frozenset[int],
    tell: Callable[[Painted], None],
) -> Outcome:
    """Paint what the ticket asks for, all but the pictures `lost`, and keep the record.

    `tell` hears of each picture once it is kept. Raises Refusal where the content filter holds the
    pictures back; the failed record is kept then. Raises OSError where the folder cannot be
    written.
    """
    generation = ticket.generation
    try:
        check_picture(generation.prompt)
    except Refusal as refusal:
        error = RecordError(refusal.message, "invalid_request_error", refusal.code)
        await fail(ticket, records, workshop, error)
        raise
    suffix = _SUFFIXES[generation.format]

    def paint_and_keep(index: int, name: str) -> None:
        records.keep_picture(name, _paint(generation, index))

    async def make(index: int) -> str:
        name = f"{ticket.id}-{index + 1}.{suffix}"
        # A thread paints one picture, not the whole group: a process that ends waits for its
        # threads. It keeps it too, or the first would wait for all that are begun after it.
        await workshop.in_thread(partial(paint_and_keep, index, name))
        tell(Painted(index, name))
        return name

    for index in sorted(lost):
        tell(Painted(index, None))
    names = await asyncio.gather(
        *(make(index) for index in range(generation.count) if index not in lost)
    )
    record = ticket.record(tuple(names), None if names else LOST_PICTURE)
    await workshop.in_thread(partial(records.save, ticket.key, record))
    return Outcome(ticket, record, lost)


async def fail(ticket: Ticket, records: Records, workshop: Workshop, error: RecordError) -> None:
    """Keep a record that says why nothing came of the request. Raises OSError."""
    record = ticket.record((), error)
    await workshop.in_thread(partial(records.save, ticket.key, record))


def _paint(generation: Generation, index: int) -> bytes:
    painting = Painting(
        prompt=generation.prompt,
        model=generation.limits.id,
        width=generation.width,
        height=generation.height,
        seed=generation.seed,
        watermark=generation.watermark,
        index=index,
        references=generation.references,
        mask=generation.mask,
    )
    return encode(paint(painting), generation.format)
