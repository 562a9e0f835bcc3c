"""What can be undone, newest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

MOST = 100


class Step(Struct, frozen=True):
    """Something that was done."""

    name: str
    """In words that follow "Undone: "."""
    back: Callable[[], Awaitable[None]]
    """Takes it back."""


class UndoSteps:
    """The last steps; what is older is forgotten."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def add(self, step: Step) -> None:
        """Have `step` as the first to be undone."""
        self._steps = [*self._steps[1 - MOST :], step]

    def take(self) -> Step | None:
        """The step to undo now, which is in the list no more; None for none."""
        return self._steps.pop() if self._steps else None
