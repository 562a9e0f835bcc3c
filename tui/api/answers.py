"""The answer to a generation, read while it comes: its pictures go to files as they pass.

The network is read by the event loop, pictures are decoded and written by a thread beside it. What
is too short to have a picture for a file is not worth a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from tui.api.events import Event, EventReader
from tui.api.generations import read_generation
from tui.api.http import Incoming
from tui.api.lifting import LIFTED_FROM, Lifter
from tui.api.pictures import PictureReader
from tui.api.reply import Ending, Reply
from tui.api.results import Arrival, Generation
from tui.api.streams import GenerationStream

ANSWER_LIMIT = 1024 * 1024 * 1024
"""Bytes of a whole answer."""
TEXT_LIMIT = 16 * 1024 * 1024
"""Bytes of an answer, or of one event, without the pictures that were lifted out."""
_BACKLOG = 4 * 1024 * 1024
_EVENTS = "text/event-stream"


class GenerationAnswer:
    """Collects the answer to one request.

    `told` hears of each picture that comes before the end, which only streams have.
    """

    def __init__(
        self, pictures: PictureReader, told: Callable[[Arrival], None] | None = None
    ) -> None:
        self._pictures = pictures
        self._lifter = Lifter(pictures.spool)
        self._events = EventReader(pictures.spool)
        self._stream = GenerationStream(pictures, told)
        self._streams = False
        self._oversized = False

    async def take(self, incoming: Incoming) -> None:
        """Read the body. Raises Lost when it is cut short; what came by then is kept."""
        self._streams = incoming.media_type == _EVENTS and 200 <= incoming.status < 300
        feeder = _Feeder(self._feed, self._hear)
        received = 0
        try:
            async with aclosing(incoming.blocks()) as blocks:
                async for block in blocks:
                    received += len(block)
                    await feeder.put(block)
                    self._oversized = received > ANSWER_LIMIT or self._text_size > TEXT_LIMIT
                    if self._oversized:
                        return
        finally:
            await feeder.finish()
            self._close()

    def reply(self, incoming: Incoming, ending: Ending) -> Reply:
        """The answer, whose body ended so; pictures are not in its body."""
        if ending == "whole" and self._oversized:
            ending = "oversized"
        body = self._stream.transcript if self._streams else self._lifter.text
        return Reply(incoming.status, incoming.headers, body, ending)

    async def generation(self, reply: Reply) -> Generation:
        """The generation in `reply`, of status 2xx. Raises ApiError when it holds no picture."""
        if self._streams:
            return self._stream.finish(reply)
        if len(reply.body) < LIFTED_FROM:
            return read_generation(reply, self._pictures)
        return await asyncio.to_thread(read_generation, reply, self._pictures)

    @property
    def _text_size(self) -> int:
        return self._events.size if self._streams else len(self._lifter.text)

    def _feed(self, blocks: list[bytes]) -> list[Event]:
        if self._streams:
            return [event for block in blocks for event in self._events.feed(block)]
        for block in blocks:
            self._lifter.feed(block)
        return []

    def _hear(self, events: list[Event]) -> None:
        for event in events:
            self._stream.take(event)

    def _close(self) -> None:
        self._oversized = self._oversized or self._text_size > TEXT_LIMIT
        self._lifter.close()
        if last := self._events.close():
            self._stream.take(last)
        self._events.abandon()


class _Feeder:
    """Feeds blocks to `feed` in a thread, in order, and its results to `hear` in the loop.

    Blocks that come while it is busy are fed in one go, but not joined: memory for large blocks
    comes from the system anew each time, which takes longer than all that is done with them.
    """

    def __init__(
        self, feed: Callable[[list[bytes]], list[Event]], hear: Callable[[list[Event]], None]
    ) -> None:
        self._feed = feed
        self._hear = hear
        self._waiting: list[bytes] = []
        self._size = 0
        self._taken = 0
        self._work: asyncio.Task[None] | None = None

    async def put(self, block: bytes) -> None:
        """Take a block; waits while too much lies here."""
        self._taken += len(block)
        if self._taken < LIFTED_FROM:
            self._hear(self._feed([block]))
            return
        self._waiting.append(block)
        self._size += len(block)
        if self._work is None or self._work.done():
            await self._finished_work()
            self._work = asyncio.create_task(self._feed_waiting())
        elif self._size > _BACKLOG:
            await self._finished_work()

    async def finish(self) -> None:
        """Feed what is left, even where the reading of the answer was cancelled."""
        await self._finished_work()
        await self._feed_waiting()

    async def _finished_work(self) -> None:
        if self._work is None:
            return
        work, self._work = self._work, None
        # Cancelled or not: a thread cannot be stopped, and the file is in its hands.
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            raise

    async def _feed_waiting(self) -> None:
        while self._waiting:
            blocks, self._waiting, self._size = self._waiting, [], 0
            self._hear(await asyncio.to_thread(self._feed, blocks))
