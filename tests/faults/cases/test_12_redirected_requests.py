"""The endpoint answers a request that costs money with a redirect to another server.

The prompt and the key would go there: it is not followed, whatever its number, and told. After 303,
which says that the work was done, it may have been charged; after the others nothing was.
"""

from __future__ import annotations

from collections import Counter

from tests.api.origins import reply
from tests.cli.conftest import Home
from tests.faults.cases.session import answer_by_word, by_word, configure, origin_with, studio_in
from tui.history.entry import Charged, Status

STATUSES = (307, 301, 302, 303, 308)


def test_it_is_not_followed_and_told(home: Home) -> None:
    with origin_with(reply()) as other:
        target = f"{other.url}/v1/images/generations"
        answers = {str(status): reply(status, Location=target) for status in STATUSES}
        with origin_with(answer_by_word(**answers)) as origin:
            configure(home, config={"queue": {"at_once": 16}}, studio=f"{origin.url}/v1")
            with studio_in(home) as studio:
                studio.send("case12 307")
                studio.wait_to_read(
                    "The endpoint redirects to 127.0.0.1, which is not followed (307).",
                    "Nothing was charged. Set the endpoint's base_url to where it redirects, if you"
                    " trust that.",
                )
                for status in STATUSES[1:]:
                    studio.send(f" {status}")
                entries = by_word(studio.wait_for_ends(len(STATUSES)))
                studio.leave()
    assert other.connections == 0
    for word, entry in entries.items():
        assert entry.error is not None
        end: tuple[Status, Charged] = ("failed", "no")
        if word == "303":
            end = ("unknown", "maybe")
        assert (entry.status, entry.error.charged) == end
        assert entry.error.kind == "bad_response"
        assert "which is not followed" in entry.error.message
    sent = [request for request in origin.requests if request.method == "POST"]
    posts = Counter(request.document["prompt"].split()[-1] for request in sent)
    assert posts == dict.fromkeys(answers, 1)
