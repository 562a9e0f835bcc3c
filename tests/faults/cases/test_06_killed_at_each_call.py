"""The program is killed without a word at every call that saves something, sends or receives.

Nothing is sent before history says so for good. Afterwards every picture that was paid for is
listed, none was paid for twice, and the studio finds what it lost when it is started again.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli.conftest import QUICK, Home
from tests.faults.cases.killed_command import Killing
from tests.faults.cases.session import configure, studio_in
from tests.faults.conftest import Demo
from tests.faults.harm import Point
from tests.faults.ledger import check_ends, check_pictures, has_pictures
from tests.faults.test_random_runs import ROOT
from tui.demo.traffic import Traffic

CALLS = ("write", "fsync", "rename", "link", "unlink", "flock", "connect", "send", "recv")

POST = "POST /v1/images/generations"

Generate = Callable[[str, Point | None], int]


@pytest.fixture
def generate(home: Home, tmp_path: Path) -> Iterator[Generate]:
    """Runs `darkroom generate PROMPT`, killed at a point; gives its exit code."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.cases.killed_command"],
        cwd=ROOT,
        env=home.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as commands:
        assert commands.stdin is not None
        assert commands.stdout is not None

        def generate(prompt: str, point: Point | None = None) -> int:
            killing = Killing(
                str(home.folder),
                ("generate", prompt, *QUICK),
                str(tmp_path / "output"),
                "" if point else str(tmp_path / "calls"),
                point,
            )
            commands.stdin.write(msgspec.json.encode(killing) + b"\n")
            commands.stdin.flush()
            return int(commands.stdout.readline())

        yield generate
        commands.stdin.close()


def test_what_was_paid_for_is_listed_once_and_found(
    home: Home, failing: Demo, generate: Generate, tmp_path: Path
) -> None:
    configure(home, studio=failing.base_url)
    # The folders are there from then on, and each run makes the same calls.
    assert generate("case6 first") == 0
    assert generate("case6 whole") == 0
    calls = json.loads((tmp_path / "calls").read_text())["calls"]
    points = [
        Point(call, about, number, "KILL")
        for call, about, count in calls
        if call in CALLS
        for number in range(1, count + 1)
    ]
    assert {("send", POST), ("recv", POST)} <= {(point.call, point.about) for point in points}
    prompts = {f"case6 killed {number}": point for number, point in enumerate(points)}
    codes = {prompt: generate(prompt, point) for prompt, point in prompts.items()}
    spared = {(prompts[prompt], code) for prompt, code in codes.items() if code != -signal.SIGKILL}
    # An answer may come in fewer parts than it did when the calls were counted. Of the others, one
    # that was about to send too early would have ended otherwise.
    assert {(point, code) for point, code in spared if not _is_further_part(point)} == set()
    assert {code for _, code in spared} <= {0}
    traffic = failing.traffic
    with studio_in(home) as studio:
        studio.wait_until(
            lambda: sum(map(has_pictures, studio.entries)) == sum(made_of(traffic, "case6 "))
        )
        entries = studio.entries
        studio.leave()
    assert len({entry.prompt for entry in entries}) == len(entries)
    # Nothing was sent that history does not know of.
    assert {prompt for prompt in traffic.posts_by_prompt if "case6 " in prompt} <= {
        entry.prompt for entry in entries
    }
    for entry in entries:
        posts, made = traffic.posts_by_prompt[entry.prompt], traffic.carried_out[entry.prompt]
        assert made <= posts <= 1
        if entry.status == "queued":
            # It waits for the user, and nothing was sent.
            assert posts == 0
        else:
            check_ends([entry], made)
    assert sum(made_of(traffic, "case6 killed")) > len(points) / 3
    check_pictures(studio.paths, home.store, entries)


def _is_further_part(point: Point) -> bool:
    """Whether it is the second or a later part of an answer that is received."""
    return point.call == "recv" and point.number > 1


def made_of(traffic: Traffic, mark: str) -> list[int]:
    """How often generations were carried out whose prompts have the mark."""
    return [made for prompt, made in dict(traffic.carried_out).items() if mark in prompt]
