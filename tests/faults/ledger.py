"""What history must say after a run, whatever was killed in it: what was paid for, and no more."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths


def has_pictures(entry: Entry) -> bool:
    """Whether it has ended, with a picture at least."""
    return entry.status in ("done", "partial") and bool(entry.images)


def check_ends(entries: Sequence[Entry], made: int) -> None:
    """Of entries that ask for the same, as many have their pictures as were made."""
    done = [entry for entry in entries if has_pictures(entry)]
    others = [entry for entry in entries if not has_pictures(entry)]
    assert len(done) == made, [(entry.id, entry.status, entry.error) for entry in entries]
    for entry in done:
        # A record leads to the first picture of its generation alone.
        is_whole = len(entry.images) == entry.parameters.get("n", 1)
        assert entry.status == ("done" if is_whole else "partial")
    for entry in others:
        assert entry.images == ()
        # The endpoint has no such record, and who was killed cannot know that it never will.
        assert entry.status in ("unknown", "failed")


def check_pictures(paths: Paths, store: HistoryStore, entries: Sequence[Entry]) -> None:
    """No two entries have one record, and the pictures on the disk are those of `entries`."""
    records = [image.record for entry in entries for image in entry.images if image.record]
    assert len(set(records)) == sum(
        len({image.record for image in entry.images if image.record}) for entry in entries
    )
    for entry in entries:
        for image in entry.images:
            data = store.absolute(image.file).read_bytes()
            assert hashlib.sha256(data).hexdigest() == image.sha256
    named = {store.absolute(image.file) for entry in entries for image in entry.images}
    pictures = {path for path in paths.images.rglob("*") if path.suffix in (".png", ".jpg")}
    assert named == pictures
