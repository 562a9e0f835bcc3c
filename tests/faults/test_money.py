"""Nothing is paid for twice, and what may have been paid for is never told as free."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.api.origins import CANARY
from tests.demo.conftest import running
from tests.faults.conftest import FAULTS, patience_with
from tests.faults.crowd import WAITED_FOR, Crowd, Plan, plans
from tui.catalog.card import ModelCard
from tui.config import EndpointSettings
from tui.demo.faults import Faults
from tui.demo.server import demo_app, http_server
from tui.demo.traffic import Traffic
from tui.generation.queue import Job
from tui.history.entry import UNFINISHED, Entry
from tui.history.store import HistoryStore
from tui.paths import Paths

ROUNDS = 8
JOBS_A_ROUND = 10


@pytest.fixture(autouse=True)
def no_key_anywhere(
    paths: Paths, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """The key is in no log, on no screen and in no file when a test is over."""
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capfd.readouterr())
    files = [path for path in paths.data.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def lies(plan: Plan, entry: Entry, traffic: Traffic) -> Iterator[str]:
    """What the entry tells, or what was sent, that does not agree with what the endpoint did."""
    made, posts = traffic.carried_out[plan.prompt], traffic.posts_by_prompt[plan.prompt]
    charged = entry.error.charged if entry.error else None
    if made > 1:
        yield f"carried out {made} times"
    if posts > 1 + (not WAITED_FOR.isdisjoint(plan.faults)):
        yield f"sent {posts} times"
    if entry.status in UNFINISHED:
        yield "not ended"
    if entry.status in ("done", "partial") and not (made and entry.images):
        yield "there are no pictures"
    if entry.status == "cancelled" and made:
        yield "told as never sent, and made"
    if entry.status == "failed" and charged not in ("maybe", "yes" if made else "no"):
        yield f"told as charged: {charged}, made: {bool(made)}"
    if entry.status == "unknown" and charged == "no":
        yield "unknown, and told as free"


def check(plans: Sequence[Plan], entries: Sequence[Entry], traffic: Traffic) -> None:
    """Hold all entries against what the endpoint knows."""
    found = [
        (plan, entry.status, entry.error, lie)
        for plan, entry in zip(plans, entries, strict=True)
        for lie in lies(plan, entry, traffic)
    ]
    assert not found
    assert traffic.posts_by_idempotency_key[""] == 0
    assert traffic.posts >= traffic.posts_by_prompt.total() >= traffic.carried_out.total()
    assert max(traffic.posts_by_idempotency_key.values()) <= 2
    assert traffic.credentials == []


def check_home(paths: Paths, store: HistoryStore, entries: Sequence[Entry]) -> None:
    """Every job is in history as it ended, and nothing else was left."""
    listed = {entry.id: entry for entry in store.newest().entries}
    assert listed == {entry.id: entry for entry in entries}
    assert not list(paths.data.rglob("*.part"))
    for entry in entries:
        assert all(store.absolute(image.file).is_file() for image in entry.images)


@pytest.mark.parametrize(
    "count", [400, pytest.param(10_000, marks=pytest.mark.soak)], ids=["some", "all"]
)
@pytest.mark.timeout(3600)
def test_jobs_under_every_fault_pay_once_and_tell_the_truth(
    paths: Paths, store: HistoryStore, card: ModelCard, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], count: int,
) -> None:  # fmt: skip
    monkeypatch.setattr("tui.api.client.LISTING_DEADLINE", 2.0)
    app = demo_app(tmp_path / "demo", faults=Faults(**FAULTS))
    traffic, jobs = app.state.traffic, plans(count, seed=20261122)

    def settings_of(faults: tuple[str, ...]) -> EndpointSettings:
        patience = patience_with(*faults)
        return EndpointSettings(
            base_url=f"{origin}/v1",
            timeout=patience,
            download_timeout=patience,
            headers={"X-Fault": ",".join(faults)},
        )

    crowd = Crowd(store, card, settings_of)
    with running(app) as origin:
        entries = asyncio.run(crowd.run(jobs))
    # The endpoint has finished what it had in hand, whoever had gone.
    check(jobs, entries, traffic)
    check_home(paths, store, entries)
    assert crowd.unheard == []
    statuses = Counter(entry.status for entry in entries)
    assert min(statuses[s] for s in ("done", "partial", "failed", "unknown", "cancelled")) > 0
    lost = [entry for entry in entries if entry.status == "unknown"]
    assert any(traffic.carried_out[entry.prompt] for entry in lost)
    assert traffic.posts_by_prompt.total() > count / 2
    with capfd.disabled():
        print(_figures(jobs, entries, traffic), flush=True)


def _figures(plans: Sequence[Plan], entries: Sequence[Entry], traffic: Traffic) -> str:
    """What came up, in words."""
    known = {entry.prompt for entry in entries}
    asked_to_wait = {plan.prompt for plan in plans if not WAITED_FOR.isdisjoint(plan.faults)}
    again = {prompt for prompt, posts in traffic.posts_by_prompt.items() if posts > 1}
    words = [
        f"{len(plans)} presses under {len({plan.faults for plan in plans})} mixes of faults",
        f"{len(traffic.posts_by_prompt)} sent",
        f"{len(again & asked_to_wait)} again when they had been asked to wait",
        f"{len(again - asked_to_wait)} again otherwise",
        f"{len(traffic.carried_out)} carried out",
        f"{sum(made > 1 for made in traffic.carried_out.values())} of them twice",
        f"{len(traffic.carried_out.keys() - known)} without an entry",
        *(f"{n} {status}" for status, n in Counter(entry.status for entry in entries).items()),
    ]
    return ", ".join(words)


class Door:
    """A port that refuses connections until it is opened; then the demo endpoint answers there."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._stack = stack
        self._socket = stack.enter_context(socket.socket())
        # Bound and not listening: nobody else gets the port, and nobody gets in.
        self._socket.bind(("127.0.0.1", 0))
        self._app = demo_app(folder)
        self.traffic: Traffic = self._app.state.traffic
        self.is_open = False

    @property
    def settings(self) -> EndpointSettings:
        return EndpointSettings(base_url=f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1")

    def open(self) -> None:
        self._socket.listen(100)
        server = http_server(self._app)
        thread = threading.Thread(target=server.run, args=([self._socket],))
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(setattr, server, "should_exit", True)
        self.is_open = True


@contextmanager
def door_to(folder: Path) -> Iterator[Door]:
    with ExitStack() as stack:
        yield Door(folder, stack)


@pytest.mark.parametrize("opens_at", range(1, ROUNDS + 1))
def test_what_was_never_delivered_is_sent_again_and_paid_once(
    paths: Paths, store: HistoryStore, card: ModelCard, tmp_path: Path, opens_at: int
) -> None:
    pauses: Counter[str] = Counter()

    def hear(job: Job) -> None:
        if job.pause is not None:
            pauses[job.id] += 1
            if pauses.total() == opens_at * 2:
                door.open()

    jobs = [Plan(number) for number in range(JOBS_A_ROUND)]
    with door_to(tmp_path / "demo") as door:
        crowd = Crowd(store, card, lambda faults: door.settings, hear)
        entries = asyncio.run(crowd.run(jobs))
    check(jobs, entries, door.traffic)
    check_home(paths, store, entries)
    for entry in entries:
        made = door.traffic.carried_out[entry.prompt]
        assert door.traffic.posts_by_prompt[entry.prompt] == made
        assert entry.status == ("done" if made else "failed")
        if entry.error is not None:
            assert (entry.error.kind, entry.error.charged) == ("not_sent", "no")
            assert pauses[entry.id] == 2
    assert door.is_open
    assert any(entry.status == "done" for entry in entries)
