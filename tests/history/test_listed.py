"""What a list of entries holds, against a plain list of the same."""

from __future__ import annotations

from array import array

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tui.history.entry_keys import key_of
from tui.history.index_rows import Row
from tui.history.listed import Listed

IDS = [f"20261122T0703124{number:02}-4f2a9c" for number in range(12)]
KEYS = [key_of(entry_id) for entry_id in IDS]
numbers = st.integers(0, len(IDS) - 1)


def row(number: int, *, rating: int = 0) -> Row:
    return Row(
        id=IDS[number],
        status="done",
        starred=False,
        rating=rating,
        endpoint="demo",
        model="seedream-4.5",
        created=0,
        head=f"entry {number}",
        images=0,
        error_kind="",
        parent="",
    )


def keys_of(found: set[int]) -> array[int]:
    return array("q", sorted((KEYS[number] for number in found), reverse=True))


def listed(*found: int, is_filtered: bool = False) -> Listed:
    """A list of these entries, with no rows."""
    shown = Listed()
    shown.show(keys_of(set(found)), {}, is_filtered=is_filtered, under_way=())
    return shown


def test_rows_are_asked_for_once() -> None:
    shown = listed(1, 2, 3, 4)
    assert shown.lacks(0, 2)
    assert shown.ask(0, 2) == (KEYS[4], KEYS[3])
    assert not shown.lacks(0, 2)
    assert shown.ask(0, 4) == (KEYS[2], KEYS[1])
    shown.put_rows({KEYS[4]: row(4)})
    assert shown.rows == (row(4),)
    assert not shown.lacks(0, 4)


def test_a_row_let_go_of_is_lacking_again() -> None:
    shown = listed(1, 2, 3)
    shown.put_rows({KEYS[number]: row(number) for number in (1, 2, 3)})
    shown.let_go(0, 1)
    assert shown.rows == (row(3),)
    assert shown.ask(0, 3) == (KEYS[2], KEYS[1])


def test_a_few_more_rows_than_needed_are_not_let_go_of() -> None:
    shown = listed(1, 2, 3)
    shown.put_rows({KEYS[number]: row(number) for number in (2, 3)})
    shown.let_go(0, 1)
    assert not shown.lacks(0, 2)


def test_what_this_program_wrote_is_newer_than_what_was_found() -> None:
    shown = listed(1, 2)
    shown.put(row(3, rating=5))
    assert shown.ids == (IDS[3], IDS[2], IDS[1])
    # The index has not heard of it yet.
    shown.show(keys_of({1, 2}), {KEYS[2]: row(2)}, is_filtered=False, under_way=())
    assert shown.row(KEYS[3]) == row(3, rating=5)
    # It has now, and what it says counts from here on.
    shown.show(keys_of({1, 2, 3}), {KEYS[3]: row(3)}, is_filtered=False, under_way=())
    assert shown.row(KEYS[3]) == row(3)
    shown.put(row(3, rating=4))
    shown.show(keys_of({1, 2, 3}), {KEYS[3]: row(3)}, is_filtered=False, under_way={IDS[3]})
    assert shown.row(KEYS[3]) == row(3, rating=4)


def test_a_search_lists_nothing_that_it_did_not_find() -> None:
    shown = listed(1, is_filtered=True)
    shown.put(row(3))
    assert shown.ids == (IDS[1],)


def test_who_found_the_keys_keeps_them() -> None:
    found = keys_of({1, 2})
    shown = Listed()
    shown.show(found, {}, is_filtered=False, under_way=())
    shown.put(row(3))
    shown.drop([IDS[1]])
    assert found == keys_of({1, 2})


def test_marks_of_a_range_and_of_what_is_gone() -> None:
    shown = listed(*range(6))
    shown.turn_mark(1)
    shown.mark_to(3)
    assert shown.marked == (IDS[4], IDS[3], IDS[2])
    shown.drop([IDS[3]])
    assert shown.marked == (IDS[4], IDS[2])
    shown.turn_mark(1)
    assert shown.marked == (IDS[2],)
    assert shown.unmark()
    assert not shown.unmark()
    assert shown.marked == ()


class ListedMachine(RuleBasedStateMachine):
    """Any order of finding, putting and dropping."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = Listed()
        self.expected: set[int] = set()

    @rule(found=st.sets(numbers))
    def show(self, found: set[int]) -> None:
        self.listed.show(keys_of(found), {}, is_filtered=True, under_way=())
        self.listed.is_filtered = False
        self.expected = set(found)

    @rule(number=numbers)
    def put(self, number: int) -> None:
        self.listed.put(row(number))
        self.expected.add(number)

    @rule(gone=st.sets(numbers))
    def drop(self, gone: set[int]) -> None:
        self.listed.drop(IDS[number] for number in gone)
        self.expected -= gone

    @invariant()
    def lists_what_it_was_told(self) -> None:
        newest = sorted(self.expected, reverse=True)
        assert self.listed.ids == tuple(IDS[number] for number in newest)
        for number, entry_id in enumerate(IDS):
            place = self.listed.index(key_of(entry_id))
            assert place == (newest.index(number) if number in self.expected else None)


test_listed = ListedMachine.TestCase


def test_an_entry_may_be_listed_once_for_each_of_its_pictures() -> None:
    shown = Listed()
    keys = array("q", [KEYS[3], KEYS[2], KEYS[2], KEYS[2], KEYS[1]])
    shown.show(keys, {}, is_filtered=True, under_way=())
    assert (shown.place(KEYS[2]), shown.end(KEYS[2])) == (1, 4)
    assert shown.ask(0, 5) == (KEYS[3], KEYS[2], KEYS[1])
    shown.mark_only([KEYS[2]])
    assert shown.marked == (IDS[2],) and shown.marks == {KEYS[2]}
    shown.drop([IDS[2]])
    assert list(shown.keys) == [KEYS[3], KEYS[1]]
