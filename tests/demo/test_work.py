from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from tui.demo.work import Workshop


async def test_work_goes_on_when_nobody_waits_for_it_and_closing_waits_for_its_end() -> None:
    workshop = Workshop(1)
    begun = asyncio.Event()
    finished: list[str] = []

    async def work() -> None:
        begun.set()
        await workshop.in_thread(partial(finished.append, "finished"))

    task = workshop.begin(work())

    async def wait() -> None:
        await asyncio.shield(task)

    client = asyncio.create_task(wait())
    await begun.wait()
    client.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client
    await workshop.close()
    assert finished == ["finished"]


async def test_no_more_threads_work_than_the_workshop_has() -> None:
    workshop = Workshop(2)
    together = threading.Barrier(2)
    working: set[int] = set()

    def work() -> None:
        working.add(threading.get_ident())
        together.wait()

    await asyncio.gather(*(workshop.in_thread(work) for _ in range(6)))
    await workshop.close()
    assert len(working) == 2


async def test_the_result_comes_to_a_client_that_stays() -> None:
    workshop = Workshop(1)

    async def work() -> str:
        return await workshop.in_thread(lambda: "a picture")

    assert await workshop.begin(work()) == "a picture"
