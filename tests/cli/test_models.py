"""darkroom models: the catalogue, listed and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Home, Run
from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.catalog.validation import written

CARDS = load_catalogue(Path("no user's cards")).cards


def test_every_model_is_listed_with_its_price(run: Run, home: Home) -> None:
    finished = run("models")
    assert (finished.code, finished.err) == (0, "")
    lines = finished.out.splitlines()
    assert [line.split()[0] for line in lines] == list(CARDS)
    assert [line.index("$") + len(line[line.index("$") :].split()[0]) for line in lines] == [
        lines[0].index("$") + len(lines[0][lines[0].index("$") :].split()[0])
    ] * len(lines)
    assert "$0.028" in lines[list(CARDS).index("kling-image-o1")]
    assert "$?" in lines[list(CARDS).index("gpt-image-2")]
    assert not home.folder.exists()


def test_json_is_a_card_a_line(run: Run) -> None:
    documents = [json.loads(line) for line in run("models", "--json").out.splitlines()]
    assert [document["id"] for document in documents] == list(CARDS)
    kling = json.loads(run("models", "kling-image-o1", "--json").out)
    assert kling in documents
    assert [parameter["name"] for parameter in kling["parameter"]] == ["n", "size"]


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.id)
def test_a_model_is_shown_with_all_that_is_known(run: Run, card: ModelCard) -> None:
    finished = run("models", card.id)
    assert (finished.code, finished.err) == (0, "")
    lines = finished.out.splitlines()
    assert lines[0] == f"{card.name}, {card.vendor}"
    assert all(len(line) <= 80 for line in lines)
    assert "None" not in finished.out
    words = " ".join(finished.out.split())
    assert f"id {card.id}" in words
    for alias in card.aliases:
        assert alias in words
    for parameter in card.parameters:
        assert any(line.startswith(parameter.name) for line in lines)
        assert " ".join(parameter.help.split()) in words
        for value in (*parameter.choices, *parameter.tiers, *parameter.presets):
            assert written(parameter, value) in words
        for limit in (parameter.minimum, parameter.maximum, parameter.max_pixels):
            assert limit is None or f"{limit:,}" in words


def test_the_limits_of_a_users_card_are_said_as_they_are(run: Run, home: Home) -> None:
    folder = home.folder / "models"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("""\
id = "mine"
name = "Mine \\u001b[31m"

[[parameter]]
name = "steps"
kind = "integer"
minimum = 0

[[parameter]]
name = "strength"
kind = "number"
maximum = 1.5

[[parameter]]
name = "size"
kind = "size"
max_pixels = 1_000_000
multiple_of = 8

[[parameter]]
name = "style"
kind = "text"

[[parameter]]
name = "tiled"
label = "Tileable"
kind = "switch"
default = false
""")
    assert run("models", "mine").out.splitlines() == [
        "Mine ␛[31m",
        "id           mine",
        "price        not known beforehand",
        "references   none",
        "",
        "steps: left to the model if not given",
        "    A whole number from 0.",
        "",
        "strength: left to the model if not given",
        "    A number up to 1.5.",
        "",
        "size: left to the model if not given",
        "    Any size of up to 1,000,000 pixels, each side a multiple of 8.",
        "",
        "style: left to the model if not given",
        "    Text.",
        "",
        "tiled (Tileable): off if not given",
        "    On or off.",
    ]
    assert run("models").out.splitlines()[-1].startswith("mine ")


def test_a_model_goes_by_its_aliases(run: Run) -> None:
    assert run("models", "KLING/kling-image-o1").out == run("models", "kling-image-o1").out


def test_a_model_that_is_not_there_is_wrong_usage(run: Run) -> None:
    finished = run("models", "nowhere\x1b")
    assert (finished.code, finished.out) == (2, "")
    (complaint,) = finished.complaints
    assert complaint == f"there is no model nowhere␛. Known: {', '.join(CARDS)}"


def test_a_card_that_cannot_be_used_is_named_and_costs_no_other(run: Run, home: Home) -> None:
    folder = home.folder / "models"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text('id = "broken"\nprompt_limit = "long"\n')
    finished = run("models", "--json")
    assert finished.code == 0
    assert len(finished.out.splitlines()) == len(CARDS)
    assert finished.complaints == [
        "card not used: broken.toml: prompt_limit: Expected a whole number, got text"
    ]
