"""The report of a failure, whatever the failure is made of."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.outside_world import SEQUENCES
from tests.terminal_bytes import harmful
from tui.crash import forbid_core_dumps, last_words, report_text, say, write_report

CANARY = "canary-5b1e0c9d7742aa"


def _raised(action: Callable[[], object]) -> BaseException:
    try:
        action()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


class _Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError(CANARY)


def _deep(depth: int) -> None:
    if depth:
        _deep(depth - 1)
    raise RecursionError("deep")


def _chained(length: int) -> None:
    try:
        if length:
            _chained(length - 1)
    finally:
        raise ValueError(f"link {length}")


FAILURES: dict[str, Callable[[], BaseException]] = {
    "plain": lambda: _raised(lambda: 1 / 0),
    "no traceback": lambda: ValueError("never raised"),
    "cannot say what it is": lambda: _raised(lambda: (_ for _ in ()).throw(_Unspeakable())),
    "ten megabytes": lambda: ValueError("x" * 10_000_000),
    "many lines": lambda: ValueError("a line\n" * 100_000),
    "deep": lambda: _raised(lambda: _deep(900)),
    "a long chain": lambda: _raised(lambda: _chained(200)),
    "a large group": lambda: ExceptionGroup("many", [ValueError(str(n)) for n in range(5000)]),
    "harmful": lambda: ValueError("".join(SEQUENCES.values())),
    "bytes": lambda: UnicodeDecodeError("utf-8", b"\xff\x1b[31m", 0, 1, "\x9b31m"),
    "syntax": lambda: _raised(lambda: compile("a = '\x1b[31m", "f\x1b[2J", "exec")),
    "interrupted": lambda: KeyboardInterrupt(),
}


@pytest.mark.parametrize("make", FAILURES.values(), ids=FAILURES.keys())
def test_any_failure_has_a_small_harmless_report(make: Callable[[], BaseException]) -> None:
    error = make()
    text = report_text(error)
    assert type(error).__name__ in text
    assert len(text.encode()) <= 3 * 64 * 1024  # What is made visible grows.
    assert harmful(text.replace("\n", "").encode()) == []
    assert "Python" in text.splitlines()[0]


@given(st.text(st.characters()))
def test_any_message_is_harmless(message: str) -> None:
    assert harmful(report_text(ValueError(message)).replace("\n", "").encode()) == []
    words = last_words(ValueError(message), None)
    assert len(words) < 700


def test_no_variable_and_no_secret_of_the_environment_is_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_API_KEY", CANARY)
    monkeypatch.setenv("OTHER_TOKEN", "caf\udce9-canary-token")

    def fail() -> None:
        local = f"local-{CANARY}"
        raise ValueError(f"the key is {os.environ['SOME_API_KEY']}", len(local))

    error = _raised(fail)
    assert CANARY not in report_text(error)
    assert "[key]" in report_text(error)
    assert CANARY not in last_words(error, None)


def test_the_home_folder_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    text = report_text(OSError(2, "no such file", "/home/somebody/pictures/a.png"))
    assert "somebody" not in text
    assert "~/pictures/a.png" in text


def test_a_report_is_private_and_old_ones_go(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    previous = os.umask(0)
    try:
        paths = [write_report(ValueError(str(number)), folder) for number in range(25)]
    finally:
        os.umask(previous)
    left = sorted(folder.iterdir())
    assert len(left) == 20
    assert paths[-1] in left
    assert {path.stat().st_mode & 0o777 for path in left} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_where_no_report_can_be_written_the_paragraph_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    words = last_words(ValueError("x"), tmp_path / "file" / "reports")
    assert "ValueError: x" in words
    assert "No report could be written: " in words
    assert "its folder is not known" in last_words(ValueError("x"), None)


def test_the_paragraph_names_the_report(tmp_path: Path) -> None:
    words = last_words(ValueError("x"), tmp_path)
    (report,) = tmp_path.iterdir()
    assert str(report) in words


def test_what_is_said_is_harmless_and_never_fails(capfd: pytest.CaptureFixture[str]) -> None:
    say("\x1b[31mred")
    assert capfd.readouterr().err == "darkroom: ␛[31mred\n"
    kept = os.dup(2)
    os.close(2)
    try:
        say("to nobody")
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def test_the_memory_of_the_process_goes_into_no_file() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        forbid_core_dumps()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
