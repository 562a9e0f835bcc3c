"""The answer, or the picture, is far too much, or never ends.

Gzip that unpacks to a thousand times as much, 200 MB of picture, a byte now and then for ever: each
is given up at its cap or its deadline. Meanwhile the studio takes keys and draws, and takes less
than 100 MB of memory for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tests.cli.conftest import Home
from tests.faults.cases.session import (
    by_word,
    configure,
    forget_peak,
    memory,
    peak_memory,
    studio_in,
)
from tests.faults.conftest import Demo
from tui.history.entry import Charged, Entry, Status

End: TypeAlias = tuple[Status, Charged, str]
"""How an entry ends: its status, whether it was charged, and what is told."""

SECONDS = 3
"""What the endpoint has for an answer, and for a picture, where they drip."""
TOO_LARGE = "The picture is larger than 64 MiB."
FLOODS: Mapping[str, End] = {
    "gzip-bomb": ("unknown", "maybe", "The answer is larger than any answer should be."),
    "download-gzip-bomb": ("failed", "yes", TOO_LARGE),
    "download-large": ("failed", "yes", TOO_LARGE),
    "download-endless": ("failed", "yes", TOO_LARGE),
}
DRIPS: Mapping[str, End] = {
    "drip": ("unknown", "maybe", "The answer did not end in the time allowed."),
    "download-drip": ("failed", "yes", f"The picture did not come within {SECONDS} seconds."),
}
MOST = 100_000_000
"""Bytes of memory that all floods together may take."""


def test_a_flood_is_given_up_at_its_cap(home: Home, failing: Demo) -> None:
    configure(home, config={"queue": {"at_once": 16}}, studio=failing.base_url)
    with studio_in(home) as studio:
        # What a first picture loads is not counted.
        studio.send("case13 well")
        studio.wait_for_status("done")
        forget_peak(studio.pid)
        before = memory(studio.pid)
        for word in FLOODS:
            studio.send(f" {word}")
        entries = studio.wait_for_ends(1 + len(FLOODS))
        grown = peak_memory(studio.pid) - before
        studio.leave()
    assert grown < MOST
    check(entries[1:], FLOODS, failing)
    assert not list(home.folder.rglob("*.part"))
    # What came is kept, but not much of it.
    assert sum(path.stat().st_size for path in home.files) < 2_000_000


def test_a_drip_is_given_up_at_its_deadline_and_meanwhile_the_studio_lives(
    home: Home, failing: Demo
) -> None:
    table = {"base_url": failing.base_url, "timeout": SECONDS, "download_timeout": SECONDS}
    configure(home, studio=table)
    with studio_in(home) as studio:
        studio.press(b"case13")
        for word in DRIPS:
            studio.send(f" {word}")
        studio.wait_for_status("running", "running")
        for letters in ("it lives", "and draws"):
            studio.press(f" {letters}".encode())
            studio.wait_to_read(letters)
        assert "running" in [entry.status for entry in studio.entries]
        entries = studio.wait_for_ends(len(DRIPS))
        studio.leave()
    check(entries, DRIPS, failing)


def check(entries: list[Entry], ends: Mapping[str, End], failing: Demo) -> None:
    """The entries have ended as they should, and each was sent once."""
    by_words = by_word(entries)
    assert set(by_words) == set(ends)
    for word, entry in by_words.items():
        assert entry.error is not None
        assert (entry.status, entry.error.charged, entry.error.message) == ends[word]
        assert failing.traffic.posts_by_prompt[entry.prompt] == 1
