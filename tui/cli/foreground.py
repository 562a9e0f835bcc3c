"""One job in the foreground: run to its end, or until the user interrupts."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tui.catalog.card import ModelCard
from tui.cli.exits import FAILED, INTERRUPTED, complain, leave
from tui.commands import stop_commands
from tui.generation.clients import Clients
from tui.generation.queue import Job, JobQueue
from tui.generation.request import GenerationRequest
from tui.history.entry import Entry
from tui.history.store import HistoryStore


def run_to_end(
    request: GenerationRequest, card: ModelCard, store: HistoryStore, clients: Clients
) -> Entry:
    """The entry of `request` as it ended.

    Ends the process with a sentence where the entry cannot be written, and where the user, or
    the terminal that closes, interrupts; the entry then says how far it came.
    """
    try:
        return asyncio.run(_run(request, card, store, clients))
    except OSError as error:
        leave(f"the entry could not be saved: {error.strerror}; nothing was sent", FAILED)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _end_at_the_next_interrupt()
        sys.exit(INTERRUPTED)


async def _run(
    request: GenerationRequest, card: ModelCard, store: HistoryStore, clients: Clients
) -> Entry:
    with cancelled_when_told_to_end():
        queue = JobQueue(store, clients.get, _say_progress)
        worker = asyncio.create_task(queue.work())
        job: Job | None = None
        try:
            job = await queue.submit(request, card)
            await queue.finished()
        except asyncio.CancelledError:
            # One that asks for a passphrase would be waited for.
            stop_commands()
            if job is not None:
                await queue.stop(job.id)
            # Said before anything is closed: the demo endpoint takes its time over that.
            _end_at_the_next_interrupt()
            complain(_last_words(job))
            raise
        finally:
            worker.cancel()
            await asyncio.wait({worker})
            await clients.aclose()
        return job.entry


def _end_at_the_next_interrupt() -> None:
    """All is kept: another interrupt ends the process as it stands, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def cancelled_when_told_to_end() -> Iterator[None]:
    """Treat SIGTERM, SIGQUIT, and SIGHUP of a terminal that closes, as the interrupt key."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    handled: list[int] = []
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
        number = getattr(signal, name, None)
        # Under nohup it is ignored, and stays so.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, task.cancel)
                handled.append(number)
    try:
        yield
    finally:
        # A loop closes its pipe before it gives the handlers up, and a signal in between is a
        # complaint of the interpreter.
        for number in handled:
            loop.remove_signal_handler(number)


def _last_words(job: Job | None) -> str:
    if job is None:
        return "interrupted; nothing was sent"
    entry = job.entry
    where = f"see darkroom history show {entry.id}"
    match entry.status:
        case "unknown":
            return f"no longer waiting; it was sent, and may be made and charged: {where}"
        case "partial":
            return f"no longer waiting; {len(entry.images)} of its pictures came: {where}"
        case "cancelled":
            return "interrupted; nothing was sent"
    return f"interrupted: {where}"


def _say_progress(job: Job) -> None:
    entry = job.entry
    if job.pause is not None:
        complain(f"{job.pause.sentences} The interrupt key gives up.")
        return
    just_sent = entry.status == "running" and (entry.response and not entry.response.received)
    if just_sent and sys.stderr is not None and sys.stderr.isatty():
        complain(f"sent to {entry.endpoint}, {entry.model}: {entry.id}")
