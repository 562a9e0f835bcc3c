"""The index: it finds what the files hold, follows what changes, and may be lost at any time."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.entry import (
    Cost,
    Entry,
    EntryImage,
    EntryReference,
    Failure,
    encode_entry,
)
from tui.history.entry_keys import key_of
from tui.history.index import HistoryIndex
from tui.history.index_database import VERSION, QueryStopped
from tui.history.index_update import Progress
from tui.history.query import (
    All,
    Any,
    Between,
    Condition,
    Like,
    Not,
    Present,
    Query,
    Words,
    fold,
    parse_query,
)
from tui.history.query_sql import has_tag_like
from tui.history.store import HistoryStore
from tui.paths import Paths

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVERYTHING = Query()


@pytest.fixture
def index(paths: Paths) -> HistoryIndex:
    return HistoryIndex(paths.cache / "index.db")


def an_entry(number: int, **changes: object) -> Entry:
    created = NOW - timedelta(minutes=number)
    entry_id = f"{created:%Y%m%dT%H%M%S}000-{number:06x}"
    return replace(DONE, id=entry_id, created=created, **changes)


def found(index: HistoryIndex, text: str = "") -> list[str]:
    query = parse_query(text, NOW)
    assert query.problems == ()
    rows = index.search(query)
    ids = [row.id for row in rows]
    assert list(index.keys(query)) == [key_of(entry_id) for entry_id in ids]
    assert index.count(query) == len(ids)
    return ids


def test_entries_are_listed_newest_first_with_what_a_row_shows(
    store: HistoryStore, index: HistoryIndex
) -> None:
    entries = [an_entry(n, prompt=f"picture {n}", starred=n == 1) for n in range(3)]
    for entry in entries:
        store.write(entry)
    progress = index.follow(store)
    assert progress == Progress(changed=3, days=1, is_whole=True)
    assert found(index) == [entry.id for entry in entries]
    (row,) = index.search(parse_query("star:", NOW))
    assert (row.id, row.head, row.starred, row.images) == (entries[1].id, "picture 1", True, 1)
    assert (row.status, row.model, row.endpoint) == ("done", DONE.model, DONE.endpoint)
    assert row.created == round(entries[1].created.timestamp() * 1000)
    assert index.rows([key_of(row.id), 7]) == {key_of(row.id): row}
    assert [row.id for row in index.search(EVERYTHING, 2)] == [e.id for e in entries[:2]]


def test_only_what_changed_is_read_again(store: HistoryStore, index: HistoryIndex) -> None:
    entries = [an_entry(n, prompt=f"picture {n}") for n in range(5)]
    for entry in entries:
        store.write(entry)
    assert index.follow(store).changed == 5
    assert index.follow(store).changed == 0
    store.write(replace(entries[2], note="for the wall"))
    store.entry_path(entries[4].id).unlink()
    path = store.entry_path(entries[3].id)
    # An editor that writes in place, and sets the time back.
    before = path.stat()
    path.write_bytes(encode_entry(replace(entries[3], prompt="repainted")))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert index.follow(store).changed == 3
    assert found(index, "wall") == [entries[2].id]
    assert found(index, "repainted") == [entries[3].id]
    assert found(index, "picture") == [entry.id for entry in entries[:3]]


def test_a_folder_that_is_gone_is_forgotten(store: HistoryStore, index: HistoryIndex) -> None:
    old = an_entry(60 * 24 * 40)
    for entry in (DONE, old):
        store.write(entry)
    index.follow(store)
    path = store.entry_path(old.id)
    path.unlink()
    path.parent.rmdir()
    assert index.follow(store).changed == 1
    assert found(index) == [DONE.id]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_seen_is_not_gone(store: HistoryStore, index: HistoryIndex) -> None:
    store.write(DONE)
    index.follow(store)
    folder = store.entry_path(DONE.id).parent
    folder.chmod(0)
    try:
        assert index.follow(store).changed == 0
    finally:
        folder.chmod(0o700)
    assert found(index) == [DONE.id]


def test_files_that_hold_no_entry_are_told_and_read_again_when_they_change(
    store: HistoryStore, index: HistoryIndex
) -> None:
    store.write(DONE)
    index.follow(store)
    path = store.entry_path(DONE.id)
    data = path.read_bytes()
    path.write_bytes(b"not TOML\n")
    index.follow(store)
    assert found(index) == []
    (place,) = index.unreadable()
    assert place == f"2026/11/22/{path.name}"
    assert index.follow(store).changed == 0
    path.write_bytes(data)
    index.follow(store)
    assert index.unreadable() == {}
    assert found(index) == [DONE.id]
    path.unlink()
    index.follow(store)
    assert index.unreadable() == {}


def test_a_file_that_the_disk_did_not_give_is_read_the_next_time(
    store: HistoryStore, index: HistoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(day: str, name: str) -> Entry:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    store.write(DONE)
    with monkeypatch.context() as patch:
        patch.setattr(store, "read_file", refuse)
        index.follow(store)
        assert len(index.unreadable()) == 1
        assert index.follow(store).changed == 0
    index.follow(store)
    assert found(index) == [DONE.id]
    assert index.unreadable() == {}


@pytest.mark.parametrize(
    "harm", ["missing", "empty", "noise", "torn", "other version", "foreign", "alike"]
)
def test_an_index_that_is_lost_or_broken_is_made_anew(
    store: HistoryStore, index: HistoryIndex, harm: str
) -> None:
    for number in range(50):
        store.write(an_entry(number, prompt=f"picture {number}"))
    index.follow(store)
    if harm in ("torn", "other version", "foreign", "alike"):
        index.close()
    match harm:
        case "missing":
            index.path.unlink()
        case "empty":
            index.close()
            index.path.write_bytes(b"")
        case "noise":
            index.close()
            index.path.write_bytes(b"noise " * 5000)
        case "torn":
            data = index.path.read_bytes()
            index.path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
        case "other version":
            with sqlite3.connect(index.path) as database:
                database.execute("PRAGMA user_version = 99")
        case "foreign":
            index.path.unlink()
            with sqlite3.connect(index.path) as database:
                database.execute("CREATE TABLE entries (something TEXT)")
        case "alike":
            index.path.unlink()
            with sqlite3.connect(index.path) as database:
                database.execute("CREATE TABLE entries (key INTEGER PRIMARY KEY, id TEXT)")
                database.execute(f"PRAGMA user_version = {VERSION}")
    index.search(EVERYTHING)
    index.follow(store)
    assert len(found(index)) == 50
    assert found(index, '"picture 49"') == [an_entry(49).id]


def test_it_is_private(store: HistoryStore, index: HistoryIndex) -> None:
    store.write(DONE)
    index.follow(store)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in index.path.parent.glob("index.db*")}
    assert modes == {0o600}


def test_a_cache_that_cannot_be_used_is_one_sentence(store: HistoryStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError):
        HistoryIndex(tmp_path / "file" / "index.db").follow(store)
    (tmp_path / "index.db").mkdir()
    with pytest.raises(OSError):
        HistoryIndex(tmp_path / "index.db").search(EVERYTHING)


def test_following_stops_between_files_and_goes_on_later(
    store: HistoryStore, index: HistoryIndex
) -> None:
    for number in range(10):
        store.write(an_entry(number))
    asked: list[None] = []

    def stopped() -> bool:
        asked.append(None)
        return len(asked) > 5

    progress = index.follow(store, stopped=stopped)
    assert not progress.is_whole
    assert 0 < progress.changed < 10
    assert len(found(index)) == progress.changed
    assert index.follow(store).is_whole
    assert len(found(index)) == 10


def test_a_long_run_tells_of_what_can_be_found_already(
    store: HistoryStore, index: HistoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.history.index_update.FIRST_BATCH", 0.0)
    monkeypatch.setattr("tui.history.index_update.LONGEST_BATCH", 0.0)
    for number in range(5):
        store.write(an_entry(number))
    told: list[tuple[int, int]] = []
    index.follow(store, lambda progress: told.append((progress.changed, index.count(EVERYTHING))))
    assert told == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]


_FOLLOW = """
import sys
from pathlib import Path
from tui.history.index import HistoryIndex
from tui.history.store import HistoryStore
from tui.paths import Paths
home = Path(sys.argv[1])
paths = Paths(home, home, home)
index = HistoryIndex(home / "index.db")
print("ready", flush=True)
sys.stdin.readline()
for _ in range(20):
    index.follow(HistoryStore(paths))
"""


def test_several_processes_follow_at_once(
    paths: Paths, store: HistoryStore, index: HistoryIndex
) -> None:
    command = [sys.executable, "-c", _FOLLOW, str(paths.data)]
    others = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    for other in others:
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
    for number in range(100):
        store.write(an_entry(number, prompt=f"picture {number}"))
        if number % 10 == 0:
            index.follow(store)
    for other in others:
        other.communicate()
        assert other.returncode == 0
    index.follow(store)
    assert len(found(index)) == 100
    assert found(index, "'77") == [an_entry(77).id]


@given(st.datetimes(datetime(2022, 1, 1), datetime(2037, 1, 1)), st.binary(min_size=3, max_size=3))
def test_keys_sort_as_ids_do_and_are_unlike(moment: datetime, random: bytes) -> None:
    ids = sorted(
        f"{then:%Y%m%dT%H%M%S}{then.microsecond // 1000:03d}-{end}"
        for then in (moment, moment + timedelta(milliseconds=1), moment + timedelta(days=300))
        for end in {random.hex(), "000000", "ffffff"}
    )
    keys = [key_of(entry_id) for entry_id in ids]
    assert keys == sorted(set(keys))
    assert key_of("99999999T999999999-ffffff") < keys[0]


# What a query finds, against a plain reading of the entries

WORDS = [
    "fox",
    "FOX",
    "old fox",
    "İstanbul",
    "ß",
    "snow fox",
    "fo",
    "a",
    "灯笼",
    "x*y",
    "(fox)",
    "foxes",
    "fox_",
    "o'fox",
    "f",
    "9",
    "kling",
    '"',
    "fox\x1e",
    "\x1d\x1f\x1c\x0e\x0e",
]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=4).map(" ".join)
entries = st.builds(
    lambda **changes: changes,
    prompt=texts,
    note=st.one_of(st.just(""), texts),
    tags=st.lists(words, max_size=2).map(tuple),
    model=st.sampled_from(["seedream-4.5", "kling", "Kling-Pro", "a[b]c", "a?c"]),
    endpoint=st.sampled_from(["demo", "token360"]),
    status=st.sampled_from(["done", "failed", "unknown"]),
    starred=st.booleans(),
    rating=st.sampled_from([-1, 0, 1, 2, 3, 4, 5, 6, 7, 1 << 40]),
    parent=st.sampled_from(["", DONE.id]),
    parameters=st.fixed_dictionaries(
        {}, optional={"seed": st.sampled_from([0, 7, 42, -1, 1 << 63, "7", True])}
    ),
    references=st.sampled_from([(), (EntryReference("sketch.png"),)]),
    images=st.sampled_from(
        [
            (),
            (EntryImage("images/a.png", "", 1, 2304, 1728, "png"),),
            (EntryImage("images/a.png", "", 1, 2048, 2048, "png"),),
        ]
    ),
    cost=st.sampled_from([None, Cost(None), Cost(0.04), Cost(0.134)]),
    error=st.sampled_from([None, Failure("server", "It failed.")]),
)
TERMS = [
        "fox", "i̇st", "'fox", "^fox", "fox$", "'fo", "'a", '"old fox"', "FO", "a",
        "灯笼", "灯", "ss",
        "x*y", "model:kling", "model:k*", "model:*[b]*", "model:a?c", "model:*", "endpoint:demo",
        "tag:fox", "tag:*fox", "tag:f*x", "status:done", "status:done|failed", "star:", "star:no",
        "seed:7", "seed:0-42", "seed:>7", "seed:<7", "rating:>=3", "rating:2-4", "cost:>0.05",
        "cost:unknown", "cost:0.04", "size:2304x1728", "size:?x2048", "ratio:1:1", "ratio:4:3",
        "date:today", "date:..yesterday", "date:2026", "has:image", "has:note", "has:tag",
        "has:parent", "has:reference", "has:error", "has:seed", "has:cost", "parent:2026",
        "id:2026", "id:2026*T1*", "parent:20261122T07", "tag:fo", "tag:snow",
        "f", "fo", "x", "'f", "'9", "'x*y", "'(fox)", "'(fox", "'fox)",
        "^f", "^fo", "x$", "ox$", "^(", "'o", "'灯笼",
        "kling fox", "snow kling", "'fox_", "'fox !kling", "rating:>5", "rating:>=6", "rating:4-6",
        "rating:0", "rating:>0.5", "has:rating", "ß", "fox\x1fsnow", "\ud800",
    ]  # fmt: skip
terms = st.sampled_from(TERMS)
queries = st.lists(
    st.tuples(st.sampled_from(["", "!"]), terms, st.sampled_from([" ", " | "])), max_size=5
).map(lambda parts: "".join(f"{sign}{term}{join}" for sign, term, join in parts))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(entries, max_size=12),
    st.lists(queries, min_size=8, max_size=8),
    st.sampled_from([0, 1000]),
)
def test_a_query_finds_exactly_what_it_says(
    changes: list[dict[str, object]], texts: list[str], few: int
) -> None:
    made = [an_entry(60 * number, **change) for number, change in enumerate(changes)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = HistoryStore(Paths(home, home, home))
        for entry in made:
            path = store.entry_path(entry.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_entry(entry))
        index = HistoryIndex(home / "index.db")
        index.follow(store)
        # Short words are found by their grams, or by reading texts where many have them.
        with patch("tui.history.grams._FEW", few):
            for text in texts:
                query = parse_query(text, NOW)
                assert query.problems == ()
                expected = [e.id for e in made if all(holds(e, c) for c in query.conditions)]
                assert found(index, text) == expected, text
        index.close()


@pytest.mark.parametrize("few", [0, 1000])
def test_each_term_finds_exactly_what_it_says(
    store: HistoryStore, index: HistoryIndex, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.history.grams._FEW", few)
    monkeypatch.setattr("tui.history.query_match._MOST_PAIRS", few)
    prompts = [*WORDS, *(f"{word} snow {word}" for word in WORDS)]
    made = [
        an_entry(
            60 * number, prompt=prompt, model=prompt if number % 5 == 0 else "kling",
            rating=number % 9 - 1, starred=number % 2 == 0, parent=DONE.id if number % 3 else "",
            note=prompt if number % 4 == 0 else "", tags=(prompt,) if number % 7 == 0 else (),
            images=DONE.images if number % 3 == 0 else (),
            status="failed" if number % 3 else "done",
            error=Failure("server", "It failed.") if number % 3 else None,
            references=DONE.references if number % 2 else (),
        )
        for number, prompt in enumerate(prompts)
    ]  # fmt: skip
    for entry in made:
        path = store.entry_path(entry.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_entry(entry))
    index.follow(store)
    for term in TERMS:
        for text in (term, f"!{term}", f"{term} fox", f"fox !{term}", f"{term} | 9"):
            query = parse_query(text, NOW)
            expected = [e.id for e in made if all(holds(e, c) for c in query.conditions)]
            assert found(index, text) == expected, text


def test_a_query_stays_right_while_entries_change(store: HistoryStore, index: HistoryIndex) -> None:
    entry = an_entry(0, prompt="an old fox", starred=True, note="for the wall")
    store.write(entry)
    index.follow(store)
    for text in ("fo", "'fox", "star:", "has:note", "wall"):
        assert found(index, text) == [entry.id], text
    store.write(replace(entry, prompt="an old hen", starred=False, note=""))
    index.follow(store)
    for text in ("fo", "'fox", "star:", "has:note", "wall"):
        assert found(index, text) == [], text
    assert found(index, "'hen !star:") == [entry.id]


def test_numbers_beyond_all_measure_are_kept_out(store: HistoryStore, index: HistoryIndex) -> None:
    image = EntryImage("images/a.png", "", 1, 1 << 70, 1 << 70, "png")
    store.write(an_entry(0, rating=1 << 70, images=(image,), parameters={"seed": -(1 << 63)}))
    index.follow(store)
    assert index.unreadable() == {}
    assert found(index, "rating:>5 has:image !has:seed") == [an_entry(0).id]


def test_a_very_long_query_finds_and_leaves_the_index_as_it_is(
    store: HistoryStore, index: HistoryIndex
) -> None:
    store.write(an_entry(0, prompt="fox"))
    index.follow(store)
    for text in ("fox " * 1_900, "|".join(["fox"] * 1_900), "model:s*" + "*" * 60_000):
        query = parse_query(text, NOW)
        assert query.problems[0].startswith("Only the first ")
        assert index.count(query) == 1
    assert index.is_whole()


def test_a_tag_is_compared_with_many_stars_at_once() -> None:
    tags = f"\x1f{'a' * 3_000}\x1f"
    assert has_tag_like(tags, "a*" * 20)
    assert not has_tag_like(tags, "*a" * 20 + "b")
    assert not has_tag_like("\x1faba\x1f", "ab*ba")


def test_a_query_that_nobody_waits_for_is_left(store: HistoryStore, index: HistoryIndex) -> None:
    for number in range(300):
        store.write(an_entry(number))
    index.follow(store)
    asked: list[None] = []

    def stopped() -> bool:
        asked.append(None)
        return len(asked) > 1

    with patch("tui.history.index_database._STEPS_BETWEEN_QUESTIONS", 100):
        with pytest.raises(QueryStopped):
            index.keys(EVERYTHING, stopped)
        assert len(asked) == 2
        with pytest.raises(QueryStopped):
            index.count(EVERYTHING, stopped)
        assert len(index.keys(EVERYTHING, lambda: False)) == 300
    assert len(found(index)) == 300


def test_the_empty_folder_that_a_disk_was_mounted_on_is_not_the_history(
    store: HistoryStore, index: HistoryIndex, tmp_path: Path
) -> None:
    store.write(DONE)
    index.follow(store)
    history = store.absolute("history")
    history.rename(tmp_path / "disk")
    for _ in ("missing", "empty"):
        progress = index.follow(store)
        assert progress.is_away
        assert not progress.is_whole
        assert index.follow_places(store, ["2026/11/22"]).is_away
        assert found(index) == [DONE.id]
        history.mkdir(exist_ok=True)
    history.rmdir()
    (tmp_path / "disk").rename(history)
    assert index.follow(store) == Progress(days=1, is_whole=True)
    # Emptied by somebody, it is.
    shutil.rmtree(history / "2026")
    assert index.follow(store).changed == 1
    assert found(index) == []


def holds(entry: Entry, condition: Condition) -> bool:
    match condition:
        case Not(inner):
            return not holds(entry, inner)
        case All(conditions):
            return all(holds(entry, each) for each in conditions)
        case Any(conditions):
            return any(holds(entry, each) for each in conditions)
        case Present("rating"):
            return entry.rating > 0
        case Present(column):
            return _value(entry, column) not in (None, "", (), 0, False) or (
                column in ("seed", "cost") and _value(entry, column) is not None
            )
        case Between(column, low, high, is_open):
            value = _value(entry, column)
            if value is None:
                return False
            if is_open:
                return (low is None or value > low) and (high is None or value < high)
            return (low is None or value >= low) and (high is None or value <= high)
        case Like(column, pattern):
            values = [_value(entry, column)] if column != "tag" else list(entry.tags)
            if "*" not in pattern:
                return any(pattern in fold(value) for value in values)
            # Several in a row mean one, and would take for ever.
            whole = ".*".join(map(re.escape, re.split(r"\*+", pattern)))
            return any(re.fullmatch(whole, fold(value), re.DOTALL) for value in values)
        case Words(text, place):
            prompt = fold(entry.prompt.strip())
            everything = [prompt, fold(entry.note), *map(fold, entry.tags), fold(entry.model)]
            match place:
                case "start":
                    return prompt.startswith(text)
                case "end":
                    return prompt.endswith(text)
                case "word":
                    return any(_stands_alone(text, each) for each in everything)
            return any(text in each for each in everything)


def _stands_alone(word: str, text: str) -> bool:
    """Whether `word` is in `text` somewhere with its first and last letter at no other letter."""
    for start in range(len(text) - len(word) + 1):
        end = start + len(word)
        before, behind = text[:start][-1:], text[end:][:1]
        if text[start:end] == word:
            joined_before = word[0].isalnum() and (before.isalnum() or before == "_")
            joined_behind = word[-1].isalnum() and (behind.isalnum() or behind == "_")
            if not (joined_before or joined_behind):
                return True
    return False


def _value(entry: Entry, column: str) -> object:
    seed = entry.parameters.get("seed")
    first = entry.images[0] if entry.images else None
    asked = re.fullmatch(r"(\d+)x(\d+)", str(entry.parameters.get("size", "")))
    sides = (first.width, first.height) if first else asked and (int(asked[1]), int(asked[2]))
    return {
        "model": entry.model,
        "endpoint": entry.endpoint,
        "status": entry.status,
        "id": entry.id.lower(),
        "parent": entry.parent.lower(),
        "seed": seed if type(seed) is int and abs(seed) < 1 << 63 else None,
        "rating": entry.rating,
        "cost": entry.cost.estimate_usd if entry.cost else None,
        "created": entry.created.timestamp() * 1000,
        "width": sides[0] if sides else None,
        "height": sides[1] if sides else None,
        "aspect": sides[0] / sides[1] if sides else None,
        "star": entry.starred,
        "image": entry.images,
        "note": entry.note,
        "tag": entry.tags,
        "reference": entry.references,
        "error": entry.error,
    }[column]


def test_pictures_are_listed_newest_first_each_by_the_key_of_its_entry(
    store: HistoryStore, index: HistoryIndex
) -> None:
    (image,) = DONE.images
    counts = [1, 3, 0, 2]
    entries = [
        an_entry(n, prompt=f"fox {n}", images=(image,) * count) for n, count in enumerate(counts)
    ]
    for entry in entries:
        store.write(entry)
    index.follow(store)
    keys = [key_of(entry.id) for entry in entries]
    wanted = [key for key, count in zip(keys, counts, strict=True) for _ in range(count)]
    assert list(index.pictures(EVERYTHING)) == wanted
    assert list(index.pictures(parse_query("fox 3", NOW))) == [keys[3]] * 2
    assert list(index.pictures(parse_query("zebra", NOW))) == []
    row = index.rows(keys[:1])[keys[0]]
    assert (row.width, row.height) == (image.width, image.height)
