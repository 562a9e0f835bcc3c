"""Whatever is done to history, by whom and in which order: index and store agree with a model."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule
from msgspec.structs import replace

from tests.history.entries import DONE, at
from tui.history.entry import Entry, encode_entry
from tui.history.index import HistoryIndex
from tui.history.query import Query, parse_query
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

BEGIN = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
TODAY = date(2026, 11, 28)
prompts = st.sampled_from(["an old fox", "fox in the snow", "灯笼", "a", "no. 7", ""])
changes = st.one_of(
    st.fixed_dictionaries({"starred": st.booleans()}),
    st.fixed_dictionaries({"rating": st.integers(0, 5)}),
    st.fixed_dictionaries({"tags": st.sampled_from([(), ("night",), ("fox", "old")])}),
    st.fixed_dictionaries({"note": st.sampled_from(["", "for the snow"])}),
)


class History(RuleBasedStateMachine):
    """Files, two indexes on one database, and a model that is only dictionaries."""

    ids = Bundle("ids")
    trashed = Bundle("trashed")

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.paths = Paths(self.home, self.home, self.home)
        self.store = HistoryStore(self.paths)
        self.trash = Trash(self.paths, self.store)
        self.index = HistoryIndex(self.paths.index)
        self.other = HistoryIndex(self.paths.index)
        self.made = 0
        self.entries: dict[str, Entry] = {}
        self.torn: set[str] = set()
        self.in_trash: dict[str, Entry] = {}

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.index.close()
            self.other.close()
            shutil.rmtree(self.home)

    # What a studio does

    @rule(target=ids, prompt=prompts)
    def create(self, prompt: str) -> str:
        # Some entries of a day before midnight, some after; later ones may sort before.
        created = BEGIN + timedelta(minutes=self.made * 37 % 180)
        entry = replace(at(created, self.made), prompt=prompt)
        self.made += 1
        self.store.write(entry)
        self.entries[entry.id] = entry
        return entry.id

    @rule(entry_id=ids, change=changes)
    def change(self, entry_id: str, change: dict[str, object]) -> None:
        if entry_id in self.entries:
            self.store.change(entry_id, lambda entry: replace(entry, **change))
            self.entries[entry_id] = replace(self.entries[entry_id], **change)

    @rule(entry_id=ids)
    def finish(self, entry_id: str) -> None:
        if entry_id in self.entries:
            outcome = replace(DONE, id=entry_id, prompt="finished", status="partial")
            self.entries[entry_id] = self.store.write_outcome(outcome)

    @rule(target=trashed, entry_id=ids)
    def discard(self, entry_id: str) -> str:
        if entry_id in self.entries:
            self.trash.discard(entry_id, TODAY)
            self.in_trash[entry_id] = self.entries.pop(entry_id)
        return entry_id

    @rule(entry_id=consumes(trashed))
    def restore(self, entry_id: str) -> None:
        if entry_id in self.in_trash:
            self.trash.restore(entry_id)
            self.entries[entry_id] = self.in_trash.pop(entry_id)

    # What happens beside it

    @rule(entry_id=ids)
    def crash_in_the_middle_of_a_write(self, entry_id: str) -> None:
        path = self.store.entry_path(entry_id)
        if path.parent.is_dir():
            path.with_name(f".{path.name}.0123abcd.tmp").write_bytes(b"format = 1\nid")

    @rule(entry_id=ids, prompt=prompts)
    def edit_in_place(self, entry_id: str, prompt: str) -> None:
        if entry_id in self.entries or entry_id in self.torn:
            entry = replace(self.entries.get(entry_id) or replace(DONE, id=entry_id), prompt=prompt)
            self.store.entry_path(entry_id).write_bytes(encode_entry(entry))
            self.torn.discard(entry_id)
            self.entries[entry_id] = entry

    @rule(entry_id=ids)
    def tear(self, entry_id: str) -> None:
        if entry_id in self.entries:
            path = self.store.entry_path(entry_id)
            path.write_bytes(path.read_bytes()[:20])
            del self.entries[entry_id]
            self.torn.add(entry_id)

    @rule(entry_id=ids)
    def remove(self, entry_id: str) -> None:
        if self.entries.pop(entry_id, None) or entry_id in self.torn:
            self.torn.discard(entry_id)
            self.store.entry_path(entry_id).unlink()

    @rule()
    def remove_empty_folders(self) -> None:
        for folder in sorted(self.paths.history.rglob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    # What becomes of the index

    @rule()
    def restart(self) -> None:
        self.index.close()
        self.index = HistoryIndex(self.paths.index)

    @rule(entry_id=ids)
    def look_at_one_day(self, entry_id: str) -> None:
        day = self.store.entry_path(entry_id).parent.relative_to(self.paths.history)
        self.other.follow_places(self.store, [day.as_posix()])

    @rule(entry_id=ids)
    def look_at_one_file(self, entry_id: str) -> None:
        self.other.follow_places(self.store, [self.store.entry_place(entry_id)])

    @rule(stop_after=st.integers(0, 5))
    def begin_to_follow(self, stop_after: int) -> None:
        asked: list[None] = []

        def stopped() -> bool:
            asked.append(None)
            return len(asked) > stop_after

        self.other.follow(self.store, stopped=stopped)

    @rule(whole=st.booleans())
    def lose_the_index(self, whole: bool) -> None:
        for end in ("", "-wal", "-shm") if whole else ("",):
            self.paths.index.with_name(self.paths.index.name + end).unlink(missing_ok=True)

    @rule(where=st.integers(0, 20))
    def corrupt_the_index(self, where: int) -> None:
        self.index.close()
        self.other.close()
        if self.paths.index.exists():
            size = self.paths.index.stat().st_size
            with self.paths.index.open("r+b") as file:
                file.seek(where * 4096 % max(1, size))
                file.write(b"\xff" * 4096)

    @rule()
    def compare(self) -> None:
        """Index and store hold what the model holds, once the index has followed the files."""
        for _ in range(5):
            assert self.index.follow(self.store).is_whole
            try:
                self._compare()
            except AssertionError:
                # What is broken in an index is found when it is read; it begins anew then.
                if self.index.is_whole():
                    raise
            else:
                return
        raise AssertionError("the index is made anew again and again")

    def _compare(self) -> None:
        newest_first = sorted(self.entries.values(), key=lambda entry: entry.id, reverse=True)
        for index in (self.index, self.other):
            for text, expected in (
                ("", newest_first),
                ("fox", [e for e in newest_first if "fox" in _text(e)]),
                ("a", [e for e in newest_first if "a" in _text(e)]),
                ("'7", [e for e in newest_first if e.prompt == "no. 7"]),
                ("^fox", [e for e in newest_first if e.prompt.startswith("fox")]),
                ("star:", [e for e in newest_first if e.starred]),
                ("tag:night", [e for e in newest_first if "night" in e.tags]),
                ("rating:>=3 !snow", [
                    e for e in newest_first if e.rating >= 3 and "snow" not in _text(e)
                ]),
            ):  # fmt: skip
                query = parse_query(text, BEGIN)
                found = index.search(query)
                assert [row.id for row in found] == [entry.id for entry in expected], text
                assert index.count(query) == len(expected)
            rows = {row.id: row for row in index.search(Query())}
            for entry in newest_first:
                row = rows[entry.id]
                assert (row.head, row.starred, row.rating, row.status) == (
                    entry.prompt, entry.starred, entry.rating, entry.status,
                )  # fmt: skip
            unreadable = {place.rpartition("/")[2] for place in index.unreadable()}
            assert unreadable == {f"{entry_id}.toml" for entry_id in self.torn}
        listing = self.store.newest()
        assert list(listing.entries) == newest_first
        assert len(listing.unreadable) == len(self.torn)


def _text(entry: Entry) -> str:
    return "\n".join([entry.prompt, entry.note, *entry.tags, entry.model])


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
