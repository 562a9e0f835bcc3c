"""When Python looks for garbage, and what it goes through then.

What is in a program for good, modules and all that hangs on them, need not be looked through again
and again: the loop would stand still for a tenth of a second each time. So it is frozen, which
leaves it out (gc.freeze).
"""

from __future__ import annotations

import gc

_THRESHOLDS = (2_000, 10, 100)
"""When Python looks by itself. What is on the screen are a hundred thousand objects: as it is by
default, it would go through all of them several times a minute, in the middle of anything."""
_ENOUGH = 5
"""Times that the younger half was looked through, after which it is time for all of it: about a
hundred thousand objects were made since then, and were still there."""
_is_in_use = False
"""Whether it was put off at first, so that something is left out since. Python would count all that
is left out to say so, for as long as it takes to look through it."""


def put_off() -> None:
    """Look for none until `begin`; nothing that is made before the first frame is garbage."""
    gc.disable()
    gc.set_threshold(*_THRESHOLDS)


def begin() -> None:
    """Look for it from now on, where it was put off; what there is by now stays."""
    global _is_in_use
    if not gc.isenabled():
        _is_in_use = True
        gc.freeze()
        gc.enable()


def is_due() -> bool:
    """Whether there is likely some, and who can had better `look` while nothing else is to do."""
    return _is_in_use and gc.get_count()[2] >= _ENOUGH


def look() -> None:
    """Look for it now."""
    gc.collect()


def leave_out() -> None:
    """Have what there is by now left out, in a program that put it off at first.

    What is garbage by now, or later on and in a ring, is never found then.
    """
    if _is_in_use:
        gc.freeze()


def find_and_leave_out() -> None:
    """The same for what is left once all garbage is found."""
    if _is_in_use:
        gc.collect()
        gc.freeze()
