"""The user's cards: added, laid over bundled ones, or reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.catalog.loading import load_catalogue
from tui.catalog.price import estimate
from tui.catalog.validation import check
from tui.config import JSON

BUNDLED = load_catalogue(Path("/nonexistent")).cards


def _card(text: str, *, parameter: str = "") -> str:
    return f'id = "mine"\n{text}\n' + (f"[[parameter]]\n{parameter}\n" if parameter else "")


BROKEN = {
    "syntax": (_card("name ="), "broken.toml, line 2: Invalid value"),
    "cut off": ('id = "mine"\nname = [', "broken.toml, line 2: Invalid value"),
    "no id": ('name = "Mine"', "broken.toml: missing key `id`"),
    "empty id": ('id = ""', "id: Expected text of length >= 1"),
    "unknown key": (_card("colour = 1"), "broken.toml, line 2: unknown key `colour`"),
    "wrong type": (_card('prompt_limit = "4k"'), "prompt_limit: Expected a whole number, got text"),
    "table for list": (
        _card("[parameter]\nname = 'n'"),
        "parameter: Expected a list, got a table",
    ),
    "number for table": (_card("parameter = [1]"), "parameter 1: Expected a table"),
    "unknown parameter key": (
        _card("", parameter='name = "n"\nkind = "integer"\nminimun = 1'),
        "parameter n: unknown key `minimun`",
    ),
    "wrong parameter value": (
        _card("", parameter='name = "n"\nkind = "integer"\nminimum = "1"'),
        "parameter n minimum: Expected",
    ),
    "unknown kind": (_card("", parameter='name = "n"\nkind = "slider"'), "'slider'"),
    "parameter without name": (_card("", parameter='kind = "text"'), "missing key `name`"),
    "date as default": (
        _card("", parameter='name = "n"\nkind = "text"\ndefault = 2026-01-01'),
        "parameter n default",
    ),
    "choice without choices": (
        _card("", parameter='name = "q"\nkind = "choice"'),
        "parameter q: a choice needs `choices`",
    ),
    "group without table": (
        _card("", parameter='name = "g"\nkind = "group"\nmaximum = 4'),
        "kind `group` and the table `group` go together",
    ),
    "group without end": (
        _card(
            "",
            parameter='name = "g"\nkind = "group"\nmaximum = 4_000_000_000\n'
            'group = { on = "a", off = "b", options = "o", count = "c" }',
        ),
        "a group needs a whole `maximum` from 1 to 1,000",
    ),
    "more than a float holds": (
        _card("", parameter=f'name = "size"\nkind = "size"\nmax_pixels = 1{"0" * 400}'),
        "parameter size max_pixels: ",
    ),
    "no size possible, far and wide": (
        _card(
            "",
            parameter='name = "size"\nkind = "size"\nmax_side = 1_000_000_000_000\n'
            "min_pixels = 3\nmax_pixels = 3\nmultiple_of = 2",
        ),
        "parameter size: no size is within its limits",
    ),
    "bounds crossed": (
        _card("", parameter='name = "n"\nkind = "integer"\nminimum = 5\nmaximum = 2'),
        "parameter n: `minimum` is above `maximum`",
    ),
    "bound not a number": (
        _card("", parameter='name = "s"\nkind = "number"\nminimum = nan'),
        "`minimum` is not a finite number",
    ),
    "choice not a number": (
        _card("", parameter='name = "s"\nkind = "choice"\nchoices = [1, nan]'),
        "`choices` holds what is not a finite number",
    ),
    "step to nowhere": (
        _card("", parameter='name = "s"\nkind = "number"\nstep = 0'),
        "`step` is a number above 0",
    ),
    "fraction as bound of an integer": (
        _card("", parameter='name = "n"\nkind = "integer"\nminimum = 1.5'),
        "an integer needs whole",
    ),
    "no size possible": (
        _card(
            "",
            parameter='name = "size"\nkind = "size"\nmin_pixels = 1000\nmax_pixels = 1001\n'
            "multiple_of = 64",
        ),
        "parameter size: no size is within its limits",
    ),
    "preset misspelt": (
        _card("", parameter='name = "size"\nkind = "size"\npresets = ["2048×2048"]'),
        "preset 2048×2048 is not written as 2048x2048",
    ),
    "preset illegal": (
        _card("", parameter='name = "size"\nkind = "size"\npresets = ["64x64"]\nmin_pixels = 5000'),
        "preset 64x64: Too small",
    ),
    "default illegal": (
        _card("", parameter='name = "n"\nkind = "integer"\ndefault = 12\nmaximum = 10'),
        "default 12: At most 10",
    ),
    "default not offered": (
        _card("", parameter='name = "q"\nkind = "choice"\ndefault = "x"\nchoices = ["a", "b"]'),
        "default x: x is not offered; a or b",
    ),
    "two of a name that looks like a place": (
        'id = "mine"\n' + '[[parameter]]\nname = "x - at `$.parameter[99]`"\nkind = "text"\n' * 2,
        "parameter 100: two parameters are called x",
    ),
    "two of a name": (
        _card("", parameter='name = "n"\nkind = "text"\n[[parameter]]\nname = "n"\nkind = "text"'),
        "two parameters are called n",
    ),
    "reserved name": (_card("", parameter='name = "prompt"\nkind = "text"'), "cannot be called"),
    "need of nothing": (
        _card(
            "",
            parameter='name = "b"\nkind = "text"\nneeds = [{ parameter = "f", among = ["png"] }]',
        ),
        "needs f, which the card does not have",
    ),
    "mention without place": (
        _card('references = { max = 3, mention = "image" }'),
        "references: `mention` needs `{}` where the number goes",
    ),
    "price without date": (_card("price = { usd_per_image = 0.1 }"), "price: missing key `as_of`"),
    "price below zero": (
        _card("price = { usd_per_image = -0.1, as_of = 2026-10-01 }"),
        "a price is a number from 0 up",
    ),
    "price not a number": (
        _card("price = { usd_per_image = nan, as_of = 2026-10-01 }"),
        "a price is a number from 0 up",
    ),
    "price by nothing": (
        _card(
            "[price]\nas_of = 2026-10-01\n[[price.case]]\nwhen = { q = [1] }\nusd_per_image = 1.0"
        ),
        "price: depends on q, which the card does not have",
    ),
    "nesting without end": (f"id = {'[' * 100_000}", "broken.toml"),
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_card_is_reported_and_the_others_work(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "broken.toml").write_text(text, "utf-8")
    (tmp_path / "good.toml").write_text('id = "good"\n', "utf-8")
    catalogue = load_catalogue(tmp_path)
    assert len(catalogue.problems) == 1
    assert reason in catalogue.problems[0]
    assert catalogue.problems[0].startswith("broken.toml")
    assert len(catalogue.problems[0]) <= 300
    assert set(catalogue.cards) == {*BUNDLED, "good"}


SECOND = 'id = "mine"\n\n[[parameter]]\nname = "n"\nkind = "integer"\n\n'
"""A card whose second parameter begins on line 7."""

LINES = {
    "wrong type": (
        f'{SECOND}[[parameter]]\nname = "seed"\nkind = "integer"\nminimum = "1"',
        "line 10: parameter seed minimum: Expected a whole number or a number, got text",
    ),
    "unknown key": (
        f'{SECOND}[[parameter]]\nname = "m"\nminimun = 1\nkind = "integer"',
        "line 9: parameter m: unknown key `minimun`",
    ),
    "missing key": (
        f'{SECOND}[[parameter]]\nname = "m"\n',
        "line 7: parameter m: missing key `kind`",
    ),
    "bounds crossed": (
        f'{SECOND}[[parameter]]\nname = "m"\nkind = "number"\nmaximum = 1\nminimum = 3',
        "line 11: parameter m: `minimum` is above `maximum`",
    ),
    "something lacking": (
        f'{SECOND}[[parameter]]\nname = "m"\nkind = "choice"',
        "line 7: parameter m: a choice needs `choices`",
    ),
    "a default": (
        f'{SECOND}[[parameter]]\nname = "m"\ndefault = 12\nkind = "integer"\nmaximum = 10',
        "line 9: parameter m: default 12: At most 10",
    ),
    "a preset among others": (
        f"{SECOND}[[parameter]]\nname = 'size'\nkind = 'size'\n"
        "presets = [\n  '64x64', # square\n  '128x128',\n]\nmin_pixels = 5000",
        "line 10: parameter size: preset 64x64: Too small",
    ),
    "in one line": (
        'id = "mine"\n# what it costs\nprice = { usd_per_image = -1, as_of = 2026-10-01 }',
        "line 3: price: a price is a number from 0 up",
    ),
    "within a table": (
        'id = "mine"\n[price]\nas_of = 2026-10-01\nusd_per_image = "much"',
        "line 4: price.usd_per_image: Expected a number, got text",
    ),
    "a case": (
        'id = "mine"\n[price]\nas_of = 2026-10-01\n[[price.case]]\nwhen = { q = [1] }\n'
        "usd_per_image = 1.0",
        "line 5: price: depends on q, which the card does not have",
    ),
    "words that look like a table": (
        'id = "mine"\nhelp = """\n[[parameter]]\nminimum = 1\n"""\n'
        '[[parameter]]\nname = "n"\nkind = "integer"\nminimum = "1"',
        "line 9: parameter n minimum",
    ),
    "other line ends": (
        'id = "mine"\r\n\r\nprompt_limit = "4k"\r\n',
        "line 3: prompt_limit: Expected a whole number",
    ),
}


@pytest.mark.parametrize(("text", "problem"), LINES.values(), ids=LINES)
def test_the_line_of_what_is_wrong_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "name.toml").write_bytes(text.encode())
    (found,) = load_catalogue(tmp_path).problems
    assert found.startswith(f"name.toml, {problem}")


def test_a_fault_that_comes_from_the_card_beneath_has_no_line(tmp_path: Path) -> None:
    text = 'id = "gpt-image-1"\nname = "No quality"\nparameter = []\n'
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    (found,) = load_catalogue(tmp_path).problems
    assert found == "mine.toml: price: depends on quality, which the card does not have"


def test_files_that_cannot_be_read_are_reported(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b'id = "a"\nname = "\xff\xfe"')
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.toml")
    catalogue = load_catalogue(tmp_path)
    assert [problem.split(".toml")[0] for problem in catalogue.problems] == [
        "bytes",
        "folder",
        "gone",
        "pipe",
    ]
    assert catalogue.problems[0] == "bytes.toml, line 2: not UTF-8 text"
    assert catalogue.cards == BUNDLED


def test_a_problem_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.toml").write_text('id = "x"\n"\x85\\u001b[2J" = 1', "utf-8")
    problem = load_catalogue(tmp_path).problems[0]
    assert problem.isprintable()


def test_a_broken_override_leaves_the_bundled_card(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('id = "seedream-4.5"\nprompt_limit = 0\n', "utf-8")
    catalogue = load_catalogue(tmp_path)
    assert len(catalogue.problems) == 1
    assert catalogue.cards == BUNDLED


def test_an_override_takes_the_place_of_the_keys_it_has(tmp_path: Path) -> None:
    (tmp_path / "cheaper.toml").write_text(
        'id = "seedream-4.5"\nprice = { usd_per_image = 0.025, as_of = 2026-12-01 }\n', "utf-8"
    )
    catalogue = load_catalogue(tmp_path)
    card, bundled = catalogue.cards["seedream-4.5"], BUNDLED["seedream-4.5"]
    assert estimate(card, {}) == 0.025
    assert card.parameters == bundled.parameters
    assert card.name == bundled.name
    assert list(catalogue.cards) == list(BUNDLED)
    assert catalogue.problems == []


def test_an_override_can_take_parameters_away(tmp_path: Path) -> None:
    (tmp_path / "plain.toml").write_text('id = "seedream-4.5"\nparameter = []\n', "utf-8")
    card = load_catalogue(tmp_path).cards["seedream-4.5"]
    assert card.parameters == ()
    assert card.references == BUNDLED["seedream-4.5"].references


def test_a_new_card_comes_after_the_bundled_ones_unless_it_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('id = "late"\n', "utf-8")
    (tmp_path / "b.toml").write_text('id = "early"\norder = 1\n', "utf-8")
    assert list(load_catalogue(tmp_path).cards) == ["early", *BUNDLED, "late"]


def test_a_minimal_card_is_named_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        '\ufeffid = "acme/painter-1"\n[[parameter]]\nname = "guidance_scale"\nkind = "number"\n',
        "utf-8",
    )
    card = load_catalogue(tmp_path).cards["acme/painter-1"]
    assert card.name == "acme/painter-1"
    assert [parameter.label for parameter in card.parameters] == ["Guidance scale"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("seedream-4.5", "seedream-4.5"),
        ("Seedream-4.5", "seedream-4.5"),
        ("seedream-4-5-251128", "seedream-4.5"),
        ("DOUBAO-SEEDREAM-4-5", "seedream-4.5"),
        ("Dola-Seedream-5.0-lite", "dola-seedream-5.0-lite"),
        ("gemini-3-pro-image-preview", "nano-banana-pro"),
    ],
)
def test_a_card_is_found_by_id_or_alias_in_any_letters(asked: str, found: str) -> None:
    card = load_catalogue(Path("/nonexistent")).find(asked)
    assert card is not None
    assert card.id == found


def test_an_id_is_meant_before_an_alias(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('id = "first"\norder = 1\naliases = ["second"]\n', "utf-8")
    (tmp_path / "b.toml").write_text('id = "Second"\n', "utf-8")
    card = load_catalogue(tmp_path).find("second")
    assert card is not None
    assert card.id == "Second"


def test_an_unknown_model_gets_a_form_that_allows_anything() -> None:
    catalogue = load_catalogue(Path("/nonexistent"))
    assert catalogue.find("flux-9") is None
    card = catalogue.card("flux-9")
    assert card.id == card.name == "flux-9"
    assert [parameter.name for parameter in card.parameters] == ["size", "n", "seed"]
    values: dict[str, JSON] = {
        "size": "landscape_4_3",
        "n": 40,
        "seed": 2**40,
        "guidance": {"scale": [1.5]},
    }
    assert check(card, "a fox", values, references=50) == ()
    assert estimate(card, values) is None
