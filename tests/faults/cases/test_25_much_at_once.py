"""Requests that are given up again and again, many downloads at a time, and a long history.

The request that comes next succeeds, what ran all the while gets its picture, nothing is left open
or kept in memory, and keys are answered as if nothing was going on.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.api.origins import Received, hang, reply
from tests.cli.conftest import Home
from tests.faults.cases.session import (
    SEND,
    StudioSession,
    answer_by_word,
    configure,
    memory,
    origin_with,
    picture_file,
    pictured,
    studio_in,
)
from tests.pseudo_terminal import PATIENCE
from tui.catalog.card import ModelCard
from tui.generation.request import GenerationRequest, new_entry
from tui.history.entry import encode_entry, new_id

HISTORY, PROMPT, NEWEST, STOP, DOWN = b"\x1b[15~", b"\x1bOQ", b"g", b"c", b"j"
AT_A_TIME = 10
DOWNLOADS = 50
KEPT_OPEN = 4
"""Files that may be open more than before: what was asked for last is closed a moment later."""
KEPT_IN_MEMORY = 24 * 1024 * 1024
"""Bytes that the history's new rows, pictures and Python itself may have taken meanwhile."""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("cycles", "entries", "slowest"),
    [(30, 1_000, 5.0), pytest.param(1_000, 10_000, 1.0, marks=pytest.mark.soak)],
    ids=["some", "all"],
)
def test_the_next_request_succeeds_and_nothing_is_kept(
    home: Home, card: ModelCard, cycles: int, entries: int, slowest: float
) -> None:
    may_answer = threading.Event()
    downloads = Together(DOWNLOADS)

    async def held(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.to_thread(may_answer.wait, 3600)
        await pictured(request, writer)

    async def many(request: Received, writer: asyncio.StreamWriter) -> None:
        url = f"http://{request.headers['host']}/picture.png"
        await reply(200, {"data": [{"url": url}]})(request, writer)

    posts = answer_by_word(held=held, gone=hang, many=many, next=pictured)

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.target == "/picture.png":
            await downloads.wait()
            await reply(200, picture_file(), "image/png")(request, writer)
        else:
            await posts(request, writer)

    _put_history(home, card, entries)
    with origin_with(answer) as origin, _set_at_last(may_answer):
        endpoints = {"studio": {"base_url": f"{origin.url}/v1", "timeout": 3600}}
        configure(home, config={"queue": {"at_once": DOWNLOADS + 1}}, **endpoints)
        with studio_in(home) as studio:
            studio.wait_to_read(f"{entries:,}")
            studio.send("a fox held")
            studio.wait_until(lambda: origin.posts == 1)
            studio.press(b" gone")
            memory_before = 0
            open_before = _open_files(studio)
            for begun in range(0, cycles, AT_A_TIME):
                studio.press(*[SEND] * AT_A_TIME)
                sent = 1 + begun + AT_A_TIME
                studio.wait_until(lambda: origin.posts == sent)  # noqa: B023
                # The list has their rows only a moment later.
                studio.wait_to_read(f"{entries + sent:,}")
                _give_up(studio, lambda: origin.open == 1)
                memory_before = memory_before or memory(studio.pid)
            studio.press(PROMPT)
            studio.send(" many")
            studio.press(*[SEND] * (DOWNLOADS - 1))
            studio.wait_until(lambda: _pictures(home) == DOWNLOADS)
            studio.send(" next")
            studio.wait_until(lambda: _pictures(home) == DOWNLOADS + 1)
            assert _slowest_echo(studio) < slowest
            may_answer.set()
            studio.wait_until(lambda: _pictures(home) == DOWNLOADS + 2)
            studio.wait_until(lambda: _open_files(studio) <= open_before + KEPT_OPEN)
            assert memory(studio.pid) < memory_before + KEPT_IN_MEMORY
            studio.leave()
    assert origin.posts == 1 + cycles + DOWNLOADS + 1


def _give_up(studio: StudioSession, are_gone: Callable[[], bool]) -> None:
    """Wait no longer for the latest, until they `are_gone`: a row may come between two keys."""
    for patience in (5.0, 5.0, PATIENCE):
        studio.press(HISTORY, NEWEST, *[STOP, DOWN] * AT_A_TIME)
        with suppress(AssertionError):
            studio.wait_until(are_gone, patience)
            return
    raise AssertionError(f"they are not given up:\n{studio.screen.text}")


@contextmanager
def _set_at_last(event: threading.Event) -> Iterator[None]:
    """Let nobody wait for `event` any longer when the block is over."""
    try:
        yield
    finally:
        event.set()


class Together:
    """Lets nobody go on before so many wait."""

    def __init__(self, count: int) -> None:
        self._missing = count
        self._all_there = asyncio.Event()

    async def wait(self) -> None:
        self._missing -= 1
        if not self._missing:
            self._all_there.set()
        await self._all_there.wait()


def _put_history(home: Home, card: ModelCard, count: int) -> None:
    """Entries of the last weeks, as they would lie on the disk."""
    now = datetime.now(UTC)
    entry = new_entry(GenerationRequest("studio", card.id, "an owl", {}), card)
    for number in range(count):
        created = now - timedelta(minutes=5 * number + 1)
        old = replace(entry, id=new_id(created), created=created, status="done")
        path = home.store.entry_path(old.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_entry(old))


def _pictures(home: Home) -> int:
    return len(list(home.folder.glob("images/*/*/*/*.png")))


def _open_files(studio: StudioSession) -> int:
    return len(list(Path(f"/proc/{studio.pid}/fd").iterdir()))


def _slowest_echo(studio: StudioSession) -> float:
    """Of twenty words, how long the slowest but one took to be counted below them, in seconds."""
    took = []
    for count in range(7, 27):
        began = time.monotonic()
        studio.press(b" w")
        studio.wait_to_read(f"{count} words")
        took.append(time.monotonic() - began)
    return sorted(took)[-2]
