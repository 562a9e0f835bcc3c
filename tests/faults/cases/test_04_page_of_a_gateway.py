"""A gateway on the way gave up waiting, and answers with a page of its own: 502, 504 or 52x.

The endpoint may have gone on: `unknown`, not sent again, found in the records. Of the page only its
title is shown, never its HTML, and nobody reads of JSON that it was not.
"""

from __future__ import annotations

from tests.cli.conftest import Home
from tests.faults.cases.session import by_word, configure, studio_in
from tests.faults.conftest import Demo
from tests.faults.ledger import check_pictures, has_pictures

PAGES = {
    "502-html": "(502): “502 Bad Gateway”",
    "504-html": "(504): “504 Gateway Time-out”",
    "504-nginx": "(504): “504 Gateway Time-out”",
    "520-html": "(520)",
    "524-html": "(524): “api.example | 524: A timeout occurred”",
}


def test_it_is_unknown_and_of_the_page_the_title_is_shown(home: Home, failing: Demo) -> None:
    configure(home, studio=failing.base_url)
    seen = ""
    with studio_in(home) as studio:
        studio.press(b"case4")
        for count, (kind, words) in enumerate(PAGES.items(), start=1):
            studio.send(f" {kind}")
            studio.wait_for_ends(count)
            studio.wait_to_read(f"A gateway before the endpoint gave up {words}")
            seen += studio.screen.text
        unknown = [entry for entry in studio.entries if entry.status == "unknown"]
        assert set(by_word(unknown)) == set(PAGES)
        for entry in unknown:
            assert entry.error is not None
            assert (entry.error.kind, entry.error.charged) == ("gateway", "maybe")
            assert "<html" in entry.error.body.lower()
        studio.leave()
    assert home.run("reconcile").code == 0
    entries = studio.entries
    assert all(map(has_pictures, entries))
    written = (seen + studio.terminal.written.decode()).lower()
    for raw in ("<html", "<h1", "<title", "<center", "<!doctype", "traceback", "json"):
        assert raw not in written
    for entry in entries:
        assert failing.traffic.posts_by_prompt[entry.prompt] == 1
    check_pictures(studio.paths, home.store, entries)
