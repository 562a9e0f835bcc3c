"""The endpoint answers 429, and says in many ways when to come back, or does not say it.

What can be understood and is no longer than two minutes is waited for, in sight, and the request is
sent once more. Of anything else the user is told, and nothing is sent. Either way nothing was
charged.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.api.origins import Answer, Received, in_turn, reply
from tests.cli.conftest import Home
from tests.faults.cases.session import (
    JOBS,
    answer_by_word,
    by_word,
    configure,
    origin_with,
    pictured,
    studio_in,
)

NOT_UNDERSTOOD = {
    "absent": {},
    "negative": {"Retry_After": "-1"},
    "nan": {"Retry_After": "NaN"},
    "infinite": {"Retry_After": "1e400"},
    "word": {"Retry_After": "soon"},
    "ms-odd": {"retry_after_ms": "NaN"},
}
TOO_LONG = {
    "long": {"Retry_After": "121"},
    "date-long": {
        "Retry_After": format_datetime(datetime.now(UTC) + timedelta(hours=19.9), usegmt=True)
    },
}
HINTS = {
    "long": "The endpoint asks to wait 3 minutes; send again after that.",
    "date-long": "The endpoint asks to wait 20 hours; send again after that.",
}
WAITS = (
    "The endpoint asks to wait before it takes this request. Nothing was charged."
    " It is sent again in"
)


def limited(**headers: str) -> Answer:
    return reply(429, {"error": {"message": "Slow down.", "type": "rate_limit"}}, **headers)


async def in_two_seconds(request: Received, writer: asyncio.StreamWriter) -> None:
    date = datetime.now(UTC) + timedelta(seconds=2)
    await limited(Retry_After=format_datetime(date, usegmt=True))(request, writer)


def test_it_is_waited_for_or_told(home: Home) -> None:
    came: list[float] = []

    async def seven(request: Received, writer: asyncio.StreamWriter) -> None:
        came.append(time.monotonic())
        await (pictured if len(came) > 1 else limited(Retry_After="7"))(request, writer)

    waited = {
        "ms": in_turn(limited(retry_after_ms="1200"), pictured),
        "date": in_turn(in_two_seconds, pictured),
        "seven": seven,
    }
    told = {word: limited(**headers) for word, headers in (NOT_UNDERSTOOD | TOO_LONG).items()}
    minute = limited(Retry_After="60")
    with origin_with(answer_by_word(**told, **waited, minute=minute)) as origin:
        configure(home, config={"queue": {"at_once": 16}}, studio=f"{origin.url}/v1")
        with studio_in(home) as studio:
            studio.press(b"case5")
            studio.send(" seven")
            studio.wait_to_read(f"{WAITS} 6 s.")
            studio.wait_to_read(f"{WAITS} 5 s.")
            studio.wait_for_one("seven", "done")
            for count, word in enumerate(told, start=2):
                studio.send(f" {word}")
                studio.wait_for_ends(count)
                studio.wait_to_read(
                    "(429): “Slow down.”", HINTS.get(word, "Wait a little, then send again.")
                )
            studio.send(" ms")
            studio.wait_for_one("ms", "done")
            studio.send(" date")
            studio.wait_for_one("date", "done")
            studio.send(" minute")
            studio.wait_to_read("told to wait: 60 s")
            studio.press(JOBS)
            studio.wait_to_read("stop")
            studio.press(b"c")
            studio.wait_for_one("minute", "cancelled")
            studio.press(JOBS)
            studio.leave()
    assert came[1] - came[0] >= 7
    sent = [request for request in origin.requests if request.method == "POST"]
    posts = Counter(request.document["prompt"].split()[-1] for request in sent)
    for word, entry in by_word(studio.entries).items():
        assert posts.pop(word) == 1 + (word in waited)
        if word in told:
            assert entry.status == "failed"
            assert entry.error is not None
            assert (entry.error.kind, entry.error.charged) == ("rate_limited", "no")
        elif word in waited:
            assert entry.status == "done"
    assert not posts
