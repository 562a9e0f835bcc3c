"""What an examination finds: facts, and what to do about some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from tui.scrub import EVERY_SECRET

Value: TypeAlias = str | int | float | bool | None


class Fact(Struct, frozen=True):
    """One thing that was found. Its texts may hold outside text."""

    name: str
    value: Value
    shown: str = ""
    """The value in words, where it does not speak for itself."""
    advice: str = ""
    """What to do about it; empty where nothing has to be done."""
    blocks: bool = False
    """Whether nothing can be generated while it is so."""

    @property
    def text(self) -> str:
        """The value, for people."""
        return self.shown or ("" if self.value is None else str(self.value))


class Section(Struct, frozen=True):
    """What was found in one place."""

    title: str
    facts: tuple[Fact, ...]


def examined(title: str, find: Callable[[], Iterator[Fact]]) -> Section:
    """What `find` finds, and where it met something that could not even be looked at."""
    facts: list[Fact] = []
    try:
        facts.extend(find())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = f"{where}{error.strerror or error}"
        facts.append(Fact("not examined", reason, advice="See what is wrong with that folder."))
    return Section(title, tuple(facts))


def document(sections: tuple[Section, ...]) -> dict[str, Any]:
    """All facts as a JSON object, without secrets."""
    return {
        "ready": is_ready(sections),
        "sections": {
            section.title.lower(): [_fact_document(fact) for fact in section.facts]
            for section in sections
        },
    }


def is_ready(sections: tuple[Section, ...]) -> bool:
    """Whether nothing stands in the way of generating."""
    return not any(fact.blocks for section in sections for fact in section.facts)


def verdict(facts: Iterable[Fact]) -> str:
    """What `facts` come to, in a sentence."""
    match sum(fact.blocks for fact in facts):
        case 0:
            return "Nothing stands in the way of generating."
        case 1:
            return "One thing stands in the way of generating."
        case count:
            return f"{count} things stand in the way of generating."


def _fact_document(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = {"name": fact.name, "value": _scrubbed(fact.value)}
    if fact.shown and fact.shown != fact.value:
        found["text"] = _scrubbed(fact.shown)
    if fact.advice:
        found["advice"] = _scrubbed(fact.advice)
    if fact.blocks:
        found["blocks"] = True
    return found


def _scrubbed(value: Value) -> Value:
    return EVERY_SECRET.text(value) if isinstance(value, str) else value
