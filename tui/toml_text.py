"""TOML text changed at one place, with comments, order and blanks kept.

tomlkit does the work, apart from what it would put in the wrong place: a comment at the end of a
table stands before the next one and belongs to that. No function checks what comes out; whoever
calls it reads the result again. tomlkit is imported when it is used.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Item, Table

_HEADING = re.compile(r"\A(?:[ \t]*#[^\n]*\n)+[ \t]*\r?\n")
"""Comments at the top of a file, and the blank line after them."""
_Body = list[Any]


class UnfitDocument(Exception):
    """The text cannot be changed as it is wanted."""


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever tomlkit stumbles over is an UnfitDocument."""
    from tomlkit.exceptions import TOMLKitError

    try:
        yield
    except (
        TOMLKitError, LookupError, TypeError, ValueError, AttributeError, RecursionError,
    ) as error:  # fmt: skip
        raise UnfitDocument from error


def same_value(one: object, other: object) -> bool:
    """Whether two TOML values mean the same: 300 and 300.0 do, 1 and true do not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[n], other[n]) for n in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


@_understood()
def with_top_value(text: str, name: str, value: str | None) -> str:
    """`text` with the string `name` of its top level set, or taken out. Raises UnfitDocument."""
    document = _parsed(text)
    if name in document:
        if value is not None:
            document[name] = value
            return str(document.as_string())
        del document[name]
        rest = str(document.as_string())
        return rest if text[:1].isspace() else rest.lstrip("\r\n")
    if value is None:
        return text
    # tomlkit would put it below the comment of the first table.
    heading = _HEADING.match(text)
    start = heading.end() if heading else 0
    line = f"{name} = {_written(value)}{_line_end(text)}"
    gap = _line_end(text) if text[start:].lstrip(" \t").startswith(("[", "#")) else ""
    return text[:start] + line + gap + text[start:]


@_understood()
def with_table(text: str, path: tuple[str, ...], values: dict[str, Any]) -> str:
    """`text` with the table at `path` holding `values` and nothing else. Raises UnfitDocument."""
    *outer, name = path
    text = _ended(text)
    document = _parsed(text)
    tables = _within(document, outer)
    if name in tables:
        _fit(tables[name], values)
        return str(document.as_string())
    if _is_inline(tables):
        tables[name] = _item(values)
        return str(document.as_string())
    return text + _new_table(path, values, _line_end(text), gap=bool(text.strip()))


@_understood()
def without_table(text: str, path: tuple[str, ...]) -> str:
    """`text` without the table at `path`, what lies in it and its comments.

    Comments at its end stay: they belong to what follows. Raises UnfitDocument.
    """
    *outer, name = path
    text = _ended(text)
    if (cut := _cut_out(text, path)) is not None:
        return cut
    document = _parsed(text)
    del _within(document, outer)[name]
    return str(document.as_string())


def _parsed(text: str) -> TOMLDocument:
    import tomlkit

    return tomlkit.parse(text)


def _within(document: TOMLDocument, names: Iterable[str]) -> Any:
    """The table that `names` lead to; an empty one where there is none."""
    table: Any = document
    for name in names:
        table = table.get(name, {})
    return table


def _fit(table: Any, values: dict[str, Any]) -> None:
    """Make `table` hold `values`; what holds its value already stays as it is written."""
    tail = _tail(table) if _is_table(table) else []
    for name in [name for name in table if name not in values]:
        del table[name]
    for name, value in values.items():
        if name not in table:
            table[name] = _item(value)
        elif isinstance(value, dict) and _is_table(table[name]):
            _fit(table[name], value)
        elif not same_value(_plain(table[name]), value):
            table[name] = _item(value)
    if tail:
        table.value.body.extend(tail)


def _tail(table: Table) -> _Body:
    """The comments and blanks that end the text of `table`, taken out of it."""
    body = _last_body(table)
    start = _end_of_values(body)
    tail = body[start:]
    del body[start:]
    return tail


def _last_body(table: Table) -> _Body:
    """Of `table` and the tables within it the contents of the one that is written last."""
    body = table.value.body
    while body and (inner := _last_table(body)) is not None:
        body = inner.value.body
    return body


def _last_table(body: _Body) -> Table | None:
    return next((item for key, item in reversed(body) if key is not None and _is_table(item)), None)


def _end_of_values(body: _Body) -> int:
    """The place in `body` after which only comments and blanks come."""
    return next((at for at in range(len(body), 0, -1) if body[at - 1][0] is not None), 0)


def _cut_out(text: str, path: tuple[str, ...]) -> str | None:
    """`text` without the table at `path`, up to the comments at its end.

    None where it is no table with a heading, all in one place.
    """
    import tomlkit

    *outer, name = path
    document = _parsed(text)
    table = _within(document, outer).get(name)
    if not _is_table(table):
        return None
    first, last = (f"{word} {secrets.token_hex(16)}" for word in ("first", "last"))
    body = _last_body(table)
    body.insert(_end_of_values(body), (None, tomlkit.comment(last)))
    table.value.body.insert(0, (None, tomlkit.comment(first)))
    lines = document.as_string().splitlines(keepends=True)
    begin, end = (
        next((at for at, line in enumerate(lines) if mark in line), 0) for mark in (first, last)
    )
    if not 0 < begin < end or not lines[begin - 1].lstrip().startswith("["):
        return None
    before, after = lines[: begin - 1], lines[end + 1 :]
    while after and not after[0].strip() and (not before or not before[-1].strip()):
        del after[0]
    return "".join(before + after)


def _is_table(item: object) -> bool:
    """Whether `item` is a table of `name = value` lines, not one between braces."""
    from tomlkit.items import Table

    return isinstance(item, Table)


def _is_inline(item: object) -> bool:
    from tomlkit.items import InlineTable

    return isinstance(item, InlineTable)


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _new_table(path: tuple[str, ...], values: dict[str, Any], line_end: str, *, gap: bool) -> str:
    heading = ".".join(map(_written_key, path))
    lines = [f"[{heading}]", *(f"{_written_key(n)} = {_written(v)}" for n, v in values.items())]
    return line_end * gap + "".join(f"{line}{line_end}" for line in lines)


def _item(value: Any) -> Item:
    import tomlkit

    return tomlkit.value(_written(value))


def _written(value: Any) -> str:
    """`value` as TOML in one line. Raises ValueError for what TOML has no word for."""
    import tomlkit

    if isinstance(value, dict):
        inner = ", ".join(f"{_written_key(name)} = {_written(v)}" for name, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return str(tomlkit.item(value).as_string())


def _written_key(name: str) -> str:
    import tomlkit

    return str(tomlkit.key(name).as_string())


def _ended(text: str) -> str:
    """`text` with an end of its last line."""
    return text if not text or text.endswith("\n") else text + _line_end(text)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
