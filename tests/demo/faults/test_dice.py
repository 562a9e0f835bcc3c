"""Names, rates and dice."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.demo.faults import GROUPS, KINDS, Faults, named_faults, operation_of


def test_every_fault_has_a_sentence_and_is_played_by_one_operation() -> None:
    assert all(meaning.endswith(".") and len(meaning) > 10 for meaning in KINDS.values())
    assert {operation_of(kind) for kind in KINDS} == {
        "generate", "list", "content", "download", "delete", "models",
    }  # fmt: skip
    assert sum(map(len, GROUPS.values())) == len(KINDS)


def test_specs_give_a_rate_or_always() -> None:
    faults = Faults.parse(["429", "reset=0.25", "slow=0"])
    assert faults.rates == {"429": 1.0, "reset": 0.25, "slow": 0.0}


@pytest.mark.parametrize("spec", ["", "nonsense", "429 ", "=0.5", "nonsense=0.5"])
def test_an_unknown_fault_is_refused_with_where_the_known_ones_are(spec: str) -> None:
    with pytest.raises(ValueError, match=r"There is no fault '.*'\..* `darkroom serve --help`"):
        Faults.parse([spec])


def test_a_name_that_is_nearly_right_is_put_right() -> None:
    with pytest.raises(ValueError, match=r"no fault 'truncated-jsn'\. Did you mean 'truncated-js"):
        Faults.parse(["truncated-jsn"])


@pytest.mark.parametrize("rate", ["", "1.1", "-0.1", "nan", "inf", "often", "0.5=1"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="The rate of the fault '429' must be a number from 0"):
        Faults.parse([f"429={rate}"])


def test_the_same_seed_meets_the_same_faults_and_another_seed_does_not() -> None:
    def drawn(seed: int) -> list[tuple[str, ...]]:
        faults = Faults.parse(["429=0.4", "reset=0.4"], seed=seed)
        return [faults.draw("generate") for _ in range(60)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_one_fault_does_not_shift_the_sequence_of_another() -> None:
    alone, beside = Faults.parse(["reset=0.5"]), Faults.parse(["reset=0.5", "429=0.5"])
    for _ in range(60):
        if fault := alone.draw("generate"):
            assert beside.draw("generate") == fault
        else:
            assert "reset" not in beside.draw("generate")


def test_a_rate_is_the_share_of_requests_that_meet_the_fault() -> None:
    faults = Faults.parse(["429=0.3"])
    met = sum(faults.draw("generate") == ("429",) for _ in range(2000))
    assert math.isclose(met / 2000, 0.3, abs_tol=0.04)


def test_a_request_meets_one_fault_and_what_is_played_beside_it() -> None:
    faults = Faults.parse(["forgets-idempotency", "reset", "429"])
    assert faults.draw("generate") == ("reset", "forgets-idempotency")


def test_a_fault_is_drawn_for_its_own_operation_alone() -> None:
    faults = Faults.parse(["list-405"])
    assert faults.draw("generate") == ()
    assert faults.draw("list") == ("list-405",)


def test_no_faults_are_played_by_default() -> None:
    assert Faults().draw("generate") == ()


def test_what_happens_once_happens_once_for_each_subject() -> None:
    faults = Faults()
    first = [faults.first_time("429-once", subject) for subject in ("a", "a", ("b", "c"), "a")]
    assert first == [True, False, True, False]
    assert faults.first_time("download-503-once", "a")


@given(st.lists(st.sampled_from(list(KINDS))), st.sampled_from([",", ", ", " ,", ",,"]))
def test_names_are_separated_by_commas(kinds: list[str], separator: str) -> None:
    assert named_faults(separator.join(kinds)) == tuple(kinds)


@given(st.text())
def test_every_text_names_faults_or_is_refused(text: str) -> None:
    try:
        kinds = named_faults(text)
    except ValueError as error:
        assert "There is no fault" in str(error)
    else:
        assert set(kinds) <= set(KINDS)
