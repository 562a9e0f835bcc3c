"""Reads streams of events, as the HTML standard has them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One event: its name, if it has one, and its data."""

    name: str | None
    data: str


def events(text: str) -> list[Event]:
    """The events in `text` that have data."""
    found = []
    for block in re.split(r"(?:\r\n|\n){2}", text):
        name, data = None, []
        for line in re.split(r"\r\n|\n", block):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
        if data:
            found.append(Event(name, "\n".join(data)))
    return found
