"""What stands against saving the draft of an endpoint."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tui.api.addresses import BadAddress, read_base_url
from tui.api.errors import ApiError
from tui.api.settings_check import usable_headers
from tui.config import JSON, ConfigError, KeySource
from tui.config_edit import check_name
from tui.generation.endpoint_draft import Draft
from tui.generation.endpoint_values import (
    PLACE,
    SOURCES,
    STORED,
    TIMES,
    read_extra,
    read_headers,
    read_seconds,
)
from tui.keys import key_store, looks_like_a_key

NOT_THE_KEY = "This leads to the key, and is never the key itself."

_PLACE_WANTED = {
    "variable": "Name the environment variable that holds the key.",
    "file": "Name the file that holds the key, of mode 0600.",
    "keyring": "Name the service in the system's keyring, of the user darkroom.",
    "command": "Write the command that prints the key.",
}


class Trouble(Struct, frozen=True):
    """What is wrong with a field."""

    text: str
    """A sentence that repeats no value."""
    missing: bool = False
    """Whether it is only that nothing has been typed yet."""


def troubles(draft: Draft, taken: Collection[str], keys: Path) -> dict[str, Trouble]:
    """What stands against saving `draft`, by field, in the order of the form.

    `taken` are the names that there are, `keys` the folder in which keys are stored.
    """
    judges: dict[str, Callable[[], Trouble | None]] = {
        "name": lambda: _name_trouble(draft, taken),
        "base_url": lambda: _address_trouble(str(draft.value("base_url"))),
        "key": lambda: _store_trouble(draft, keys),
        PLACE: lambda: _place_trouble(draft.key_kind, str(draft.value(PLACE)).strip()),
        **{time: partial(_told, read_seconds, draft.value(time)) for time in TIMES},
        "headers": lambda: _headers_trouble(draft),
        "extra": partial(_told, read_extra, draft.value("extra")),
    }
    return {field: trouble for field, judge in judges.items() if (trouble := judge())}


def _told(read: Callable[[str], object], value: JSON) -> Trouble | None:
    try:
        read(str(value))
    except ValueError as error:
        return Trouble(str(error))
    return None


def _name_trouble(draft: Draft, taken: Collection[str]) -> Trouble | None:
    name = draft.name
    if not name:
        return Trouble("Give it a name.", missing=True)
    if looks_like_a_key(name):
        return Trouble("That looks like a key; this is the name by which you call the endpoint.")
    if draft.is_new and name in taken:
        return Trouble("There is one of that name; change that, or choose another name.")
    try:
        check_name(name)
    except ConfigError as error:
        text = str(error)
        return Trouble(f"{text[0].upper()}{text[1:]}.")
    return None


def _address_trouble(text: str) -> Trouble | None:
    if not text.strip():
        return Trouble("Write its address, up to and including /v1.", missing=True)
    try:
        read_base_url(text)
    except BadAddress as error:
        return Trouble(f"It cannot be used: {error}.")
    return None


def _store_trouble(draft: Draft, keys: Path) -> Trouble | None:
    if draft.key_kind != STORED or not draft.name or key_store(keys, draft.name) is not None:
        return None
    return Trouble(
        "No key can be stored under a name with capitals: choose small letters, or another source."
    )


def _place_trouble(kind: str, place: str) -> Trouble | None:
    if kind not in SOURCES:
        return None
    if not place:
        return Trouble(_PLACE_WANTED[kind], missing=True)
    try:
        words = shlex.split(place) if kind == "command" else [place]
        KeySource(env=place if kind == "variable" else "")
    except ValueError as error:
        what = f"It cannot be read: {error}." if kind == "command" else NOT_THE_KEY
        return Trouble(what)
    if not words or not words[0]:
        return Trouble(_PLACE_WANTED[kind], missing=True)
    if any(map(looks_like_a_key, words)) and not (kind == "file" and _is_a_file(place)):
        return Trouble(NOT_THE_KEY)
    return None


def _is_a_file(place: str) -> bool:
    try:
        return Path(place).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _headers_trouble(draft: Draft) -> Trouble | None:
    if "headers" not in draft.typed:
        headers = draft.base.headers
    else:
        try:
            headers = read_headers(str(draft.value("headers")))
        except ValueError as error:
            return Trouble(str(error))
    try:
        usable_headers(replace(draft.base, headers=headers))
    except ApiError as error:
        return Trouble(error.message)
    return None
