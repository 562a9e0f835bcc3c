"""Queries of history: read, and looked for in an index against a plain reading of its entries."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

from msgspec.structs import replace

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tests.history.entries import at
from tests.history.test_index import TERMS, WORDS, holds
from tui.history.entry import Cost, Entry, EntryImage, Failure, encode_entry
from tui.history.index import HistoryIndex
from tui.history.query import FIELDS, parse_query
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.text import storable

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_ZONES = (UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11, minutes=-30)))
_MUTATOR = Mutator(
    [
        *TERMS, "lighthouse !dusk model:kling seed:100-200 date:7d", "a | b c | !d", "'fox ^a end$",
        '"several words" tag:"client a"|x', "size:2304x1728 ratio:16:9 rating:>=4 cost:>0.1",
        "date:2026-11-01..2026-11-20 has:image|note star:yes", "date:>=2026-11 date:<yesterday",
    ],
    [
        *(f"{name}:" for name in FIELDS), *WORDS, " ", ",", "|", " | ", "!", "'", "^", "$", '"',
        "*",
        "..", "-", ">=", "<", "=", "?", "x", ":", "today", "9d", "9999y", "2026-02-30", "0001",
        "9999",
        "0000", "2026-13", "unknown", "fox ", "AND", "OR", "NEAR(", "words:", "[a-z]",
    ],
)  # fmt: skip


def _made() -> list[Entry]:
    dice = Random("entries")
    made = []
    for number in range(8):
        entry = at(_NOW - timedelta(days=number * 3, minutes=1), number)
        words = " ".join(dice.choice(WORDS) for _ in range(4))
        made.append(
            replace(
                entry,
                prompt=words,
                note=dice.choice(("", dice.choice(WORDS))),
                tags=tuple(dice.choice(WORDS) for _ in range(number % 3)),
                model=dice.choice(("seedream-4.5", "kling", "Kling-Pro", "a[b]c")),
                status=dice.choice(("done", "failed", "unknown")),
                starred=bool(number % 2),
                rating=number,
                parameters={"seed": dice.choice((0, 7, 42, 1 << 62))},
                images=(EntryImage("a.png", "", 1, 2304, 1728, "png"),) if number % 3 else (),
                cost=dice.choice((None, Cost(0.04), Cost(0.134))),
                error=Failure("server", "It failed.") if number % 4 == 1 else None,
            )
        )
    return made


class _History:
    """A few entries and their index."""

    entries: list[Entry]
    index: HistoryIndex


@contextmanager
def _history() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = HistoryStore(Paths(home, home, home))
        _History.entries = _made()
        for entry in _History.entries:
            path = store.entry_path(entry.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_entry(entry))
        _History.index = HistoryIndex(home / "index.db")
        _History.index.follow(store)
        yield
        _History.index.close()


def _example(dice: Random) -> Parts:
    return dice.randrange(len(_ZONES)), _MUTATOR.example(dice)


def _attempt(parts: Parts) -> str:
    zone, text = parts
    now = _NOW.astimezone(_ZONES[zone])
    query = parse_query(text, now)
    assert query == parse_query(text, now)
    for problem in query.problems:
        assert problem == storable(problem)
        assert problem.endswith(".")
    found = [row.id for row in _History.index.rows(_History.index.keys(query)).values()]
    wanted = [e for e in _History.entries if all(holds(e, c) for c in query.conditions)]
    assert sorted(found) == sorted(entry.id for entry in wanted)
    assert _History.index.count(query) == len(wanted)
    if query.problems:
        return "problems"
    return ACCEPTED if query.conditions else "nothing"


TARGET = Target("queries", _example, _attempt, around=_history)
