"""The folders of history, looked at for changes: one changes when a file in it comes or goes."""

from __future__ import annotations

import os
from collections.abc import Iterator

_DEPTH_OF_DAYS = 3
Stamp = tuple[int, int]


class DayFolders:
    """The folders of years, months and days, as they were when they were last looked at.

    To look at a thousand takes a few milliseconds. A file that is written in place, not replaced,
    leaves its folder as it was.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._stamps: dict[str, Stamp | None] = {}
        self._look_into("")
        self._identity = _identity(self._stamps[""])

    def __iter__(self) -> Iterator[str]:
        """The paths of all that there are, the history folder itself among them."""
        return (self.path(place) for place, stamp in self._stamps.items() if stamp is not None)

    def path(self, place: str) -> str:
        """The path of a folder such as `2026/11/22`, or of the history folder, ""."""
        return f"{self.root}/{place}" if place else self.root

    def place(self, path: str) -> str:
        """The place of a path within the history folder."""
        return path[len(self.root) + 1 :]

    def days(self) -> list[str]:
        """The folders of days, newest first."""
        return sorted((place for place in self._stamps if is_day(place)), reverse=True)

    def is_same(self) -> bool:
        """Whether the history folder is the one that was there at first."""
        return _identity(_stamp(self.root)) == self._identity

    def changed(self) -> set[str]:
        """The days whose folders came, went or changed since they were last looked at."""
        days: set[str] = set()
        for place, before in list(self._stamps.items()):
            now = _stamp(self.path(place))
            if now == before:
                continue
            if now is None and place:
                del self._stamps[place]
            else:
                self._stamps[place] = now
            if is_day(place):
                days.add(place)
            elif now is not None:
                days |= self._new_within(place)
        return days

    def _look_into(self, place: str) -> set[str]:
        """Keep the folder at `place` and those within it; the days among them."""
        self._stamps[place] = _stamp(self.path(place))
        return {place} if is_day(place) else self._new_within(place)

    def _new_within(self, place: str) -> set[str]:
        try:
            with os.scandir(self.path(place)) as found:
                names = [each.name for each in found if each.name.isdigit() and each.is_dir()]
        except OSError:
            return set()
        inner = [f"{place}/{name}" if place else name for name in names]
        return {day for each in inner if each not in self._stamps for day in self._look_into(each)}


def is_day(place: str) -> bool:
    """Whether entries lie in the folder at `place`."""
    return place.count("/") == _DEPTH_OF_DAYS - 1


def day_of(place: str) -> str:
    """The day in whose folder the file at `place` lies."""
    return place.rpartition("/")[0]


def _identity(stamp: Stamp | None) -> int | None:
    return stamp[1] if stamp else None


def _stamp(path: str) -> Stamp | None:
    try:
        facts = os.stat(path)  # noqa: PTH116 - thousands are looked at
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ino
