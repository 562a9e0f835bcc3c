"""One generation whose every call to disk, network and database fails in turn, or is the last.

First it is carried out whole, and its calls are counted. Then it is carried out once for each of
them and each way in which it can end, by a process of its own; another one goes on with what that
left. POINT=123 repeats the point of that number.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import get_ident, local
from time import time
from traceback import format_exception

import msgspec
import pytest

from tests.demo.conftest import running
from tests.e2e.programs import needs
from tests.faults.conftest import FAULTS, Demo
from tests.faults.harm import FOR_GOOD, HARMS, Point
from tests.faults.ledger import check_ends, check_pictures, has_pictures
from tests.faults.small_studio import Plan, Press
from tests.faults.test_random_runs import ROOT, Studios, memory
from tui.demo.faults import Faults
from tui.demo.server import demo_app
from tui.generation.repair import repair
from tui.history.check import examine
from tui.history.entry import Entry
from tui.history.index import HistoryIndex
from tui.history.query import Query
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

__all__ = ["memory"]

AT_A_TIME = 2
SAMPLE = 150
"""Points that are tried where time is short, spread over all of them."""
LATER = 7200
"""Seconds after which what was left over belongs to no job any more."""
WHOLE = Point("", "", 0)
"""Nothing goes wrong."""
REFUSING = {"FULL": ("write", "mkdir"), "DEAD": ("write", "fsync", "rename")}
"""From which calls on a disk refuses for good."""
HELD = frozenset(("open", "read", "write", "truncate", "fsync", "rename", "mkdir", "chmod"))
"""Calls whose failure must not cost what was paid for."""
SETTLINGS = 4


@dataclass(frozen=True, eq=False)
class Scenario:
    """A generation to be tortured."""

    name: str
    parameters: dict[str, object]
    fault: str = ""
    """What the endpoint plays; empty for none."""
    left: Point | None = None
    """Where an earlier studio was killed that pressed the key: the tortured one takes that up."""
    most_posts: int = 1
    is_first: bool = False
    """Whether there is nothing before it."""

    @property
    def is_plain(self) -> bool:
        """Whether it is one generation that the endpoint answers."""
        return not self.fault and self.left is None


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("two by their addresses", {"n": 2, "response_format": "url"}),
    Scenario("two inside the answer", {"n": 2, "response_format": "b64_json"}),
    Scenario("lost and found", {"response_format": "url"}, "reset"),
    # It is sent once more, and again by who resumes it after it was killed in between.
    Scenario("asked to wait", {"response_format": "b64_json"}, "429-once", most_posts=4),
    Scenario(
        "left by one that was killed",
        {"response_format": "url"},
        left=Point("recv", "POST /v1/images/generations", 1, "KILL"),
    ),
    Scenario(
        "left waiting",
        {"response_format": "b64_json"},
        left=Point("open", "locks/ID.lock", 1, "KILL"),
    ),
    Scenario("the very first", {"response_format": "url"}, is_first=True),
)


@dataclass
class Figures:
    """What came up, counted."""

    points: int = 0
    met: int = 0
    kills: int = 0
    made: int = 0
    refused: int = 0
    """Presses whose entry could not be written."""
    by_call: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        for name in ("points", "met", "kills", "made", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_call += other.by_call


def _contents(home: Path) -> dict[str, bytes]:
    files = [path for path in home.rglob("*") if path.is_file()]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in files}


class Bench:
    """Where generations are carried out: an endpoint, and a home that others are copied from."""

    def __init__(self, folder: Path, demo: Demo, studios: Studios) -> None:
        self._folder = folder
        self._demo = demo
        self._studios = studios
        self._home = folder / "pristine"
        self._lives = 0
        self._prepare()

    def _prepare(self) -> None:
        """Let there be what a user would miss: entries, pictures, one in the trash, settings."""
        presses = tuple(Press(f"before {n}", {"size": "1k"}) for n in range(3))
        assert self.live(self._home, presses)[0] == 0
        paths = Paths(self._home, self._home, self._home)
        store = HistoryStore(paths)
        entries = store.newest().entries
        assert [entry.status for entry in entries] == ["done"] * 3
        Trash(paths, store).discard(entries[0].id, date(2026, 11, 28))
        paths.config_file.write_text("# mine\n")
        paths.session.write_text("")
        paths.cards.mkdir()
        (paths.cards / "mine.toml").write_text("")

    def live(
        self,
        home: Path,
        presses: Sequence[Press] = (),
        harm: Point | None = None,
        *,
        settles: bool = False,
    ) -> tuple[int, list[str], Path]:
        """Exit code of a studio, the steps that it told of, and the path of its reports."""
        self._lives += 1
        reports = self._folder / f"reports-{self._lives}"
        reports.touch()
        child = self._studios.start(
            Plan(str(home), self._demo.base_url, str(reports), tuple(presses), settles, harm=harm)
        )
        ended, code = self._studios.wait()
        assert ended == child
        return code, reports.read_text().splitlines(), reports

    def fresh(self, scenario: Scenario, name: str) -> Path:
        """A home of its own, as it is before."""
        home = self._folder / name
        if not scenario.is_first:
            shutil.copytree(self._home, home)
        return home

    def press(self, scenario: Scenario, name: str, home: Path) -> tuple[Press, ...]:
        """What is to be pressed, where an earlier studio has not done so."""
        press = Press(f"fox {name}", {"size": "1k", **scenario.parameters}, scenario.fault)
        if scenario.left is None:
            return (press,)
        code, _, _ = self.live(home, (press,), scenario.left)
        assert code == -signal.SIGKILL
        return ()

    def calls(self, scenario: Scenario) -> tuple[list[Point], Counter[str]]:
        """Every call of a generation that nothing befalls, and what Python told of them."""
        name = f"{scenario.name}, whole"
        home = self.fresh(scenario, name)
        presses = self.press(scenario, name, home)
        code, _, reports = self.live(home, presses, WHOLE)
        assert code == 0
        report = json.loads(Path(f"{reports}-harm").read_text())
        points = [
            Point(call, about, number)
            for call, about, count in report["calls"]
            for number in range(1, count + 1)
        ]
        return points, Counter(report["audited"])

    def torture(self, scenario: Scenario, number: int, point: Point) -> Figures:
        """Carry out a generation that meets `point`, go on with it, and judge what became of it."""
        name = str(number)
        home = self.fresh(scenario, name)
        before = _contents(home)
        presses = self.press(scenario, name, home)
        code, steps, reports = self.live(home, presses, point)
        figures = Figures(points=1, by_call=Counter([point.call]))
        if code == 0:
            figures.met = json.loads(Path(f"{reports}-harm").read_text())["met"]
        else:
            assert code == -signal.SIGKILL
            assert point.harm in ("KILL", *FOR_GOOD)
            figures.met = figures.kills = 1
        figures.refused = any(step.startswith("refused") for step in steps)
        aftermath = Aftermath(self, scenario, name, home, before)
        if code == 0 and scenario.is_plain and point.call in HELD and point.harm != "ENOENT":
            aftermath.judge_what_was_held()
        aftermath.judge(steps)
        figures.made = self.made(name)
        shutil.rmtree(home)
        return figures

    def made(self, name: str) -> int:
        return self._demo.traffic.carried_out[f"fox {name}"]

    def posts(self, name: str) -> int:
        return self._demo.traffic.posts_by_prompt[f"fox {name}"]


class Aftermath:
    """What a point left, as the user finds it."""

    def __init__(
        self, bench: Bench, scenario: Scenario, name: str, home: Path, before: dict[str, bytes]
    ) -> None:
        self._bench = bench
        self._scenario = scenario
        self._name = name
        self._home = home
        self._before = before
        self._paths = Paths(home, home, home)
        self._store = HistoryStore(self._paths)

    def judge_what_was_held(self) -> None:
        """What was paid for was held until the disk took it: nobody had to look for it."""
        own = self._own()
        assert sum(map(has_pictures, own)) == self._bench.made(self._name), own

    def judge(self, steps: Sequence[str]) -> None:
        """Go on with what is left, as a person does, and fail if anything of it is wrong."""
        bench, name = self._bench, self._name
        posts = bench.posts(name)
        self._judge_what_was_there()
        own = self._own()
        was_accepted = any(step.startswith("pressed") for step in steps)
        assert len(own) <= 1
        assert own or not (was_accepted or posts or self._scenario.left)
        for _ in range(SETTLINGS):
            assert bench.live(self._home, settles=True)[0] == 0
            own = self._own()
            if sum(map(has_pictures, own)) == bench.made(name):
                break
        assert bench.posts(name) <= self._scenario.most_posts
        assert bench.made(name) <= len(own) <= 1
        check_ends(own, bench.made(name))
        self._judge_what_was_there()
        check_pictures(self._paths, self._store, self._store.newest().entries)
        self._judge_index()
        self._judge_left_over()

    def _own(self) -> list[Entry]:
        listing = self._store.newest()
        assert listing.unreadable == ()
        return [entry for entry in listing.entries if entry.prompt == f"fox {self._name}"]

    def _judge_what_was_there(self) -> None:
        """Nothing has changed by a byte that was there before."""
        now = _contents(self._home)
        for file, data in self._before.items():
            if not file.startswith("index.db"):
                assert now.get(file) == data, file

    def _judge_index(self) -> None:
        with closing(HistoryIndex(self._paths.index)) as index:
            assert index.follow(self._store).is_whole
            rows = index.search(Query())
        assert [(row.id, row.status) for row in rows] == [
            (entry.id, entry.status) for entry in self._store.newest().entries
        ]

    def _judge_left_over(self) -> None:
        """Whatever is left over a check finds, and can remove; nothing else is there."""
        for finding in examine(self._paths, time() + LATER).findings:
            assert finding.kind in ("temporary", "unfinished"), finding
            repair(finding, self._store)
        self._store.locks.sweep(time() + LATER)
        entries = self._store.newest().entries
        known = set(self._before) | {self._store.entry_name(entry.id) for entry in entries}
        known |= {image.file for entry in entries for image in entry.images}
        found = {file for file in _contents(self._home) if not file.startswith("index.db")}
        assert found == {file for file in known if not file.startswith("index.db")}


def points_of(calls: Sequence[Point]) -> Iterator[Point]:
    """Each way in which each call can end."""
    for call in calls:
        kinds = [*HARMS[call.call], "KILL"]
        kinds += [kind for kind, names in REFUSING.items() if call.call in names]
        for kind in kinds:
            yield Point(call.call, call.about, call.number, kind)


class Torture:
    """All scenarios, each with its endpoint and its homes, and a bench of each for each thread."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._mine = local()
        self._demos = [self._demo(folder / f"demo-{n}") for n in range(len(SCENARIOS))]
        self.wrong: list[str] = []

    def bench(self, scenario: Scenario) -> Bench:
        """Where the scenario is carried out in this thread."""
        if not hasattr(self._mine, "studios"):
            self._mine.studios = self._stack.enter_context(Studios())
            self._mine.benches = {}
        benches: dict[str, Bench] = self._mine.benches
        if scenario.name not in benches:
            folder = self._folder / f"{get_ident()} {scenario.name}"
            folder.mkdir()
            demo = self._demos[SCENARIOS.index(scenario)]
            benches[scenario.name] = Bench(folder, demo, self._mine.studios)
        return benches[scenario.name]

    def try_all(self, numbered: Sequence[tuple[int, Scenario, Point]]) -> Figures:
        """Carry out these points, some at a time; what came up."""
        figures = Figures()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for each in pool.map(self._try, numbered):
                figures.add(each)
                if figures.points % 500 == 0:
                    print(figures, len(self.wrong), "went wrong", flush=True)
        return figures

    def _try(self, numbered: tuple[int, Scenario, Point]) -> Figures:
        number, scenario, point = numbered
        try:
            return self.bench(scenario).torture(scenario, number, point)
        except AssertionError as error:
            # Its folder stays until the end.
            what = f"POINT={number}: {scenario.name}, {point}"
            self.wrong.append(f"{what}\n{''.join(format_exception(error))}")
            print(self.wrong[-1], flush=True)
            return Figures(points=1)

    def _demo(self, folder: Path) -> Demo:
        app = demo_app(folder, faults=Faults(**FAULTS))
        return Demo(f"{self._stack.enter_context(running(app))}/v1", app.state.traffic)


def _check_that_none_is_missed(calls: Sequence[Point], audited: Counter[str]) -> None:
    """What Python tells of by itself are the calls that are harmed."""
    counted = Counter(point.call for point in calls)
    assert audited.pop("database") == sum(point.about == "connect" for point in calls)
    # Later versions of Python keep the function that lists a folder for themselves, for patterns.
    assert audited.pop("scandir") >= counted["scandir"]
    assert audited == {call: counted[call] for call in audited}
    assert {"open", "connect", "rename"} <= audited.keys()


TRACED = {
    "mkdir": "mkdir", "chmod": "chmod", "fchmod": "chmod", "write": "write", "fsync": "fsync",
    "ftruncate": "truncate", "rename": "rename", "unlink": "unlink", "flock": "flock",
    "rmdir": "rmdir", "link": "link",
}  # fmt: skip
"""System calls, and the calls of Python that make them."""


@needs("strace")
@pytest.mark.soak
def test_the_calls_that_are_harmed_are_those_that_the_system_sees(demo: Demo, memory: Path) -> None:
    home, reports, log = memory / "home", memory / "reports", memory / "log"
    reports.touch()
    presses = (Press("a fox that is watched", {"size": "1k", "n": 2, "response_format": "url"}),)
    plan = Plan(str(home), demo.base_url, str(reports), presses, harm=WHOLE)
    traced = subprocess.run(
        [
            *("strace", "-f", "-y", "-o", log, "-e", f"trace=/^({'|'.join(TRACED)})$"),
            *(sys.executable, "-m", "tests.faults.small_studio"),
        ],
        input=f"{msgspec.json.encode(plan).decode()}\nwait\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if "ptrace" in traced.stderr:
        pytest.skip("this system forbids tracing")
    report = json.loads(Path(f"{reports}-harm").read_text())
    harmed: Counter[str] = Counter()
    for call, _, count in report["calls"]:
        harmed[call] += count
    seen: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        # SQLite's own files are its own matter.
        if str(home) in line and "index.db" not in line:
            seen[TRACED[line.split()[1].partition("(")[0]]] += 1
    assert seen == {call: harmed[call] for call in seen}
    assert {"mkdir", "write", "fsync", "truncate", "rename"} <= seen.keys()


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    "sample", [SAMPLE, pytest.param(0, marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_whatever_call_fails_or_is_the_last_nothing_is_lost(memory: Path, sample: int) -> None:
    with ExitStack() as stack:
        torture = Torture(memory, stack)
        points: list[tuple[int, Scenario, Point]] = []
        for scenario in SCENARIOS:
            calls, audited = torture.bench(scenario).calls(scenario)
            _check_that_none_is_missed(calls, audited)
            points += [(0, scenario, point) for point in points_of(calls)]
        points = [(number, *each[1:]) for number, each in enumerate(points)]
        if "POINT" in os.environ:
            chosen = [points[int(os.environ["POINT"])]]
        else:
            # Spread evenly, and none of the ways in which a call can end left out each time.
            chosen = points[:: len(points) // sample | 1] if sample else points
        figures = torture.try_all(chosen)
    print(f"\n{len(points)} points; {figures}")
    assert not torture.wrong, "\n".join(torture.wrong)
    assert figures.met > figures.points * 0.9
