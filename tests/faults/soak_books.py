"""Whether history, pictures and index hold what an endpoint did in a soak."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tests.faults.ledger import has_pictures
from tests.faults.soak_server import Books
from tui.history.entry import UNFINISHED, Entry
from tui.history.index import HistoryIndex
from tui.history.index_rows import row_of
from tui.history.query import parse_query
from tui.history.spending import spent_today
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

_AT_A_TIME = 100


def wrong_in_index(paths: Paths) -> Iterator[str]:
    """Where the index says something else than the files, before anybody looked at those anew."""
    index = HistoryIndex(paths.index)
    found = {row.id: row for row in index.search(parse_query("", datetime.now().astimezone()))}
    index.close()
    listed = {entry.id: row_of(entry) for entry in HistoryStore(paths).newest().entries}
    for entry_id in sorted(listed.keys() | found.keys()):
        if listed.get(entry_id) != found.get(entry_id):
            yield f"index: {found.get(entry_id)} is {listed.get(entry_id)} on the disk"


def wrong_in_status_line(paths: Paths, spent: str, shown: str) -> Iterator[str]:
    """Where today's sum, as the studio has it and as it stood on the terminal, is another one."""
    now = datetime.now().astimezone()
    sum_ = str(spent_today(HistoryStore(paths).newest().entries, now))
    if spent != sum_:
        yield f"the studio says {spent} of today, and history {sum_}"
    if f"today {sum_}" not in shown:
        yield f"the terminal does not show {sum_}: …{shown[:300]!r}"


def look_for_lost(paths: Paths) -> str:
    """Do what a user does in the end with what may have been charged; what that says at last."""
    said = ""
    lost = [entry.id for entry in HistoryStore(paths).newest().entries if _may_be_lost(entry)]
    for first in range(0, len(lost), _AT_A_TIME):
        command = [sys.executable, "-m", "tui", "reconcile", *lost[first : first + _AT_A_TIME]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stderr[-1000:]
    return said


def _may_be_lost(entry: Entry) -> bool:
    return not entry.images and entry.may_cost


def wrong_in_history(
    paths: Paths, pictures: Path, prompts: Sequence[str], books: Books
) -> Iterator[str]:
    """What history says of presses and pictures that the endpoint's books do not say.

    `pictures` is the endpoint's folder of what it made, of which each was paid.
    """
    store = HistoryStore(paths)
    listing, trash = store.newest(), Trash(paths, store).entries()
    entries = [*listing.entries, *(each.entry for each in trash)]
    yield from (f"unreadable: {each}" for each in listing.unreadable)
    asked = Counter(entry.prompt for entry in entries)
    yield from (f"{prompt!r}: {asked[prompt]} entries" for prompt in prompts if asked[prompt] != 1)
    if asked.total() != len(prompts):
        yield f"{asked.total()} entries of {len(prompts)} presses"
    yield from (
        f"{prompt!r} was sent, and never asked for" for prompt in books.posts.keys() - asked
    )
    if books.without_a_key or books.most_of_a_key > 2:
        yield f"keys: {books.without_a_key} requests without, {books.most_of_a_key} with the same"
    for entry in entries:
        yield from _wrong_in_entry(entry, books)
    yield from _wrong_in_pictures(paths, store, listing.entries, pictures)


def _wrong_in_entry(entry: Entry, books: Books) -> Iterator[str]:
    made, posts = books.made.get(entry.prompt, 0), books.posts.get(entry.prompt, 0)
    told = f"{entry.id}, {entry.prompt!r}, {entry.status} {entry.error and entry.error.kind}"
    if not made <= posts <= 2 or made > 1:
        yield f"{told}: sent {posts} times, made {made} times"
    if entry.status in UNFINISHED:
        yield f"{told}: not ended"
    if has_pictures(entry) != bool(made):
        yield f"{told}: made {made} times, has {len(entry.images)} pictures"
    if made and not entry.may_cost:
        yield f"{told}: paid, and told as free"
    if not made and entry.error and entry.error.charged == "yes":
        yield f"{told}: not paid, and told as paid"


def _wrong_in_pictures(
    paths: Paths, store: HistoryStore, entries: Sequence[Entry], pictures: Path
) -> Iterator[str]:
    kept: Counter[str] = Counter()
    for entry in entries:
        for image in entry.images:
            try:
                digest = _digest(store.absolute(image.file))
            except OSError as error:
                yield f"{entry.id}: {error}"
                continue
            kept[digest] += 1
            if digest != image.sha256:
                yield f"{entry.id}: {image.file} has other bytes than were paid for"
    kept.update(_digest(path) for path in paths.trash.rglob("*") if path.suffix in (".png", ".jpg"))
    paid = Counter(map(_digest, pictures.iterdir()))
    if kept != paid:
        lacking, more = (paid - kept).total(), (kept - paid).total()
        yield f"pictures: {lacking} that were paid for are not there, {more} are there besides"
    named = {store.absolute(image.file) for entry in entries for image in entry.images}
    lying = {path for path in paths.images.rglob("*") if path.suffix in (".png", ".jpg")}
    yield from (f"{path} is in no entry" for path in lying - named)
    yield from (f"{path} was left over" for path in paths.images.rglob("*.part"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
