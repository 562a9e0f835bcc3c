"""When Python looks for garbage, and what it goes through then.

What is in a program for good, modules and all that hangs on them, need not be looked through again
and again: the loop would stand still for a tenth of a second each time. So it is frozen, which
leaves it out (gc.freeze).
"""

from __future__ import annotations

import gc

_THRESHOLDS = (2_000, 10, 25)
"""What is on the screen are a hundred thousand objects: as Python has it, it would go through them
several times a minute."""


def put_off() -> None:
    """Look for none until `begin`; nothing that is made before the first frame is garbage."""
    gc.disable()
    gc.set_threshold(*_THRESHOLDS)


def begin() -> None:
    """Look for it from now on, where it was put off; what there is by now stays."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def leave_out() -> None:
    """Have what there is by now left out, in a program that put it off at first.

    What is garbage by now, or later on and in a ring, is never found then.
    """
    if gc.get_freeze_count():
        gc.freeze()


def find_and_leave_out() -> None:
    """The same for what is left once all garbage is found."""
    if gc.get_freeze_count():
        gc.collect()
        gc.freeze()
