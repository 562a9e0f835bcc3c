"""When a fault is played: dice by kind, or the names that a request brings."""

from __future__ import annotations

import difflib
import math
import random
from collections.abc import Hashable, Mapping, Sequence

from tui.demo.faults.kinds import ALONGSIDE, KINDS, Operation, operation_of

SLOW_SECONDS = 150.0
RETRY_SECONDS = 2.0
DRIP_SECONDS = 1.0


class Faults:
    """Which faults are played how often: rates from 0 to 1 by kind, none by default.

    The dice are drawn from `seed`: the same requests in the same order meet the same faults.
    `slow_seconds` is what the fault "slow" adds, `retry_seconds` what Retry-After asks for,
    `drip_seconds` the time from one byte to the next of a body that drips.
    """

    def __init__(
        self,
        rates: Mapping[str, float] | None = None,
        *,
        seed: int = 0,
        slow_seconds: float = SLOW_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
        drip_seconds: float = DRIP_SECONDS,
    ) -> None:
        self.rates = dict(rates or {})
        for kind, rate in self.rates.items():
            _check(kind, rate)
        self.slow_seconds = slow_seconds
        self.retry_seconds = retry_seconds
        self.drip_seconds = drip_seconds
        self._seen: dict[tuple[str, Hashable], object] = {}
        self._dice = {
            kind: random.Random(f"{seed} {kind}")  # noqa: S311 - a rehearsal's dice, no secret
            for kind in self.rates
        }

    @classmethod
    def parse(cls, specs: Sequence[str], *, seed: int = 0) -> Faults:
        """Faults from "KIND", always played, or "KIND=RATE".

        Raises ValueError, in a sentence for the user, where one is neither.
        """
        rates = {}
        for spec in specs:
            kind, equals, rate = spec.partition("=")
            try:
                rates[kind] = float(rate) if equals else 1.0
            except ValueError:
                rates[kind] = math.nan
            _check(kind, rates[kind])
        return cls(rates, seed=seed)

    def plays(self, kind: str) -> bool:
        """Whether the fault is among those played, however rarely."""
        return self.rates.get(kind, 0) > 0

    def draw(self, operation: Operation) -> tuple[str, ...]:
        """The faults that the next request of this operation meets.

        One at most, and those that are played beside another.
        """
        # Every die is rolled, so that one fault does not shift another's sequence.
        met = [
            kind
            for kind, dice in self._dice.items()
            if operation_of(kind) == operation and dice.random() < self.rates[kind]
        ]
        alone = [kind for kind in met if kind not in ALONGSIDE]
        return (*alone[:1], *(kind for kind in met if kind in ALONGSIDE))

    def first_time(self, kind: str, subject: Hashable) -> bool:
        """Whether the fault was not played with `subject` before; from now on it was."""
        now = object()
        return self.first_seen(kind, subject, now) is now

    def first_seen(self, kind: str, subject: Hashable, value: object) -> object:
        """The `value` with which the fault first met `subject`."""
        return self._seen.setdefault((kind, subject), value)


def named_faults(text: str) -> tuple[str, ...]:
    """The kinds in `text`, separated by commas.

    Raises ValueError, in a sentence for the user, where one is unknown.
    """
    kinds = tuple(kind for part in text.split(",") if (kind := part.strip()))
    for kind in kinds:
        _check(kind, 1)
    return kinds


def _check(kind: str, rate: float) -> None:
    if kind not in KINDS:
        alike = difflib.get_close_matches(kind, KINDS, 1)
        guess = f" Did you mean {alike[0]!r}?" if alike else ""
        raise ValueError(
            f"There is no fault {kind!r}.{guess} `darkroom serve --help` lists the faults."
        )
    if not 0 <= rate <= 1:
        raise ValueError(f"The rate of the fault {kind!r} must be a number from 0 to 1.")
