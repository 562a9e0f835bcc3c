"""The bundled cards: what each offers, and that each obeys itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tui.catalog.card import ModelCard
from tui.catalog.legality import fault_of
from tui.catalog.loading import BUNDLED_CARDS, load_catalogue
from tui.catalog.price import estimate
from tui.catalog.sizes import presets_by_ratio, swapped
from tui.catalog.validation import check, options, request_fields, written

CATALOGUE = load_catalogue(Path("/nonexistent"))
CARDS = [pytest.param(card, id=card.id) for card in CATALOGUE.cards.values()]

CONTROLS = {
    "seedream-4.5": [
        "size", "seed", "watermark", "sequential_image_generation", "response_format",
    ],
    "seedream-4.0": [
        "size", "seed", "watermark", "sequential_image_generation", "response_format",
    ],
    "dola-seedream-5.0-lite": ["size", "seed", "watermark"],
    "kling-image-o1": ["n", "size"],
    "nano-banana-pro": ["ratio", "quality"],
    "glm-image": [],
}  # fmt: skip


def test_every_file_is_a_card_named_after_its_id() -> None:
    assert {file.stem for file in BUNDLED_CARDS.iterdir()} == set(CATALOGUE.cards)
    assert CATALOGUE.problems == []


@pytest.mark.parametrize(("model", "names"), CONTROLS.items())
def test_a_token360_model_has_the_controls_that_its_api_page_grants(
    model: str, names: list[str]
) -> None:
    assert [parameter.name for parameter in CATALOGUE.cards[model].parameters] == names


def test_the_token360_models_come_first() -> None:
    assert list(CATALOGUE.cards)[: len(CONTROLS)] == list(CONTROLS)


@pytest.mark.parametrize("card", CARDS)
def test_the_starting_values_are_legal(card: ModelCard) -> None:
    assert check(card, "a lighthouse", card.starting_values()) == ()


@pytest.mark.parametrize("card", CARDS)
def test_every_value_on_offer_is_legal(card: ModelCard) -> None:
    for parameter in card.parameters:
        for value in (*options(parameter), *parameter.presets):
            assert fault_of(parameter, value) is None, (parameter.name, value)


@pytest.mark.parametrize("card", CARDS)
def test_a_preset_turned_on_its_side_is_legal(card: ModelCard) -> None:
    size = card.parameter("size")
    if size is not None and not size.only_presets:
        for preset in size.presets:
            assert fault_of(size, swapped(preset)) is None, preset


def test_the_bundled_cards_would_pass_as_a_users(tmp_path: Path) -> None:
    for file in BUNDLED_CARDS.iterdir():
        shutil.copy(file, tmp_path)
    catalogue = load_catalogue(tmp_path)
    assert catalogue.problems == []
    assert catalogue.cards == CATALOGUE.cards


@pytest.mark.parametrize("card", CARDS)
def test_a_card_says_what_a_screen_shows(card: ModelCard) -> None:
    assert card.name != card.id
    assert card.vendor
    assert card.typical_seconds
    assert card.price is not None
    for parameter in card.parameters:
        assert 0 < len(parameter.label) <= 16
        assert len(written(parameter, parameter.default)) <= 20


@pytest.mark.parametrize("model", CONTROLS)
def test_a_token360_model_has_a_price_as_the_form_starts(model: str) -> None:
    card = CATALOGUE.cards[model]
    cost = estimate(card, card.starting_values())
    assert cost is not None
    assert 0.01 < cost < 0.2


@pytest.mark.parametrize("model", ["seedream-4.5", "seedream-4.0", "dola-seedream-5.0-lite"])
def test_an_untouched_seedream_form_sends_the_watermark_alone(model: str) -> None:
    assert request_fields(CATALOGUE.cards[model], {}) == {"watermark": False}


@pytest.mark.parametrize(
    "model", [model for model in CATALOGUE.cards if not model.count("seedream")]
)
def test_an_untouched_form_of_another_model_sends_nothing(model: str) -> None:
    assert request_fields(CATALOGUE.cards[model], {}) == {}


def test_seedream_presets_are_found_by_ratio_and_tier() -> None:
    size = CATALOGUE.cards["seedream-4.5"].parameter("size")
    assert size is not None
    assert presets_by_ratio(size, "2K") == {
        "1:1": "2048x2048",
        "4:3": "2304x1728",
        "3:4": "1728x2304",
        "3:2": "2496x1664",
        "2:3": "1664x2496",
        "16:9": "2560x1440",
        "9:16": "1440x2560",
        "21:9": "3024x1296",
    }
    assert presets_by_ratio(size, "4K")["16:9"] == "5504x3040"
    assert presets_by_ratio(size)["16:9"] == "2560x1440"


def test_the_catalogue_loads_without_screen_network_or_picture_libraries() -> None:
    code = (
        "import sys, tui.catalog.loading, tui.catalog.validation, tui.catalog.price, pathlib\n"
        "tui.catalog.loading.load_catalogue(pathlib.Path('/nonexistent'))\n"
        "print([n for n in ('textual', 'httpx', 'PIL', 'numpy', 'sqlite3') if n in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == "[]\n"
