"""The budget: whether a job may be sent by what it, this session and this day may cost.

What a job may cost is reserved before it is queued, so that many submitted at once cannot together
spend more than is left. The reservation becomes spend, or room again, by what became of the job.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Literal, get_args

from msgspec import Struct

from tui.config import BudgetCaps
from tui.history.entry import UNFINISHED, Entry
from tui.history.ledger import Ledger
from tui.history.wording import dollars

Scope = Literal["job", "session", "day"]
Verdict = Literal["allowed", "warn", "ask", "stop"]
"""`warn` may be sent, and 80 % of a cap are reached; `ask` may be sent if the user agrees, since it
leads above a cap or its price is unknown; `stop` may not: a cap is reached already."""
Charges = Mapping[str, float | None]
"""What entries may have cost in US dollars, by id; None where the price is unknown."""

WARNING = 80
"""Per cent of a cap from which on there is a warning."""
_SEVERITY: tuple[Verdict, ...] = ("allowed", "warn", "ask", "stop")
_MILLION = 1_000_000
_NO_STAMP = 0
"""A job is no file."""
_FRESH = 1.0
"""Seconds for which what other programs spent is believed."""
_OF: dict[Scope, str] = {"job": "a job", "session": "this session", "day": "today"}


class Standing(Struct, frozen=True):
    """How much of a cap is used."""

    scope: Scope
    spent_usd: float = 0.0
    """Estimates of what was or may have been charged."""
    reserved_usd: float = 0.0
    """Estimates of what is on its way."""
    unknown: int = 0
    """Jobs in it whose price is unknown; they are in neither sum."""
    cap_usd: float | None = None
    """None is no cap."""

    @property
    def committed_usd(self) -> float:
        """What is spent or on its way."""
        return _from_micro(_micro(self.spent_usd) + _micro(self.reserved_usd))


class Decision(Struct, frozen=True):
    """Whether a job may be sent, and by which cap."""

    verdict: Verdict
    price_usd: float | None
    """Of the job; None is unknown."""
    standing: Standing | None = None
    """Of the cap that decided, before the job; None where none stood against it."""

    @property
    def sentence(self) -> str:
        """The decision in words; empty where there is nothing to say."""
        if self.standing is None or self.verdict == "allowed":
            return ""
        used = self.standing
        cap, of = dollars(used.cap_usd), _OF[used.scope]
        unknown = f" Not counted: {used.unknown} of unknown price." if used.unknown else ""
        if self.verdict == "stop":
            return f"The cap of {cap} for {of} is reached.{unknown}"
        if self.price_usd is None:
            return f"Its price is unknown; {_used(used)} of {cap} for {of} are used.{unknown}"
        after = dollars(_from_micro(_micro(used.committed_usd) + _micro(self.price_usd)))
        if self.verdict == "ask":
            return f"It would come to {after}, above the cap of {cap} for {of}.{unknown}"
        return f"It comes to {after} of {cap} for {of}.{unknown}"


class OverBudget(Exception):
    """A job may not be sent, or not before the user agrees; `decision` says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.sentence)
        self.decision = decision


class Budget:
    """Decides on jobs, and knows what is reserved and spent. Any thread may use it.

    `charges` gives what today's entries may have cost, other programs' too (`SpendingToday`); it
    is asked where there is a cap for the day, at most once a second, and may touch the disk: so
    `reserve`, `standing`, `objections` and `make_room` belong into a thread. A job of another
    program counts from when it is sent. Where `charges` raises OSError, what it gave last counts.
    """

    def __init__(
        self,
        caps: BudgetCaps,
        charges: Callable[[datetime], Charges],
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._caps = caps
        self._charges = charges
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs = Ledger[_Job]()
        self._raised: dict[Scope, tuple[date, int]] = {}
        self._agreed_to_unknown = False
        self._elsewhere: Charges = {}
        self._asked: tuple[float, date] | None = None

    def reserve(self, entry: Entry, *, agreed: bool = False) -> Decision:
        """Decide on the job of `entry`, and reserve its estimate where it may be sent.

        That is so for `allowed` and `warn`, and for `ask` where the user has `agreed`; the verdict
        is `warn` then. Who agrees to an unknown price does so for the session. Asked again about a
        job, as just before it is sent, it decides anew; one that may not be sent then holds
        nothing. What ended is sent again as another entry.
        """
        price = entry.cost.estimate_usd if entry.cost else None
        with self._lock:
            now = self._now()
            micro = _known(price)
            self._jobs.remove(entry.id)
            decision = self._decide(micro, now, agreed=agreed)
            if decision.verdict in ("allowed", "warn"):
                day = entry.created.astimezone(now.tzinfo).date()
                self._jobs.put(entry.id, _NO_STAMP, _Job(micro, day, "reserved"))
                self._agreed_to_unknown |= agreed and micro is None
            return decision

    def settle(self, entry: Entry) -> None:
        """Take note of what became of a job; of one on its way, or not reserved here, nothing.

        What may have been charged is spent, anything else is given back. It may be told again, as
        when it is found out what became of one whose outcome was unknown.
        """
        if entry.status in UNFINISHED:
            return
        with self._lock:
            if (job := self._jobs.charge(entry.id)) is None:
                return
            price = _known(entry.cost.estimate_usd if entry.cost else None)
            state: _State = "spent" if entry.may_cost else "free"
            self._jobs.put(entry.id, _NO_STAMP, _Job(price, job.day, state))

    def release(self, entry_id: str) -> None:
        """Give back what was reserved for a job that will not be sent, as its entry could not be
        written."""
        with self._lock:
            job = self._jobs.charge(entry_id)
            if job is not None and job.state == "reserved":
                self._jobs.remove(entry_id)

    def standing(self, scope: Literal["session", "day"]) -> Standing:
        """How much of the session's or the day's cap is used."""
        with self._lock:
            return self._standing(scope, self._now())

    def objections(self, prices: Sequence[float | None]) -> tuple[str, ...]:
        """What stands against sending jobs of `prices` together, a sentence for each cap."""
        known = [_known(price) for price in prices]
        total = sum(price for price in known if price is not None)
        dearest = max((price for price in known if price is not None), default=0)
        with self._lock:
            now = self._now()
            found: list[str] = []
            for scope in get_args(Scope):
                used = self._standing(scope, now)
                price = dearest if scope == "job" else total
                if used.cap_usd is None:
                    continue
                if price and _micro(used.committed_usd) + price > _micro(used.cap_usd):
                    found.append(Decision("ask", _from_micro(price), used).sentence)
                elif None in known and not self._agreed_to_unknown:
                    found.append(Decision("ask", None, used).sentence)
        return tuple(found)

    def make_room(self, usd: float) -> None:
        """Let session and day go `usd` beyond what is spent and reserved now, at least: the user
        was shown that amount and agreed. The day's cap is the configured one again tomorrow."""
        with self._lock:
            now = self._now()
            for scope in ("session", "day"):
                used = self._standing(scope, now)
                if used.cap_usd is not None:
                    room = _micro(used.committed_usd) + _micro(usd)
                    self._raised[scope] = now.date(), max(room, _micro(used.cap_usd))

    def change_caps(self, caps: BudgetCaps) -> None:
        """Follow a changed configuration; what was made room for is forgotten."""
        with self._lock:
            self._caps = caps
            self._raised.clear()

    def _decide(self, price: int | None, now: datetime, *, agreed: bool) -> Decision:
        usd = None if price is None else _from_micro(price)
        if price == 0:
            return Decision("allowed", usd)
        agreed = agreed or (price is None and self._agreed_to_unknown)
        found = Decision("allowed", usd)
        for scope in get_args(Scope):
            if (cap := self._cap(scope, now.date())) is None:
                continue
            used = self._standing(scope, now)
            verdict = judge(price, _micro(used.committed_usd), _micro(cap), scope)
            if verdict == "ask" and agreed:
                verdict = "warn"
            if _SEVERITY.index(verdict) > _SEVERITY.index(found.verdict):
                found = Decision(verdict, usd, used)
        return found

    def _standing(self, scope: Scope, now: datetime) -> Standing:
        cap = self._cap(scope, now.date())
        if scope == "job":
            return Standing(scope, cap_usd=cap)
        today = now.date()
        spent, reserved = Counter[int | None](), Counter[int | None]()
        for job, count in self._jobs.counts().items():
            if job.state != "free" and (scope == "session" or job.day == today):
                (spent if job.state == "spent" else reserved)[job.price] += count
        if scope == "day" and cap is not None:
            others = self._others(now).items()
            spent.update(_known(usd) for id, usd in others if self._jobs.charge(id) is None)
        return Standing(
            scope,
            spent_usd=_sum(spent),
            reserved_usd=_sum(reserved),
            unknown=spent[None] + reserved[None],
            cap_usd=cap,
        )

    def _others(self, now: datetime) -> Charges:
        """What was charged today, other programs' jobs among it, as of a moment ago."""
        moment, today = self._clock(), now.date()
        if self._asked is None or self._asked[1] != today:
            self._elsewhere = {}
        elif moment < self._asked[0] + _FRESH:
            return self._elsewhere
        self._asked = moment, today
        # What cannot be listed at this moment has been spent all the same.
        with suppress(OSError):
            self._elsewhere = self._charges(now)
        return self._elsewhere

    def _cap(self, scope: Scope, today: date) -> float | None:
        cap: float | None = getattr(self._caps, f"{scope}_usd")
        if cap is None or scope not in self._raised:
            return cap
        day, raised = self._raised[scope]
        if scope == "day" and day != today:
            return cap
        return max(cap, _from_micro(raised))


def judge(price: int | None, committed: int, cap: int, scope: Scope) -> Verdict:
    """What `cap` says to a job of `price`, unknown if None, when `committed` of it are used.

    All are in millionths of a dollar: sums of them are exact.
    """
    if committed >= cap and scope != "job":
        return "stop"
    if price is None or committed + price > cap:
        return "ask"
    return "warn" if (committed + price) * 100 >= cap * WARNING else "allowed"


_State = Literal["reserved", "spent", "free"]


class _Job(Struct, frozen=True, gc=False):
    price: int | None
    """In millionths of a dollar; None is unknown."""
    day: date
    state: _State


def _known(usd: float | None) -> int | None:
    """`usd` in millionths, None for what is no amount."""
    return _micro(usd) if usd is not None and math.isfinite(usd) and usd >= 0 else None


def _micro(usd: float) -> int:
    return round(usd * _MILLION)


def _from_micro(micro: int) -> float:
    return micro / _MILLION


def _sum(prices: Mapping[int | None, int]) -> float:
    """So many of each price added up."""
    return _from_micro(sum(price * count for price, count in prices.items() if price is not None))


def _used(standing: Standing) -> str:
    return dollars(standing.committed_usd)
