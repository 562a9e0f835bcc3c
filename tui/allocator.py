"""What the C library does with memory that is free again.

glibc gives each thread a part of memory of its own, and keeps there what the thread has freed. In
the studio a dozen threads work on a picture each now and then: 30 MB after some minutes.
"""

from __future__ import annotations

import sys
from contextlib import suppress

_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt(3)."""


def share_memory() -> None:
    """Have all threads that begin from now on share one part, where the C library can."""
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give the system back what memory is free, where the C library can (malloc_trim(3)).

    It takes a while: for a thread.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
