"""History when its programs are killed, or the disk refuses, at any moment: nothing is lost.

Where the system lets a program be traced, strace does the harm, at the system calls themselves;
everywhere it is done at the calls of `os`.
"""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.e2e.programs import needs
from tests.history import keeping
from tests.history.keeping import ACTIONS, PATCHED, REFUSED, numbered, store_of, trash_of
from tui.history.check import examine
from tui.history.entry import Entry, encode_entry
from tui.paths import Paths

ROOT = Path(__file__).parents[2]
HARMS = ("KILL", "ENOSPC", "EIO")
LATER = 7200
"""Seconds after which what was left over belongs to no job any more."""
_IN_A_DAY = "history/*/*/*/*.toml"


@dataclass(frozen=True)
class Ended:
    """A program that kept history, as it ended."""

    code: int
    """Negative for the signal that killed it."""
    done: int
    """How many actions it told of."""
    words: list[str]
    """What else it said."""


def _ended(code: int, said: str) -> Ended:
    lines = said.splitlines()
    told = [line for line in lines if line.isdigit()]
    return Ended(code, len(told), [line for line in lines if line not in told])


def _contents(home: Path) -> dict[str, bytes]:
    files = [path for path in home.rglob("*") if path.is_file()]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in files}


class Sound:
    """What a home may hold: as it is before the actions, and after each of them."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "sound"
        keeping.prepare(self.home)
        self._pristine = folder / "pristine"
        shutil.copytree(self.home, self._pristine)
        self.states = [_contents(self.home)]
        for action in ACTIONS:
            action(self.home)
            self.states.append(_contents(self.home))

    def fresh(self, home: Path) -> Path:
        """A home as it is before the actions."""
        shutil.copytree(self._pristine, home)
        (parcel := home.with_name(f"{home.name} parcel")).symlink_to(f"{self.home} parcel")
        assert parcel.is_dir()
        return home

    def judge(self, home: Path, ended: Ended, harm: str) -> None:
        """Fail if anything of `home` is lost or torn, after `ended`, which met `harm`."""
        left_over = self._left_over(home)
        self._judge_files(home, ended.done, left_over)
        _judge_entries(home)
        if harm == "KILL":
            return
        # A disk that refuses is told in its own words, and leaves nothing behind.
        if ended.code == REFUSED:
            words = [line for line in ended.words if not line.startswith("calls ")]
            assert words == [os.strerror(getattr(errno, harm))]
        else:
            assert (ended.code, ended.done) == (0, len(ACTIONS)), ended
            assert _contents(home) == self.states[-1]

    def _judge_files(self, home: Path, done: int, left_over: set[str]) -> None:
        before, after = self.states[done], self.states[min(done + 1, len(ACTIONS))]
        found = _contents(home)
        for name in found.keys() | before.keys() | after.keys():
            if name not in left_over:
                allowed = (before.get(name), after.get(name))
                assert found.get(name) in allowed, f"{name}, {done} done"

    def _left_over(self, home: Path) -> set[str]:
        """What a check finds: what no entry names, and temporary files."""
        examination = examine(Paths(home, home, home), time.time() + LATER)
        kinds = {finding.file: finding.kind for finding in examination.findings}
        assert set(kinds.values()) <= {"temporary", "unnamed", "unused"}, kinds
        return {name for name, kind in kinds.items() if kind == "temporary"}


def _judge_entries(home: Path) -> None:
    """Fail if an entry cannot be read, or has not its pictures."""
    store = store_of(home)
    listing = store.newest()
    assert listing.unreadable == ()
    for entry in listing.entries:
        for image in entry.images:
            assert store.absolute(image.file).is_file()
    (folder,) = [*(home / "trash").glob("*")] or [home]
    assert len(trash_of(home).entries()) == len([*folder.glob(_IN_A_DAY)]) * (folder != home)
    for each in trash_of(home).entries():
        for image in each.entry.images:
            assert (folder / image.file).is_file() or store.absolute(image.file).is_file()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is one: what is forced onto the disk there takes no time."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("kills")
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="darkroom-test-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def sound(folder: Path) -> Sound:
    return Sound(folder)


@dataclass(frozen=True)
class Point:
    """A call at which something happens."""

    call: str
    number: int
    """From 1 up."""
    harm: str


class Sweep:
    """A process that keeps history over and over, harmed at one call of `os` each time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.history.keeping", "sweep"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Sweep:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def keep(self, home: Path, point: Point) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = "\t".join([str(home), point.call, str(point.number), point.harm])
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return _ended(code, home.with_name(f"{home.name} said").read_text())


@pytest.mark.parametrize("harm", HARMS)
def test_harm_at_any_call_of_os_loses_and_tears_nothing(
    sound: Sound, folder: Path, harm: str
) -> None:
    with Sweep() as sweep:
        for call in PATCHED:
            home = sound.fresh(folder / f"{harm}-{call}")
            ended = sweep.keep(home, Point(call, 0, harm))
            assert (ended.code, ended.done) == (0, len(ACTIONS))
            calls = int(ended.words[-1].removeprefix("calls "))
            assert calls, call
            for number in range(1, calls + 1):
                home = sound.fresh(folder / f"{harm}-{call}-{number}")
                ended = sweep.keep(home, Point(call, number, harm))
                assert (ended.code == -9) == (harm == "KILL"), ended
                sound.judge(home, ended, harm)
                shutil.rmtree(home)


TRACED = "trace=/^(openat|mkdir|f?chmod|write|fsync|rename|unlink|rmdir|flock|close)"
QUICK_STEP = 7
"""Of the calls that strace finds, one in so many is harmed where time is short."""


@cache
def _why_no_tracing() -> str:
    """Why strace cannot be used; empty where it can."""
    if shutil.which("strace") is None:
        return ""  # `needs` says so.
    traced = subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True)
    return "" if traced.returncode == 0 else "this system forbids tracing; os is harmed instead"


def _traced(home: Path, log: Path, *options: str) -> Ended:
    finished = subprocess.run(
        [
            *("strace", "-f", "-y", "-o", log, "-e", TRACED, *options),
            *(sys.executable, "-m", "tests.history.keeping", "keep", home),
        ],
        cwd=ROOT,
        # Nothing is to be compiled on the way, so that calls are the same each time.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    return _ended(finished.returncode, finished.stdout + finished.stderr)


def _points(home: Path, log: Path) -> Iterator[tuple[str, int]]:
    """The name and the number of every call in `log` that touches `home`."""
    numbers: dict[str, int] = {}
    for line in log.read_text().splitlines():
        if found := re.match(r"\d+ +(\w+)\(", line):
            numbers[found[1]] = numbers.get(found[1], 0) + 1
            if re.search(rf"[<\"]{re.escape(str(home))}[/>\"]", line):
                yield found[1], numbers[found[1]]


@needs("strace")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize(
    "step", [pytest.param(QUICK_STEP, id="some"), pytest.param(1, id="all", marks=pytest.mark.soak)]
)
def test_harm_at_any_system_call_loses_and_tears_nothing(
    sound: Sound, folder: Path, harm: str, step: int
) -> None:
    if reason := _why_no_tracing():
        pytest.skip(reason)
    log = folder / f"{harm}-log"
    home = sound.fresh(folder / f"{harm}-{step}-whole")
    assert _traced(home, log).done == len(ACTIONS)
    points = [*_points(home, log)]
    assert {"openat", "write", "fsync"} < {name for name, _ in points}
    action = f"signal={harm}" if harm == "KILL" else f"error={harm}"
    harmed = 0
    for name, number in points[HARMS.index(harm) :: step]:
        home = sound.fresh(folder / f"{harm}-{step}-{name}-{number}")
        ended = _traced(home, log, "-e", f"inject={name}:{action}:when={number}")
        *_, last = [line for line in log.read_text().splitlines() if "(INJECTED)" in line] or [""]
        if harm == "KILL" or str(home) in last:
            harmed += ended.code != 0
            sound.judge(home, ended, harm)
        shutil.rmtree(home)
    assert harmed


VERSIONS: tuple[Callable[[Entry], Entry], ...] = (
    lambda entry: entry,
    lambda entry: replace(entry, starred=True),
    lambda entry: replace(entry, starred=True, status="done"),
)
"""What `go_on` makes of each entry, one after the other."""


def _go_on(home: Path, start: int, lines: int) -> tuple[int, int]:
    """Let entries be kept from `start` on, and kill it after `lines` lines; the last it told of."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.history.keeping", "go-on", home, str(start)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()
    number, version = map(int, told[-1].split())
    return number, version


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "kills", [30, pytest.param(300, marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_kills_at_random_lose_and_tear_nothing(folder: Path, kills: int) -> None:
    home = folder / f"random-{kills}"
    store = store_of(home)
    chance = random.Random(kills)
    kept: dict[Path, bytes] = {}
    start = 0
    for _ in range(kills):
        number, version = _go_on(home, start, chance.randint(1, 12))
        assert store.newest().unreadable == ()
        last, following = store.entry_path(numbered(number).id), numbered(number + 1)
        entries = {path: path.read_bytes() for path in home.glob(_IN_A_DAY)}
        for each in range(start, number):
            path = store.entry_path(numbered(each).id)
            kept[path] = encode_entry(VERSIONS[2](numbered(each)))
        # What was under way is there as it was told, or one step further.
        steps = [encode_entry(change(numbered(number))) for change in VERSIONS]
        assert entries.pop(last) in steps[version - 1 : version + 1]
        if (begun := entries.pop(store.entry_path(following.id), None)) is not None:
            assert version == len(VERSIONS)
            assert begun == encode_entry(following)
        assert entries == kept
        kept |= {path: path.read_bytes() for path in home.glob(_IN_A_DAY)}
        start = number + 2
    left_over = [path for path in home.rglob("*.tmp") if path.is_file()]
    examination = examine(Paths(home, home, home), time.time() + LATER)
    assert {finding.file for finding in examination.findings} == {
        path.relative_to(home).as_posix() for path in left_over
    }
