"""When a lost job is looked for in the endpoint's records."""

from __future__ import annotations

AFTER = (5.0, 15.0, 45.0, 120.0, 300.0)
"""Seconds after the outcome became unknown."""


def next_look(since: float, last: float | None) -> float | None:
    """The time of the next look, in seconds as `since` and `last` are; None after the last one.

    `since` is when the outcome became unknown, `last` when the latest look ended. What fell into
    a look that took long, or into a sleep of the machine, is not made up for.
    """
    for after in AFTER:
        if last is None or since + after > last:
            return since + after
    return None
