"""From what is typed after `darkroom endpoints add` to the settings of an endpoint.

What cannot be meant ends the process with a sentence that repeats no value: it may be a key.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from tui.api.endpoints import find_settings, is_demo
from tui.api.errors import ApiError
from tui.api.settings_check import check_settings
from tui.cli.exits import USAGE, leave
from tui.config import (
    BUILT_IN_ENDPOINTS,
    Config,
    ConfigError,
    EndpointSettings,
    KeySource,
)
from tui.keys import key_store, looks_like_a_key
from tui.paths import Paths

NOTHING_WRITTEN = "nothing was written"


class Typed(Struct, frozen=True):
    """The options as they were typed; None, or nothing, for those that were not."""

    profile: str | None
    base_url: str | None
    key_env: str | None
    key_file: str | None
    key_keyring: str | None
    key_command: str | None
    no_key: bool
    model: str | None
    timeout: str | None
    connect_timeout: str | None
    download_timeout: str | None
    headers: tuple[str, ...]
    extra: tuple[str, ...]
    references: str | None
    image_field: str | None
    image_encoding: str | None
    image_always_array: bool | None
    response_format: str | None
    native_params: bool | None


def settings_of(name: str, typed: Typed, config: Config, paths: Paths) -> EndpointSettings:
    """The settings of the endpoint `name` that are meant, found usable."""
    begin = _beginning(name, typed, config)
    changes: dict[str, Any] = {
        field: value
        for field in (
            "model", "references", "image_field", "image_encoding", "image_always_array",
            "response_format", "native_params",
        )
        if (value := getattr(typed, field)) is not None
    }  # fmt: skip
    for field in ("timeout", "connect_timeout", "download_timeout"):
        if (text := getattr(typed, field)) is not None:
            changes[field] = _seconds(field, text)
    if typed.base_url is not None:
        changes["base_url"] = typed.base_url.strip().rstrip("/")
    settings = replace(
        begin,
        key=_key(typed, begin),
        headers={**begin.headers, **dict(_pair("--header", text) for text in typed.headers)},
        extra={**begin.extra, **_json_fields(typed.extra)},
        **changes,
    )
    if not settings.base_url:
        _refuse("an endpoint needs an address: --base-url URL, or --from PROFILE")
    try:
        check_settings(settings)
    except ApiError as error:
        _refuse(error.message.rstrip("."))
    if settings.key == KeySource() and key_store(paths.keys, name) is None:
        _refuse(
            f"no key can be kept for {name}, since its name has capitals: use small letters, or"
            " say with one of the --key options where the key is"
        )
    return settings


def _beginning(name: str, typed: Typed, config: Config) -> EndpointSettings:
    """What the options change: a profile, the built-in endpoint of that name, or the defaults."""
    if typed.profile is None:
        return BUILT_IN_ENDPOINTS.get(name, EndpointSettings(key=KeySource()))
    try:
        settings = find_settings(config, typed.profile)
    except ConfigError as error:
        _refuse(str(error))
    if is_demo(settings):
        _refuse(f"{typed.profile} is a rehearsal within Darkroom; begin with another")
    return settings


def _key(typed: Typed, begin: EndpointSettings) -> KeySource | None:
    given = {
        "env": typed.key_env,
        "file": typed.key_file,
        "keyring": typed.key_keyring,
        "command": typed.key_command,
    }
    named = [kind for kind, value in given.items() if value is not None]
    if len(named) + typed.no_key > 1:
        _refuse("one of the --key options and --no-key is enough")
    if typed.no_key:
        return None
    if not named:
        return begin.key
    (kind,) = named
    value = given[kind] or ""
    _refuse_key(kind, value)
    match kind:
        case "file":
            return KeySource(file=value if value.startswith("~") else str(Path(value).absolute()))
        case "keyring":
            return KeySource(keyring=value)
        case "command":
            return KeySource(command=_words(value))
    try:
        return KeySource(env=value)
    except ValueError:
        _refuse("--key-env takes the name of a variable, not the key itself")


def _refuse_key(kind: str, value: str) -> None:
    """End the process where `value` is empty, or seems to be a key instead of its place."""
    what = {"env": "name of a variable", "file": "path", "keyring": "service", "command": "command"}
    words = value.split() if kind == "command" else [value]
    is_key = any(map(looks_like_a_key, words)) and not (
        kind == "file" and os.path.lexists(Path(value).expanduser())
    )
    if is_key or not value.strip():
        _refuse(f"--key-{kind} takes the {what[kind]} that leads to the key, not the key itself")


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        _refuse(f"--key-command cannot be read: {error}")


def _seconds(field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        _refuse(f"--{field.replace('_', '-')} takes a number of seconds")


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        _refuse(f"{option} takes NAME=VALUE")
    return name.strip(), value.strip()


def _json_fields(texts: Sequence[str]) -> Mapping[str, Any]:
    fields: dict[str, Any] = {}
    for text in texts:
        name, value = _pair("--extra", text)
        try:
            fields[name] = json.loads(value)
        except (ValueError, RecursionError):
            _refuse(f"--extra {name}: what follows the = is not JSON; text goes in quotes")
    return fields


def _refuse(reason: str) -> NoReturn:
    leave(f"{reason}; {NOTHING_WRITTEN}", USAGE)
