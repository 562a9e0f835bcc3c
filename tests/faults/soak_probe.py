"""The studio with a probe in it: what it is doing when it is asked, and when its loop stood still.

`python -m tests.faults.soak_probe SOCKET STALLS` opens the studio as `darkroom` does. It answers
each line that comes by the socket with one of JSON, a State, and writes a line of JSON, a Stall,
for each time that its event loop was kept from a task that had slept its time.

`python -m tests.faults.soak_probe STALLS` is the control: a loop that has nothing else to do.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from tui.app import DarkroomApp
    from tui.lifeline import Lifeline

SHORT = 0.008
"""Seconds that a step of the loop may take without being noted."""
BEAT = 0.005
"""Seconds that the task sleeps."""
NOTED = 0.05
"""Seconds by which it is late for that to be noted."""
STOOD = 10.0
"""Seconds after which where it stands is noted, since it may never go on."""
_DEEPEST = 14


class Stall(Struct):
    """The loop stood still; all but `at` in seconds."""

    at: float
    """When it went on, in monotonic seconds."""
    late: float
    queued: float = 0.0
    """How long the loop's thread was ready meanwhile, and other programs had the processors."""
    own: float = 0.0
    """The processor's time that the loop's thread took."""
    process: float = 0.0
    """The same for all threads together."""
    others_queued: float = 0.0
    """How long the other threads, all together, were ready meanwhile and not run: one of them may
    have had the interpreter."""
    collecting: float = 0.0
    """How long Python looked for garbage."""
    stack: list[str] = []
    """Where the loop's thread was, the innermost call first."""
    others: list[str] = []
    """Where other threads were that did not wait."""
    steps: list[str] = []
    """What the loop did meanwhile that took long, and for how many milliseconds."""


class State(Struct):
    """What the studio shows and does."""

    screens: list[str] = []
    """The classes of the screens, the lowest first."""
    focus: str = ""
    """The id of the widget that has it."""
    editor: str = ""
    """What is written in the prompt's."""
    offered: str = ""
    """What the command palette would do."""
    query: str = ""
    """What is searched for in history."""
    listed: int = 0
    """How many entries the list has."""
    jobs: int = 0
    """How many wait or run."""
    sought: int = 0
    """How many are looked for by themselves."""
    goes_on: bool = True
    """Whether the queue sends what waits."""
    spent: str = ""
    """Today's, in the words of the line at the top."""
    objects: dict[str, int] = {}
    """How many objects there are of each class, where that was asked."""
    problem: str = ""
    """Why there is nothing to tell: something may be built, or taken down, at this moment."""


class Collections:
    """How long Python has looked for garbage so far, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0
        gc.callbacks.append(self._told)

    def _told(self, phase: str, facts: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.seconds += time.perf_counter() - self._began


class Steps:
    """What the loop does that takes long, in the order in which it is done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        run = asyncio.Handle._run

        def noted(handle: asyncio.Handle) -> None:
            began = time.perf_counter()
            try:
                run(handle)
            finally:
                took = time.perf_counter() - began
                if took > SHORT:
                    self.done.append(f"{took * 1000:.0f} ms {_doer(handle)}")

        asyncio.Handle._run = noted  # type: ignore[method-assign]


def _doer(handle: asyncio.Handle) -> str:
    """Whose step it was: a task's coroutine and the object that it belongs to, or a function."""
    task = getattr(handle._callback, "__self__", None)
    if not isinstance(task, asyncio.Task):
        return repr(handle)[:200]
    coroutine = task.get_coro()
    frame = getattr(coroutine, "cr_frame", None)
    whose = type(frame.f_locals.get("self")).__name__ if frame is not None else "ended"
    return f"{getattr(coroutine, '__qualname__', coroutine)} of {whose}"


class Watch:
    """Notes each time that the loop stands still, and where."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self._beat = time.monotonic()
        self._stack: list[str] = []
        self._others: list[str] = []
        self._loop = threading.get_ident()
        self._schedule = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", 0)
        self._collections = Collections()
        self._steps = Steps()
        self._queued = 0.0
        self._stood = 0.0

    async def watch(self) -> None:
        """Sleep and see, until cancelled."""
        threading.Thread(target=self._look, daemon=True, name="watch").start()
        while True:
            before, began = self._figures(), time.monotonic()
            self._beat = began
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            late = now - began - BEAT
            if late > NOTED:
                queued, own, process, collecting = (
                    after - other for after, other in zip(self._figures(), before, strict=True)
                )
                others = max(0.0, _queued() - self._queued - queued)
                figures = (queued, own, process, others, collecting)
                stall = Stall(now, late, *figures, self._stack, self._others, self._steps.done)
                self._note(stall)
            self._stack, self._others, self._steps.done = [], [], []

    def _figures(self) -> tuple[float, ...]:
        queued = int(os.pread(self._schedule, 100, 0).split()[1]) / 1e9
        return queued, time.thread_time(), time.process_time(), self._collections.seconds

    def _look(self) -> None:
        """Take down where all threads are while the loop is late."""
        while True:
            time.sleep(0.02)
            late = time.monotonic() - self._beat
            if late < NOTED:
                self._queued = _queued()
            elif not self._stack:
                self._stack, self._others = self._calls_now()
            elif late > STOOD and self._stood != self._beat:
                self._stood = self._beat
                stall = Stall(time.monotonic(), late, 0.0, 0.0, 0.0, 0.0, 0.0, *self._calls_now())
                self._note(stall)

    def _calls_now(self) -> tuple[list[str], list[str]]:
        """Where the loop's thread is, and where the others are."""
        # Where Python looks for garbage meanwhile, all threads may wait for each other for ever
        # (https://github.com/python/cpython/issues/106883).
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            frames = sys._current_frames()
        finally:
            if was_enabled:
                gc.enable()
        own = _calls(frames.pop(self._loop))[:_DEEPEST]
        frames.pop(threading.get_ident(), None)
        return own, [" < ".join(_calls(frame)[:5]) for frame in frames.values()]

    def _note(self, stall: Stall) -> None:
        self._file.write(msgspec.json.encode(stall).decode() + "\n")
        self._file.flush()


def _queued() -> float:
    """Seconds for which all threads were ready while other programs had the processors."""
    nanoseconds = 0
    for thread in os.listdir("/proc/self/task"):
        # It may have ended just now.
        with suppress(OSError):
            file = os.open(f"/proc/self/task/{thread}/schedstat", 0)
            try:
                nanoseconds += int(os.read(file, 100).split()[1])
            finally:
                os.close(file)
    return nanoseconds / 1e9


def _calls(frame: FrameType | None) -> list[str]:
    """The calls that a thread is in, the innermost first."""
    calls = []
    # What a thread has left meanwhile may be something else by now.
    while isinstance(frame, FrameType):
        code = frame.f_code
        place = code.co_filename.rsplit("/site-packages/", 1)[-1].rsplit("/lib/", 1)[-1]
        calls.append(f"{place}:{frame.f_lineno} {code.co_qualname}")
        frame = frame.f_back
    return calls


def state_of(app: DarkroomApp, asked: str) -> State:
    """What the studio shows and does now."""
    from textual.command import Command, CommandList

    studio, board = app.studio, app.backstage.jobs.board
    focus = app.focused
    state = State(
        screens=[type(screen).__name__ for screen in app.screen_stack],
        focus=(focus.id or type(focus).__name__) if focus is not None else "",
        jobs=len(board.jobs),
        sought=sum(ended.is_sought for ended in board.ended),
        goes_on=board.goes_on,
        editor=studio.editor.text,
    )
    for commands in app.screen.query(CommandList):
        if commands.highlighted is not None:
            command = commands.get_option_at_index(commands.highlighted)
            state.offered = command.hit.text or "" if isinstance(command, Command) else ""
    if studio.is_up:
        state.query = studio.history_pane.query_text
        state.listed = len(studio.history._listed)
        state.spent = studio.status.status.spent_today.at_length
    if asked == "objects":
        state.objects = objects()
    return state


def objects() -> dict[str, int]:
    """How many objects there are of each class that Python's collector knows."""
    began = time.thread_time()
    gc.collect()
    took = time.thread_time() - began
    classes: Counter[str] = Counter()
    for each in gc.get_objects():
        kind = type(each)
        classes[f"{kind.__module__}.{kind.__qualname__}"] += 1
    figures = {"milliseconds to go through them": round(took * 1000), "in all": classes.total()}
    return figures | dict(classes.most_common(150))


async def answer(app: DarkroomApp, socket: str) -> None:
    """Tell what the studio does to who asks."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                state = state_of(app, line.decode().strip())
            except Exception:  # noqa: BLE001 - who asks would wait for ever
                state = State(problem=traceback.format_exc())
            writer.write(msgspec.json.encode(state) + b"\n")
        writer.close()

    async with await asyncio.start_unix_server(converse, socket) as server:
        await server.serve_forever()


def main(socket: str, stalls: str) -> None:
    """Open the studio with the probe in it."""
    import tui.cli.studio
    from tui.cli import main

    live = tui.cli.studio._live

    async def probed(app: DarkroomApp, lifeline: Lifeline) -> int:
        watch = Watch(Path(stalls))
        tasks = [asyncio.create_task(work) for work in (watch.watch(), answer(app, socket))]
        try:
            return await live(app, lifeline)
        finally:
            for task in tasks:
                task.cancel()

    tui.cli.studio._live = probed
    sys.argv = ["darkroom"]
    main()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        asyncio.run(Watch(Path(sys.argv[1])).watch())
    else:
        main(*sys.argv[1:])
