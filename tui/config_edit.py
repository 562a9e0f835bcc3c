"""config.toml changed by program: what is not meant to change stays as its owner wrote it.

An edit is defined by its meaning, the document before and after. The text is changed to fit, read
again, and put in the file's place only when it means exactly that and loads.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import tomli

from tui.config import (
    BUILT_IN_ENDPOINTS,
    DEMO,
    NO_KEY,
    ConfigError,
    EndpointSettings,
    GraphicsSetting,
    config_problem,
    decode_config,
    parse_config,
)
from tui.files import FILE_MODE, make_folder, write_durably
from tui.text import storable
from tui.toml_text import UnfitDocument, same_value, with_table, with_top_value, without_table

try:
    import fcntl
except ImportError:  # Windows: two that change the file at the same moment are not kept apart.
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

Document: TypeAlias = dict[str, Any]

PATIENCE = 10.0
"""Seconds to wait for another process that changes the file."""
_BETWEEN_TRIES = 0.05
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,59}")
_BOM = b"\xef\xbb\xbf"
_TABLES = "endpoints"
_CHOICE = "endpoint"
_GRAPHICS = "graphics"
_TOP_VALUES = (_CHOICE, _GRAPHICS)
_SEARCHES = "searches"


class UnfitEndpoint(ConfigError):
    """A name or settings that config.toml cannot hold."""


class UnfitSearch(ConfigError):
    """A search that config.toml cannot hold, or not by that name."""


class EndpointExists(ConfigError):
    """The file has an endpoint of that name already."""


class NoSuchEndpoint(ConfigError):
    """There is nothing of that name to remove or to use."""


def save_endpoint(path: Path, name: str, settings: EndpointSettings, *, replace: bool) -> None:
    """Write `settings` as those of the endpoint `name` into the config.toml at `path`.

    Of a built-in endpoint only what differs from it is written, of others what differs from the
    defaults. Raises EndpointExists for a name that the file has already, unless `replace` is set,
    UnfitEndpoint for a name or settings that it cannot hold, and ConfigError where the file cannot
    be changed; it is untouched then.
    """
    check_name(name)
    table = _table(name, settings)

    def changed(document: Document) -> Document:
        tables = _tables(document)
        if name in tables and not replace:
            raise EndpointExists(f"{path} has an endpoint {name} already")
        if not table:  # As it is built in: nothing has to be said.
            return _without(document, name)
        return {**document, _TABLES: {**tables, name: table}}

    _edit(path, changed)


def remove_endpoint(path: Path, name: str) -> None:
    """Take what the config.toml at `path` says of the endpoint `name` out of it.

    Of a built-in endpoint that is what was changed of it. Where it was the chosen one, none is
    chosen afterwards. Raises NoSuchEndpoint where there is nothing to remove and ConfigError where
    the file cannot be changed; the file is untouched then.
    """

    def changed(document: Document) -> Document:
        after = _without(document, name)
        if after.get(_CHOICE) == name:
            del after[_CHOICE]
        if after == document:
            raise NoSuchEndpoint(_nothing_to_remove(path, name))
        return after

    _edit(path, changed)


def use_endpoint(path: Path, name: str) -> None:
    """Make the endpoint `name` the chosen one in the config.toml at `path`.

    Raises NoSuchEndpoint for one that there is not and ConfigError where the file cannot be
    changed; the file is untouched then.
    """

    def changed(document: Document) -> Document:
        if name not in BUILT_IN_ENDPOINTS and name not in _tables(document):
            raise NoSuchEndpoint(f"there is no endpoint {name!r} in {path}")
        return {**document, _CHOICE: name}

    _edit(path, changed)


def save_graphics(path: Path, graphics: GraphicsSetting) -> None:
    """Write into the config.toml at `path` how pictures are drawn.

    Raises ConfigError where the file cannot be changed; it is untouched then.
    """
    _edit(path, lambda document: {**document, _GRAPHICS: graphics})


def save_search(path: Path, name: str, query: str, was: str = "") -> None:
    """Write the search `name` of history into the config.toml at `path`, in place of that of `was`.

    Raises UnfitSearch for a name that it cannot have, and ConfigError where the file cannot be
    changed; it is untouched then.
    """
    if not name.strip() or not query.strip() or storable(name + query) != name + query:
        raise UnfitSearch("a search needs a name and words, both of them text")

    def changed(document: Document) -> Document:
        searches = _searches(document)
        if name != was and searches.get(name, query) != query:
            raise UnfitSearch(f"there is another search {name} already")
        names = [other for other in searches if other == was or other != name]
        # In the place of the one that it was.
        order = dict.fromkeys([*(name if other == was else other for other in names), name])
        found = {**searches, name: query}
        return {**document, _SEARCHES: {each: found[each] for each in order}}

    _edit(path, changed)


def remove_search(path: Path, name: str) -> None:
    """Take the search `name` out of the config.toml at `path`, if it is there.

    Raises ConfigError where the file cannot be changed; it is untouched then.
    """

    def changed(document: Document) -> Document:
        rest = {n: query for n, query in _searches(document).items() if n != name}
        return {**{n: v for n, v in document.items() if n != _SEARCHES}, _SEARCHES: rest}

    _edit(path, changed)


def check_name(name: str) -> None:
    """Raise UnfitEndpoint for what cannot be the name of an endpoint of the user's."""
    if name == DEMO:
        raise UnfitEndpoint("demo is the rehearsal, and stays as it is; choose another name")
    if not _NAME.fullmatch(name):
        raise UnfitEndpoint(
            "an endpoint's name is of letters, digits and . _ - alone, begins with none of . and -"
            " and has 60 characters at most"
        )


def _nothing_to_remove(path: Path, name: str) -> str:
    if name in BUILT_IN_ENDPOINTS:
        return f"{name} is built in, and {path} changes nothing of it: there is nothing to remove"
    return f"there is no endpoint {name!r} in {path}"


def _tables(document: Document) -> Document:
    tables = document.get(_TABLES, {})
    return tables if isinstance(tables, dict) else {}


def _searches(document: Document) -> Document:
    searches = document.get(_SEARCHES, {})
    return searches if isinstance(searches, dict) else {}


def _without(document: Document, name: str) -> Document:
    if name not in _tables(document):
        return dict(document)
    rest = {other: table for other, table in document[_TABLES].items() if other != name}
    return {**document, _TABLES: rest}


def _table(name: str, settings: EndpointSettings) -> Document:
    """`settings` as the file has them; what is as built in, or as by default, is not there."""
    normal = BUILT_IN_ENDPOINTS.get(name, EndpointSettings())
    table: Document = {}
    for field in settings.__struct_fields__:
        value = getattr(settings, field)
        if value == getattr(normal, field):
            continue
        if field == "key":
            value = NO_KEY if value is None else _key_table(value)
        elif isinstance(value, float) and value.is_integer():
            value = int(value)
        elif problem := _unwritable(value):
            raise UnfitEndpoint(f"{field} {problem}")
        table[field] = value
    if not table and name not in BUILT_IN_ENDPOINTS:
        table["base_url"] = settings.base_url
    return table


def _unwritable(value: object) -> str | None:
    """Why `value` cannot be written in TOML, as the end of a sentence; None where it can."""
    if value is None:
        return "holds null, which TOML has no word for"
    if isinstance(value, str) and storable(value) != value:
        return "holds what is no UTF-8 text"
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        return next(filter(None, map(_unwritable, value)), None)
    return None


def _key_table(key: msgspec.Struct) -> Document:
    return {field: value for field, value in msgspec.to_builtins(key).items() if value}


def _edit(path: Path, changed: Callable[[Document], Document]) -> None:
    """Give the file at `path` the meaning that `changed` makes of what it means now."""
    # A link stays one: it may lead into a folder that is kept under version control.
    target = Path(os.path.realpath(path))
    try:
        make_folder(path.parent)
        with _alone(path):
            old = _read(target)
            before = parse_config(old, path)
            after = changed(before)
            if not _same(before, after):
                write_durably(target, _rewritten(old, before, after, path))
    except OSError as error:
        reason = f"it cannot be changed: {error.strerror or error}"
        raise config_problem(path, reason) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _rewritten(old: bytes, before: Document, after: Document, path: Path) -> bytes:
    """`old`, which means `before`, changed so that it means `after`. Raises ConfigError."""
    mark = _BOM if old.startswith(_BOM) else b""
    try:
        text = _changed_text(old.removeprefix(_BOM).decode(), before, after)
        new = text.encode()
        right = _same(tomli.loads(text), after)
    except (UnfitDocument, ValueError, RecursionError):
        right = False
    if not right:
        raise config_problem(
            path, "it is written in a way that cannot be changed safely, and is left as it is;"
            " change it in an editor",
        )  # fmt: skip
    decode_config(after, path)
    return mark + new


def _changed_text(text: str, before: Document, after: Document) -> str:
    tables = _tables(before)
    wanted = _tables(after)
    for name in tables:
        if name not in wanted:
            text = without_table(text, (_TABLES, name))
    for name, table in wanted.items():
        if name not in tables or not same_value(tables[name], table):
            text = with_table(text, (_TABLES, name), table)
    searches = _searches(after)
    if _searches(before) != searches:
        if searches:
            text = with_table(text, (_SEARCHES,), searches)
        else:
            text = without_table(text, (_SEARCHES,))
    for name in _TOP_VALUES:
        if before.get(name) != after.get(name):
            text = with_top_value(text, name, after.get(name))
    return text


def _same(one: Document, other: Document) -> bool:
    """Whether two documents mean the same; an empty table is as good as none of these."""
    none: Document = {_TABLES: {}, _SEARCHES: {}}
    return same_value({**none, **one}, {**none, **other})


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others out while `path` is read, changed and written. Raises OSError and ConfigError."""
    if not HAS_LOCKS:
        yield
        return
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)
    try:
        until = time.monotonic() + PATIENCE
        while not _locked(descriptor):
            if time.monotonic() > until:
                raise config_problem(path, "another process is changing it; try again")
            time.sleep(_BETWEEN_TRIES)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
