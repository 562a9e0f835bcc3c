"""Whatever comes from outside is read, or refused by an error of ours: tens of thousands of times.

README.md says how to repeat an example that fails.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import (
    addresses,
    answers,
    batches,
    cards,
    configs,
    entries,
    events,
    flags,
    pauses,
    pictures,
    queries,
    themes,
)
from tests.fuzz.driving import ACCEPTED, Outcomes, Target, resident, try_examples
from tui.catalog.loading import load_catalogue
from tui.text import one_line
from tui.themes import load_themes

TARGETS = [
    module.TARGET
    for module in (
        events, entries, cards, themes, configs, queries, flags, pauses,
        addresses, pictures, answers, batches,
    )
]  # fmt: skip
EXAMPLES = 20_000
MANY = int(os.environ.get("EXAMPLES", "1_000_000"))
MOST_GROWTH = 100 * 1024 * 1024
"""Bytes of memory that the later examples may leave behind."""

every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def judge(target: Target, outcomes: Outcomes) -> None:
    if outcomes.total < EXAMPLES:
        return
    accepted = outcomes.share(ACCEPTED)
    assert accepted >= target.fewest_accepted, outcomes
    assert 1 - accepted >= target.fewest_refused, outcomes


@pytest.mark.timeout(1200)
@every_target
def test_some(target: Target) -> None:
    judge(target, try_examples(target, EXAMPLES, lambda _: None))


def test_folders_of_spoilt_files_are_loaded_whole(tmp_path: Path) -> None:
    for name, target in (("cards", cards.TARGET), ("themes", themes.TARGET)):
        (tmp_path / name).mkdir()
        for number in range(150):
            data = target.example(Random(f"{name} {number}"))[0]
            (tmp_path / name / f"{number:03}.toml").write_bytes(data)
    catalogue = load_catalogue(tmp_path / "cards")
    assert 0 < len(catalogue.problems) < 150
    assert 0 < len(catalogue.own) <= 150 - len(catalogue.problems)
    found = load_themes(tmp_path / "themes")
    assert 0 < len(found.problems) < 150
    for problem in (*catalogue.problems, *found.problems):
        assert problem == one_line(problem, limit=300)


@pytest.mark.soak
@pytest.mark.timeout(12 * 3600)
@every_target
def test_many(target: Target, capfd: pytest.CaptureFixture[str]) -> None:
    began, held = time.monotonic(), 0

    def say(words: str) -> None:
        with capfd.disabled():
            print(f"{target.name}: {words}", flush=True)

    def tell(outcomes: Outcomes) -> None:
        nonlocal held
        held = held or resident()
        seconds = time.monotonic() - began
        say(f"{outcomes.total:,} in {seconds:,.0f} s: {outcomes}")

    outcomes = try_examples(target, MANY, tell)
    judge(target, outcomes)
    if held:
        grown = resident() - held
        say(f"memory grew by {grown >> 20} MiB after the first 50,000")
        assert grown < MOST_GROWTH
