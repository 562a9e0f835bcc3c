"""The log of commands and of the studio: begun when asked for, and without keys and prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import KEY, QUICK, Home, Run, on_terminal
from tests.cli.servers import echoing
from tui import __version__
from tui.cli.commands import COMMANDS

PROMPT = "a zebra-CANARYPROMPT on the moon"
CTRL_Q = b"\x11"


@pytest.fixture
def log(home: Home) -> Path:
    """Where the log lies, once there is one; it is asked for everything."""
    home.environment["DARKROOM_LOG"] = "debug"
    return home.folder / "logs" / "darkroom.log"


@pytest.fixture(params=[400, 500])
def failing(home: Home, request: pytest.FixtureRequest) -> Iterator[int]:
    """The status with which the endpoint answers; it quotes key and prompt."""
    with echoing(request.param) as endpoint:
        home.use(endpoint.base_url)
        yield request.param


def _records(log: Path) -> list[str]:
    """The records without time and process."""
    return [line.split(" ", 2)[2] for line in log.read_text("utf-8").splitlines()]


def test_by_default_there_is_no_log(home: Home) -> None:
    finished = home.run("generate", PROMPT, *QUICK)
    assert finished.code == 0
    assert not (home.folder / "logs").exists()


def test_a_generation_is_logged_from_start_to_end(home: Home, log: Path) -> None:
    assert home.run("generate", PROMPT, *QUICK).code == 0
    text = "\n".join(_records(log))
    id = home.entry.id
    for pattern in (
        rf"^INFO tui\.cli\.invocation: start: Darkroom {__version__}, Python .*, command generate$",
        rf"^INFO tui\.generation\.queue: job {id} queued: kling-image-o1 at demo, 0 references$",
        rf"^INFO .*: job {id} running after \d",
        r"^INFO tui\.api\.http: POST /v1/images/generations: 200, whole after \d+\.\d\d s$",
        r"^INFO tui\.api\.http: GET demo\.invalid: 200 after ",
        rf"^INFO .*: job {id} done after \d+\.\d s: 1 images, error None, status None$",
        r"^INFO tui\.cli\.invocation: end: exit code 0\Z",
    ):
        assert re.search(pattern, text, re.MULTILINE), pattern
    assert "CANARY" not in text
    assert "zebra" not in text


def test_a_refusal_is_logged_by_kind_and_status(home: Home, log: Path, failing: int) -> None:
    code = home.run("generate", PROMPT, *QUICK).code
    text = "\n".join(_records(log))
    assert f"POST /v1/images/generations: {failing}, whole after" in text
    assert re.search(rf"error \w+, status {failing}$", text, re.MULTILINE)
    assert text.endswith(f"end: exit code {code}")
    assert "CANARY" not in text
    assert "zebra" not in text


def test_a_connection_that_is_refused_is_logged_with_the_reason(home: Home, log: Path) -> None:
    home.use("http://127.0.0.1:9/v1")
    home.run("generate", PROMPT, *QUICK)
    text = log.read_text()
    assert "POST /v1/images/generations: not sent, the connection was refused after" in text
    assert "error not_sent, status None" in text


def test_a_fault_of_ours_is_logged_by_its_frames(home: Home, run: Run, log: Path, monkeypatch):
    def fail(*arguments: object) -> None:
        raise KeyError(PROMPT, KEY)

    monkeypatch.setattr("tui.api.wire.request_body", fail)
    run("generate", PROMPT, *QUICK)
    (line,) = (line for line in _records(log) if line.startswith("ERROR"))
    assert re.search(rf"job {home.entry.id} met a fault of ours: KeyError < \S+:\d+ fail < ", line)
    assert "CANARY" not in log.read_text()


def test_the_configuration_asks_for_it_too(home: Home, run: Run) -> None:
    home.configure('log = "info"')
    run("models")
    log = home.folder / "logs" / "darkroom.log"
    assert _records(log)[-1] == "INFO tui.cli.invocation: end: exit code 0"
    before = log.read_text()
    home.environment["DARKROOM_LOG"] = "off"
    run("models")
    assert log.read_text() == before


def test_how_a_command_ended_is_logged(home: Home, run: Run, log: Path) -> None:
    assert run("models", PROMPT).code == 2
    assert run("history", "show").code == 2
    ends = [line for line in _records(log) if "end: " in line]
    assert [line.rpartition(" ")[2] for line in ends] == ["2", "2"]
    assert "CANARY" not in log.read_text()


@pytest.mark.parametrize("arguments", [["models"], ["doctor"], ["--theme", "safelight"], []])
def test_a_level_that_is_none_is_one_sentence_and_2(
    home: Home, run: Run, arguments: list[str]
) -> None:
    home.environment["DARKROOM_LOG"] = "\x1b[31mloud"
    finished = run(*arguments)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == ["DARKROOM_LOG is one of off, info, debug"]


def test_a_configured_level_that_is_none_is_told_by_whoever_needs_the_configuration(
    home: Home, run: Run
) -> None:
    home.configure('log = "loud"')
    finished = run("generate", PROMPT)
    assert finished.code == 1
    (complaint,) = finished.complaints
    assert "loud" in complaint
    assert "$.log" in complaint
    assert run("history").code == 0


def test_a_log_that_cannot_be_kept_is_said_and_stops_nothing(home: Home, log: Path) -> None:
    log.parent.mkdir(parents=True)
    target = home.folder / "target"
    log.symlink_to(target)
    finished = home.run("models")
    assert finished.code == 0
    assert finished.complaints == [f"no log is kept: {log}: is a link"]
    assert not target.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_nothing_more_with_the_log_on(run: Run, log: Path, name: str) -> None:
    assert run(name, "--help").err == ""


def test_the_studio_logs_what_it_starts_with_and_how_it_ends(home: Home, log: Path) -> None:
    with closing(on_terminal(home)) as terminal:
        terminal.wait_for(b"\x1b[c")
        terminal.send(b"\x1bP>|foot(1.16)\x1b\\\x1b[?62;22c")
        terminal.wait_for(b"Prompt")
        terminal.send(CTRL_Q)
        assert terminal.finish() == 0
    first, *_, last = _records(log)
    assert re.fullmatch(
        rf"INFO tui\.cli\.studio: start: Darkroom {__version__}, Python \S+, Textual \S+, "
        r"TERM \S+, graphics half, endpoint demo, \d+ cards, \d+ themes",
        first,
    )
    assert last == "INFO tui.cli.studio: end: exit code 0"


def test_a_studio_that_is_told_to_end_logs_that_too(home: Home, log: Path) -> None:
    with closing(on_terminal(home)) as terminal:
        terminal.wait_for(b"\x1b[c")
        terminal.send(b"\x1b[?62;22c")
        terminal.wait_for(b"Prompt")
        terminal.process.terminate()
        assert terminal.finish() == 130
    assert _records(log)[-1] == "INFO tui.cli.studio: end: exit code 130"
