"""How long to wait, as answers say it in their headers."""

from __future__ import annotations

import re
from random import Random

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api.errors import ApiError
from tui.api.reply import Reply
from tui.generation.sending import LONGEST_WAIT, Tries

_DAY = 86_400
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_PAUSES = Mutator(
    [
        "0", "1", "7", "7.5", " 30 ", "119.5", "120", "3600", "86400", "86401", "1500",
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 -0700", "Sun, 29 Feb 2026 0:0:60 Z",
        "2026-11-29T07:03:12Z",
    ],
    [
        "GMT", "UTC", "EST", "Z", "+0000", "-0000", "+2359", "-9999", "+99999999", "Mon", "Nov",
        "Foo", "00:00:00", "24:00:00", "08:49", "08.49.37", "1994", "0000", "9999", "99", "69",
        "-", "/", ",", " ", "(", ")", "AM", "٧",
    ],
)  # fmt: skip
_DATES = Mutator(
    ["Sun, 06 Nov 1994 08:49:07 GMT", "Sat, 01 Jan 0001 00:00:00 +0000", "Fri, 31 Dec 9999 23:59"],
    ["GMT", "-2359", "+2359", ":", "0001", "9999"],
)


def _example(dice: Random) -> Parts:
    milliseconds = _PAUSES.example(dice) if dice.random() < 0.3 else ""
    return _PAUSES.example(dice), milliseconds, _DATES.example(dice)


def _attempt(parts: Parts) -> str:
    after, milliseconds, date = parts
    headers = {"retry-after": after, "retry-after-ms": milliseconds, "date": date}
    reply = Reply(429, headers, b"")
    pause = reply.retry_after
    if _NUMBER.fullmatch(after) and not milliseconds.strip() and len(after) < 12:
        assert pause == (float(after) if float(after) <= _DAY else None)
    if pause is None:
        return "no time"
    assert 0 <= pause <= _DAY
    assert isinstance(pause, float)
    tried = Tries(lambda: 1000.0).pause_after(
        ApiError("rate_limited", "slow down", status=429, retry_after=pause)
    )
    assert (tried is not None) is (pause <= LONGEST_WAIT)
    assert tried is None or 0 < tried.until - 1000.0 <= LONGEST_WAIT
    return ACCEPTED


TARGET = Target("pauses", _example, _attempt)
