"""The settings of an endpoint as the texts and choices of a form, and back."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from tui.api.settings_check import LONGEST_TIMEOUT
from tui.config import JSON, EndpointSettings, KeySource

NO_KEY_WANTED = "none needed"
STORED = "darkroom key set"
SEVERAL = "several places"
SOURCES = {"variable": "env", "file": "file", "keyring": "keyring", "command": "command"}
"""Fields of KeySource by what the form calls them."""
KEY_KINDS = (*SOURCES, STORED, NO_KEY_WANTED)
"""Where a key may be, as a choice; SEVERAL is for what config.toml alone can say."""
PLACE = "place"
"""The field that says where in the chosen source the key is."""
TIMES = ("timeout", "connect_timeout", "download_timeout")


def shown_values(settings: EndpointSettings) -> dict[str, JSON]:
    """`settings` as the fields of the form show them."""
    key = settings.key or KeySource()
    named = [word for word, source in SOURCES.items() if getattr(key, source)]
    kind = SEVERAL if len(named) > 1 else named[0] if named else STORED
    return {
        "base_url": settings.base_url,
        "key": NO_KEY_WANTED if settings.key is None else kind,
        "env": key.env,
        "file": key.file,
        "keyring": key.keyring,
        "command": shlex.join(key.command),
        "default_model": settings.model,
        **{time: _number(getattr(settings, time)) for time in TIMES},
        "response_format": settings.response_format,
        "references": settings.references,
        "image_field": settings.image_field,
        "image_encoding": settings.image_encoding,
        "image_always_array": settings.image_always_array,
        "native_params": settings.native_params,
        "headers": "\n".join(f"{name}: {value}" for name, value in settings.headers.items()),
        "extra": _json(settings.extra),
    }


def _number(seconds: float) -> str:
    return str(int(seconds)) if float(seconds).is_integer() else repr(seconds)


def _json(extra: Mapping[str, Any]) -> str:
    # TOML knows dates, which JSON has no word for; in a body they are texts.
    return json.dumps(extra, indent=2, ensure_ascii=False, default=str) if extra else ""


def read_seconds(text: str) -> float:
    """The seconds in `text`. Raises ValueError with a sentence for the user."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise ValueError(f"Write seconds above 0, a day ({LONGEST_TIMEOUT:.0f}) at most.")
    return seconds


def read_headers(text: str) -> dict[str, str]:
    """The headers in `text`, one a line. Raises ValueError with a sentence that quotes nothing."""
    headers: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or not name:
            raise ValueError(f"Line {number} is not a header: write Name: value.")
        if name.lower() in map(str.lower, headers):
            raise ValueError(f"Line {number} names a header a second time.")
        headers[name] = value.strip()
    return headers


def read_extra(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises ValueError with a sentence for the user."""
    if not text.strip():
        return {}
    try:
        extra = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"Line {error.lineno} is not JSON: {error.msg.lower()}.") from None
    except (ValueError, RecursionError):
        raise ValueError("It is not JSON.") from None
    if not isinstance(extra, dict):
        raise ValueError('Write a JSON object: { "name": value }.')  # noqa: TRY004 - told beside the field
    if any(value is None for value in _leaves(extra)):
        raise ValueError("It holds null, which config.toml cannot keep.")
    return extra


def _refuse_constant(word: str) -> JSON:
    raise ValueError(word)


def _leaves(value: object) -> Iterator[object]:
    match value:
        case dict():
            for inner in value.values():
                yield from _leaves(inner)
        case list():
            for inner in value:
                yield from _leaves(inner)
        case _:
            yield value
