"""When it is told that a job has ended, and how; the user's command is a real one."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE, entry_id
from tui import commands
from tui.catalog.loading import BUNDLED_CARDS, load_catalogue
from tui.config import NoticeSettings
from tui.desktop import DesktopSetting
from tui.generation import notices
from tui.generation.documents import entry_document, json_line
from tui.generation.notices import MOMENT, CommandFailed, Notices, in_a_line, run_with
from tui.generation.queue import Job
from tui.history.entry import Entry, Failure, Status, decode_entry, encode_entry
from tui.history.store import HistoryStore
from tui.keys import Secret
from tui.text import Shown

CARDS = load_catalogue(BUNDLED_CARDS).card
WRITES = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"
"""A program that adds what it reads to a file."""


@dataclass
class Heard:
    """What the user is told, and the time, which goes on when the test says so."""

    rings: int = 0
    shown: list[str] = field(default_factory=list)
    settings: list[DesktopSetting] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    now: float = 0.0

    def ring(self) -> None:
        self.rings += 1

    def show(self, text: Shown, setting: DesktopSetting) -> None:
        self.shown.append(text)
        self.settings.append(setting)

    def complain(self, problem: str) -> None:
        self.complaints.append(problem)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, call))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for entry in [entry for entry in self.due if entry[0] <= self.now]:
            self.due.remove(entry)
            entry[1]()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def _notices(heard: Heard, store: HistoryStore, settings: NoticeSettings) -> Notices:
    return Notices(lambda: settings, store, CARDS, heard, heard.later)


def _job(
    number: int = 0, status: Status = "done", prompt: str = "fox", *, given_up: bool = False
) -> Job:
    entry = replace(DONE, id=entry_id(DONE.created, number), status=status, prompt=prompt)
    return Job(entry, is_given_up=given_up)


async def _finished(told: Notices) -> None:
    if told._runner is not None:
        await told._runner


@pytest.mark.parametrize("status", ["done", "partial", "failed", "unknown"])
def test_each_end_is_told_once(heard: Heard, store: HistoryStore, status: Status) -> None:
    told = _notices(heard, store, NoticeSettings(desktop="osc9"))
    job = _job(status="running")
    told.job_changed(job)
    assert heard.rings == 0
    job.entry = replace(job.entry, status=status)
    # The messages that announce a change may all come after the last one.
    told.job_changed(job)
    told.job_changed(job)
    assert heard.rings == 1
    assert heard.shown == []
    heard.pass_time(MOMENT)
    assert len(heard.shown) == 1
    assert heard.settings == ["osc9"]
    told.job_changed(job)
    heard.pass_time(MOMENT)
    assert (heard.rings, len(heard.shown)) == (1, 1)


@pytest.mark.parametrize(
    ("status", "given_up", "is_told"),
    [
        ("queued", False, False),
        ("cancelled", False, False),
        ("cancelled", True, False),
        ("unknown", True, False),
        ("partial", True, False),
        ("done", True, True),  # Its end was being written when the user gave up.
        ("failed", True, True),
    ],
)
def test_what_the_user_ended_is_no_news(
    heard: Heard, store: HistoryStore, status: Status, given_up: bool, is_told: bool
) -> None:
    told = _notices(heard, store, NoticeSettings())
    told.job_changed(_job(status=status, given_up=given_up))
    assert heard.rings == is_told


def test_forty_ends_in_a_moment_are_one_ring_and_one_notice(
    heard: Heard, store: HistoryStore
) -> None:
    told = _notices(heard, store, NoticeSettings(desktop="osc777"))
    ends: list[Status] = ["done"] * 36 + ["partial", "failed", "failed", "unknown"]
    for number, status in enumerate(ends):
        told.job_changed(_job(number, status))
        heard.pass_time(MOMENT / 50)
    assert heard.rings == 1
    heard.pass_time(MOMENT)
    assert heard.shown == ["40 jobs ended: 36 done, 1 in part, 2 failed, 1 unknown"]
    told.job_changed(_job(40))
    assert heard.rings == 2, "the next one is news again"
    heard.pass_time(MOMENT)
    assert heard.shown[1:] == ["Done: fox"]


def test_ends_that_go_on_ring_once_a_second(heard: Heard, store: HistoryStore) -> None:
    told = _notices(heard, store, NoticeSettings(desktop="osc777"))
    for number in range(100):
        told.job_changed(_job(number))
        heard.pass_time(0.125)
    heard.pass_time(MOMENT)
    assert 11 <= heard.rings <= 13
    assert len(heard.shown) == heard.rings


def test_of_a_long_day_the_last_jobs_are_remembered(heard: Heard, store: HistoryStore) -> None:
    told = _notices(heard, store, NoticeSettings(bell=True))
    jobs = [_job(number) for number in range(1500)]
    for job in jobs:
        told.job_changed(job)
    heard.pass_time(MOMENT)
    rings = heard.rings
    for job in jobs[-1000:]:
        told.job_changed(job)
    assert heard.rings == rings
    assert len(told._told) == 1000


def test_nothing_rings_where_it_is_off(heard: Heard, store: HistoryStore) -> None:
    told = _notices(heard, store, NoticeSettings(bell=False))
    told.job_changed(_job())
    heard.pass_time(MOMENT)
    assert heard.rings == 0
    assert heard.settings == ["off"]


def test_short_jobs_are_not_told_of_where_that_is_wished(
    heard: Heard, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Job, "elapsed", property(lambda job: job.started or 0.0))
    told = _notices(heard, store, NoticeSettings(after=30))
    short, long = _job(1), _job(2)
    short.started, long.started = 29.9, 30.0
    told.job_changed(short)
    assert heard.rings == 0
    told.job_changed(long)
    assert heard.rings == 1


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (DONE, f"Done: {DONE.prompt}"),
        (replace(DONE, prompt="fox\n in \x1b]0;the\x07  snow"), "Done: fox in ␛]0;the␇ snow"),
        (replace(DONE, status="partial", prompt="fox"), "Some pictures missing: fox"),
        (replace(DONE, status="unknown", prompt="fox"), "Outcome unknown: fox"),
        (
            replace(DONE, status="failed", prompt="fox", error=Failure("content_filter", "no")),
            "Refused by filter: fox",
        ),
        (replace(DONE, prompt="ox " * 5000), f"Done: {'ox ' * 39}ox…"),
        (replace(DONE, prompt="A" * 5000), "Done: [4000 characters]"),  # Data, and no words.
    ],
)
def test_what_is_said_of_one_job(entry: Entry, line: str) -> None:
    assert in_a_line([entry]) == line


def test_a_key_in_a_prompt_is_not_shown() -> None:
    secret = Secret("canary-4f2a9c77d1e0", "a test")
    shown = in_a_line([replace(DONE, prompt=f"a fox with {secret.reveal()} on it")])
    assert shown == "Done: a fox with [key] on it"


async def test_the_command_reads_every_entry_as_history_prints_it(
    heard: Heard, store: HistoryStore, tmp_path: Path
) -> None:
    file = tmp_path / "entries"
    command = (sys.executable, "-c", WRITES, str(file))
    told = _notices(heard, store, NoticeSettings(command=command, after=1000))
    jobs = [_job(number, prompt=f"fox {number} \x1b]0;\x9d \ud83d") for number in range(5)]
    for job in jobs:
        told.job_changed(job)
    await _finished(told)
    lines = file.read_text("utf-8").splitlines()
    kept = [decode_entry(encode_entry(job.entry)) for job in jobs]
    assert lines == [json_line(entry_document(e, store, CARDS(e.model))) for e in kept]
    assert [json.loads(line)["id"] for line in lines] == [job.id for job in jobs], "in order"
    assert heard.complaints == []
    assert heard.rings == 0, "they were too short for it, and not for the command"


def test_the_command_has_no_shell_and_no_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "said"
    script = (
        "import os, sys; print('out'); print('err', file=sys.stderr);"
        "open(sys.argv[1], 'w').write(f'{sys.argv[2]} {os.getsid(0) == os.getpid()}')"
    )
    run_with((sys.executable, "-c", script, str(file), "$HOME;`id`"), b"{}")
    assert file.read_text() == "$HOME;`id` True"
    assert capfd.readouterr() == ("", "")


def test_a_command_that_reads_nothing_has_done_its_work() -> None:
    run_with(("true",), b"x" * 1_000_000)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("no-such-command-anywhere",), "was not found"),
        (("/",), "cannot be started: Permission denied"),
        (("tr\0ue",), "cannot be started: it holds a NUL"),
        (("sh", "-c", "exit 3"), "failed: exit status 3"),
        (("sh", "-c", "kill -15 $$"), "was ended by SIGTERM"),
        (("sh", "-c", "kill -40 $$"), "was ended by signal 40"),
    ],
)
def test_why_a_command_failed(command: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CommandFailed) as raised:
        run_with(command, b"{}")
    assert str(raised.value) == reason


@pytest.mark.parametrize("data", [b"{}", b"x" * 1_000_000], ids=["little", "more than a pipe has"])
def test_a_command_that_hangs_is_ended_with_all_it_has_started(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    monkeypatch.setattr(notices, "COMMAND_TIMEOUT", 0.5)
    script = '(exec sleep 3600) >"$0" & echo up >"$0"; exec sleep 3600 >"$0"'
    with pytest.raises(CommandFailed, match=r"took longer than 0\.5 s and was ended"):
        run_with(("sh", "-c", script, str(fifo)), data)
    os.set_blocking(reading, True)
    # Ends only when nobody has it open any more.
    with os.fdopen(reading, "rb") as written:
        assert written.read() == b"up\n"
    assert not commands._running, "each was waited for, and none is a zombie"


async def test_a_failing_command_is_told_of_once_and_logged_each_time(
    heard: Heard, store: HistoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    told = _notices(heard, store, NoticeSettings(command=("no-such-command-anywhere",)))
    with caplog.at_level(logging.WARNING, "tui.generation.notices"):
        for number in range(3):
            told.job_changed(_job(number, prompt="a secret prompt"))
        await _finished(told)
    assert heard.complaints == [
        "The command no-such-command-anywhere was not found. It stands under [notices] in "
        "config.toml. Further failures are told to the log alone."
    ]
    assert len(caplog.records) == 3
    assert "secret" not in caplog.text


async def test_another_command_that_fails_is_told_of_too(heard: Heard, store: HistoryStore) -> None:
    settings = NoticeSettings(command=("false",))
    told = Notices(lambda: settings, store, CARDS, heard, heard.later)
    told.job_changed(_job(1))
    await _finished(told)
    settings = NoticeSettings(command=("sh", "-c", "exit 7"))
    told.job_changed(_job(2))
    await _finished(told)
    assert [complaint.partition(".")[0] for complaint in heard.complaints] == [
        "The command false failed: exit status 1",
        "The command sh failed: exit status 7",
    ]


async def test_what_runs_when_the_studio_is_left_has_a_moment_to_finish(
    heard: Heard, store: HistoryStore, tmp_path: Path
) -> None:
    file = tmp_path / "entries"
    told = _notices(heard, store, NoticeSettings(command=(sys.executable, "-c", WRITES, str(file))))
    told.job_changed(_job(1))
    told.job_changed(_job(2))
    await told.close()
    assert len(file.read_text().splitlines()) == 2
    told.job_changed(_job(3))
    assert heard.rings == 1, "after that nothing is news"
    heard.pass_time(MOMENT)
    assert heard.shown == []


async def test_what_hangs_when_the_studio_is_left_is_ended(
    heard: Heard, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "TO_FINISH", 0.2)
    told = _notices(heard, store, NoticeSettings(command=("sleep", "3600")))
    for number in range(5):
        told.job_changed(_job(number))
    began = time.monotonic()
    await asyncio.wait_for(told.close(), 20)
    assert time.monotonic() - began < 10
    assert heard.complaints == []
    assert not commands._running, "each was waited for, and none is a zombie"
