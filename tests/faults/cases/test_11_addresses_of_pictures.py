"""The picture's address is none to fetch from, or leads to one: refused with a reason, not asked.

Files, scripts, addresses without a scheme or with a user's name, letters that look like others, a
cloud's metadata, any of these behind a redirect, redirects without end. The endpoint's key goes to
its own origin alone, wherever pictures lie.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

from tests.api.origins import Answer, Received, reply, success
from tests.cli.conftest import KEY, Home
from tests.faults.cases.session import (
    by_word,
    configure,
    origin_with,
    picture_file,
    studio_in,
)

SCHEME, USER = "it is neither http nor https", "it holds a user name"
REASONS = {
    "file": "a file on its own disk",
    "script": SCHEME,
    "text": "its data URL is not base64",
    "no-scheme": SCHEME,
    "user": USER,
    "alike": "its host is not written in ASCII",
    "long": "it is longer than 8192 characters",
    "metadata": "it is link-local",
    "to-file": SCHEME,
    "to-user": USER,
    "to-metadata": "it is link-local",
    "to-script": SCHEME,
    "to-chain": "there are more than 5 redirects",
    "to-loop": "it leads round in a circle",
}
"""Why an address is not asked, by a word for it."""
# An endpoint on this machine may name others on it; whoever they are, they get no key.
FETCHED = ("other", "decimal", "to-other")


def test_it_is_refused_and_nobody_else_gets_the_key(home: Home) -> None:
    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        addresses = _addresses(api.url, other.port)
        await _answered(request, addresses)(request, writer)

    picture = reply(body=picture_file(), content_type="image/png")
    words = (*REASONS, *FETCHED)
    with origin_with(picture) as other, origin_with(answer) as api:
        configure(home, config={"queue": {"at_once": 32}}, studio=f"{api.url}/v1")
        with studio_in(home) as studio:
            studio.press(b"case11")
            for word in words:
                studio.send(f" {word}")
            entries = by_word(studio.wait_for_ends(len(words)))
            studio.leave()
    for word, reason in REASONS.items():
        error = entries[word].error
        assert error is not None
        assert reason in error.message
        assert error.charged in ("maybe", "yes")
        assert entries[word].images == ()
    for word in FETCHED:
        assert entries[word].status == "done"
    # Nothing but what may be fetched was asked for, and nobody else was given the key.
    assert [request.target for request in other.requests] == ["/a.png"] * len(FETCHED)
    assert not any("authorization" in request.headers for request in other.requests)
    asked = Counter(request.target for request in api.requests)
    assert asked["/loop"] == 1
    assert sum(count for target, count in asked.items() if "chain" in target) == 6
    assert api.posts == len(words)
    for request in api.requests:
        has_key = KEY in request.headers.get("authorization", "")
        # A picture at the endpoint's own origin but outside of the API is not asked for with it.
        assert has_key == request.target.startswith("/v1/")
    assert not any(b"root:x:0" in path.read_bytes() for path in home.files)


def _addresses(here: str, port: int) -> Mapping[str, str]:
    """The addresses by their words; `here` is the API, and another server is at the port."""
    there = f"127.0.0.1:{port}"
    return {
        "file": "file:///etc/passwd",
        "script": "javascript:alert(1)",
        "text": "data:text/html,<script>alert(1)</script>",
        "no-scheme": f"//{there}/a.png",
        "user": f"http://me@{there}/a.png",
        "alike": "https://im\u0430ges.example/a.png",
        "long": f"http://{there}/{'x' * 9_000}",
        "metadata": "http://169.254.169.254/latest/meta-data",
        "other": f"http://{there}/a.png",
        "decimal": f"http://2130706433:{port}/a.png",
        **{word: f"{here}/{word[3:]}" for word in (*REASONS, *FETCHED) if word.startswith("to-")},
    }


def _answered(request: Received, addresses: Mapping[str, str]) -> Answer:
    """The API's answer: an address to a generation, and to a GET where its path leads to."""
    if request.method == "POST":
        word = request.document["prompt"].split()[-1]
        return reply(body=success(data=[{"url": addresses[word]}]))
    name, _, number = request.target.removeprefix("/").partition("-")
    if name == "chain":
        return reply(302, Location=f"/chain-{int(number or 0) + 1}")
    if name == "loop":
        return reply(302, Location="/loop")
    return reply(302, Location=addresses[name]) if name in addresses else reply(404)
