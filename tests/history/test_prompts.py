"""Earlier prompts: each once, newest first, and nothing that was typed is lost."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import at
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, encode_entry
from tui.history.index import HistoryIndex
from tui.history.index_rows import Row
from tui.history.prompts import EarlierPrompts
from tui.history.store import HistoryStore
from tui.paths import Paths

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LONG = "a fox in the snow, " * 20

Send = Callable[..., None]


@pytest.fixture
def desk(paths: Paths) -> Iterator[HistoryDesk]:
    with closing(HistoryDesk(paths, lambda: NOW)) as desk:
        yield desk


@pytest.fixture
def send(paths: Paths) -> Send:
    """Puts prompts into history, the oldest first."""
    numbers = itertools.count()
    store = HistoryStore(paths)

    def write(*prompts: str) -> None:
        for prompt in prompts:
            number = next(numbers)
            entry = at(NOW + timedelta(seconds=number), number)
            path = store.entry_path(entry.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_entry(replace(entry, prompt=prompt)))
        with closing(HistoryIndex(paths.index)) as index:
            index.follow(store)

    return write


def _all_older(earlier: EarlierPrompts, shown: str) -> list[str]:
    """What one comes upon from `shown` to the oldest."""
    found = []
    while (older := earlier.older(shown)) is not None:
        found.append(older)
        shown = older
    return found


def _all_newer(earlier: EarlierPrompts, shown: str) -> list[str]:
    found = []
    while (newer := earlier.newer(shown)) is not None:
        found.append(newer)
        shown = newer
    return found


def test_each_prompt_comes_once_and_the_draft_is_where_it_was(
    desk: HistoryDesk, send: Send
) -> None:
    send("crow", "fox", " \n", "fox", "owl", "fox", "hare", "hare")
    earlier = EarlierPrompts(desk)
    assert earlier.newer("draft") is None
    assert _all_older(earlier, "draft") == ["hare", "fox", "owl", "crow"]
    assert earlier.older("crow") is None
    assert _all_newer(earlier, "crow") == ["owl", "fox", "hare", "draft"]
    assert earlier.older("draft, longer now") == "hare"
    assert earlier.newer("hare") == "draft, longer now"


def test_what_the_editor_holds_already_is_passed_over(desk: HistoryDesk, send: Send) -> None:
    send("crow", "fox", "owl")
    earlier = EarlierPrompts(desk)
    assert _all_older(earlier, "owl\n") == ["fox", "crow"]
    assert _all_newer(earlier, "crow") == ["fox", "owl\n"]
    assert _all_older(earlier, "fox") == ["owl", "crow"]


def test_an_edited_prompt_is_the_draft_and_the_former_one_comes_after_it(
    desk: HistoryDesk, send: Send
) -> None:
    send("crow", "fox", "owl")
    earlier = EarlierPrompts(desk)
    assert [earlier.older("draft"), earlier.older("owl")] == ["owl", "fox"]
    assert earlier.newer("fox, red") is None, "it is the newest place"
    assert _all_older(earlier, "fox, red") == ["draft", "owl", "fox", "crow"]
    assert _all_newer(earlier, "crow") == ["fox", "owl", "draft", "fox, red"]


def test_an_empty_draft_that_gave_way_does_not_come_back(desk: HistoryDesk, send: Send) -> None:
    send("crow", "fox")
    earlier = EarlierPrompts(desk)
    assert earlier.older("") == "fox"
    assert _all_older(earlier, "fox, red") == ["fox", "crow"]


def test_what_is_sent_meanwhile_is_met_on_the_next_walk(desk: HistoryDesk, send: Send) -> None:
    send("crow", "fox")
    earlier = EarlierPrompts(desk)
    assert earlier.older("owl") == "fox"
    send("owl", "hare")
    assert earlier.older("fox") == "crow"
    assert _all_newer(earlier, "crow") == ["fox", "owl"]
    assert _all_older(earlier, "owl") == ["hare", "fox", "crow"]


def test_an_editor_s_own_line_ends_are_no_edit(desk: HistoryDesk, send: Send) -> None:
    send("crow", "a\r\nfox\rin\u2028snow\n", "owl")
    earlier = EarlierPrompts(desk)
    assert earlier.older("") == "owl"
    assert earlier.older("owl") == "a\r\nfox\rin\u2028snow\n"
    assert earlier.older("a\nfox\nin\nsnow\n") == "crow"


def test_prompts_come_as_an_editor_holds_them(desk: HistoryDesk, send: Send) -> None:
    send("crow --ar 1:1", "fox")
    earlier = EarlierPrompts(desk, lambda prompt: prompt.replace("--ar", "\\--ar"))
    assert _all_older(earlier, "draft --ar") == ["fox", "crow \\--ar 1:1"]
    assert _all_newer(earlier, "crow \\--ar 1:1") == ["fox", "draft --ar"]


def test_long_prompts_come_whole_and_are_told_apart_by_their_ends(
    desk: HistoryDesk, send: Send
) -> None:
    send(LONG, LONG + "red", LONG, "x" * 239, "y" * 240, "z" * 241)
    earlier = EarlierPrompts(desk)
    expected = ["z" * 241, "y" * 240, "x" * 239, LONG, LONG + "red"]
    assert _all_older(earlier, "") == expected


def test_an_entry_that_is_gone_since_it_was_listed_is_left_out(
    desk: HistoryDesk, send: Send, paths: Paths
) -> None:
    send("crow", LONG, "fox")
    earlier = EarlierPrompts(desk)
    assert earlier.older("") == "fox"
    shutil.rmtree(paths.history)
    assert _all_older(earlier, "fox") == ["crow"]


def test_no_more_is_read_than_is_wanted(
    desk: HistoryDesk, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(*[f"{number} {LONG}" for number in range(5)])
    read: list[str] = []
    original = desk.read

    def counted(entry_id: str) -> Entry:
        read.append(entry_id)
        return original(entry_id)

    monkeypatch.setattr(desk, "read", counted)
    earlier = EarlierPrompts(desk)
    shown = earlier.older("")
    assert len(read) == 1
    assert shown is not None
    earlier.older(shown)
    assert len(read) == 2


def test_hundreds_are_walked_page_by_page_in_order(desk: HistoryDesk, send: Send) -> None:
    prompts = [f"picture {number}" for number in range(250)]
    send(*prompts)
    assert _all_older(EarlierPrompts(desk), "picture") == prompts[::-1]


def test_a_history_that_cannot_be_listed_is_said_and_tried_again(
    desk: HistoryDesk, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(*[f"picture {number}" for number in range(102)])
    earlier = EarlierPrompts(desk)
    shown = "draft"
    for number in range(101, 1, -1):
        shown = earlier.older(shown) or ""
        assert shown == f"picture {number}"
    with monkeypatch.context() as patch:

        def fails(keys: object) -> dict[int, Row]:
            raise OSError(5, "Input/output error")

        patch.setattr(desk, "rows", fails)
        with pytest.raises(OSError, match="Input/output error"):
            earlier.older(shown)
    assert _all_older(earlier, shown) == ["picture 1", "picture 0"]
    assert len(_all_newer(earlier, "picture 0")) == 102


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TEXTS = ["", "fox", "fox\n", "crow", "owl", "a\r\nb", "a\nb", LONG]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(presses=st.lists(st.sampled_from(["up", "down"]) | st.sampled_from(TEXTS), max_size=25))
def test_what_was_typed_and_what_was_sent_is_all_there_however_one_walks(
    presses: list[str], desk: HistoryDesk, send: Send, paths: Paths
) -> None:
    sent = ["crow", "fox", "a\r\nb", "hare", LONG]
    if not paths.history.exists():
        send(*sent)
    earlier = EarlierPrompts(desk)
    shown = typed = ""
    for press in presses:
        if press in ("up", "down"):
            found = earlier.older(shown) if press == "up" else earlier.newer(shown)
            if found is not None:
                assert _words(found) != _words(shown)
                shown = found
        else:
            shown = typed = press
    newest = [shown, *_all_newer(earlier, shown)][-1]
    walk = [_words(text) for text in [newest, *_all_older(earlier, newest)]]
    assert len(walk) == len(set(walk))
    assert {_words(text) for text in sent} <= set(walk)
    assert not typed.strip() or _words(typed) in walk


def test_it_is_imported_without_the_database() -> None:
    code = "import sys, tui.history.prompts; print('sqlite3' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert shown.stdout == "False\n"
