"""The request went out whole, and no answer comes within the time that the endpoint has.

As with a connection that breaks: not sent again, `unknown`, found in the records. While it waits,
the studio shows for how long; afterwards it says that the picture may have been charged.
"""

from __future__ import annotations

from tests.cli.conftest import Home
from tests.faults.cases.session import ESCAPE, JOBS, configure, studio_in
from tests.faults.conftest import Demo
from tests.faults.ledger import check_ends, check_pictures


def test_the_wait_is_shown_and_what_was_made_is_found(home: Home, failing: Demo) -> None:
    configure(home, studio={"base_url": failing.base_url, "timeout": 2})
    with studio_in(home) as studio:
        studio.send("case2 hang")
        studio.wait_to_read("Sent. The picture appears here as soon as it comes.", "1 running 1 s")
        assert [entry.status for entry in studio.entries] == ["running"]
        studio.wait_to_read(
            "but no answer came: it took longer than 2 seconds.",
            "The picture may have been made and charged: look in the library before sending again.",
        )
        (entry,) = studio.wait_for_status("unknown")
        assert entry.error is not None
        assert (entry.error.kind, entry.error.charged) == ("unknown_outcome", "maybe")
        studio.press(JOBS)
        studio.wait_to_read("1 ended badly", "It is looked for.")
        studio.press(b"l")
        entries = studio.wait_for_status("done")
        studio.press(ESCAPE)
        studio.wait_to_read("24×24")
        studio.leave()
    assert failing.traffic.posts_by_prompt["case2 hang"] == 1
    check_ends(entries, failing.traffic.carried_out["case2 hang"])
    check_pictures(studio.paths, home.store, entries)
