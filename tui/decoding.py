"""Typed decoding that several threads may do at once.

msgspec works out a Struct's fields at its first use, and a second thread that comes in between
meets a Struct half worked out: the process ends with a segmentation fault (msgspec 0.22). So each
type is worked out under a lock, once, before anything is decoded to it.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")
_lock = threading.Lock()
_worked_out: set[Any] = set()


def convert(value: object, wanted: type[T]) -> T:
    """`value`, made of what TOML and JSON hold, as a `wanted`. Raises msgspec.ValidationError."""
    _work_out(wanted)
    return msgspec.convert(value, wanted)


@overload
def from_json(data: bytes | bytearray | str) -> Any: ...
@overload
def from_json(data: bytes | bytearray | str, wanted: type[T]) -> T: ...
def from_json(data: bytes | bytearray | str, wanted: Any = Any) -> Any:
    """What the JSON in `data` says, as a `wanted`.

    Raises msgspec.DecodeError, and UnicodeError for what is no text.
    """
    _work_out(wanted)
    return msgspec.json.decode(data, type=wanted)


def _work_out(wanted: Any) -> None:
    if wanted not in _worked_out:
        with _lock:
            msgspec.json.Decoder(wanted)
            _worked_out.add(wanted)
