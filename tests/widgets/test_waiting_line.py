from __future__ import annotations

from tui.widgets.waiting_line import WaitingLine

ALL = frozenset("abcdefgh")


def taken(line: WaitingLine[str], in_sight: frozenset[str] = ALL) -> str:
    """All that waits, in the order in which it is taken."""
    keys = ""
    while (key := line.take(in_sight)) is not None:
        keys += key
    return keys


def test_what_is_wished_for_together_is_taken_in_its_order() -> None:
    line = WaitingLine[str]()
    assert [line.add(key) for key in "abca"] == [True, True, True, False]
    assert taken(line) == "abc"
    assert line.take(ALL) is None and len(line) == 0


def test_newer_wishes_come_first() -> None:
    line = WaitingLine[str]()
    for batch in ("ab", "cd", "aef"):
        for key in batch:
            line.add(key)
        line.end_batch()
    assert taken(line) == "efcdab"


def test_what_is_out_of_sight_is_let_go_of_and_can_be_wished_for_again() -> None:
    line = WaitingLine[str]()
    for key in "abcd":
        line.add(key)
    assert line.take(frozenset("cd")) == "c"
    assert len(line) == 1
    assert line.add("a")
    assert taken(line) == "da"


def test_all_can_be_let_go_of() -> None:
    line = WaitingLine[str]()
    line.add("a")
    line.clear()
    assert taken(line) == ""
