"""darkroom models: the catalogue, listed and shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import KEY, Home, Run
from tests.cli.servers import Scripted, scripted
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
        "card not used: broken.toml, line 2: prompt_limit: Expected a whole number, got text"
    ]


LISTED = ("seedream-4-5-251128", "glm-image", "flux-2-pro", *(f"chat-{n}" for n in range(12)))
PUBLIC = {
    "data": {
        "list": [
            {
                "name": "flux-2-pro",
                "displayName": "FLUX 2 Pro",
                "modelType": "IMAGE_GENERATION",
                "normalizedApiParameterSchema": {
                    "fields": [{"name": "steps", "type": "integer", "min": 1, "default": 28}]
                },
            }
        ]
    }
}


def _offers(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
    if asked.startswith("GET /public"):
        return 200, PUBLIC
    if headers.get("Authorization") != f"Bearer {KEY}":
        return 401, {"error": {"message": "who is it?", "type": "invalid_api_key"}}
    return 200, {"data": [{"id": id} for id in LISTED]}


def _use(home: Home, endpoint: Scripted) -> None:
    home.use(endpoint.base_url)
    file = home.folder / "config.toml"
    catalogue = f'catalogue = "{endpoint.base_url.removesuffix("/v1")}/public/models"\n'
    file.write_text(file.read_text() + catalogue)


def test_what_the_endpoint_offers_is_asked_when_told_to_and_known_then(
    run: Run, home: Home
) -> None:
    with scripted(_offers) as endpoint:
        _use(home, endpoint)
        assert run("models").complaints == []
        assert endpoint.asked == []
        finished = run("models", "--refresh")
        assert (finished.code, finished.complaints) == (0, ["studio offers 3 models."])
        asked = len(endpoint.asked)
        lines = run("models").out.splitlines()
        assert lines == finished.out.splitlines()
        ids = ["seedream-4-5-251128", "glm-image", "flux-2-pro"]
        assert [line.split()[0] for line in lines[:3]] == ids
        marked = [line for line in lines if line.endswith("  (not offered by studio)")]
        assert lines[3:] == marked
        assert "flux-2-pro" in lines[2]
        assert "$?  steps" in lines[2]
        documents = [json.loads(line) for line in run("models", "--json").out.splitlines()]
        assert [document["offered"] for document in documents] == [True] * 3 + [False] * len(marked)
        assert "offered      by studio" in run("models", "seedream-4.5").out
        assert "offered      not by studio" in run("models", "gpt-image-2").out
        live = run("models", "FLUX-2-pro").out
        assert live.startswith("FLUX 2 Pro\n")
        assert "steps: 28 if not given" in live
        # Not one for pictures, as it seems; but it is there.
        assert json.loads(run("models", "chat-7", "--json").out)["offered"] is True
        assert run("models", "chat-99").code == 2
        assert len(endpoint.asked) == asked
        # Another endpoint has another list, and this one has none yet.
        assert {
            json.loads(line)["offered"]
            for line in run("models", "--json", "--endpoint", "openai").out.splitlines()
        } == {None}
        refreshed = run("--endpoint", "demo", "models", "--refresh")
        assert refreshed.complaints == ["demo offers 6 models."]


def test_what_is_sent_is_what_the_endpoint_lists(run: Run, home: Home) -> None:
    with scripted(_offers) as endpoint:
        _use(home, endpoint)
        dry = ("generate", "a fox", "--dry-run", "--json", "-m")
        assert json.loads(run(*dry, "seedream-4.5").out)["body"]["model"] == "seedream-4.5"
        run("models", "--refresh")
        body = json.loads(run(*dry, "seedream-4.5").out)["body"]
        assert body["model"] == "seedream-4-5-251128"
        body = json.loads(run(*dry, "flux-2-pro", "-p", "steps=4").out)["body"]
        assert body == {"model": "flux-2-pro", "prompt": "a fox", "steps": 4}
        assert run(*dry, "flux-2-pro", "-p", "steps=0").code == 2
        assert json.loads(run(*dry, "anything").out)["body"]["model"] == "anything"


@pytest.mark.parametrize(
    ("key", "code", "told"),
    [("sk-other-0123456789", 3, "who is it?"), ("", 3, "no key in $STUDIO_KEY")],
)
def test_a_key_that_is_refused_or_missing_leaves_the_cards(
    run: Run, home: Home, key: str, code: int, told: str
) -> None:
    home.environment["STUDIO_KEY"] = key
    with scripted(_offers) as endpoint:
        _use(home, endpoint)
        finished = run("models", "--refresh", "--json")
    assert finished.code == code
    documents = [json.loads(line) for line in finished.out.splitlines()]
    # What the public catalogue adds comes after them; whether the key may use it nobody knows.
    assert [document["id"] for document in documents][: len(CARDS)] == list(CARDS)
    assert {document["offered"] for document in documents} == {None}
    (complaint,) = finished.complaints
    assert complaint.startswith("The models of studio could not be listed: ")
    assert told in complaint


def test_an_endpoint_that_is_not_there_leaves_the_cards(run: Run, home: Home) -> None:
    home.use("http://127.0.0.1:9/v1")
    finished = run("models", "--refresh")
    assert finished.code == 1
    assert [line.split()[0] for line in finished.out.splitlines()] == list(CARDS)
    assert "could not be reached" in finished.complaints[0]
    assert run("models", "--endpoint", "none such").code == 2
