"""The demo endpoint against what the vendors say: it takes what they take, and refuses the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.demo.pictures import data_url, picture
from tests.model_facts import (
    ACCEPTED,
    KLING_PIXELS,
    MOST_REFERENCES,
    NANO_BANANA_PIXELS,
    PROMPT_LIMITS,
    REFERENCES_REFUSED,
    REFERENCES_TAKEN,
    REFUSED,
    RESOLUTIONS,
    SEEDREAMS,
    TIER_PIXELS,
    TIERS,
    TOKEN360,
    ReferenceFile,
)
from tui.demo.painter import Painting

GENERATIONS = "/v1/images/generations"


@pytest.fixture(autouse=True, scope="module")
def dots() -> Iterator[None]:
    """Every picture is a dot, whatever its size: what is tested is what is taken."""

    def dot(painting: Painting) -> Image.Image:
        return Image.new("RGB", (1, 1))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.generation.paint", dot)
        yield


async def ask(client: httpx.AsyncClient, model: str, **fields: Any) -> httpx.Response:
    return await client.post(GENERATIONS, json={"model": model, "prompt": "a fox", **fields})


async def pixels(client: httpx.AsyncClient, model: str, **fields: Any) -> str:
    """The size of the one picture that comes."""
    (item,) = (await ask(client, model, **fields)).json()["data"]
    return str(item["size"])


def file_url(file: ReferenceFile) -> str:
    return data_url(picture(file.width, file.height, file.format), file.format.lower())


@pytest.mark.parametrize("model", TOKEN360)
async def test_what_the_model_takes_is_taken(client: httpx.AsyncClient, model: str) -> None:
    for fields in ACCEPTED[model]:
        answer = await ask(client, model, **fields)
        assert (answer.status_code, fields) == (200, fields), answer.text


@pytest.mark.parametrize("model", TOKEN360)
async def test_what_the_model_refuses_is_refused_for_that_parameter(
    client: httpx.AsyncClient, model: str
) -> None:
    for fields, blamed in REFUSED[model]:
        answer = await ask(client, model, **fields)
        assert (answer.status_code, fields) == (400, fields)
        error = answer.json()["error"]
        assert error["type"] == "invalid_request_error"
        assert error["param"].startswith(blamed), fields


@pytest.mark.parametrize(
    ("model", "limit"),
    [(model, limit) for model, limit in PROMPT_LIMITS.items() if model in TOKEN360],
)
async def test_a_prompt_may_be_as_long_as_the_model_reads(
    client: httpx.AsyncClient, model: str, limit: int
) -> None:
    assert (await ask(client, model, prompt="x" * limit)).status_code == 200
    refused = await ask(client, model, prompt="x" * (limit + 1))
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "prompt")


@pytest.mark.parametrize("model", TOKEN360)
async def test_there_may_be_as_many_references_as_the_model_takes(
    client: httpx.AsyncClient, model: str
) -> None:
    url, most = data_url(picture()), MOST_REFERENCES[model]
    if most:
        assert (await ask(client, model, image=[url] * most)).status_code == 200
    refused = await ask(client, model, image=[url] * (most + 1))
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "image")


@pytest.mark.parametrize("model", TOKEN360)
async def test_a_reference_is_held_against_the_models_limits(
    client: httpx.AsyncClient, model: str
) -> None:
    for status, files in ((200, REFERENCES_TAKEN[model]), (400, REFERENCES_REFUSED[model])):
        for file in files:
            answer = await ask(client, model, image=file_url(file))
            assert (answer.status_code, file) == (status, file), answer.text


@pytest.mark.parametrize("model", SEEDREAMS)
async def test_seedream_makes_the_sizes_of_its_table(client: httpx.AsyncClient, model: str) -> None:
    for tier in TIERS[model]:
        assert await pixels(client, model, size=tier) in TIER_PIXELS[tier]
        for size in TIER_PIXELS[tier]:
            assert await pixels(client, model, size=size) == size


@pytest.mark.parametrize("tier", KLING_PIXELS)
async def test_kling_makes_the_sizes_of_its_table(client: httpx.AsyncClient, tier: str) -> None:
    assert await pixels(client, "kling-image-o1", size=tier) in KLING_PIXELS[tier]
    for size in KLING_PIXELS[tier]:
        assert await pixels(client, "kling-image-o1", size=size) == size


@pytest.mark.parametrize(("ratio", "sizes"), NANO_BANANA_PIXELS.items())
async def test_nano_banana_pro_makes_the_sizes_of_its_table(
    client: httpx.AsyncClient, ratio: str, sizes: tuple[str, ...]
) -> None:
    for quality, size in zip(RESOLUTIONS, sizes, strict=True):
        made = await pixels(client, "nano-banana-pro", ratio=ratio, quality=quality)
        assert made == size


async def test_glm_image_makes_one_size(client: httpx.AsyncClient) -> None:
    assert await pixels(client, "glm-image") == "1280x1280"
