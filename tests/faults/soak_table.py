"""What a soak came to, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from tests.faults.soak_probe import Stall
from tests.faults.soak_studio import Sample

LONG = 0.1
"""Seconds that the loop must not stand still, by anything of ours."""
MOST_GROWTH = 0.05
"""Of the memory, after the first sixth of the time."""
MOST_MORE = 3
"""File descriptors or threads that are more in the end than they were then."""
_MIB = 1024 * 1024
_SHOWN = 25


class Held(NamedTuple):
    """A stall, and how much of it is not the machine's doing, in seconds."""

    stall: Stall
    ours: float


def read_stalls(file: Path) -> list[Stall]:
    """What a probe, or the control, wrote down."""
    if not file.exists():
        return []
    return [msgspec.json.decode(line, type=Stall) for line in file.read_bytes().splitlines()]


def held_against(stalls: Sequence[Stall], control: Sequence[Stall]) -> list[Held]:
    """Each less the time in which other programs had the processors, or kept the control waiting.

    A thread that has the interpreter and is not run keeps the loop's waiting as well.

    The control sleeps as the studio's task does and has nothing to do besides.
    """
    held = []
    for stall in stalls:
        began = stall.at - stall.late
        machine = sum(
            max(0.0, min(stall.at, other.at) - max(began, other.at - other.late))
            for other in control
            if other.at > began and other.at - other.late < stall.at
        )
        # Else the loop's thread waited: for the disk, or for another one to let go of the
        # interpreter.
        waited = max(0.0, stall.late - stall.queued - stall.own)
        queued = stall.queued + min(waited, stall.others_queued)
        held.append(Held(stall, max(0.0, stall.late - max(machine, queued))))
    return held


class Figures(NamedTuple):
    """What memory and handles were after the first sixth of the time, and in the last one."""

    memory: tuple[float, float]
    """In bytes."""
    descriptors: tuple[float, float]
    threads: tuple[float, float]
    slope: float
    """Bytes an hour, from the one to the other."""


def figures(samples: Sequence[Sample], seconds: float) -> Figures:
    """Medians of a fifth of an hour's tenth each, since one moment says little."""
    width = seconds / 30

    def around(moment: float) -> list[Sample]:
        near = [sample for sample in samples if abs(sample.at - moment) <= width]
        return near or [min(samples, key=lambda sample: abs(sample.at - moment))]

    first, last = around(seconds / 6 + width), around(seconds - width)

    def of(name: str) -> tuple[float, float]:
        return (
            median(getattr(sample, name) for sample in first),
            median(getattr(sample, name) for sample in last),
        )

    memory = of("memory")
    apart = max(1.0, seconds * 5 / 6 - 2 * width)
    return Figures(memory, of("descriptors"), of("threads"), (memory[1] - memory[0]) * 3600 / apart)


def table(
    samples: Sequence[Sample],
    seconds: float,
    held: Sequence[Held],
    control: Sequence[Stall],
    faults: dict[str, int],
    done: Counter[str],
    missed: Counter[str],
) -> Iterator[str]:
    """The lines to read."""
    yield "minutes  presses  memory MiB  descriptors  threads  processor s  terminal MB"
    step = max(1, len(samples) // 24)
    for sample in [*samples[::step], samples[-1]]:
        yield (
            f"{sample.at / 60:7.1f} {sample.presses:8} {sample.memory / _MIB:11.1f}"
            f" {sample.descriptors:12} {sample.threads:8} {sample.processor:12.0f}"
            f" {sample.terminal / 1e6:12.1f}"
        )
    found = figures(samples, seconds)
    first, last = found.memory
    yield (
        f"memory: {first / _MIB:.1f} MiB after a sixth, {last / _MIB:.1f} at the end:"
        f" {(last / first - 1) * 100:+.1f} %, {found.slope / _MIB:+.1f} MiB an hour"
    )
    yield f"descriptors: {found.descriptors[0]:.0f}, {found.descriptors[1]:.0f}"
    yield f"threads: {found.threads[0]:.0f}, {found.threads[1]:.0f}"
    yield "stalls   over 50 ms  over 100 ms  the longest"
    for name, lengths in {
        "all": [each.stall.late for each in held],
        "ours": [each.ours for each in held],
        "control": [each.late for each in control],
    }.items():
        over, long = (sum(length > limit for length in lengths) for limit in (LONG / 2, LONG))
        yield f"{name:8} {over:10} {long:12} {max(lengths, default=0.0) * 1000:9.0f} ms"
    by_place: Counter[str] = Counter()
    for each in held:
        if each.ours > LONG / 2:
            by_place[_place(each.stall)] += 1
    yield from (f"{count:5} × {place}" for place, count in by_place.most_common(_SHOWN))
    longest = sorted(held, key=lambda each: -each.ours)[:_SHOWN]
    for stall, ours in longest:
        if ours > LONG / 2:
            parts = {
                "ours": ours,
                "queued": stall.queued,
                "others queued": stall.others_queued,
                "own": stall.own,
                "process": stall.process,
                "collecting": stall.collecting,
            }
            told = ", ".join(f"{name} {seconds * 1000:.0f}" for name, seconds in parts.items())
            yield f"at {stall.at:.1f}: {stall.late * 1000:.0f} ms, {told}"
            yield from (f"    {step}" for step in stall.steps)
            yield from (f"    {call}" for call in stall.stack)
            yield from (f"  | {call}" for call in stall.others)
    yield "faults: " + ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items()))
    yield "done: " + ", ".join(f"{count} {deed}" for deed, count in done.most_common())
    yield "screens that did not come: " + (str(dict(+missed)) if +missed else "none")


def _place(stall: Stall) -> str:
    if stall.collecting > stall.late / 2:
        return "looking for garbage"
    own = [call for call in stall.stack if call.startswith("tui/") or "/tui/" in call]
    return " < ".join([*stall.stack[:2], *own[:2]]) or "nobody looked"


def wrong_in_figures(
    samples: Sequence[Sample], seconds: float, held: Sequence[Held]
) -> Iterator[str]:
    """What grew, or stood still, more than it may."""
    found = figures(samples, seconds)
    if found.memory[1] > found.memory[0] * (1 + MOST_GROWTH):
        yield f"memory grew by {(found.memory[1] / found.memory[0] - 1) * 100:.1f} %"
    for name, (first, last) in (
        ("descriptors", found.descriptors),
        ("threads", found.threads),
    ):
        if last > first + MOST_MORE:
            yield f"{name}: {first:.0f} became {last:.0f}"
    long = [each.ours for each in held if each.ours > LONG]
    if long:
        yield f"{len(long)} stalls of more than 100 ms, the longest of {max(long) * 1000:.0f} ms"
