"""The program as its users run it: the studio in a terminal, commands, and servers that fail."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from pathlib import Path
from typing import Any, TypeVar

import pytest
import tomli_w
from PIL import Image
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.api.origins import Answer, Origin, reply, serving, success
from tests.cli.conftest import KEY, Home
from tests.faults.cases.drawn_screen import DrawnScreen
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tests.terminal_bytes import harmful
from tui.demo.faults import KINDS
from tui.history.entry import UNFINISHED, Entry
from tui.paths import Paths

MODEL = "kling-image-o1"
ENDPOINT = "studio"
READY, LEFT = b"History", b"\x1b[?1049l"
SEND, QUIT, ESCAPE, ENTER, TAB = b"\n", b"\x11", b"\x1b", b"\r", b"\t"
JOBS = b"\x1bOS"
"""F4."""
LEAVES_AFTER_ALL = "Press again to leave"


def configure(home: Home, *, config: Mapping[str, Any] | None = None, **endpoints: Any) -> None:
    """Write config.toml: the endpoints by name, each its base URL or its table.

    What a table leaves out is as the tests want it, and so is what `config` leaves out of the
    whole. The first endpoint is the one in use.
    """
    tables = {
        name: {
            "key": {"env": "STUDIO_KEY"},
            "timeout": PATIENCE,
            **({"base_url": table} if isinstance(table, str) else table),
        }
        for name, table in endpoints.items()
    }
    whole = {
        "endpoint": next(iter(tables), "demo"),
        "model": MODEL,
        "graphics": "off",
        "notices": {"bell": False},
        "defaults": {MODEL: {"size": "1k"}},
        **(config or {}),
        "endpoints": tables,
    }
    home.configure(tomli_w.dumps(whole))


class StudioSession:
    """The studio, from its first frame to its end."""

    def __init__(
        self,
        home: Home,
        *arguments: str | bytes,
        size: tuple[int, int] = (120, 36),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Starts it; `arguments` follow `python -m tui`, or are `-c PROGRAM …`."""
        program = arguments if arguments[:1] == ("-c",) else ("-m", "tui", *arguments)
        self.home = home
        self.terminal = PseudoTerminal(
            *program,
            size=size,
            environment={
                **home.environment,
                "TERM": "xterm-256color",
                "NO_PROXY": "127.0.0.1",
                **(environment or {}),
            },
        )
        self._size = size
        self._screen = DrawnScreen(*size)
        self._drawn = 0

    @property
    def paths(self) -> Paths:
        return Paths(*[self.home.folder] * 3)

    @property
    def pid(self) -> int:
        return self.terminal.process.pid

    @property
    def screen(self) -> DrawnScreen:
        """What is on the screen, as far as it has been read."""
        self._screen.write(self.terminal.written[self._drawn :])
        self._drawn = len(self.terminal.written)
        return self._screen

    @property
    def last_words(self) -> str:
        """What was printed after the screen was given back."""
        return self.terminal.written.rpartition(LEFT)[2].decode()

    def wait_until(self, holds: Callable[[], object], patience: float = PATIENCE) -> None:
        """Read what is drawn until `holds`."""
        try:
            self.terminal.wait_for(lambda _: bool(holds()), patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._ends()}\n{self.screen.text}") from None

    def wait_to_read(self, *phrases: str, patience: float = PATIENCE) -> None:
        """Wait until each phrase stands on the screen at once, in one line or wrapped in a pane."""
        self.wait_until(lambda: all(map(self.screen.shows, phrases)), patience)

    def wait_for_ends(self, count: int = 1, patience: float = PATIENCE) -> list[Entry]:
        """Wait until so many entries are on the disk and have ended; oldest first."""
        self.wait_until(lambda: self._ended() >= count, patience)
        return self.entries

    def wait_for_status(self, *statuses: str, patience: float = PATIENCE) -> list[Entry]:
        """Wait until the entries on the disk, oldest first, have these statuses."""
        self.wait_until(lambda: [e.status for e in self.entries] == list(statuses), patience)
        return self.entries

    def wait_for_one(self, word: str, status: str, patience: float = PATIENCE) -> Entry:
        """Wait until the entry whose prompt ends with `word` has this status."""

        def found() -> list[Entry]:
            entries = self.entries
            return [e for e in entries if e.prompt.split()[-1] == word and e.status == status]

        self.wait_until(found, patience)
        (entry,) = found()
        return entry

    @property
    def entries(self) -> list[Entry]:
        """What is on the disk, oldest first; all of it can be read."""
        listing = self.home.store.newest()
        assert not listing.unreadable, listing.unreadable
        return sorted(listing.entries, key=lambda entry: entry.id)

    def press(self, *keys: bytes) -> None:
        """Press keys, one after the other."""
        self.terminal.send(*keys)

    def send(self, words: str) -> None:
        """Type further words of the prompt, and press the send key."""
        self.press(words.encode(), SEND)

    def ends_of(self, mark: str, words: Collection[str]) -> dict[str, Entry]:
        """How generations end by themselves, by the last words of their prompts: these are `mark`
        with the first of `words`, with the first and the second, and so on."""
        self.press(mark.encode())
        for word in words:
            self.send(f" {word}")
        return by_word(self.wait_for_ends(len(words)))

    def leave(self) -> None:
        """Quit, also where jobs are lost and it asks first; all that was drawn was harmless."""
        self.press(QUIT)
        self.wait_until(
            lambda: LEFT in self.terminal.written or self.screen.shows(LEAVES_AFTER_ALL)
        )
        if LEFT not in self.terminal.written:
            self.press(QUIT)
        assert self.terminal.finish() == 0
        self.check_output()

    def check_output(self) -> None:
        """Nothing was written to the terminal that commands it or that is secret."""
        found = harmful(self.terminal.written)
        assert not found, found
        assert KEY.encode() not in self.terminal.written

    def close(self) -> None:
        """End it, however it stands."""
        self.terminal.close()

    def _ended(self) -> int:
        entries = self.entries
        is_over = all(entry.status not in UNFINISHED for entry in entries)
        return len(entries) if is_over else 0

    def _ends(self) -> str:
        return "\n".join(f"{e.status} {e.prompt[-40:]!r} {e.error}" for e in self.entries[-40:])


@contextmanager
def studio_in(home: Home, *arguments: str | bytes, **options: Any) -> Iterator[StudioSession]:
    """The studio once its first frame is there; `options` as StudioSession has them."""
    session = StudioSession(home, *arguments, **options)
    try:
        session.wait_until(lambda: READY in session.terminal.written)
        yield session
    finally:
        session.close()


def by_word(entries: list[Entry]) -> dict[str, Entry]:
    """The entries by the last word of their prompts."""
    found = {entry.prompt.split()[-1]: entry for entry in entries}
    assert len(found) == len(entries)
    return found


class FaultsByPrompt:
    """The demo endpoint, at which a generation meets the faults that its prompt ends with.

    So one studio meets many of them: "a fox reset" meets "reset". Faults of downloads too; several
    have commas between.
    """

    def __init__(self, app: Starlette) -> None:
        self._app: ASGIApp = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            scope, receive = await _with_fault(scope, receive)
        await self._app(scope, receive, send)


async def _with_fault(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    body, messages = b"", [await receive()]
    body += messages[0].get("body", b"")
    while messages[-1].get("more_body", False):
        messages.append(await receive())
        body += messages[-1].get("body", b"")

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    # Of a request that broke off there is no prompt.
    with suppress(ValueError):
        word = json.loads(body)["prompt"].split()[-1]
        if set(word.split(",")) <= set(KINDS):
            scope = {**scope, "headers": [*scope["headers"], (b"x-fault", word.encode())]}
    return scope, again


def answer_by_word(**answers: Answer) -> Answer:
    """An answer by the last word of the prompt; GETs are not found."""

    async def answer(request: Any, writer: asyncio.StreamWriter) -> None:
        if request.method != "POST":
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        word = request.document["prompt"].split()[-1]
        await answers[word](request, writer)

    return answer


def picture_file(**options: Any) -> bytes:
    """A small PNG; `options` as Pillow saves it."""
    data = io.BytesIO()
    Image.new("RGB", (24, 24), "seagreen").save(data, "PNG", **options)
    return data.getvalue()


def item(data: bytes) -> dict[str, str]:
    """An item of a success, with the bytes in base64."""
    return {"b64_json": base64.b64encode(data).decode()}


pictured = reply(body=success(data=[item(picture_file())]))
"""An answer with one picture."""


@contextmanager
def origin_with(answer: Answer, port: int = 0) -> Iterator[Origin]:
    """A server of raw answers in a thread of its own: see tests.api.origins."""
    with _in_a_thread(serving(answer, port)) as origin:
        yield origin


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def listening(talk: Talk) -> Iterator[int]:
    """The port of a server in a thread of its own, which has `talk` with each that connects."""

    @asynccontextmanager
    async def listen() -> AsyncIterator[int]:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    with _in_a_thread(listen()) as port:
        yield port


Served = TypeVar("Served")


@contextmanager
def _in_a_thread(server: AbstractAsyncContextManager[Served]) -> Iterator[Served]:
    """A server in an event loop of its own."""
    begun: Future[tuple[Served, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stopped = asyncio.Event()
        async with server as served:
            begun.set_result((served, asyncio.get_running_loop(), stopped))
            await stopped.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    served, loop, stopped = begun.result(PATIENCE)
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()


def peak_memory(pid: int) -> int:
    """The most memory in bytes that a process has had at once since `forget_peak`."""
    return _status(pid, "VmHWM")


def memory(pid: int) -> int:
    """The memory in bytes that a process has now."""
    return _status(pid, "VmRSS")


def forget_peak(pid: int) -> None:
    """Let what it had until now no longer count for `peak_memory`."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        pytest.skip("what a process has of memory is told by Linux alone")


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
