"""Signals, a window that closes, a studio that is stopped, and a window of one cell.

Each comes while a request is on its way. The entry says so on the disk, the terminal is as it was,
the exit code tells that it was interrupted, and no process is left over. A studio that is stopped
and continued, or shrunk and grown again, draws what there is and gets its picture.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import termios
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.origins import Received, hang
from tests.cli.conftest import Home
from tests.faults.cases.session import (
    StudioSession,
    answer_by_word,
    configure,
    origin_with,
    pictured,
    studio_in,
)
from tests.pseudo_terminal import PATIENCE
from tests.terminal_bytes import modes_after

INTERRUPTED = 130
LINES = termios.ICANON | termios.ECHO | termios.ISIG
"""A terminal that is used line by line."""
ENDINGS: dict[str, Callable[[StudioSession], object]] = {
    "SIGTERM": lambda studio: studio.terminal.process.send_signal(signal.SIGTERM),
    "SIGHUP": lambda studio: studio.terminal.process.send_signal(signal.SIGHUP),
    "SIGINT": lambda studio: studio.terminal.process.send_signal(signal.SIGINT),
    "a window that closes": lambda studio: studio.terminal.hang_up(),
}

linux_alone = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_alone
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_ended_in_the_middle_of_a_request_it_leaves_it_written_down(
    home: Home, ending: Callable[[StudioSession], object]
) -> None:
    with origin_with(hang) as origin:
        configure(home, studio=f"{origin.url}/v1")
        with studio_in(home) as studio:
            studio.send("a fox")
            studio.wait_until(lambda: origin.posts)
            (running,) = studio.entries
            assert running.status == "running"
            assert running.response is not None
            assert running.response.sent is not None
            ending(studio)
            if ending is not ENDINGS["a window that closes"]:
                assert studio.terminal.finish() == INTERRUPTED
                assert modes_after(studio.terminal.written).are_as_at_first
                assert studio.terminal.attributes()[3] & LINES == LINES
            assert studio.terminal.process.wait(PATIENCE) == INTERRUPTED
            assert _processes_of_session(studio.pid) == []
    assert origin.posts == 1
    assert home.entry.status == "unknown"
    assert list(home.folder.glob("reports/*")) == []


@linux_alone
def test_stopped_and_in_a_window_of_one_cell_it_waits_for_its_picture(home: Home) -> None:
    may_answer = threading.Event()

    async def held(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.to_thread(may_answer.wait, PATIENCE)
        await pictured(request, writer)

    with origin_with(answer_by_word(fox=held)) as origin:
        configure(home, studio=f"{origin.url}/v1")
        with studio_in(home) as studio:
            terminal = studio.terminal
            studio.send("a fox")
            studio.wait_until(lambda: origin.posts)
            before = len(terminal.written)
            terminal.resize(1, 1)
            studio.wait_until(lambda: len(terminal.written) > before)
            # Of several that follow at once it may see the last alone.
            for columns, rows in ((2, 50), (300, 1), (3, 2)):
                terminal.resize(columns, rows)
            terminal.process.send_signal(signal.SIGSTOP)
            studio.wait_until(lambda: _state(studio.pid) == "T")
            may_answer.set()
            terminal.process.send_signal(signal.SIGCONT)
            studio.wait_for_status("done")
            terminal.resize(120, 36)
            studio.wait_to_read("● a fox", "Prompt", "Parameters")
            studio.leave()
            assert modes_after(terminal.written).private == set()
    assert origin.posts == 1


def _processes_of_session(leader: int) -> list[str]:
    """What still runs of those that a process has started, in words."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words, _, fields = stat.read_text().rpartition(")")
        except OSError:  # It has ended meanwhile.
            continue
        state, _, _, session, *_ = fields.split()
        if int(session) == leader and state not in "ZX":
            found.append(words)
    return found


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
