"""The endpoint takes the request, and the connection ends before a word of an answer.

Nobody knows whether the picture was made. The request is not sent again; the entry is `unknown`
and says that it may have been charged, and what was made is found in the endpoint's records.
"""

from __future__ import annotations

from tests.cli.conftest import Home
from tests.faults.cases.session import by_word, configure, studio_in
from tests.faults.conftest import Demo
from tests.faults.ledger import check_pictures, has_pictures

MADE = ("reset", "close")
NOT_MADE = ("reset-early", "close-early")


def test_it_is_not_sent_again_and_found_in_the_records(home: Home, failing: Demo) -> None:
    configure(home, studio=failing.base_url)
    with studio_in(home) as studio:
        studio.send("case1 reset")
        studio.wait_to_read(
            "The request was sent to 127.0.0.1, but no answer came: the connection was closed.",
            "The picture may have been made and charged: look in the library before sending again.",
        )
        for kind in ("close", *NOT_MADE):
            studio.send(f" {kind}")
        for entry in studio.wait_for_ends(4):
            assert entry.status == "unknown"
            assert entry.error is not None
            assert (entry.error.kind, entry.error.charged) == ("unknown_outcome", "maybe")
        # The studio looks for them by itself, a few seconds later.
        studio.wait_until(lambda: sum(map(has_pictures, studio.entries)) == len(MADE))
        studio.leave()
    entries = studio.entries
    for word, entry in by_word(entries).items():
        assert entry.status == ("done" if word in MADE else "unknown")
        assert failing.traffic.posts_by_prompt[entry.prompt] == 1
        assert failing.traffic.carried_out[entry.prompt] == (word in MADE)
    check_pictures(studio.paths, home.store, entries)
