"""Studios that are killed at any moment, two at a time, at an endpoint that fails.

Each press of the send key is paid once at most, and every paid picture is found in the end.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import local
from traceback import format_exception

import msgspec
import pytest

from tests.faults.conftest import Demo
from tests.faults.ledger import check_ends, check_pictures, has_pictures
from tests.faults.small_studio import Plan, Press
from tui.demo.faults import KINDS
from tui.history.store import HistoryStore
from tui.paths import Paths

ROOT = Path(__file__).parents[2]
MADE = (
    "slow", "reset", "close", "hang", "cut-length", "cut-chunk", "cut-reset", "drip", "gzip-broken",
    "not-http", "502-html", "504-nginx", "truncated-json", "empty-200", "download-reset",
    "download-503-once", "download-403-once", "download-404", "download-breaks",
)  # fmt: skip
"""Faults after which the picture was made, whatever the client hears of it."""
NOT_MADE = ("reset-early", "close-early", "moderation-400", "429-retry-after")
"""Faults with which nothing is made."""
ONCE_MORE = ("429-once",)
"""Faults after which the request is sent once more, and then its picture is made."""
LONGEST_LIFE = 0.15
"""Seconds that a studio lives at most after the step that it is to be killed at."""
AT_A_TIME = 2
SETTLINGS = 4
"""How often a person looks for what is missing: the endpoint may have been at it still."""


@dataclass
class Figures:
    """What came up in runs, counted."""

    runs: int = 0
    kills: int = 0
    pairs: int = 0
    presses: int = 0
    generations: int = 0
    never_heard: int = 0
    """Presses whose studio was killed between saying so and sending."""
    faults: Counter[str] = field(default_factory=Counter)
    looks: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        for name in ("runs", "kills", "pairs", "presses", "generations", "never_heard"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults
        self.looks += other.looks


class Studios:
    """Starts studios, and waits for their end."""

    def __init__(self, program: str = "tests.faults.small_studio") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", program],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Studios:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, plan: Plan) -> int:
        """The process id of a studio that begins now."""
        return int(self._ask(msgspec.json.encode(plan).decode()))

    def wait(self) -> tuple[int, int]:
        """Process id and exit code of one that has ended; below 0 is the signal that ended it."""
        child, code = self._ask("wait").split()
        return int(child), int(code)

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


class Life:
    """One studio, of which each step is heard; killed after so many steps, where it is to be."""

    def __init__(self, studios: Studios, plan: Plan, kill_at: int | None, life: float) -> None:
        self._kill_at = kill_at
        self._life = life
        os.mkfifo(plan.reports)
        self.steps: list[str] = []
        self.is_killed = False
        self.child = studios.start(plan)
        # Returns once it is up.
        self._reports = Path(plan.reports).open(encoding="utf-8")  # noqa: SIM115 - see hear_all

    def hear_all(self) -> None:
        """Read to its end, and kill it on the way."""
        with self._reports:
            for line in self._reports:
                self.steps.append(line.strip())
                if len(self.steps) == self._kill_at and not self.is_killed:
                    time.sleep(self._life)
                    os.kill(self.child, signal.SIGKILL)
                    self.is_killed = True


class Run:
    """Presses in several lives of a studio, and what became of them."""

    def __init__(self, seed: int, folder: Path, demo: Demo, studios: Studios) -> None:
        self._seed = seed
        self._dice = random.Random(seed)
        self._folder = folder
        self._demo = demo
        self._studios = studios
        self._lives = 0
        self._presses: list[Press] = []
        self._said: Counter[str] = Counter()
        self._submitted = 0
        self.figures = Figures(runs=1)
        home = folder / "home"
        self.paths = Paths(home, home, home)
        self.store = HistoryStore(self.paths)

    def carry_out(self) -> None:
        """Kill and restart, then let a last studio find what is missing; check all of it."""
        for _ in range(self._dice.randint(1, 3)):
            self._session(2 if self._dice.random() < 0.35 else 1)
        for _ in range(SETTLINGS):
            (life,) = self._live([self._plan(settles=True)], [None])
            self.figures.looks.update(
                step.split()[1] for step in life.steps if step.startswith("looked")
            )
            if self._found == self._charged:
                break
        self._check()

    def _session(self, studios: int) -> None:
        self.figures.pairs += studios == 2
        plans = [self._plan(self._some_presses()) for _ in range(studios)]
        kills = [
            self._dice.randint(1, 4 + 4 * len(plan.presses)) if self._dice.random() < 0.75 else None
            for plan in plans
        ]
        self._live(plans, kills)

    def _live(self, plans: list[Plan], kills: list[int | None]) -> list[Life]:
        lives = [
            Life(self._studios, plan, kill, self._dice.uniform(0, LONGEST_LIFE))
            for plan, kill in zip(plans, kills, strict=True)
        ]
        with ThreadPoolExecutor(len(lives)) as pool:
            list(pool.map(Life.hear_all, lives))
        codes = dict(self._studios.wait() for _ in lives)
        for life in lives:
            # One that had ended before it could be killed has ended well.
            assert codes[life.child] in ((0, -signal.SIGKILL) if life.is_killed else (0,))
            self.figures.kills += codes[life.child] != 0
            steps = [step.split(" ", 1) for step in life.steps]
            self._said.update(words[1] for words in steps if words[0] == "pressing")
            self._submitted += sum(words[0] == "pressed" for words in steps)
        return lives

    def _plan(self, presses: tuple[Press, ...] = (), *, settles: bool = False) -> Plan:
        self._lives += 1
        reports = str(self._folder / f"reports-{self._lives}")
        return Plan(
            str(self.paths.data), self._demo.base_url, reports, presses, settles, impatience=0.3
        )

    def _some_presses(self) -> tuple[Press, ...]:
        presses = tuple(self._press() for _ in range(self._dice.randint(1, 5)))
        self._presses += presses
        self.figures.faults.update(press.fault for press in presses)
        return presses

    def _press(self) -> Press:
        dice = self._dice
        if self._presses and dice.random() < 0.15:
            # The same once more, as people do.
            return msgspec.structs.replace(dice.choice(self._presses), pause=0.0)
        kinds = (MADE, NOT_MADE, ONCE_MORE)
        fault = dice.choice(dice.choices(kinds, (8, 2, 1))[0]) if dice.random() < 0.6 else ""
        return Press(
            f"fox {self._seed} {len(self._presses)} {dice.randrange(10**6)}",
            {"size": "1k", "n": dice.choice((1, 1, 1, 2)),
             "response_format": dice.choice(("url", "b64_json"))},
            fault,
            dice.choice((0.0, 0.0, 0.02)),
        )  # fmt: skip

    @property
    def _charged(self) -> int:
        return sum(self._demo.traffic.carried_out[prompt] for prompt in self._said)

    @property
    def _found(self) -> int:
        return sum(has_pictures(entry) for entry in self.store.newest().entries)

    def _check(self) -> None:
        listing = self.store.newest()
        assert listing.unreadable == ()
        traffic, entries = self._demo.traffic, listing.entries
        faults = {press.prompt: press.fault for press in self._presses}
        # Each press that returned has an entry; one that was cut off may have.
        assert self._submitted <= len(entries) <= self._said.total()
        for prompt, said in self._said.items():
            own = [entry for entry in entries if entry.prompt == prompt]
            made, posts = traffic.carried_out[prompt], traffic.posts_by_prompt[prompt]
            assert len(own) <= said
            assert made <= len(own)
            # One that is refused makes nothing. It is sent once more, and again by who resumes it
            # after the program was killed in between.
            most = 2 * self._lives if faults[prompt].startswith("429") else 1
            assert made <= posts <= len(own) * most
            check_ends(own, made)
            self.figures.generations += made
            self.figures.never_heard += posts < len(own)
        self.figures.presses += len(entries)
        check_pictures(self.paths, self.store, entries)


def run_all(seeds: Iterable[int], folder: Path, demo: Demo) -> tuple[Figures, list[str]]:
    """Carry out a run for each seed, some at a time; what came up, and which runs went wrong."""
    mine, figures, stack = local(), Figures(), ExitStack()
    wrong: list[str] = []

    def carry_out(seed: int) -> Figures:
        if not hasattr(mine, "studios"):
            mine.studios = stack.enter_context(Studios())
        place = folder / str(seed)
        place.mkdir()
        run = Run(seed, place, demo, mine.studios)
        try:
            run.carry_out()
        except AssertionError as error:
            # Its folder stays until the end.
            wrong.append(f"SEED={seed}: {error}\n{''.join(format_exception(error))}")
            print(wrong[-1], flush=True)
        else:
            shutil.rmtree(place)
        return run.figures

    with stack, ThreadPoolExecutor(AT_A_TIME) as pool:
        for each in pool.map(carry_out, seeds):
            figures.add(each)
            if figures.runs % 100 == 0:
                print(figures, len(wrong), "went wrong", flush=True)
    return figures, wrong


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of files that nobody needs afterwards."""
    place = Path("/dev/shm")
    if not os.access(place, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=place, prefix="darkroom-test-") as name:
        yield Path(name)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    "runs", [25, pytest.param(2000, marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_each_press_is_paid_once_and_every_paid_picture_is_found(
    demo: Demo, memory: Path, runs: int
) -> None:
    assert set(KINDS) >= {*MADE, *NOT_MADE, *ONCE_MORE}
    # A run that went wrong is repeated by its number.
    seeds = [int(os.environ["SEED"])] if "SEED" in os.environ else range(runs)
    figures, wrong = run_all(seeds, memory, demo)
    print(f"\n{figures}")
    assert not wrong, "\n".join(wrong)
    assert demo.traffic.posts_by_idempotency_key[""] == 0
    assert figures.kills > figures.runs / 3 or len(seeds) == 1
