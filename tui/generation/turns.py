"""Whose turn it is: the order of what waits, and how many may run at once where."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from tui.config import QueueSettings

USUAL = QueueSettings()


class Place(Struct, frozen=True):
    """What is to be known of a job for its turn."""

    id: str
    endpoint: str
    model: str


class Turns:
    """Holds the places that wait, in order, and those that run.

    Nothing is given out while all is paused, from an endpoint that is stopped or asked to wait, or
    of what is held. An endpoint that asked to wait gets half as many at once, and one more after
    each success, until all is as it was.
    """

    def __init__(
        self, settings: QueueSettings = USUAL, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives monotonic seconds."""
        self._settings = settings
        self.is_paused = False
        """Whether nothing begins until `resume`."""
        self._clock = clock
        self._waiting: list[Place] = []
        self._running: dict[str, Place] = {}
        self._held: set[str] = set()
        self._slowed: dict[str, int] = {}
        self._rests: dict[str, float] = {}
        self._stopped: dict[str, str] = {}

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids of those that wait, in the order in which they come."""
        return tuple(place.id for place in self._waiting)

    def waits_for(self, endpoint: str) -> bool:
        """Whether any waits that goes to `endpoint`."""
        return any(place.endpoint == endpoint for place in self._waiting)

    @property
    def stopped(self) -> Mapping[str, str]:
        """Why nothing is sent to an endpoint until `resume`, by its name."""
        return self._stopped

    @property
    def wakes_at(self) -> float | None:
        """When an endpoint that asked to wait may be asked again, if any waits for that."""
        waiting = {place.endpoint for place in self._waiting}
        return min((until for name, until in self._rests.items() if name in waiting), default=None)

    def add(self, place: Place, *, is_held: bool = False) -> None:
        """Have `place` wait; held, until `resume`."""
        if is_held:
            self._held.add(place.id)
        if self._settings.order == "newest":
            self._waiting.insert(0, place)
        else:
            self._waiting.append(place)

    def is_held(self, id: str) -> bool:
        """Whether one that waits does so until `resume`."""
        return id in self._held

    def is_running(self, id: str) -> bool:
        """Whether it was given out, and is not done."""
        return id in self._running

    def remove(self, id: str) -> None:
        """Have one wait or run no longer."""
        self._waiting = [place for place in self._waiting if place.id != id]
        self._held.discard(id)
        self._running.pop(id, None)

    def move(self, id: str, steps: int) -> None:
        """Move one that waits, towards the front for steps below 0, no further than to the end."""
        index = next((n for n, place in enumerate(self._waiting) if place.id == id), None)
        if index is not None:
            place = self._waiting.pop(index)
            self._waiting.insert(max(0, index + steps), place)

    def take(self) -> str | None:
        """The id of the one whose turn it is, which runs from now on; None for none."""
        if self.is_paused:
            return None
        # Thousands may wait for the same: that is asked once.
        closed: set[tuple[str, str]] = set()
        for index, place in enumerate(self._waiting):
            where = place.endpoint, place.model
            if where in closed or place.id in self._held:
                continue
            if not self._may_run(place):
                closed.add(where)
            else:
                del self._waiting[index]
                self._running[place.id] = place
                return place.id
        return None

    def put_back(self, id: str) -> None:
        """One was given out and shall not run yet: it is the next to be given out."""
        if (place := self._running.pop(id, None)) is not None:
            self._waiting.insert(0, place)

    def ended(self, id: str, *, is_success: bool) -> None:
        """One ran, and is done."""
        place = self._running.pop(id, None)
        slow = self._slowed.get(place.endpoint) if place is not None else None
        if place is None or slow is None or not is_success:
            return
        if slow + 1 < self._settings.limit_of(place.endpoint):
            self._slowed[place.endpoint] = slow + 1
        else:
            del self._slowed[place.endpoint]

    def rest(self, endpoint: str, until: float) -> None:
        """An endpoint asks to be left alone until then."""
        now = self._clock()
        # Those that are told the same at the same moment are one complaint.
        if self._rests.get(endpoint, 0.0) <= now:
            self._slowed[endpoint] = max(1, self._at_once(endpoint) // 2)
        self._rests[endpoint] = max(until, self._rests.get(endpoint, 0.0))

    def stop(self, endpoint: str, reason: str) -> None:
        """Send nothing more to an endpoint until `resume`; `reason` is a sentence."""
        self._stopped[endpoint] = reason

    def resume(self, ids: Iterable[str] | None = None) -> None:
        """Go on: with those that are held, or with `ids` of them alone, and with all endpoints."""
        if ids is not None:
            self._held.difference_update(ids)
            return
        self.is_paused = False
        self._held.clear()
        self._stopped.clear()

    def _may_run(self, place: Place) -> bool:
        """Whether another one of its endpoint and model may run now."""
        if place.endpoint in self._stopped:
            return False
        until = self._rests.get(place.endpoint)
        if until is not None and until > self._clock():
            return False
        self._rests.pop(place.endpoint, None)
        running = self._running.values()
        endpoints = Counter(other.endpoint for other in running)
        if endpoints[place.endpoint] >= self._at_once(place.endpoint):
            return False
        limit = self._settings.models.get(place.model)
        same = [other for other in running if other.model == place.model]
        return limit is None or sum(other.endpoint == place.endpoint for other in same) < limit

    def _at_once(self, endpoint: str) -> int:
        limit = self._settings.limit_of(endpoint)
        return min(limit, self._slowed.get(endpoint, limit))
