"""Whose turn it is, without a clock and without a network."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tui.config import QueueSettings
from tui.generation.turns import USUAL, Place, Turns


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def place(name: str, endpoint: str = "a", model: str = "m") -> Place:
    return Place(name, endpoint, model)


def taken(turns: Turns) -> str:
    """The names of all that may run now, in their order."""
    return "".join(iter(turns.take, None))


def filled(names: str, limits: QueueSettings = USUAL, clock: Clock | None = None) -> Turns:
    turns = Turns(limits, clock or Clock())
    for name in names:
        turns.add(place(name))
    return turns


def test_so_many_at_once_and_the_oldest_first() -> None:
    turns = filled("abcdef", QueueSettings(at_once=2))
    assert taken(turns) == "ab"
    turns.ended("a", is_success=True)
    assert taken(turns) == "c"
    assert turns.waiting == ("d", "e", "f")


def test_the_newest_first_where_that_is_wished_for() -> None:
    assert taken(filled("abc", QueueSettings(order="newest"))) == "cba"


def test_endpoints_and_models_have_limits_of_their_own() -> None:
    turns = Turns(QueueSettings(at_once=1, endpoints={"b": 3}, models={"slow": 1}))
    for each in (
        place("1"), place("2"), place("3", "b", "slow"), place("4", "b", "slow"), place("5", "b"),
    ):  # fmt: skip
        turns.add(each)
    # One that has to wait keeps nobody from overtaking it.
    assert taken(turns) == "135"
    turns.ended("3", is_success=False)
    assert taken(turns) == "4"


@pytest.mark.parametrize(
    ("name", "steps", "order"),
    [("d", -1, "abdc"), ("d", -99, "dabc"), ("a", 1, "bacd"), ("b", 99, "acdb"), ("x", 1, "abcd")],
)
def test_what_waits_is_moved(name: str, steps: int, order: str) -> None:
    turns = filled("abcd")
    turns.move(name, steps)
    assert "".join(turns.waiting) == order


def test_what_is_held_and_what_is_paused_waits_for_the_user() -> None:
    turns = filled("a")
    turns.add(place("h"), is_held=True)
    turns.is_paused = True
    assert taken(turns) == ""
    turns.is_paused = False
    assert taken(turns) == "a"
    turns.resume(["h"])
    assert taken(turns) == "h"


def test_an_endpoint_that_asks_to_wait_is_slowed_and_recovers() -> None:
    clock = Clock()
    turns = filled("abcdefghij", QueueSettings(at_once=4), clock)
    assert taken(turns) == "abcd"
    for until in (105.0, 110.0, 107.0):
        turns.rest("a", until)
    turns.ended("a", is_success=False)
    assert turns.wakes_at == 110.0
    assert taken(turns) == ""
    clock.now = 110.0
    for name in "bcd":
        turns.ended(name, is_success=False)
    assert taken(turns) == "ef"
    turns.ended("e", is_success=True)
    assert taken(turns) == "gh"
    turns.ended("g", is_success=True)
    assert taken(turns) == "ij"
    assert turns.wakes_at is None


def test_another_endpoint_is_not_slowed() -> None:
    turns = filled("ab")
    turns.add(place("c", "b"))
    turns.rest("a", 200.0)
    assert taken(turns) == "c"


def test_a_stopped_endpoint_gets_nothing_until_it_is_resumed() -> None:
    turns = filled("ab")
    turns.add(place("c", "b"))
    turns.stop("a", "The key is not accepted.")
    assert taken(turns) == "c"
    assert turns.stopped == {"a": "The key is not accepted."}
    turns.resume()
    assert taken(turns) == "ab"


class TurnsMachine(RuleBasedStateMachine):
    """Whatever happens, no limit is passed and nothing is given out twice or lost."""

    waiting = Bundle("waiting")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.limits = QueueSettings(at_once=2, endpoints={"b": 1}, models={"m": 1})
        self.turns = Turns(self.limits, self.clock)
        self.places: dict[str, Place] = {}
        self.running: dict[str, Place] = {}
        self.gone: set[str] = set()

    @rule(
        target=waiting,
        endpoint=st.sampled_from("abc"),
        model=st.sampled_from("mn"),
        held=st.booleans(),
    )
    def add(self, endpoint: str, model: str, held: bool) -> str:
        name = str(len(self.places))
        self.places[name] = place(name, endpoint, model)
        self.turns.add(self.places[name], is_held=held)
        return name

    @rule()
    def take(self) -> None:
        while (name := self.turns.take()) is not None:
            assert name not in self.running
            assert name not in self.gone
            self.running[name] = self.places[name]

    @rule(success=st.booleans(), data=st.data())
    def end(self, success: bool, data: st.DataObject) -> None:
        if self.running:
            name = data.draw(st.sampled_from(sorted(self.running)))
            self.turns.ended(name, is_success=success)
            self.gone.add(name)
            del self.running[name]

    @rule(name=consumes(waiting))
    def remove(self, name: str) -> None:
        self.turns.remove(name)
        self.running.pop(name, None)
        self.gone.add(name)

    @rule(endpoint=st.sampled_from("abc"), seconds=st.floats(0, 10))
    def rest(self, endpoint: str, seconds: float) -> None:
        self.turns.rest(endpoint, self.clock() + seconds)

    @rule(endpoint=st.sampled_from("abc"))
    def stop(self, endpoint: str) -> None:
        self.turns.stop(endpoint, "No credit.")

    @rule()
    def resume(self) -> None:
        self.turns.resume()

    @rule()
    def in_the_end_all_of_them_run(self) -> None:
        self.turns.resume()
        self.clock.now += 20.0
        self.take()
        while self.running:
            name = next(iter(self.running))
            self.turns.ended(name, is_success=True)
            self.gone.add(name)
            del self.running[name]
            self.take()
        assert self.turns.waiting == ()
        assert self.gone == set(self.places)

    @invariant()
    def no_limit_is_passed(self) -> None:
        endpoints = Counter(place.endpoint for place in self.running.values())
        models = Counter((place.endpoint, place.model) for place in self.running.values())
        assert all(n <= (1 if name == "b" else 2) for name, n in endpoints.items())
        assert all(n <= 1 for (_, model), n in models.items() if model == "m")

    @invariant()
    def each_is_in_one_place(self) -> None:
        waiting = self.turns.waiting
        assert len(set(waiting)) == len(waiting)
        assert set(waiting) == set(self.places) - set(self.running) - self.gone


test_turns_hold_in_any_order = TurnsMachine.TestCase


def test_who_waits_for_a_full_endpoint_keeps_nobody_from_another() -> None:
    turns = Turns(QueueSettings(at_once=1))
    for number, endpoint in enumerate(["one", "one", "one", "other"]):
        turns.add(Place(str(number), endpoint, "m"))
    assert [turns.take(), turns.take(), turns.take()] == ["0", "3", None]
