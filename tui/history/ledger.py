"""What counts of each of many files, in a twelfth of the room that a dict of them takes."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Hashable
from typing import Generic, TypeVar

Charge = TypeVar("Charge", bound=Hashable)


class Ledger(Generic[Charge]):
    """By name, the hash of a file's stamp and what counts of it, of which there are few kinds.

    A name is known by its hash, of 64 bits: among ten thousand, one in 10¹¹ days has two alike.
    """

    def __init__(self) -> None:
        self._names = array("q")
        """Ascending; the others are in the same order."""
        self._stamps = array("q")
        self._kinds = array("I")
        self._charges: list[Charge] = []
        self._numbers: dict[Charge, int] = {}

    def __len__(self) -> int:
        return len(self._names)

    def stamp(self, name: str) -> int | None:
        """The hash of the stamp of a file; None of one that is not in here."""
        index = self._index(name)
        return None if index is None else self._stamps[index]

    def charge(self, name: str) -> Charge | None:
        """What counts of a file; None of one that is not in here."""
        index = self._index(name)
        return None if index is None else self._charges[self._kinds[index]]

    def put(self, name: str, stamp: int, charge: Charge) -> None:
        """Have a file in here, in place of what was known of it."""
        self.remove(name)
        if (number := self._numbers.get(charge)) is None:
            number = self._numbers[charge] = len(self._charges)
            self._charges.append(charge)
        index = bisect_left(self._names, hash(name))
        self._names.insert(index, hash(name))
        self._stamps.insert(index, stamp)
        self._kinds.insert(index, number)

    def remove(self, name: str) -> None:
        """Have a file in here no longer."""
        if (index := self._index(name)) is not None:
            self._delete(index)

    def keep(self, names: Container[int]) -> None:
        """Have only those in here the hashes of whose names are among `names`."""
        for index in range(len(self._names) - 1, -1, -1):
            if self._names[index] not in names:
                self._delete(index)

    def counts(self) -> dict[Charge, int]:
        """How many files there are of each kind."""
        return {self._charges[kind]: count for kind, count in Counter(self._kinds).items()}

    def _index(self, name: str) -> int | None:
        wanted = hash(name)
        index = bisect_left(self._names, wanted)
        return index if index < len(self._names) and self._names[index] == wanted else None

    def _delete(self, index: int) -> None:
        for column in (self._names, self._stamps, self._kinds):
            del column[index]
