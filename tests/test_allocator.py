"""Memory that threads have freed is shared, and given back."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, sys, threading
from tui import allocator

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def fill(barrier):
    # Small enough for no part of memory of its own, and something at the end that stays.
    held = [bytearray(60_000) for _ in range(300)]
    kept.append(bytearray(60_000))
    barrier.wait()
    del held

kept = []
if sys.argv[1] == "shared":
    allocator.share_memory()
barrier = threading.Barrier(8)
threads = [threading.Thread(target=fill, args=(barrier,)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ctypes.CDLL(None).malloc_stats()
before = resident()
allocator.give_back()
print(before - resident())
"""

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="it is about the GNU C library's memory"
)


def ran(how: str) -> tuple[int, int]:
    """How many parts of memory threads had, and how many bytes were given back."""
    command = [sys.executable, "-c", SCRIPT, how]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr.count("Arena "), int(done.stdout)


def test_threads_share_what_they_have_freed() -> None:
    assert ran("shared")[0] == 1
    assert ran("apart")[0] > 4


def test_what_is_free_is_given_back() -> None:
    assert ran("apart")[1] > 10_000_000
