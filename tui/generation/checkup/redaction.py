"""What a stranger may read: configuration, reports and addresses without what is private."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import tomli
import tomli_w

from tui.config import EndpointSettings, KeySource
from tui.scrub import EVERY_SECRET, secret_values
from tui.text import showable

REDACTED = "[redacted]"
TEXT = "[text]"

_PLAIN_TABLES = frozenset({"budget", "keymap"})
_PLAIN_VALUES = frozenset({"endpoint", "model", "theme", "graphics", "log"})
_KEY_LIKE = re.compile(r"(?=.*[0-9])\S{16,}")
_SPOKEN = re.compile(r"prompt|text|style|note", re.IGNORECASE)
_WORD = re.compile(r"[\w.:/+-]{1,40}", re.ASCII)
_SCHEME = re.compile(r"[a-z]+://", re.IGNORECASE)
_MARGIN = re.compile(r"\s*\| ")
"""Stands before the lines of an exception in a group."""
_BETWEEN = re.compile(
    r"[\s+|]*(Exception Group )?Traceback \(most recent call last\):"
    r"|(The above exception was the direct cause|During handling of the above exception).*"
    r"|[\s+|]*-+ (\d+|\.\.\.) -+|[\s+|]*-+"
)
_TYPE = re.compile(r"([A-Za-z_][\w.<>]*)(:.*)?")
_HEADING = 2
"""Lines at the beginning of a crash report that tell versions."""


def bare_address(text: str) -> str:
    """An address without user name, password and query, however it is malformed."""
    match = _SCHEME.match(text)
    scheme = match[0] if match else ""
    _, at, rest = text.removeprefix(scheme).rpartition("@")
    place, question, _ = rest.partition("?")
    return scheme + ("[user]@" if at else "") + place + ("?[query]" if question else "")


def secret_headers(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the headers whose name or value looks like that of a secret."""
    # A header may be named as it likes; but "application/json" is no secret.
    return tuple(
        name
        for name, value in headers.items()
        if any(secret_values({name: value})) or _KEY_LIKE.fullmatch(value)
    )


def secret_fields(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the request fields that say that they, or what is in them, are secret."""
    return tuple(name for name, value in fields.items() if any(secret_values({name: value})))


def redacted_configuration(text: str) -> str:
    """The text of config.toml without keys, and without what may be a prompt.

    What cannot be understood is replaced by the reason.
    """
    try:
        document = tomli.loads(text.removeprefix("\ufeff"))
        written = tomli_w.dumps(dict(_redacted(document)))
    except (ValueError, TypeError, RecursionError) as error:
        written = f"# config.toml cannot be read: {error}\n"
    return fit_for_strangers(written)


def redacted_report(text: str) -> str:
    """A crash report without the messages of its exceptions, which may quote a prompt."""
    lines = text.splitlines()
    told = "\n".join([*lines[:_HEADING], *_frames(lines[_HEADING:])])
    return fit_for_strangers(f"{told}\n")


def fit_for_strangers(text: str) -> str:
    """`text` without secrets, without the user's home, and without what acts on a terminal."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
    text = EVERY_SECRET.text(text)
    return showable(text.replace(home, "~") if len(home) > 1 else text)


def _redacted(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if name == "endpoints":
            yield name, _each(value, _endpoint)
        elif name == "notices" and isinstance(value, Mapping):
            yield name, {n: _notice(n, inner) for n, inner in value.items()}
        elif name in _PLAIN_TABLES or (name in _PLAIN_VALUES and isinstance(value, str)):
            yield name, value
        else:
            yield name, _wordless(value, name)


def _endpoint(settings: Mapping[str, Any]) -> dict[str, Any]:
    known = EndpointSettings.__struct_fields__
    return {name: _setting(name, v) if name in known else REDACTED for name, v in settings.items()}


def _setting(name: str, value: Any) -> Any:
    match name, value:
        case "headers" | "extra", _:
            return _emptied(value)
        case "key", Mapping():
            known = KeySource.__struct_fields__
            return {n: _source(n, v) if n in known else REDACTED for n, v in value.items()}
        case "key", _:
            return REDACTED
        case "base_url", str():
            return bare_address(value)
    return value


def _source(name: str, value: Any) -> Any:
    """A place where a key is looked for."""
    if name == "command":
        return _command(value)
    return value if isinstance(value, str) else REDACTED


def _notice(name: str, value: Any) -> Any:
    return _command(value) if name == "command" else _wordless(value, name)


def _command(value: Any) -> Any:
    """The first word of a command, which may hold a key."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not isinstance(words[0], str):
        return REDACTED
    return [words[0], REDACTED] if len(words) > 1 else words


def _each(tables: Any, redact: Any) -> Any:
    if not isinstance(tables, Mapping):
        return REDACTED
    return {n: redact(t) if isinstance(t, Mapping) else REDACTED for n, t in tables.items()}


def _emptied(value: Any) -> Any:
    """`value` with every leaf replaced."""
    match value:
        case Mapping():
            return {name: _emptied(inner) for name, inner in value.items()}
        case list():
            return [_emptied(inner) for inner in value]
    return REDACTED


def _wordless(value: Any, name: str) -> Any:
    """`value` with text replaced that is more than one word, or that its name gives away."""
    match value:
        case Mapping():
            return {inner: _wordless(v, inner) for inner, v in value.items()}
        case list():
            return [_wordless(inner, name) for inner in value]
        case str() if any(secret_values({name: value})):
            return REDACTED
        case str() if _SPOKEN.search(name) or not _WORD.fullmatch(value):
            return TEXT
    return value


def _frames(lines: list[str]) -> Iterator[str]:
    """Of a traceback what Python and the source code say, and of a message the type before it."""
    expected = "type"
    for line in lines:
        inner = _MARGIN.sub("", line, count=1)
        if inner.startswith('  File "'):
            expected = "code"
        elif _BETWEEN.fullmatch(line):
            expected = "type"
        elif expected == "code" and inner.startswith("    "):
            pass
        elif expected and (match := _TYPE.fullmatch(inner)):
            expected = ""
            line = line[: len(line) - len(inner)] + match[1]
        elif inner.strip():
            continue
        yield line
