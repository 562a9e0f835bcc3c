"""The faults that the endpoint can play, by name: behaviours that real servers have shown.

`kinds` has the names, `dice` says when one is played; the other modules say how each looks on the
wire, and are imported by the endpoint alone.
"""

from tui.demo.faults.dice import SLOW_SECONDS, Faults, named_faults
from tui.demo.faults.kinds import GROUPS, KINDS, Operation, operation_of

__all__ = [
    "GROUPS",
    "KINDS",
    "SLOW_SECONDS",
    "Faults",
    "Operation",
    "named_faults",
    "operation_of",
]
