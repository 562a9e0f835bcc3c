"""The line of a TOML file on which a key is set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import tomli

Place: TypeAlias = tuple[str | int, ...]
"""The way to a value, by keys and by indices from 0: `("parameter", 1, "minimum")`."""


_MOST_LINES = 300
"""Of one statement. Each is read anew with every line that is added, which takes time in the square
of their number."""


class _Statement(NamedTuple):
    """A table's heading, or a key and its value."""

    line: int
    """From 1."""
    text: str
    content: dict[str, Any]
    """What it means alone."""

    @property
    def is_heading(self) -> bool:
        return self.text.lstrip().startswith("[")


def line_of(text: str, place: Place) -> int | None:
    """The line, from 1, on which `text`, which is TOML, sets what is at `place`.

    Where it does not, the line of the smallest table around it; None where that is the whole file,
    and where it may stand behind a value of hundreds of lines.
    """
    statements = list(_statements(text))
    while place:
        if line := _line_of(statements, place):
            return line
        place = place[:-1]
    return None


def _line_of(statements: list[_Statement], place: Place) -> int | None:
    table: Place = ()
    lengths: dict[Place, int] = {}
    for statement in statements:
        if statement.is_heading:
            table = _table_of(statement, lengths)
            if table[: len(place)] == place:
                return statement.line
        elif place[: len(table)] == table and _holds(statement.content, place[len(table) :]):
            return statement.line
    return None


def _statements(text: str) -> Iterator[_Statement]:
    """The statements in `text`: each is the fewest lines that can be read by themselves.

    They end before one of more than _MOST_LINES.
    """
    begin, lines = 1, list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        if len(lines) == _MOST_LINES:
            return
        lines.append(line)
        written = "\n".join((*lines, ""))
        try:
            content = tomli.loads(written)
        except (ValueError, RecursionError):
            continue
        if content:
            yield _Statement(begin, written, content)
        begin, lines = number + 1, []


def _table_of(heading: _Statement, lengths: dict[Place, int]) -> Place:
    """The place of the table that `heading` begins; `lengths` are those of the lists so far."""
    place: Place = ()
    content: Any = heading.content
    while content:
        ((name, content),) = content.items()
        place += (name,)
        if isinstance(content, list):
            lengths[place] = lengths.get(place, 0) + 1
            content = content[0]
        if place in lengths:
            place += (lengths[place] - 1,)
    return place


def _holds(content: Any, place: Place) -> bool:
    for step in place:
        try:
            content = content[step]
        except (LookupError, TypeError):
            return False
    return bool(place)
