"""Garbage is looked for when it does not disturb, and what stays is left out."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

SCRIPT = """
import gc
from tui import garbage

class Ring:
    def __init__(self, size):
        self.inner = [self, [[] for _ in range(size)]]

def rings():
    return sum(isinstance(each, Ring) for each in gc.get_objects())

"""


def ran(source: str) -> list[str]:
    """What a program printed that begins with `SCRIPT`."""
    code = SCRIPT + textwrap.dedent(source)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_none_is_looked_for_before_the_first_frame() -> None:
    assert ran("""
        garbage.put_off()
        for _ in range(50): Ring(1000)
        print(rings(), gc.isenabled())
        garbage.begin()
        print(gc.isenabled(), gc.get_freeze_count() > 50_000)
    """) == ["50", "False", "True", "True"]


@pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="from 3.14 on Python looks for it in small portions"
)
def test_it_is_looked_for_once_there_is_likely_some() -> None:
    assert ran("""
        garbage.put_off()
        garbage.begin()
        gc.collect()
        Ring(1)
        print(garbage.is_due())
        kept = [[] for _ in range(400_000)]
        print(garbage.is_due())
        garbage.look()
        print(garbage.is_due(), rings())
    """) == ["False", "True", "False", "0"]


def test_what_stays_is_left_out_once_garbage_is_gone() -> None:
    assert ran("""
        garbage.put_off()
        garbage.begin()
        before = gc.get_freeze_count()
        Ring(10)
        kept = [[] for _ in range(5000)]
        garbage.find_and_leave_out()
        print(gc.get_freeze_count() - before > 5000, len(gc.get_objects()) < 50)
        del kept
        print(gc.get_freeze_count() - before < 1000)
    """) == ["True", "True", "True"]


def test_a_program_that_did_not_put_it_off_is_left_alone() -> None:
    assert ran("""
        gc.disable()
        Ring(1)
        kept = [[] for _ in range(400_000)]
        garbage.leave_out(), garbage.find_and_leave_out()
        print(rings(), gc.get_freeze_count(), garbage.is_due())
    """) == ["1", "0", "False"]
