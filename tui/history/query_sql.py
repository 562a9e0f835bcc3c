"""A query as SQL over the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tui.history.grams import Grams
from tui.history.index_text import SEPARATOR
from tui.history.query import All, Any, Between, Condition, Like, Not, Present, Query, Words
from tui.history.query_match import marked, matching

Value = str | int | float
Sql = tuple[str, list[Value]]

_LARGEST = 1 << 63
_COLUMNS = {
    "model": "e.model_folded",
    "endpoint": "e.endpoint_folded",
    "status": "e.status",
    "parent": "lower(e.parent)",
    "id": "lower(s.id)",
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
_TABLES = ("entries e", "texts t", "shown s")


class Selection(NamedTuple):
    """The part of a statement from FROM to the end of WHERE, with its values."""

    source: str
    values: list[Value]
    key: str
    """The expression of an entry's key, to sort by."""


def selection(query: Query, grams: Grams, shown: str = "") -> Selection:
    """Where the entries are that `query` looks for, in an index with `grams`.

    `shown` is what of the tables the statement gives; the expressions of a select list.
    """
    match, read = matching(query, grams)
    clauses = [_sql(condition) for condition in read]
    where = [f"({text})" for text, _ in clauses]
    values = [value for _, inner in clauses for value in inner]
    needed = set(re.findall(r"\b([est])\.", " ".join([*where, shown])))
    tables = [table for table in _TABLES if table[-1] in needed]
    if match:
        tables.insert(0, "words w")
        where.insert(0, "words MATCH ?")
        values.insert(0, match)
    elif not tables:
        tables.append("entries e")
    keys = [f"{table[-1]}.{'rowid' if table[-1] == 'w' else 'key'}" for table in tables]
    # CROSS is for SQLite to go through them in this order.
    others = zip(tables[1:], keys[1:], strict=True)
    joins = [f" CROSS JOIN {table} ON {key} = {keys[0]}" for table, key in others]
    conditions = f" WHERE {' AND '.join(where)}" if where else ""
    return Selection(f"FROM {tables[0]}{''.join(joins)}{conditions}", values, keys[0])


def has_word(text: str, word: str) -> bool:
    """Whether `word` stands in `text` with no letter or figure beside it; for SQL."""
    return _whole_word(word).search(text) is not None


@lru_cache(maxsize=16)
def _whole_word(word: str) -> re.Pattern[str]:
    before = r"\b" if word[:1].isalnum() else ""
    after = r"\b" if word[-1:].isalnum() else ""
    return re.compile(before + re.escape(word) + after)


def has_tag_like(tags: str, pattern: str) -> bool:
    """Whether one of `tags`, between separators, is as `pattern` says; for SQL.

    The pattern has a star, or several.
    """
    first, *inner, last = pattern.split("*")
    return any(_is_like(tag, first, inner, last) for tag in tags.split(SEPARATOR)[1:-1])


def _is_like(tag: str, first: str, inner: Sequence[str], last: str) -> bool:
    """Whether `tag` consists of these parts in this order, and of anything between them.

    An expression with a star for each gap would try all places for all of them.
    """
    if len(tag) < len(first) + len(last) or not (tag.startswith(first) and tag.endswith(last)):
        return False
    position, end = len(first), len(tag) - len(last)
    for part in inner:
        found = tag.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "has_word": has_word,
    "has_tag_like": has_tag_like,
}
"""What the statements call, by name; each takes two arguments."""


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
    if words.place == "word":
        return "instr(t.folded, ?) > 0 AND has_word(t.folded, ?)", [words.text, words.text]
    return "instr(t.folded, ?) > 0", [marked(words)]


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
