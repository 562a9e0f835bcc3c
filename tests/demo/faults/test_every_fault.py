"""No fault is without a test."""

from __future__ import annotations

from collections import Counter

from tests.demo import test_idempotency
from tests.demo.faults import (
    test_bodies,
    test_downloads,
    test_other_routes,
    test_refusals,
    test_shapes,
    test_streams,
    test_wire,
)
from tui.demo.faults import KINDS

PLAYED = [
    *test_refusals.ANSWERS,
    *test_refusals.LOST,
    *test_shapes.CHECKS,
    *test_bodies.ANSWERS,
    *test_streams.CHECKS,
    *test_idempotency.FAULTS,
    *test_other_routes.CHECKS,
    *test_downloads.CHECKS,
    *(
        kind if operation == "generate" else f"{operation}-{kind}"
        for operation, kind in test_wire.PLAYED
    ),
]
"""The faults in the tables by which the tests go."""


def test_every_fault_is_in_one_table() -> None:
    assert Counter(PLAYED) == Counter(list(KINDS))
