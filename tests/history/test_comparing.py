"""What changed from one entry to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.comparing import (
    OTHER_BLANKS,
    OTHER_PROMPT,
    SAME_REQUEST,
    Change,
    Run,
    compare,
    summary,
)
from tui.history.entry import EntryReference
from tui.history.entry_facts import entry_facts

words = st.lists(st.sampled_from(["a", "fox", "red", "\n", " ", "  ", "狐", ","]), max_size=30)
prompts = words.map("".join) | st.text(max_size=40)


@given(before=prompts, after=prompts)
def test_both_prompts_can_be_read_from_the_runs(before: str, after: str) -> None:
    found = compare(replace(DONE, prompt=before), replace(DONE, prompt=after))
    assert "".join(run.text for run in found.prompt if run.kind != "added") == before
    assert "".join(run.text for run in found.prompt if run.kind != "removed") == after
    assert all(run.text for run in found.prompt)


def test_words_that_stay_are_not_said_to_have_changed() -> None:
    before, after = replace(DONE, prompt="a red fox at dusk"), replace(DONE, prompt="a blue fox")
    assert compare(before, after).prompt == (
        Run("same", "a "),
        Run("removed", "red"),
        Run("added", "blue"),
        Run("same", " fox"),
        Run("removed", " at dusk"),
    )


def test_facts_stand_side_by_side() -> None:
    before = replace(DONE, parameters={"seed": 7, "size": "2K"}, references=())
    after = replace(
        DONE, parameters={"seed": 8, "watermark": False}, references=(EntryReference(name="a.png"),)
    )
    changes = [change for change in compare(before, after).facts if not change.is_same]
    assert changes == [
        Change("seed", "7", "8"),
        Change("size", "2K", ""),
        Change("watermark", "", "false"),
        Change("reference 1", "", "a.png"),
    ]


def test_the_same_request_again_has_no_change() -> None:
    again = replace(DONE, id=DONE.id[:-6] + "000000", parent=DONE.id)
    found = compare(DONE, again)
    assert all(run.kind == "same" for run in found.prompt)
    assert all(change.is_same for change in found.facts)


def test_long_prompts_are_compared_by_their_lines() -> None:
    lines = [f"line {number} of many words\n" for number in range(1500)]
    other = ["anew\n", *lines[1:700], "something else\n", *lines[701:-1], "and the end\n"]
    found = compare(replace(DONE, prompt="".join(lines)), replace(DONE, prompt="".join(other)))
    changes = [run.text for run in found.prompt if run.kind == "added"]
    assert changes == ["anew\n", "something else\n", "and the end"]


def test_all_of_an_entry_is_told() -> None:
    entry = replace(DONE, note="a note", tags=("x", "y"), rating=3, starred=True)
    told = " ".join(f"{fact.name}: {fact.value}" for fact in entry_facts(entry))
    expected = ("rating: 3 of 5", "tags: x, y", "note: a note", "star: yes", entry.model, entry.id)
    for words in (*expected, entry.images[0].file):
        assert words in told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a blue fox", "a red fox", "prompt +red −blue"),
        ("a fox", "a fox at dusk", "prompt +at dusk"),
        ("a fox at dusk", "a fox", "prompt −at dusk"),
        ("a big blue fox", "a small red fox", "prompt +small red −big blue"),
        ("a b, c d, e f, g h, i", "a x, c x, e x, g x, i", "prompt +x −b +x −d +x −f …"),
        ("a fox", "the owl", OTHER_PROMPT),
        ("", "the owl", OTHER_PROMPT),
        ("a fox", "a  fox\n", OTHER_BLANKS),
        ("a fox", "a fox", SAME_REQUEST),
    ],
)
def test_a_changed_prompt_in_few_words(before: str, after: str, told: str) -> None:
    assert summary(compare(replace(DONE, prompt=before), replace(DONE, prompt=after))) == told


def test_a_changed_request_in_few_words() -> None:
    before = replace(DONE, parameters={"seed": 7, "size": "2048x2048"})
    after = replace(
        DONE,
        model="glm-image",
        prompt=DONE.prompt + ", oil",
        parameters={"size": "4096x4096", "watermark": False},
        status="cancelled",
        images=(),
    )
    assert summary(compare(before, after)) == (
        "prompt +, oil · model seedream-4.5 → glm-image · −seed 7"
        " · size 2048×2048 → 4096×4096 · +watermark false"
    )


@given(before=prompts, after=prompts)
def test_every_change_of_the_request_is_told_in_a_line(before: str, after: str) -> None:
    told = summary(compare(replace(DONE, prompt=before), replace(DONE, prompt=after)))
    assert (told == SAME_REQUEST) is (before == after)
    assert "\n" not in told and len(told) < 200
