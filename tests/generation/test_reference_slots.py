"""What a form says of the references of a draft."""

from __future__ import annotations

from pathlib import Path

from tui.catalog.card import ModelCard, References
from tui.generation.reference_desk import ReferenceState
from tui.generation.reference_slots import numbers_of, reference_slots
from tui.generation.references import DraftReference
from tui.history.entry import MASK
from tui.images.prepared import PreparedReference

TWO = ModelCard(id="two", name="Two", references=References(max=2))
NONE = ModelCard(id="none", name="None")
ANY = ModelCard(id="any", name="Any", open=True)


def _state(name: str, *, role: str = "", side: int = 64, **facts: object) -> ReferenceState:
    reference = DraftReference(name, f"/{name}", role=role)
    prepared = PreparedReference(
        Path(f"/{name}"), "0" * 64, "png", side, side, 1000, 5_000_000, (128, 128), **facts
    )
    return ReferenceState(reference, prepared)


def test_numbers_are_those_of_the_request_which_a_mask_has_none_of() -> None:
    states = [_state("a"), _state("m", role=MASK), _state("b")]
    assert numbers_of(state.reference for state in states) == ("1", "mask", "2")
    shown = reference_slots(states, TWO, "file")
    assert [slot.number for slot in shown.slots] == ["1", "mask", "2"]
    assert (shown.title, shown.note, shown.takes_masks) == ("2 of 2", "", True)
    assert not reference_slots(states, TWO).takes_masks


def test_too_many_and_a_mask_that_does_not_fit_are_said_of_them_all() -> None:
    states = [_state(name) for name in "abc"]
    assert reference_slots(states, TWO).note == "Two takes 2 at most: take 1 away."
    assert reference_slots(states, ANY).title == "3"
    odd = [_state("a"), _state("m", role=MASK, side=32)]
    assert "as large as the first reference" in reference_slots(odd, TWO, "file").note


def test_a_model_without_references_has_a_sentence_for_any_number_of_them() -> None:
    one, two = [_state("a")], [_state("a"), _state("b")]
    assert reference_slots([], NONE).note == "None takes no references."
    stays = "None takes no references; this one stays for the next model."
    assert reference_slots(one, NONE).note == stays
    assert "these 2 stay for the next model" in reference_slots(two, NONE).note
    assert not reference_slots(one, NONE).is_taken


def test_a_slot_says_what_is_sent_and_its_help_what_was_done() -> None:
    (slot,) = reference_slots(
        [_state("a", changes=("scaled to 64×64", "JPEG, quality 90"))], TWO
    ).slots
    assert (slot.facts, slot.remark) == ("PNG 64×64, 1 kB", "")
    assert slot.help == "Scaled to 64×64, JPEG, quality 90. It was 128×128, 5.0 MB."
    told = _state("a", tells_place=True)
    as_it_is = ReferenceState(
        DraftReference("a", "/a", "as it is"), told.prepared, objection="Too wide."
    )
    (slot,) = reference_slots([as_it_is], TWO).slots
    assert (slot.remark, slot.tone) == ("Too wide.", "doubtful")
    assert "It tells where it was taken." in slot.help


def test_what_is_not_ready_says_what_it_waits_for() -> None:
    file, address = DraftReference("a", "/a"), DraftReference("https://example.com/a.png")
    states = [
        ReferenceState(file),
        ReferenceState(address),
        ReferenceState(address, is_sent_as_address=True),
        ReferenceState(file, problem="It is a folder."),
    ]
    shown = reference_slots(states, ANY).slots
    assert [slot.facts for slot in shown] == ["preparing…", "fetching…", "sent as an address", ""]
    assert [slot.is_pending for slot in shown] == [True, True, False, False]
    assert (shown[3].remark, shown[3].tone) == ("It is a folder.", "bad")
