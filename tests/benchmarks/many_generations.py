"""A thousand generations, 32 at once, as a program of its own.

`python many_generations.py bare|queue URL FOLDER COUNT` prints JSON: the seconds they took, the
bytes by which the process grew at most after the first hundred, and the file descriptors that it
had at the begin and at the end.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

AT_ONCE = 32
WARM = 100
"""Generations before anything is counted."""
PARAMETERS = {"size": "1k", "response_format": "b64_json"}
MODEL = "kling-image-o1"

Run = Callable[[int, int], Awaitable[None]]
"""Carries out so many generations, numbered from the first argument on."""


async def bare(url: str, folder: Path) -> None:
    """httpx alone: each answer is decoded, and its picture written."""
    import httpx

    async def generate(client: httpx.AsyncClient, slots: asyncio.Semaphore, number: int) -> None:
        body = {"model": MODEL, "prompt": f"fox {number}", **PARAMETERS}
        async with slots:
            answer = await client.post(f"{url}/images/generations", json=body)
            data = base64.b64decode(answer.json()["data"][0]["b64_json"])
            (folder / f"{number}.png").write_bytes(data)

    headers = {"Authorization": "Bearer sk-bench"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:

        async def run(first: int, count: int) -> None:
            slots = asyncio.Semaphore(AT_ONCE)
            numbers = range(first, first + count)
            await asyncio.gather(*(generate(client, slots, number) for number in numbers))

        await measured(run)


async def queue(url: str, folder: Path) -> None:
    """The queue of jobs: each in history, and on the disk."""
    from tui.api.client import ImagesClient
    from tui.catalog.loading import load_catalogue
    from tui.config import EndpointSettings, QueueSettings
    from tui.generation.queue import JobQueue
    from tui.generation.request import GenerationRequest
    from tui.history.store import HistoryStore
    from tui.keys import Secret
    from tui.paths import Paths

    paths = Paths(folder, folder, folder)
    paths.prepare()
    store, card = HistoryStore(paths), load_catalogue(paths.cards).card(MODEL)
    client = ImagesClient(EndpointSettings(base_url=url), Secret("sk-bench", "a benchmark"))

    async def open_client(name: str) -> ImagesClient:
        return client

    jobs = JobQueue(store, open_client, lambda job: None, QueueSettings(at_once=AT_ONCE))
    working = asyncio.create_task(jobs.work())

    async def run(first: int, count: int) -> None:
        numbers = iter(range(first, first + count))

        async def press() -> None:
            for number in numbers:
                request = GenerationRequest("bench", MODEL, f"fox {number}", PARAMETERS)
                await jobs.submit(request, card)

        await asyncio.gather(*(press() for _ in range(AT_ONCE)))
        await jobs.finished()

    await measured(run)
    working.cancel()
    await asyncio.wait({working})
    entries = store.newest().entries
    assert len(entries) == COUNT + WARM
    assert all(entry.status == "done" for entry in entries)
    assert all(store.absolute(entry.images[0].file).is_file() for entry in entries)


async def measured(run: Run) -> None:
    """Print what COUNT generations take."""
    await run(0, WARM)
    before, descriptors = memory("VmRSS"), descriptors_open()
    reset_peak()
    began = time.perf_counter()
    await run(WARM, COUNT)
    seconds = time.perf_counter() - began
    figures = {
        "seconds": seconds,
        "growth": memory("VmHWM") - before,
        "descriptors": descriptors_open() - descriptors,
    }
    print(json.dumps(figures))


def reset_peak() -> None:
    """Have the system forget how large the process was once."""
    Path("/proc/self/clear_refs").write_text("5")


def memory(field: str) -> int:
    """A figure of /proc/self/status, in bytes."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def descriptors_open() -> int:
    """How many file descriptors the process has."""
    return len(os.listdir("/proc/self/fd"))


if __name__ == "__main__":
    COUNT = int(sys.argv[4])
    Path(sys.argv[3]).mkdir()
    asyncio.run({"bare": bare, "queue": queue}[sys.argv[1]](sys.argv[2], Path(sys.argv[3])))
