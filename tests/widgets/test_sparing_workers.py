"""Workers that have ended are let go of, and still say how they ended."""

from __future__ import annotations

import asyncio
import weakref

import pytest
from textual.worker import Worker, WorkerCancelled, WorkerFailed, WorkerState

from tui.frugal_app import FrugalApp


async def _five() -> int:
    await asyncio.sleep(0)
    return 5


async def _never() -> None:
    await asyncio.Event().wait()


async def _refused() -> None:
    raise OSError("no such thing")


@pytest.mark.usefixtures("nothing_looks_for_garbage")
@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_a_worker_that_has_ended_is_let_go_without_a_look_for_garbage(
    is_cancelled: bool,
) -> None:
    async with FrugalApp().run_test() as pilot:
        worker = pilot.app.run_worker(_never() if is_cancelled else _five())
        seen = weakref.ref(worker)
        await pilot.pause()
        if is_cancelled:
            worker.cancel()
        del worker
        for _ in range(5):
            await pilot.pause()
        assert seen() is None


async def test_who_asks_afterwards_is_told_how_it_ended() -> None:
    async with FrugalApp().run_test() as pilot:
        done: Worker[int] = pilot.app.run_worker(_five())
        assert await done.wait() == 5
        failed: Worker[None] = pilot.app.run_worker(_refused(), exit_on_error=False)
        stopped: Worker[None] = pilot.app.run_worker(_never())
        await pilot.pause()
        stopped.cancel()
        await pilot.pause()
        assert (await done.wait(), done.result) == (5, 5)
        with pytest.raises(WorkerFailed):
            await failed.wait()
        assert isinstance(failed.error, OSError)
        with pytest.raises(WorkerCancelled):
            await stopped.wait()
        assert stopped.state == WorkerState.CANCELLED


async def test_one_that_was_stopped_before_it_began_is_known_to_be_cancelled() -> None:
    async with FrugalApp().run_test() as pilot:
        worker: Worker[None] = pilot.app.run_worker(_never)
        worker.cancel()
        await pilot.pause()
        with pytest.raises(WorkerCancelled):
            await worker.wait()
