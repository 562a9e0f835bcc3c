"""The studio in a terminal as a soak has it: watched from outside, read without end, and used."""

from __future__ import annotations

import fcntl
import os
import random
import re
import socket
import struct
import termios
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import msgspec
from msgspec import Struct

from tests.faults.soak_probe import State
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tests.terminal_bytes import harmful

SIZE = (120, 40)
SIZES = ((80, 24), (160, 50), (60, 20), (100, 30))
STUDIO = "StudioScreen"
SEND, QUIT, ESCAPE = b"\n", b"\x11", b"\x1b"
PROMPT, PARAMETERS, JOBS, HISTORY = b"\x1bOQ", b"\x1bOR", b"\x1bOS", b"\x1b[15~"
STATISTICS, NEWEST, ENDPOINTS, LIBRARY = b"\x1b[17~", b"\x1b[18~", b"\x1b[19~", b"\x1b[21~"
UP, DOWN, RIGHT, LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"
PAGE_UP, PAGE_DOWN, HOME, END = b"\x1b[5~", b"\x1b[6~", b"\x1b[H", b"\x1b[F"
DELETE, PALETTE = b"\x1b[3~", b"\x10"
EMPTIED = b"\x05\x15"
"""The end of the line, and all before it goes."""
THEMES = ("safelight", "textual-dark")
SUBJECTS = "fox lighthouse harbour café 灯台 [bold] 'quoted' \N{FOX FACE}".split()
_KEPT = 200_000
_GLANCE = 0.02
_ASKED_AGAIN = 20
_SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class Sample(Struct):
    """What the system says of the process at a moment."""

    at: float
    """In seconds since the studio was there."""
    memory: int
    """In bytes."""
    descriptors: int
    threads: int
    processor: float
    """Seconds of it that were taken so far."""
    presses: int
    terminal: int
    """Bytes that went to the terminal so far."""


class SoakTerminal(PseudoTerminal):
    """A terminal that takes what comes at once, sees that there is no harm in it, and forgets it.

    A terminal that does not read would hold the studio up.
    """

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        super().__init__(*arguments, size=SIZE, environment=environment)
        self.harm: list[str] = []
        """What no program of ours sends."""
        self.count = 0
        """Bytes that came."""
        self._taking = threading.Lock()
        self._unseen: SimpleQueue[bytes | None] = SimpleQueue()
        self._threads = [threading.Thread(target=each) for each in (self._take, self._see)]
        for thread in self._threads:
            thread.start()

    def resize(self, columns: int, rows: int) -> None:
        """As who drags the window's corner does."""
        window = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, window)

    def end(self) -> int:
        """The exit code, once the process has closed the terminal."""
        for thread in self._threads:
            thread.join()
        return self.process.wait(PATIENCE)

    def words_since(self, mark: int) -> str:
        """What came after so many bytes, less how it looks and where it stands."""
        with self._taking:
            recent, first = self.written, self.count - len(self.written)
        return _SEQUENCE.sub(b"", recent[max(0, mark - first) :]).decode("utf-8", "replace")

    def _take(self) -> None:
        has_ended = False
        while True:
            with self._taking:
                before = len(self.written)
                has_more = self._read(_GLANCE)
                self.count += len(self.written) - before
                if len(self.written) > _KEPT:
                    # A sequence is not cut in two.
                    end = self.written.rindex(b"\x1b[")
                    self._unseen.put(self.written[:end])
                    self.written = self.written[end:]
            if has_ended and not has_more:
                self._unseen.put(self.written)
                self._unseen.put(None)
                return
            has_ended = self.process.poll() is not None

    def _see(self) -> None:
        # Apart, since it takes longer than what comes may wait.
        while (written := self._unseen.get()) is not None:
            self.harm += harmful(written)


class Probe:
    """Asks the probe in the studio."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE * 4)
        self._socket.connect(str(path))
        self._answers = self._socket.makefile("rb")

    def ask(self, what: str = "state") -> State:
        for _ in range(_ASKED_AGAIN):
            self._socket.sendall(f"{what}\n".encode())
            state = msgspec.json.decode(self._answers.readline(), type=State)
            if not state.problem:
                return state
        raise AssertionError(state.problem)

    def close(self) -> None:
        self._answers.close()
        self._socket.close()


class SoakedStudio:
    """Uses the studio: presses at a given pace, and does other things in between."""

    def __init__(self, home: Path, arguments: tuple[str, ...], seed: int) -> None:
        self.dice = random.Random(seed)
        self.samples: list[Sample] = []
        self.done: Counter[str] = Counter()
        """How often each of the other things was done."""
        self.missed: Counter[str] = Counter()
        """How often a screen did not come."""
        self.presses = 0
        self.prompts: list[str] = []
        self._last = ""
        environment = {"DARKROOM_HOME": str(home), "TERM": "xterm-256color"}
        self.terminal = SoakTerminal(*arguments, environment=environment)
        self._deeds: tuple[Callable[[], None], ...] = (
            self.scroll, self.search, self.view, self.compare, self.see_sheet, self.rate,
            self.throw_away, self.resize, self.change_model, self.change_theme, self.see_jobs,
            self.see_statistics, self.see_library, self.see_details, self.see_endpoints,
            self.see_thumbnails, self.see_family,
        )  # fmt: skip

    def begin(self, socket: Path) -> None:
        """Wait until it is there."""
        self._patiently(socket.exists)
        self.probe = Probe(socket)
        self._patiently(lambda: self.top == STUDIO)
        self.began = time.monotonic()
        self.sample()

    @property
    def top(self) -> str:
        """The class of the uppermost screen."""
        return self.probe.ask().screens[-1]

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def sample(self) -> None:
        """Note what the system says of it."""
        folder = Path(f"/proc/{self.terminal.process.pid}")
        status = (folder / "status").read_text()
        spent = (folder / "stat").read_text().rpartition(")")[2].split()
        self.samples.append(
            Sample(
                self.elapsed,
                int(status.partition("VmRSS:")[2].split()[0]) * 1024,
                len(os.listdir(folder / "fd")),
                int(status.partition("Threads:")[2].split()[0]),
                (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK"),
                self.presses,
                self.terminal.count,
            )
        )

    def press(self, count: int) -> None:
        """Press the send key so often, each time with another prompt."""
        for _ in range(count):
            self.presses += 1
            prompt = f"{self.dice.choice(SUBJECTS)} {self.presses}"
            self.prompts.append(prompt)
            # What is pasted overtakes the keys of Textual's own before it.
            while self.probe.ask().editor:
                self.home()
                self.terminal.send(PROMPT, EMPTIED)
                self._until(lambda state: not state.editor)
            pasted = b"\x1b[200~%s\x1b[201~" % prompt.encode()
            self.terminal.send(PROMPT, pasted, SEND)
            state = self._until(partial(_has_written, prompt), PATIENCE)
            assert state.editor == prompt, f"after {self._last}: {state}"

    def do_something(self) -> None:
        """One of the other things that users do; all of them in turn, in any order."""
        deed = self.dice.choice(self._deeds)
        self._last = deed.__name__
        deed()
        self.done[deed.__name__] += 1
        self.home()

    def home(self) -> None:
        """Go back to the studio, and on with a queue that has stopped."""
        state, is_odd = self.probe.ask(), False
        while (top := state.screens[-1]) != STUDIO:
            self.terminal.send(ESCAPE if is_odd or "Palette" in top else b"q")
            is_odd = not is_odd
            state = self._until(partial(_is_over, top), 2.0)
        if not state.goes_on and self._opens("JobsScreen", JOBS):
            self.terminal.send(b" ")
            self._until(lambda state: state.goes_on, 2.0)
            self.home()

    def scroll(self) -> None:
        self.terminal.send(HISTORY)
        for key in self.dice.choices((DOWN, UP, PAGE_DOWN, PAGE_UP, HOME, END), k=6):
            for _ in range(self.dice.randint(1, 12)):
                self._key(key)

    def search(self) -> None:
        words = f"{self.dice.choice(SUBJECTS)} {self.dice.randint(1, 99)}"
        self.terminal.send(HISTORY, b"/", EMPTIED)
        for character in words:
            self._key(character.encode())
        self._until(lambda state: state.query == words)
        self.terminal.send(b"\r")
        for _ in range(10):
            self._key(DOWN)
        self.terminal.send(ESCAPE)
        self._until(lambda state: state.query == "")

    def view(self) -> None:
        self._somewhere()
        if self._opens("ViewerScreen", b" "):
            for key in (b"n", b"n", b"p", b"+", b"+", RIGHT, b"-", b"i", b"n", b"i", b"n"):
                self._key(key)

    def compare(self) -> None:
        self._somewhere()
        self.terminal.send(b"x", DOWN, DOWN, b"x")
        if self._opens("CompareScreen", b"C"):
            for key in (b"b", b"b", b"s", b"i", b"+", b"-"):
                self._key(key)
        self.home()
        self.terminal.send(HISTORY, ESCAPE)
        self._rest()

    def see_sheet(self) -> None:
        self._somewhere()
        if self._opens("ContactSheetScreen", b"S"):
            for key in self.dice.choices((RIGHT, DOWN, PAGE_DOWN, END, HOME, b"+", b"-"), k=12):
                self._key(key)

    def rate(self) -> None:
        self._somewhere()
        for key in self.dice.choices((b"3", b"5", b"0", b".", DOWN), k=5):
            self._key(key)

    def throw_away(self) -> None:
        self._somewhere()
        self._key(PAGE_DOWN)
        self.terminal.send(DELETE)
        self._rest()
        self.terminal.send(b"u")
        self._rest()

    def resize(self) -> None:
        self.terminal.resize(*self.dice.choice(SIZES))
        self._rest()
        self.terminal.resize(*SIZE)
        self._rest()

    def change_model(self) -> None:
        self.terminal.send(PARAMETERS)
        self._key(RIGHT if self.done["change_model"] % 2 else LEFT)

    def change_theme(self) -> None:
        if self._opens("Palette", PALETTE):
            for words in ("Theme", self.dice.choice(THEMES)):
                self.terminal.send(words.encode())
                if self._until(partial(_offers, words)).offered != words:
                    return
                self.terminal.send(b"\r")
            self._until(lambda state: state.screens[-1] == STUDIO)

    def see_jobs(self) -> None:
        if self._opens("JobsScreen", JOBS):
            for key in (DOWN, DOWN, END, HOME):
                self._key(key)

    def see_statistics(self) -> None:
        if self._opens("StatisticsScreen", STATISTICS):
            for key in (b"w", b"m", RIGHT, b"d"):
                self._key(key)

    def see_library(self) -> None:
        if self._opens("LibraryScreen", LIBRARY):
            for key in (DOWN, DOWN, END, HOME):
                self._key(key)

    def see_endpoints(self) -> None:
        if self._opens("SettingsScreen", ENDPOINTS):
            self._key(DOWN)
            self.terminal.send(ESCAPE)
            self._until(lambda state: state.screens[-1] == STUDIO)

    def see_details(self) -> None:
        self._somewhere()
        self._key(b"i")
        for _ in range(6):
            self._key(DOWN)
        self._key(b"i")

    def see_thumbnails(self) -> None:
        self._somewhere()
        self._key(b"v")
        for _ in range(6):
            self._key(PAGE_DOWN)
        self._key(b"v")

    def see_family(self) -> None:
        self._somewhere()
        if self._opens("LineageScreen", b"L"):
            self._key(DOWN)

    def settle(self, patience: float) -> State:
        """Wait until nothing goes on by itself any more."""
        until = time.monotonic() + patience
        self.home()
        while True:
            state = self._until(lambda state: not (state.jobs or state.sought), 5.0)
            self.sample()
            if not (state.jobs or state.sought) or time.monotonic() > until:
                return state
            self.home()

    def drawn_anew(self, words: str) -> str:
        """What the studio draws when the terminal gets another size, until `words` are in it."""
        mark, until = self.terminal.count, time.monotonic() + PATIENCE
        self.terminal.resize(SIZE[0] + 1, SIZE[1])
        while words not in (drawn := self.terminal.words_since(mark)):
            if time.monotonic() > until:
                break
            time.sleep(0.05)
        return drawn

    def at_rest(self) -> State:
        """The state once nothing about it changes any more."""
        last = State()
        while (state := self._rested()) != last:
            last = state
        return last

    def _rested(self) -> State:
        time.sleep(1.0)
        return self.probe.ask()

    def leave(self) -> int:
        """End it; the exit code."""
        self.probe.close()
        self.terminal.send(QUIT)
        time.sleep(1.0)
        if self.terminal.process.poll() is None:
            self.terminal.send(QUIT)
        return self.terminal.end()

    def _opens(self, name: str, key: bytes) -> bool:
        """Whether the screen comes after that key."""
        self.terminal.send(key)
        state = self._until(lambda state: name in state.screens[-1])
        self.missed[name] += (has_come := name in state.screens[-1]) is False
        return has_come

    def _somewhere(self) -> None:
        """Have the cursor of history on some entry."""
        self.terminal.send(HISTORY, HOME)
        for _ in range(self.dice.randint(0, 3)):
            self._key(PAGE_DOWN)
        for _ in range(self.dice.randint(4, 8)):
            self._key(DOWN)

    def _key(self, key: bytes) -> None:
        """Press a key, and give it the time that a finger takes."""
        self.terminal.send(key)
        time.sleep(0.03)

    def _rest(self) -> None:
        time.sleep(0.25)

    def _until(self, holds: Callable[[State], bool], patience: float = 5.0) -> State:
        """The state for which it holds, or the one after so many seconds."""
        until = time.monotonic() + patience
        while not holds(state := self.probe.ask()) and time.monotonic() < until:
            time.sleep(0.01)
        return state

    def _patiently(self, holds: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            assert self.terminal.process.poll() is None, self.terminal.written[-1500:]
            assert time.monotonic() < until
            time.sleep(0.05)


def _has_written(prompt: str, state: State) -> bool:
    return state.editor == prompt


def _is_over(top: str, state: State) -> bool:
    return state.screens[-1] != top


def _offers(words: str, state: State) -> bool:
    return state.offered == words
