"""A key, and what may be wrong with one."""

from __future__ import annotations

import re

from tui.scrub import EVERY_SECRET

_PRINTABLE = re.compile(r"[\x21-\x7e]{1,4096}")
_KEY_ITSELF = re.compile(r"sk-[\w-]{8,}|(?=.*[0-9])(?=.*[a-z])[\w-]{20,}")


class KeyProblem(Exception):
    """There is no usable key; the text says what was looked at, never what was found."""


class NoKey(KeyProblem):
    """No place has a key, and none of them has anything wrong with it."""


class NoKeyring(KeyProblem):
    """The keyring does not work at all, whatever it is asked for."""


class Secret:
    """A key that no repr, traceback or format string can show, nor any text that is scrubbed."""

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        self._value = value
        self.source = source
        EVERY_SECRET.learn((value,))

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return f"<key from {self.source}>"


def looks_like_a_key(text: str) -> bool:
    """Whether `text` seems to be a key, and not the name of something."""
    return _KEY_ITSELF.fullmatch(text) is not None


def judge(value: str, source: str) -> Secret | KeyProblem:
    """`value`, found in `source`, as the key that it is, or else what is wrong with it."""
    # Returned, not raised: a traceback would keep the variables of whoever knew the value.
    value = value.strip()
    if not value:
        return KeyProblem(f"no key in {source}")
    if not _PRINTABLE.fullmatch(value):
        return KeyProblem(f"the key in {source} holds blanks or characters no header can carry")
    return Secret(value, source)
