"""The work of one generation: painting, keeping the pictures, making the record."""

from __future__ import annotations

import asyncio
import time
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
class Outcome:
    """What became of a request. `lost` pictures of it failed; they come last."""

    ticket: Ticket
    record: Record
    pictures: tuple[bytes, ...]
    lost: int = 0


async def carry_out(
    ticket: Ticket, records: Records, workshop: Workshop, *, lost: int = 0
) -> Outcome:
    """Paint what the ticket asks for, all but the last `lost` pictures, and keep the record.

    Raises Refusal where the content filter holds the pictures back; the failed record is kept
    then. Raises OSError where the folder cannot be written.
    """
    generation = ticket.generation
    try:
        check_picture(generation.prompt)
    except Refusal as refusal:
        error = RecordError(refusal.message, "invalid_request_error", refusal.code)
        await fail(ticket, records, workshop, error)
        raise
    # A thread paints one picture, not the whole group: a process that ends waits for its threads.
    pictures = await asyncio.gather(
        *(
            workshop.in_thread(partial(_paint, generation, index))
            for index in range(generation.count - lost)
        )
    )
    suffix = _SUFFIXES[generation.format]
    names = tuple(f"{ticket.id}-{number}.{suffix}" for number in range(1, len(pictures) + 1))
    record = ticket.record(names, None if pictures else LOST_PICTURE)
    await workshop.in_thread(partial(records.save, ticket.key, record, pictures))
    return Outcome(ticket, record, tuple(pictures), lost)


async def fail(ticket: Ticket, records: Records, workshop: Workshop, error: RecordError) -> Outcome:
    """Keep a record that says why nothing came of the request. Raises OSError."""
    record = ticket.record((), error)
    await workshop.in_thread(partial(records.save, ticket.key, record))
    return Outcome(ticket, record, ())


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
    )
    return encode(paint(painting), generation.format)
