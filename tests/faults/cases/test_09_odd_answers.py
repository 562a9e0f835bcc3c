"""An answer of status 200 whose JSON is none, or says nothing of a picture, or says odd things.

Where there is a picture it is kept, whatever else is odd. Where there is none, nobody knows whether
one was made: `unknown`, not sent again, and what came is kept with the entry, without keys and not
more than 64 KB of it. Nothing ends the studio.
"""

from __future__ import annotations

import json
from collections import Counter

from tests.api.origins import reply, success
from tests.cli.conftest import KEY, Home
from tests.faults.cases.session import (
    answer_by_word,
    by_word,
    configure,
    item,
    origin_with,
    picture_file,
    studio_in,
)
from tui.scrub import BODY_LIMIT

PICTURE = item(picture_file())
ANSWER = json.dumps(success(data=[PICTURE]))
USELESS: dict[str, bytes] = {
    "empty-list": json.dumps(success(data=[])).encode(),
    "null": json.dumps(success(data=None)).encode(),
    "neither": json.dumps(success(data=[{"revised_prompt": f"a fox, by {KEY}"}])).encode(),
    "null-item": b'{"data": [null]}',
    "nested": b"[" * 100_000,
    "nested-whole": b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "no-json": f"<p>{KEY}".encode(),
    "no-body": b"",
    "a-number": b"7",
}
TOLERATED: dict[str, bytes] = {
    "both": json.dumps(success(data=[{"url": "http://127.0.0.1:9/x.png", **PICTURE}])).encode(),
    "created-text": json.dumps(success(data=[PICTURE], created="yesterday")).encode(),
    "created-nan": ANSWER.replace("1700000000", "NaN").encode(),
    "created-digits": ANSWER.replace("1700000000", "7" * 5_000).encode(),
    "bom": ANSWER.encode("utf-8-sig"),
    "utf-16": ANSWER.encode("utf-16"),
    "utf-16-be": ANSWER.encode("utf-16-be"),
    "no-utf-8": ANSWER.replace("seedream", "seedre\xe4m").encode("latin-1"),
}
MORE = {"extra": json.dumps(success(data=[PICTURE, item(picture_file(optimize=True))])).encode()}


def test_it_is_kept_and_never_asked_for_again(home: Home) -> None:
    bodies = USELESS | TOLERATED | MORE
    answers = {word: reply(body=body) for word, body in bodies.items()}
    with origin_with(answer_by_word(**answers)) as origin:
        configure(home, config={"queue": {"at_once": 16}}, studio=f"{origin.url}/v1")
        with studio_in(home) as studio:
            studio.send("case9 empty-list")
            studio.wait_to_read(
                "The endpoint answered without a picture.", "It may be charged: look in the library"
            )
            for word in list(bodies)[1:]:
                studio.send(f" {word}")
            entries = by_word(studio.wait_for_ends(len(bodies)))
            studio.leave()
    for word, body in USELESS.items():
        entry = entries[word]
        assert entry.status == "unknown"
        assert entry.error is not None
        assert (entry.error.kind, entry.error.charged) == ("bad_response", "maybe")
        assert entry.error.message
        assert entry.error.body.encode()[:3] == body[:3]
        assert len(entry.error.body.encode()) == min(len(body), BODY_LIMIT) or KEY.encode() in body
        assert ("[key]" in entry.error.body) == (KEY.encode() in body)
    for word in TOLERATED | MORE:
        assert entries[word].status == "done"
        assert len(entries[word].images) == (2 if word in MORE else 1)
    sent = [request for request in origin.requests if request.method == "POST"]
    assert Counter(request.document["prompt"].split()[-1] for request in sent) == dict.fromkeys(
        bodies, 1
    )
