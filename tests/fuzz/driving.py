"""Many examples one after the other: what came of them, and which of them is to blame."""

from __future__ import annotations

import os
import resource
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

Parts = tuple[Any, ...]
"""An example: what is text or bytes in it is shortened when it is to blame."""

ACCEPTED = "accepted"
SECONDS = 20.0
"""Of the processor's time that one example may take: it is some kilobytes at most, and what takes
longer would take for ever."""
_MOST_TRIES = 600
_SHOWN = 1_500


class Endless(Exception):
    """An example took all the processor's time that it may."""


@dataclass(frozen=True)
class Target:
    """Something that reads what comes from outside.

    `attempt` reads one example, made by `example`, and says what came of it: ACCEPTED, or by which
    of our own errors it was refused. All else that it raises is a bug, in Darkroom or in `attempt`.
    """

    name: str
    example: Callable[[Random], Parts]
    attempt: Callable[[Parts], str]
    fewest_accepted: float = 0.02
    """Share of the examples that are accepted at the least: the others reach nothing inside."""
    fewest_refused: float = 0.02
    around: Callable[[], AbstractContextManager[object]] = nullcontext
    """What has to be there while examples are tried."""


@dataclass
class Outcomes:
    """What came of how many examples."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()

    def share(self, outcome: str) -> float:
        return self.counts[outcome] / max(1, self.total)

    def __str__(self) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in self.counts.most_common())


def numbers(count: int) -> Iterable[int]:
    """The numbers of the examples to try: all, or that in EXAMPLE."""
    chosen = os.environ.get("EXAMPLE")
    return range(count) if chosen is None else [int(chosen)]


def try_examples(target: Target, count: int, told: Callable[[Outcomes], None]) -> Outcomes:
    """Try examples 0 to `count` - 1, and tell now and then how it goes.

    Raises AssertionError that says how to repeat the first that fails, shortened.
    """
    outcomes = Outcomes()
    with target.around():
        for number in numbers(count):
            parts = target.example(Random(f"{target.name} {number}"))
            try:
                with _timed():
                    outcome = target.attempt(parts)
            except Exception as error:
                raise AssertionError(_blamed(target, number, parts, error)) from error
            outcomes.counts[outcome] += 1
            if outcomes.total % 50_000 == 0:
                told(outcomes)
    return outcomes


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@contextmanager
def _timed() -> Iterator[None]:
    """Raise Endless in what takes too long, by this process's own time."""

    def ring(_: int, frame: FrameType | None) -> None:
        raise Endless("".join(traceback.format_stack(frame, 3)))

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _blamed(target: Target, number: int, parts: Parts, error: BaseException) -> str:
    fault = _fault(error)
    short = _shortened(target, parts, fault)
    return (
        f"example {number} of {target.name}: {fault}: {error}\n"
        f"repeat it: EXAMPLE={number} pytest tests/fuzz -k '[{target.name}]'\n"
        f"shortened from {_size(parts)} to {_size(short)}: {_shown(short)}"
    )


def _fault(error: BaseException) -> str:
    """What failed, and where: an example that fails elsewhere fails for another reason."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename}"


def _fault_of(target: Target, parts: Parts) -> str | None:
    try:
        with _timed():
            target.attempt(parts)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the fault looked for
        return _fault(error)
    return None


def _shortened(target: Target, parts: Parts, fault: str) -> Parts:
    """`parts` with as much left out as can be while the same fails, piece by smaller piece."""
    if fault.startswith(Endless.__name__):
        return parts
    tries = 0
    for place, part in enumerate(parts):
        if not isinstance(part, str | bytes):
            continue
        size = max(1, len(part) // 2)
        while size:
            begin = 0
            while begin < len(part) and tries < _MOST_TRIES:
                tries += 1
                rest = part[:begin] + part[begin + size :]
                if _fault_of(target, (*parts[:place], rest, *parts[place + 1 :])) == fault:
                    part = rest
                else:
                    begin += size
            size //= 2
        parts = (*parts[:place], part, *parts[place + 1 :])
    return parts


def _size(parts: Parts) -> int:
    return sum(len(part) for part in parts if isinstance(part, str | bytes))


def _shown(parts: Parts) -> str:
    text = ascii(parts)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"
