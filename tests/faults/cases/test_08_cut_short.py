"""An answer of status 200, or the picture that it links to, breaks off before its end.

Against its Content-Length, within a chunk, in a body that has no length, or whole but for PNG's end
marker. A picture is fetched again, which costs nothing, and is never kept as done unless it is
whole; an answer is not asked for again, and what it would have led to is found.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.cli.conftest import Home
from tests.faults.cases.session import by_word, configure, studio_in
from tests.faults.conftest import Demo
from tests.faults.ledger import check_pictures
from tui.history.entry import Entry

NOT_FETCHED = ("download-cut-length", "download-cut-chunk", "download-cut-reset")
NO_PICTURE = {
    "download-cut-unsized": "The PNG is damaged or cut off.",
    "download-truncated": "The PNG is damaged or cut off.",
    "download-short": "The PNG is cut off: its end marker is missing.",
}
RESUMED = "download-breaks"
ANSWERS = ("cut-length", "cut-chunk", "cut-unsized", "cut-reset")


def test_half_a_picture_is_never_done(home: Home, failing: Demo) -> None:
    kinds = (*NOT_FETCHED, *NO_PICTURE, RESUMED, *ANSWERS)
    configure(home, config={"queue": {"at_once": 16}}, studio=failing.base_url)
    with studio_in(home) as studio:
        entries = studio.ends_of("case8", kinds)
        studio.leave()
    for word in NOT_FETCHED:
        assert _end(entries[word]) == ("failed", "download", "yes")
        assert _fetched(failing, entries[word]) == 3
    rejected = {path.stem for path in home.folder.rglob("*.rejected")}
    for word, words in NO_PICTURE.items():
        assert _end(entries[word]) == ("failed", "bad_response", "maybe")
        assert words in str(entries[word].error)
        assert _fetched(failing, entries[word]) >= 2
        rejected.remove(f"{entries[word].id}-1")
    assert not rejected
    assert not list(home.folder.rglob("*.part"))
    assert entries[RESUMED].status == "done"
    assert _fetched(failing, entries[RESUMED]) == 2
    for word in ANSWERS:
        assert _end(entries[word])[::2] == ("unknown", "maybe")

    assert home.run("reconcile").code == 0
    entries = by_word(studio.entries)
    assert {word for word in entries if entries[word].status == "done"} == {RESUMED, *ANSWERS}
    for entry in entries.values():
        assert failing.traffic.posts_by_prompt[entry.prompt] == 1
    check_pictures(studio.paths, home.store, studio.entries)


def _end(entry: Entry) -> tuple[str, str, str]:
    assert entry.error is not None
    return entry.status, entry.error.kind, entry.error.charged or ""


def _fetched(demo: Demo, entry: Entry) -> int:
    """How often the picture of the entry was asked for."""
    assert entry.response is not None
    (url,) = entry.response.urls
    return demo.traffic.requests[f"GET {urlsplit(url).path}"]
