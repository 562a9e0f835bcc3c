"""Messages whose annotations are their fields."""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, ClassVar, dataclass_transform

from textual.message import Message


@dataclass_transform()
class DataMessage(Message):
    """A message with a field for each annotation, given by place or by name when it is made.

    A dataclass would do; but each compiles code of its own, and some fifty of them take 10 ms of
    the time that the first frame takes. Messages that nothing is to be told in are plain ones.
    """

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._fields += tuple(get_annotations(cls))

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self._fields
        named |= dict(zip(fields, values, strict=False))
        missing = [name for name in fields if name not in named and not hasattr(self, name)]
        if missing or len(values) > len(fields) or not named.keys() <= set(fields):
            raise TypeError(f"{type(self).__name__} has the fields {fields}")
        for name, value in named.items():
            setattr(self, name, value)
        super().__init__()

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__qualname__}({fields})"
