"""Flags behind prompts, and what becomes of a draft that ends in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api.wire import UnfitRequest, request_body
from tui.catalog.flags import Flagged, names_known, read_flags, split_flags, without_flags
from tui.catalog.loading import Catalogue, load_catalogue
from tui.catalog.price import estimate
from tui.catalog.validation import check, request_fields, sentence_of, written
from tui.config import EndpointSettings
from tui.generation.draft import Draft
from tui.generation.flagged import as_written, follow_flags

_SETTINGS = EndpointSettings(base_url="https://a.example/v1")
_MUTATOR = Mutator(
    [
        "a fox in the snow --ar 16:9 --seed 42 --m kling", "a fox --size 2k --wm",
        "x --n 4 —ar 9:16",
        'a fox --no "red -- cars", dogs --n 2', "a sign: -- --ar 16:9", "--size 2304x1728 --q high",
        "a --sequential-image-generation 4 --m seedream-4.5 --seed random",
        "fox --output-format webp",
        "a\nfox --ar=21:9 --seed=7 --size=auto --m=gpt-image-2", "a fox --guidance-scale 7.5",
    ],
    [
        "--", " -- ", "—", "--ar ", "--seed ", "--size ", "--n ", "--no ", "--m ", "--q ", "--wm",
        "=",
        '"', " ", "\n", "16:9", "1:1", "9999:1", "0.0001:9999", "2k", "4K", "99k", "2304×1728",
        "999999x1", "1x999999", "auto", "kling", "nano", "seedream", "gpt", "flux", "random",
        "default", "up to 4", "on", "off", "--background ", "--negative-prompt ", "--steps ",
    ],
)  # fmt: skip


@cache
def _catalogue() -> Catalogue:
    return load_catalogue(Path("/nonexistent"))


def _example(dice: Random) -> Parts:
    ids = list(_catalogue().cards)
    return dice.choice([*ids, "nobody/knows-it"]), _MUTATOR.example(dice)


def _attempt(parts: Parts) -> str:
    model, text = parts
    catalogue = _catalogue()
    card = catalogue.card(model)
    known = names_known(catalogue, card)
    found = split_flags(text, known.__contains__)
    assert split_flags(without_flags(text, known.__contains__), known.__contains__) == Flagged(text)
    if found.flags:
        assert text.startswith(found.prompt)
    sent_again = Draft(model, as_written(text, catalogue, model))
    assert follow_flags(sent_again, catalogue)[0] == Draft(model, text)
    reading = read_flags(found.flags, catalogue, card, {})
    assert [meaning.flag for meaning in reading.meanings] == list(found.flags)
    assert set(reading.values) <= {parameter.name for parameter in reading.card.parameters}
    draft, meanings = follow_flags(Draft(model, text), catalogue)
    assert meanings == reading.meanings
    _judge(draft, catalogue)
    if not found.flags:
        return "no flags"
    return "not followed" if any(meaning.wrong for meaning in meanings) else ACCEPTED


def _judge(draft: Draft, catalogue: Catalogue) -> None:
    """What a draft amounts to can be shown, judged, priced, set right and written as a request."""
    card = catalogue.card(draft.model)
    values = draft.own_values
    for violation in check(card, draft.prompt, values):
        assert sentence_of(violation, card)
        parameter = card.parameter(violation.parameter)
        if parameter is not None and violation.nearest is not None and not parameter.needs:
            right = check(card, "x", {**values, parameter.name: violation.nearest})
            assert violation.parameter not in {each.parameter for each in right}
    for name, value in values.items():
        assert written(card.parameter(name), value) is not None
    price = estimate(card, values)
    assert price is None or price >= 0
    try:
        request_body(_SETTINGS, card.id, draft.prompt, request_fields(card, values), ())
    except UnfitRequest as error:
        raise AssertionError(error) from error


TARGET = Target("flags", _example, _attempt)
