"""The fuzz finds faults, says how to repeat them, and shortens what is to blame."""

from __future__ import annotations

import re
from random import Random

import pytest

from tests.fuzz import driving
from tests.fuzz.driving import ACCEPTED, Outcomes, Parts, Target, try_examples
from tests.fuzz.mutations import LONGEST, Mutator

MUTATOR = Mutator(['a = [1, "x"]\n', "b = 2\nc = {}\n"], ["[[", "needle"])


def read(parts: Parts) -> str:
    if "needle" in parts[0]:
        raise KeyError("found")
    return ACCEPTED if "=" in parts[0] else "refused"


def broken(attempt=read) -> Target:
    return Target("broken", lambda dice: (MUTATOR.example(dice), 7), attempt)


def test_a_fault_is_shortened_and_repeated_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="KeyError in read") as caught:
        try_examples(broken(), 20_000, lambda _: None)
    said = str(caught.value)
    assert "('needle', 7)" in said
    found = re.search(r"EXAMPLE=(\d+)", said)
    assert found is not None
    monkeypatch.setenv("EXAMPLE", found[1])
    with pytest.raises(AssertionError) as again:
        try_examples(broken(), 20_000, lambda _: None)
    assert str(again.value) == said
    monkeypatch.setenv("EXAMPLE", str(int(found[1]) - 1))
    assert try_examples(broken(), 20_000, lambda _: None).total == 1


def test_what_takes_for_ever_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: Parts) -> str:
        while True:
            pass

    monkeypatch.setattr(driving, "SECONDS", 0.02)
    with pytest.raises(AssertionError, match="example 0 of broken: Endless"):
        try_examples(broken(endless), 5, lambda _: None)


def test_outcomes_are_counted() -> None:
    def long(parts: Parts) -> str:
        assert len(parts[0]) <= LONGEST
        return ACCEPTED if "=" in parts[0] else "refused"

    outcomes = try_examples(broken(long), 500, lambda _: None)
    assert outcomes.total == 500
    assert 0.5 < outcomes.share(ACCEPTED) < 1
    assert str(outcomes).startswith("accepted ")
    assert Outcomes().share(ACCEPTED) == 0


def test_an_example_is_the_same_each_time_and_others_differ() -> None:
    for seeds in (['{"a": 1}\n', "x\ny\n"], [b'{"a": 1}\n', b"x\ny\n"]):
        mutator = Mutator(seeds)
        made = [mutator.example(Random(number)) for number in range(300)]
        assert made == [mutator.example(Random(number)) for number in range(300)]
        assert len(set(made)) > 150
        assert set(seeds) < set(made)
