"""Keys, signed addresses and picture data taken out of text that will be kept or shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tui.text import storable

BODY_LIMIT = 64 * 1024
_WINDOW = 4 * BODY_LIMIT
_SHORTEST_SECRET = 6

_SECRET_NAME = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)(\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_SK = re.compile(r"\bsk-[\w-]{8,}")
_DATA_URL = re.compile(r"(data:[\w.+/\\-]{0,80};base64,)[A-Za-z0-9+/_=\\-]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=\\-]{201,}")
_QUERY = re.compile(r"(https?:(?:\\?/){2}[^\s\"'<>?]{1,2000})\?([^\s\"'<>]+)", re.IGNORECASE)
_SIGNED = re.compile(r"sign|sig=|token|key|credential|expire|policy|secret", re.IGNORECASE)
_USER = re.compile(r"(https?:(?:\\?/){2})[^\s\"'<>/@]{1,500}@", re.IGNORECASE)


class Scrubber:
    """Replaces what must not be kept: the secrets it was told by value, others by their shape."""

    __slots__ = ("_forms", "_margin", "_secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: frozenset[str] = frozenset()
        self._secrets: re.Pattern[str] | None = None
        self._margin = 0
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Replace these too from now on; what is shorter than six characters is no secret."""
        forms = self._forms.union(*map(_forms, secrets))
        if forms == self._forms:
            return
        # The longest first: one may be part of another.
        ordered = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, ordered)))
        self._margin = len(ordered[0])
        self._forms = forms

    def __repr__(self) -> str:
        return "<scrubber>"

    def text(self, text: str) -> str:
        """`text` without secrets, fit for a file."""
        text = storable(text)
        if self._secrets is not None:
            text = self._secrets.sub("[key]", text)
        text = _BEARER.sub(r"\1\2[key]", text)
        text = _SK.sub("sk-[key]", text)
        text = _DATA_URL.sub(r"\1[data]", text)
        text = _USER.sub(r"\1[user]@", text)
        text = _QUERY.sub(_unsigned, text)
        return _BASE64.sub(lambda found: f"[{len(found[0])} characters]", text)

    def body(self, body: bytes | bytearray) -> str:
        """The beginning of `body` as text without secrets, at most 64 KB of UTF-8."""
        scrubbed = self.text(body[:_WINDOW].decode("utf-8", "replace"))
        if len(body) > _WINDOW and self._margin:
            # The window may end in the first half of a secret, which no pattern recognises.
            scrubbed = scrubbed[: -self._margin]
        return scrubbed.encode()[:BODY_LIMIT].decode("utf-8", "ignore")


def secret_values(table: Mapping[str, Any]) -> Iterator[str]:
    """The texts in `table`, of headers or of JSON, whose names say that they are secret."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from secret_values(value)
        elif isinstance(value, str) and _SECRET_NAME.search(name):
            yield value


def _forms(value: str) -> set[str]:
    """`value` as it may stand in plain text, in JSON and in an address."""
    if len(value) < _SHORTEST_SECRET:
        return set()
    value = storable(value)
    return {value, json.dumps(value)[1:-1], value.replace("/", "\\/"), quote(value, safe="")}


def _unsigned(found: re.Match[str]) -> str:
    return f"{found[1]}?[query]" if _SIGNED.search(found[2]) else found[0]


EVERY_SECRET = Scrubber()
"""Knows each key and each secret header that this process has come across."""
