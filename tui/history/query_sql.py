"""A query as SQL over the index."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from tui.history.index_rows import SEPARATOR
from tui.history.query import All, Any, Between, Condition, Like, Not, Present, Query, Words

Value = str | int | float
Sql = tuple[str, list[Value]]

_SHORTEST_INDEXED = 3
"""Characters: the index knows every three that follow each other."""
_LARGEST = 1 << 63

_COLUMNS = {
    "model": "e.model_folded",
    "endpoint": "e.endpoint_folded",
    "status": "e.status",
    "parent": "e.parent",
    "id": "e.id",
    "seed": "e.seed",
    "rating": "e.rating",
    "cost": "e.cost",
    "created": "e.created",
    "width": "e.width",
    "height": "e.height",
    "aspect": "(CAST(e.width AS REAL) / e.height)",
}
_PRESENT = {
    "star": "e.starred",
    "image": "e.images > 0",
    "note": "e.note",
    "tag": "e.tags <> ''",
    "reference": "e.reference_count > 0",
    "parent": "e.parent <> ''",
    "error": "e.error_kind <> ''",
    "seed": "e.seed IS NOT NULL",
    "cost": "e.cost IS NOT NULL",
    "rating": "e.rating > 0",
}


class Selection(NamedTuple):
    """The part of a statement from FROM to the end of WHERE, with its values."""

    source: str
    values: list[Value]
    key: str
    """The expression of an entry's key, to sort by."""


def selection(query: Query) -> Selection:
    """Where the entries are that `query` looks for."""
    wanted = [match for condition in query.conditions if (match := _match(condition))]
    clauses = [_sql(condition) for condition in query.conditions if not _is_whole(condition)]
    values = [value for _, inner in clauses for value in inner]
    where = [f"({text})" for text, _ in clauses]
    texts = " JOIN texts t ON t.key = e.key" if any("t.folded" in text for text in where) else ""
    if not wanted:
        source = f"FROM entries e{texts}" + (f" WHERE {' AND '.join(where)}" if where else "")
        return Selection(source, values, "e.key")
    conditions = " AND ".join(["words MATCH ?", *where])
    source = f"FROM words w JOIN entries e ON e.key = w.rowid{texts} WHERE {conditions}"
    return Selection(source, [" AND ".join(wanted), *values], "w.rowid")


def has_word(text: str, word: str) -> bool:
    """Whether `word` stands in `text` with no letter or figure beside it; for SQL."""
    return _whole_word(word).search(text) is not None


@lru_cache(maxsize=16)
def _whole_word(word: str) -> re.Pattern[str]:
    before = r"\b" if word[:1].isalnum() else ""
    after = r"\b" if word[-1:].isalnum() else ""
    return re.compile(before + re.escape(word) + after)


def has_tag_like(tags: str, pattern: str) -> bool:
    """Whether one of `tags`, between separators, is as `pattern` with its stars says; for SQL."""
    whole = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
    return any(whole.fullmatch(tag) for tag in tags.split(SEPARATOR)[1:-1])


FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "has_word": has_word,
    "has_tag_like": has_tag_like,
}
"""What the statements call, by name; each takes two arguments."""


def _match(condition: Condition) -> str | None:
    """What the index of words can say of `condition`: all that fulfil it are among its finds."""
    match condition:
        case Words(text) if len(text) >= _SHORTEST_INDEXED:
            return '"' + text.replace('"', '""') + '"'
        case Any(conditions):
            inner = [_match(each) for each in conditions]
            if all(inner):
                return f"({' OR '.join(map(str, inner))})"
    return None


def _is_whole(condition: Condition) -> bool:
    """Whether the index of words says all there is to say of `condition`."""
    match condition:
        case Words(text, "anywhere"):
            return len(text) >= _SHORTEST_INDEXED
        case Any(conditions):
            return all(map(_is_whole, conditions))
    return False


def _sql(condition: Condition) -> Sql:
    match condition:
        case Words():
            return _words(condition)
        case Like(column, pattern):
            return _like(column, pattern)
        case Between():
            return _between(condition)
        case Present(column):
            return _PRESENT[column], []
        case Not(inner):
            text, values = _sql(inner)
            # A comparison with what is not there is neither true nor false.
            return f"NOT COALESCE(({text}), 0)", values
        case All(conditions):
            return _joined(" AND ", conditions, "1")
        case Any(conditions):
            return _joined(" OR ", conditions, "0")


def _joined(word: str, conditions: tuple[Condition, ...], none: str) -> Sql:
    parts = [_sql(condition) for condition in conditions]
    values = [value for _, inner in parts for value in inner]
    return word.join(f"({text})" for text, _ in parts) or none, values


def _words(words: Words) -> Sql:
    text, length = words.text, len(words.text)
    match words.place:
        case "start":
            return "e.prompt_length >= ? AND substr(t.folded, 1, ?) = ?", [length, length, text]
        case "end":
            return (
                "e.prompt_length >= ? AND substr(t.folded, e.prompt_length - ? + 1, ?) = ?",
                [length, length, length, text],
            )
        case "word":
            return "instr(t.folded, ?) > 0 AND has_word(t.folded, ?)", [text, text]
    return "instr(t.folded, ?) > 0", [text]


def _like(column: str, pattern: str) -> Sql:
    if column == "tag":
        if "*" in pattern:
            return "e.tags <> '' AND has_tag_like(e.tags, ?)", [pattern]
        return "instr(e.tags, ?) > 0", [pattern]
    place = _COLUMNS[column]
    if column == "status":
        return f"{place} = ?", [pattern]
    if "*" in pattern:
        return f"{place} GLOB ?", [re.sub(r"[\[?]", r"[\g<0>]", pattern)]
    return f"instr({place}, ?) > 0", [pattern]


def _between(condition: Between) -> Sql:
    place = _COLUMNS[condition.column]
    parts: list[str] = []
    values: list[Value] = []
    for bound, sign in ((condition.low, ">"), (condition.high, "<")):
        if bound is not None:
            parts.append(f"{place} {sign}{'' if condition.open else '='} ?")
            values.append(bound if abs(bound) < _LARGEST else float(bound))
    return " AND ".join(parts) or f"{place} IS NOT NULL", values
