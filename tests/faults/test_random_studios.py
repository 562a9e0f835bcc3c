"""The studio itself in a terminal, killed at any moment at an endpoint that fails, and reopened.

Each press of the send key is paid once at most, and every paid picture is found in the end.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import tomli_w

from tests.api.origins import CANARY
from tests.faults.conftest import Demo
from tests.faults.ledger import check_ends, check_pictures, has_pictures
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tui.demo.faults import KINDS
from tui.history.entry import UNFINISHED, Entry
from tui.history.store import HistoryStore
from tui.paths import Paths

MODEL = "kling-image-o1"
WELL = "well"
FAULTS = (
    "slow", "reset", "close", "hang", "drip", "cut-length", "truncated-json", "502-html",
    "429-once", "reset-early", "moderation-400",
)  # fmt: skip
"""Each has an endpoint of its name; what becomes of its requests is looked for by itself."""
LONGEST_LIFE = 0.2
"""Seconds that a studio lives at most after the moment that it is to be killed at."""
SEND, JOBS, GO_ON, QUIT = b"\n", b"\x1bOS", b" ", b"\x11"
READY, LEFT_WAITING, CAN_GO_ON = b"History", b"left waiting", b"Space: go on"
ASKS, LEFT = b"Press again to leave", b"\x1b[?1049l"


class Run:
    """Presses in several lives of the studio, and what became of them."""

    def __init__(self, seed: int, paths: Paths, demo: Demo) -> None:
        self._dice = random.Random(f"studio {seed}")
        self._mark = f"fox{seed}x"
        self._paths = paths
        self._store = HistoryStore(paths)
        self._demo = demo
        self._presses = 0
        self._resumed = 0

    def carry_out(self, kills: int) -> None:
        """Kill and reopen, then go on with what waits until nothing is lost; check all of it."""
        for _ in range(kills):
            self._killed_life()
        self._last_life()
        self._check()

    @property
    def figures(self) -> str:
        """What came up, in words."""
        ends = Counter(entry.status for entry in self._entries())
        words = [f"{self._presses} presses", f"{self._posted()} sent", f"{self._made()} made"]
        words += [f"{self._resumed} left waiting"]
        return ", ".join([*words, *(f"{count} {status}" for status, count in ends.items())])

    def _killed_life(self) -> None:
        self._configure(is_well=False)
        endpoint = self._dice.choice((WELL, *FAULTS))
        moment = self._dice.choice((self._queued, self._posted, self._made, self._ended))
        with self._studio(endpoint) as studio:
            if presses := self._dice.randint(0 if self._presses else 1, 3):
                before, over = moment(), self._ended() + presses
                for _ in range(presses):
                    self._presses += 1
                    studio.send(f" {self._mark}{self._presses}".encode(), SEND)
                # Where all have ended, it never comes.
                studio.wait_for(lambda _: moment() > before or self._ended() >= over)
            until = time.monotonic() + self._dice.uniform(0, LONGEST_LIFE)
            # Whoever stops reading stops the studio.
            studio.wait_for(lambda _: time.monotonic() > until)
            studio.process.kill()

    def _last_life(self) -> None:
        self._configure(is_well=True)
        self._resumed = sum(entry.status == "queued" for entry in self._entries())
        with self._studio(WELL) as studio:
            if self._resumed:
                studio.wait_for(LEFT_WAITING)
                studio.send(JOBS)
                studio.wait_for(CAN_GO_ON)
                studio.send(GO_ON)
            studio.wait_for(lambda _: self._is_settled())
            self._leave(studio)

    def _leave(self, studio: PseudoTerminal) -> None:
        studio.send(QUIT)
        # What is on the disk the studio itself may learn a moment later, and then it asks.
        studio.wait_for(lambda told: ASKS in told or LEFT in told)
        if LEFT not in studio.written:
            studio.send(QUIT)
        assert studio.finish() == 0

    @contextmanager
    def _studio(self, endpoint: str) -> Iterator[PseudoTerminal]:
        studio = PseudoTerminal(
            "-m",
            "tui",
            "--endpoint",
            endpoint,
            size=(120, 30),
            environment={
                "DARKROOM_HOME": str(self._paths.data),
                "STUDIO_KEY": CANARY,
                "TERM": "xterm-256color",
            },
        )
        with closing(studio):
            studio.wait_for(READY)
            yield studio

    def _configure(self, *, is_well: bool) -> None:
        """Have the endpoints play their faults, or none any more."""
        endpoints = {
            name: {
                "base_url": self._demo.base_url,
                "key": {"env": "STUDIO_KEY"},
                "timeout": PATIENCE if is_well or name == WELL else 0.5,
                "headers": {} if is_well or name == WELL else {"X-Fault": name},
            }
            for name in (WELL, *FAULTS)
        }
        config = {
            "model": MODEL,
            "defaults": {MODEL: {"size": "1k"}},
            "queue": {"at_once": self._dice.choice((1, 2))},
            "endpoints": endpoints,
        }
        self._paths.config_file.write_text(tomli_w.dumps(config), "utf-8")

    def _entries(self) -> tuple[Entry, ...]:
        return self._store.newest().entries

    def _queued(self) -> int:
        return len(self._entries())

    def _posted(self) -> int:
        return self._count(self._demo.traffic.posts_by_prompt)

    def _made(self) -> int:
        return self._count(self._demo.traffic.carried_out)

    def _ended(self) -> int:
        return sum(entry.status not in UNFINISHED for entry in self._entries())

    def _count(self, by_prompt: dict[str, int]) -> int:
        # Copied since the endpoint counts in a thread of its own.
        return sum(count for prompt, count in dict(by_prompt).items() if self._mark in prompt)

    def _is_settled(self) -> bool:
        entries = self._entries()
        is_at_rest = not any(entry.status in UNFINISHED for entry in entries)
        return is_at_rest and sum(map(has_pictures, entries)) == self._made()

    def _check(self) -> None:
        listing, traffic = self._store.newest(), self._demo.traffic
        entries = listing.entries
        assert listing.unreadable == ()
        assert len(entries) <= self._presses
        prompts = {entry.prompt for entry in entries}
        assert len(prompts) == len(entries)
        # Nothing was sent that history does not know of.
        assert {prompt for prompt in traffic.posts_by_prompt if self._mark in prompt} <= prompts
        for entry in entries:
            made, posts = traffic.carried_out[entry.prompt], traffic.posts_by_prompt[entry.prompt]
            assert made <= posts <= (2 if entry.endpoint == "429-once" else 1)
            check_ends([entry], made)
        check_pictures(self._paths, self._store, entries)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("runs", "kills"),
    [(3, 1), pytest.param(30, 3, marks=pytest.mark.soak)],
    ids=["some", "all"],
)
def test_a_studio_that_is_killed_pays_once_and_finds_every_picture(
    demo: Demo, make_paths: Callable[[], Paths], runs: int, kills: int
) -> None:
    assert set(KINDS) >= set(FAULTS)
    by_key = demo.traffic.posts_by_idempotency_key
    # Other tests ask the same endpoint, and some of theirs may be sent more often.
    others = set(by_key)
    # A run that went wrong is repeated by its number.
    seeds = [int(os.environ["SEED"])] if "SEED" in os.environ else range(runs)
    for seed in seeds:
        run = Run(seed, make_paths(), demo)
        print(f"SEED={seed}", end=": ", flush=True)
        run.carry_out(kills)
        print(run.figures, flush=True)
    assert max((posts for key, posts in by_key.items() if key not in others), default=0) <= 2
    assert by_key[""] == 0


@pytest.fixture
def make_paths(tmp_path: Path) -> Callable[[], Paths]:
    """Gives homes, each of its own and empty."""
    homes = (tmp_path / f"home-{number}" for number in range(1_000_000))

    def make() -> Paths:
        home = next(homes)
        paths = Paths(home, home, home)
        paths.prepare()
        return paths

    return make
