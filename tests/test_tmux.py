"""tmux asked for the terminal outside it, and what is wrapped for that one."""

from __future__ import annotations

import base64
import os
import re
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.tmux import TmuxFacts, ask_tmux, through_tmux, understand

WITHIN_TMUX = {"TMUX": "/tmp/tmux-0/default,1,0", "TMUX_PANE": "%3"}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that programs are found in, and no others."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    return tmp_path


def write_tmux(folder: Path, script: str) -> None:
    path = folder / "tmux"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_tmux_says_what_its_client_is(programs: Path) -> None:
    write_tmux(
        programs, f"echo \"$@\" > {programs}/asked\nprintf '1\\tRGB,sixel\\txterm\\tfoot(1.16)\\n'"
    )
    assert ask_tmux(WITHIN_TMUX).answer() == TmuxFacts(True, ("RGB", "sixel"), "foot(1.16)")
    assert (programs / "asked").read_text("utf-8").startswith("display-message -p -t %3 #{allow-")


def test_an_answer_that_came_long_before_is_read(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.tmux.WITHIN", 0.0)
    write_tmux(programs, "printf '1\\tRGB\\txterm\\tfoot(1.16)\\n'")
    question = ask_tmux(WITHIN_TMUX)
    assert question._asked is not None
    question._asked.wait()
    assert question.answer() == TmuxFacts(True, ("RGB",), "foot(1.16)")


def test_outside_tmux_nothing_is_asked(programs: Path) -> None:
    write_tmux(programs, f"touch {programs}/asked")
    assert ask_tmux({"TERM": "tmux-256color"}).answer() is None
    assert not (programs / "asked").exists()


@pytest.mark.parametrize(
    "script", ["exit 1", "printf '1\\tRGB\\txterm\\tkitty\\n'; exit 1", "echo"]
)
def test_a_tmux_that_fails_says_nothing(programs: Path, script: str) -> None:
    write_tmux(programs, script)
    assert ask_tmux(WITHIN_TMUX).answer() is None


def test_a_tmux_that_is_not_there_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert ask_tmux(WITHIN_TMUX).answer() is None


def test_a_tmux_that_hangs_is_ended(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.tmux.WITHIN", 0.05)
    write_tmux(programs, f"echo $$ > {programs}/pid; exec sleep 600")
    began = time.monotonic()
    question = ask_tmux(WITHIN_TMUX)
    assert question.answer() is None
    assert time.monotonic() - began < 20
    assert question._asked is not None and question._asked.returncode is not None


@pytest.mark.parametrize(
    ("written", "facts"),
    [
        (
            b"on\t256,RGB\txterm-kitty\tkitty(0.41.1)\n",
            TmuxFacts(True, ("256", "RGB"), "kitty(0.41.1)"),
        ),
        (b"all\t\txterm\t\n", TmuxFacts(True, (), "xterm")),
        (b"0\t\t\t\n", TmuxFacts()),
        (b"off\t\t\t\n", TmuxFacts()),
        (b"\t\t\n", None),
        (b"", None),
    ],
)
def test_every_version_of_tmux_is_understood(written: bytes, facts: TmuxFacts | None) -> None:
    assert understand(written) == facts


@given(st.binary())
def test_no_bytes_confuse_it(written: bytes) -> None:
    facts = understand(written)
    assert facts is None or isinstance(facts.outside, str)


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_what_tmux_unwraps_is_what_was_wrapped(payloads: list[bytes]) -> None:
    commands = "".join(
        f"\x1b_Gi=7,m=1;{base64.b64encode(payload).decode()}\x1b\\" for payload in payloads
    )
    assert unwrapped(through_tmux(commands)) == commands


def unwrapped(written: str) -> str:
    """What tmux hands on: each escape within stands twice, and one alone begins the end."""
    handed_on = ""
    while written:
        found = re.match(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", written)
        assert found, written
        handed_on += found[1].replace("\x1b\x1b", "\x1b")
        written = written[found.end() :]
    return handed_on
