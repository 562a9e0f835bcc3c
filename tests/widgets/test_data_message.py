"""Messages whose annotations are their fields."""

from __future__ import annotations

from typing import Any

import pytest

from tui.widgets.data_message import DataMessage


class Chosen(DataMessage):
    name: str
    number: int = 1


class ChosenAgain(Chosen):
    when: str = "now"


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (Chosen("a"), ("a", 1)),
        (Chosen("a", 2), ("a", 2)),
        (Chosen(number=3, name="b"), ("b", 3)),
        (ChosenAgain("a", when="later"), ("a", 1)),
    ],
)
def test_fields_are_given_by_place_or_by_name(message: Chosen, fields: tuple[Any, ...]) -> None:
    assert (message.name, message.number) == fields
    assert message.bubble
    assert message.handler_name in ("on_chosen", "on_chosen_again")


def test_one_tells_what_is_in_it() -> None:
    assert repr(ChosenAgain("a")) == "ChosenAgain(name='a', number=1, when='now')"


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), (("a", 1, 2), {}), (("a",), {"nmae": "b"}), ((), {"number": 1})]
)
def test_one_is_not_made_otherwise(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Chosen(*values, **named)
