"""What changed from one entry to another: the prompt word by word, everything else side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from msgspec import Struct

from tui.history.entry import Entry
from tui.history.entry_facts import Fact, entry_facts
from tui.text import one_line

MOST_WORDS = 6000
"""Where more words than these may have changed, lines are compared: words would take seconds."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_SIZE = re.compile(r"(\d+)x(\d+)")
_OWN = re.compile(r"id|created|made from|request id|file \d+")
"""Names of facts that no two entries have in common."""

_PIECES_TOLD = 3
_PIECE_LENGTH = 24
SAME_REQUEST = "the same request again"
OTHER_PROMPT = "another prompt"
OTHER_BLANKS = "other blanks in the prompt"

Kind = Literal["same", "removed", "added"]


class Run(Struct, frozen=True):
    """A piece of the prompt; blanks belong to it."""

    kind: Kind
    text: str


class Change(Struct, frozen=True):
    """A fact before and after, each empty where there is none."""

    name: str
    before: str
    after: str
    is_request: bool = True
    """Whether it was asked for; what came of it otherwise."""

    @property
    def is_same(self) -> bool:
        return self.before == self.after


class Comparison(Struct, frozen=True):
    """What is another in the later of two entries."""

    prompt: tuple[Run, ...]
    facts: tuple[Change, ...]
    """All facts, also those that are the same, those of the request first."""


def compare(before: Entry, after: Entry) -> Comparison:
    """How `after` differs from `before`."""
    return Comparison(
        prompt=tuple(_runs(before.prompt, after.prompt)),
        facts=tuple(_changes(entry_facts(before), entry_facts(after))),
    )


def summary(comparison: Comparison) -> str:
    """What was asked otherwise, in a line: `prompt +red −blue · seed 7 → 9`. Holds outside text."""
    parts = [_prompt_in_few_words(comparison.prompt)]
    parts += [_in_few_words(change) for change in comparison.facts if change.is_request]
    return " · ".join(filter(None, parts)) or SAME_REQUEST


def _prompt_in_few_words(runs: Sequence[Run]) -> str:
    changed = [run for run in runs if run.kind != "same"]
    if all(run.text.isspace() for run in changed):
        return OTHER_BLANKS if changed else ""
    if all(run.text.isspace() for run in runs if run.kind == "same"):
        return OTHER_PROMPT
    pieces = _replacements(runs)
    words = [
        f"{sign}{_short(text)}"
        for added, removed in pieces[:_PIECES_TOLD]
        for sign, text in (("+", added), ("−", removed))
        if text and not text.isspace()
    ]
    return " ".join(["prompt", *words, *(["…"] if len(pieces) > _PIECES_TOLD else [])])


def _replacements(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """What was added and what removed, place by place; blanks alone keep no places apart."""
    found = [("", "")]
    for run in runs:
        added, removed = found[-1]
        match run.kind:
            case "added":
                found[-1] = (added + run.text, removed)
            case "removed":
                found[-1] = (added, removed + run.text)
            case "same" if run.text.isspace():
                found[-1] = (added + run.text, removed + run.text)
            case "same":
                found.append(("", ""))
    return [(added, removed) for added, removed in found if (added + removed).strip()]


def _in_few_words(change: Change) -> str:
    if change.is_same:
        return ""
    name, before, after = map(_short, (change.name, change.before, change.after))
    if not change.before:
        return f"+{name} {after}"
    if not change.after:
        return f"−{name} {before}"
    return f"{name} {before} → {after}"


def _short(text: str) -> str:
    """A piece of a prompt, a name or a value, short enough to stand beside others."""
    size = _SIZE.fullmatch(text)
    return f"{size[1]}×{size[2]}" if size else one_line(text, limit=_PIECE_LENGTH)


def _runs(before: str, after: str) -> Iterator[Run]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    top = _common(old, new)
    bottom = _common(old[top:][::-1], new[top:][::-1])
    runs = (
        Run("same", "".join(old[:top])),
        *_changed(old[top : len(old) - bottom], new[top : len(new) - bottom]),
        Run("same", "".join(old[len(old) - bottom :])),
    )
    yield from (run for run in runs if run.text)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many pieces both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(old), len(new)))


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    if max(len(old), len(new)) > MOST_WORDS:
        old, new = _LINES.findall("".join(old)), _LINES.findall("".join(new))
    if max(len(old), len(new)) > MOST_WORDS:
        old, new = ["".join(old)], ["".join(new)]
    # Of many pieces, those that come again and again are only held against each other beside
    # others: the blanks alone would take half a second.
    matcher = SequenceMatcher(None, old, new, autojunk=True)
    for operation, first, end, start, stop in matcher.get_opcodes():
        if operation == "equal":
            yield Run("same", "".join(old[first:end]))
        else:
            yield Run("removed", "".join(old[first:end]))
            yield Run("added", "".join(new[start:stop]))


def _changes(before: Sequence[Fact], after: Sequence[Fact]) -> Iterator[Change]:
    old = {fact.name: fact for fact in before if not _is_own(fact)}
    new = {fact.name: fact for fact in after if not _is_own(fact)}
    facts = {**old, **new}
    for name in sorted(facts, key=lambda name: not facts[name].is_request):
        yield Change(
            name,
            old[name].value if name in old else "",
            new[name].value if name in new else "",
            facts[name].is_request,
        )


def _is_own(fact: Fact) -> bool:
    return not fact.is_request and _OWN.fullmatch(fact.name) is not None
