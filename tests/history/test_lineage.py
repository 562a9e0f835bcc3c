"""Trees of entries, by who was made from whom."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.entry import Entry
from tui.history.lineage import Kin, Lineage, lineage, read_family

Parents = Mapping[str, str]
"""The parent of each entry that there is, empty where it has none."""
NAMES = "abcdefghij"


def _lineage(of: str, parents: Parents, most: int = 500) -> Lineage:
    return lineage(of, parents.get, lambda parent: _children(parents, parent), most)


def _children(parents: Parents, parent: str) -> list[str]:
    return [child for child in parents if parents[child] == parent]


def _drawn(family: Lineage) -> list[str]:
    return [f"{kin.guides}{kin.id}" for kin in family.kin]


FAMILY = {"a": "", "b": "a", "c": "b", "d": "b", "e": "d", "f": "b", "g": "f", "x": ""}


def test_a_tree_from_the_first_ancestor_to_the_last_descendant() -> None:
    expected = ["a", "b", "├─c", "├─d", "│ e", "└─f", "  g"]
    for entry in "abcdefg":
        family = _lineage(entry, FAMILY)
        assert _drawn(family) == expected
        assert family.is_whole
    assert [kin.beneath for kin in family.kin] == ["│", "│", "│  ", "│ │", "│  ", "  │", "   "]
    assert [kin.depth for kin in family.kin] == [0, 1, 2, 2, 3, 2, 3]


def test_an_entry_by_itself() -> None:
    assert _lineage("x", FAMILY) == Lineage((Kin("x", "", 0, "", " "),), True)


def test_an_ancestor_that_is_gone_still_holds_its_children_together() -> None:
    family = _lineage("c", {"b": "gone", "c": "b", "d": "gone"})
    assert _drawn(family) == ["gone", "├─b", "│ c", "└─d"]
    assert family.kin[0].parent == ""


def test_a_circle_has_the_same_root_from_everywhere() -> None:
    parents = {"a": "c", "b": "a", "c": "b", "d": "b", "s": "s"}
    for entry in "abcd":
        assert _drawn(_lineage(entry, parents)) == ["a", "b", "├─c", "└─d"]
    assert _drawn(_lineage("s", parents)) == ["s"]


def test_of_too_many_the_nearest_are_kept() -> None:
    parents = {"root": ""} | {f"r{n}": "root" for n in range(9)}
    parents |= {"r": "root", "own": "r", "child": "own", "sister": "r"}
    family = _lineage("own", parents, most=5)
    assert {kin.id for kin in family.kin} == {"root", "r", "own", "child", "sister"}
    assert not family.is_whole
    assert _lineage("own", parents, most=len(parents)).is_whole


def test_a_line_of_ten_thousand_keeps_the_end_of_it() -> None:
    parents = {f"{n:05}": f"{n - 1:05}" if n else "" for n in range(10_000)}
    family = _lineage("09999", parents, most=500)
    assert [kin.id for kin in family.kin] == [f"{n:05}" for n in range(9500, 10_000)]
    assert not family.is_whole
    assert {kin.guides for kin in family.kin} == {""}


@given(
    parents=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", *NAMES, "gone"])),
    of=st.sampled_from(NAMES),
    most=st.integers(1, 12),
)
def test_any_parents_give_a_tree(parents: Parents, of: str, most: int) -> None:
    family = _lineage(of, parents, most)
    ids = [kin.id for kin in family.kin]
    assert of in ids and len(set(ids)) == len(ids) <= most
    depths = {}
    for kin in family.kin:
        # Each stands after its parent, one deeper than that.
        depths[kin.id] = depths[kin.parent] + 1 if kin.parent else 0
        assert kin.depth == depths[kin.id]
        assert kin.parent == "" or parents[kin.id] == kin.parent
    assert [kin.id for kin in family.kin if not kin.parent] == ids[:1]
    if family.is_whole:
        related = {child for child, parent in parents.items() if parent in ids}
        assert related <= set(ids)


def test_all_of_a_family_is_read_once() -> None:
    entries = {
        "a": replace(DONE, id="a", prompt="a fox"),
        "b": replace(DONE, id="b", parent="a", prompt="a red fox"),
        "c": replace(DONE, id="c", parent="b", prompt="a red fox"),
        "d": replace(DONE, id="d", parent="gone"),
    }
    read: list[str] = []

    def read_entry(entry_id: str) -> Entry | None:
        read.append(entry_id)
        return entries.get(entry_id)

    def children_of(parent: str) -> list[str]:
        return [key for key, entry in entries.items() if entry.parent == parent]

    family = read_family("b", read_entry, children_of)
    assert sorted(read) == ["a", "b", "c"]
    assert family.entries == {key: entries[key] for key in "abc"}
    assert family.changes == {"b": "prompt +red", "c": "the same request again"}
    family = read_family("d", read_entry, children_of)
    assert _drawn(family.lineage) == ["gone", "d"]
    assert list(family.entries) == ["d"] and family.changes == {}
