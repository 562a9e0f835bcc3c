from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from tui.demo.errors import Refusal
from tui.demo.limits import MODELS
from tui.demo.requests import read_generation

SEEDREAMS = ("seedream-4.5", "seedream-4.0", "dola-seedream-5.0-lite")

LEGAL: list[tuple[str, dict[str, str], tuple[int, int]]] = [
    ("seedream-4.5", {}, (2048, 2048)),
    ("seedream-4.5", {"size": "2K"}, (2048, 2048)),
    ("seedream-4.5", {"size": "4k"}, (4096, 4096)),
    ("seedream-4.5", {"size": "2560x1440"}, (2560, 1440)),
    ("seedream-4.5", {"size": "4096X4096"}, (4096, 4096)),
    ("seedream-4.5", {"size": "7680x480"}, (7680, 480)),
    ("seedream-4.0", {"size": "1K"}, (1024, 1024)),
    ("seedream-4.0", {"size": "1280x720"}, (1280, 720)),
    ("seedream-4.0", {"size": "240x3840"}, (240, 3840)),
    ("dola-seedream-5.0-lite", {"size": "3K"}, (3072, 3072)),
    ("dola-seedream-5.0-lite", {"size": "3136x1344"}, (3136, 1344)),
    ("kling-image-o1", {}, (1024, 1024)),
    ("kling-image-o1", {"size": "1k"}, (1024, 1024)),
    ("kling-image-o1", {"size": "2K"}, (2048, 2048)),
    ("kling-image-o1", {"size": "1552X656"}, (1552, 656)),
    ("nano-banana-pro", {}, (1024, 1024)),
    ("nano-banana-pro", {"ratio": "2:3"}, (848, 1264)),
    ("nano-banana-pro", {"ratio": "3:2"}, (1264, 848)),
    ("nano-banana-pro", {"ratio": "16:9", "quality": "2K"}, (2752, 1536)),
    ("nano-banana-pro", {"ratio": "5:4", "quality": "4K"}, (4608, 3712)),
    ("nano-banana-pro", {"ratio": "21:9", "quality": "4K"}, (6336, 2688)),
    ("glm-image", {}, (1280, 1280)),
]

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("seedream-4.5", {"size": "1K"}, "size", "is not supported for model seedream-4-5-251128"),
    ("seedream-4.5", {"size": "3K"}, "size", "is not supported for model seedream-4-5-251128"),
    ("seedream-4.5", {"size": "1024x1024"}, "size", "must be at least 3686400 pixels"),
    ("seedream-4.5", {"size": "2559x1440"}, "size", "must be at least 3686400 pixels"),
    ("seedream-4.5", {"size": "4097x4096"}, "size", "must be at most 16777216 pixels"),
    ("seedream-4.5", {"size": "7696x480"}, "size", "aspect ratio must be between 1/16 and 16"),
    ("seedream-4.5", {"size": "2048 x 2048"}, "size", "'WIDTHxHEIGHT', '2k' or '4k'"),
    ("seedream-4.5", {"size": "auto"}, "size", "'WIDTHxHEIGHT', '2k' or '4k'"),
    ("seedream-4.5", {"size": "0x0"}, "size", "must be at least 3686400 pixels"),
    ("seedream-4.0", {"size": "3K"}, "size", "is not supported for model seedream-4-0-250828"),
    ("seedream-4.0", {"size": "1279x720"}, "size", "must be at least 921600 pixels"),
    ("seedream-4.0", {"size": "239x3857"}, "size", "aspect ratio must be between 1/16 and 16"),
    ("dola-seedream-5.0-lite", {"size": "1K"}, "size", "is not supported for model"),
    ("dola-seedream-5.0-lite", {"size": "1280x720"}, "size", "at least 3686400 pixels"),
    ("kling-image-o1", {"size": "4k"}, "size", "size must be one of 1k, 2k, "),
    ("kling-image-o1", {"size": "1024x1025"}, "size", "size must be one of 1k, 2k, "),
    ("nano-banana-pro", {"ratio": "1:4"}, "ratio", "ratio must be one of 1:1, "),
    ("nano-banana-pro", {"ratio": "auto"}, "ratio", "ratio must be one of 1:1, "),
    ("nano-banana-pro", {"quality": "1k"}, "quality", "quality must be one of 1K, 2K, 4K"),
    ("nano-banana-pro", {"quality": "hd"}, "quality", "quality must be one of 1K, 2K, 4K"),
    ("kling-image-o1", {"n": 0}, "n", "n must be between 1 and 9"),
    ("kling-image-o1", {"n": 10}, "n", "n must be between 1 and 9"),
    ("seedream-4.5", {"seed": -2}, "seed", "seed must be between -1 and 2147483647"),
    ("seedream-4.5", {"seed": 2**31}, "seed", "seed must be between -1 and 2147483647"),
    ("seedream-4.5", {"prompt": "x" * 4001}, "prompt", "at most 4000 are allowed"),
    ("kling-image-o1", {"prompt": "x" * 2501}, "prompt", "at most 2500 are allowed"),
    ("dola-seedream-5.0-lite", {"output_format": "webp"}, "output_format", "not one of jpeg, png"),
]

NOT_GRANTED = [
    ("seedream-4.5", "ratio"),
    ("seedream-4.5", "quality"),
    ("seedream-4.0", "output_format"),
    ("dola-seedream-5.0-lite", "sequential_image_generation"),
    ("kling-image-o1", "seed"),
    ("kling-image-o1", "watermark"),
    ("kling-image-o1", "ratio"),
    ("nano-banana-pro", "size"),
    ("nano-banana-pro", "n"),
    ("glm-image", "size"),
    ("glm-image", "n"),
    ("glm-image", "image"),
    ("glm-image", "quality"),
    ("glm-image", "guidance_scale"),
]


def body(model: str, **fields: Any) -> bytes:
    return msgspec.json.encode({"model": model, "prompt": "a lighthouse", **fields})


def test_the_six_models_are_served() -> None:
    assert set(MODELS) == {*SEEDREAMS, "kling-image-o1", "nano-banana-pro", "glm-image"}


@pytest.mark.parametrize(("model", "fields", "pixels"), LEGAL)
def test_a_legal_size_gives_its_pixels(
    model: str, fields: dict[str, str], pixels: tuple[int, int]
) -> None:
    generation = read_generation(body(model, **fields))
    assert (generation.width, generation.height) == pixels


@pytest.mark.parametrize(("model", "fields", "param", "reason"), REFUSED)
async def test_a_value_outside_the_limits_is_refused_with_its_parameter_and_reason(
    client: httpx.AsyncClient, model: str, fields: dict[str, Any], param: str, reason: str
) -> None:
    answer = await client.post("/v1/images/generations", content=body(model, **fields))
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert error["message"].startswith(f"The parameter `{param}` specified in the request")
    assert reason in error["message"]
    assert answer.headers["x-request-id"] in error["message"]


async def test_a_refused_request_leaves_no_record(client: httpx.AsyncClient) -> None:
    await client.post("/v1/images/generations", content=body("seedream-4.5", size="1K"))
    assert (await client.get("/v1/images")).json()["data"] == []


@pytest.mark.parametrize(("model", "field"), NOT_GRANTED)
async def test_a_field_that_the_model_does_not_have_is_an_unknown_parameter(
    client: httpx.AsyncClient, model: str, field: str
) -> None:
    answer = await client.post("/v1/images/generations", content=body(model, **{field: 1}))
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": f"Unknown parameter: '{field}'.",
        "type": "invalid_request_error",
        "param": field,
        "code": "unknown_parameter",
    }


@pytest.mark.parametrize("model", SEEDREAMS)
@pytest.mark.parametrize("n", [1, 4, 99, "four"])
def test_seedream_ignores_n_without_a_word(model: str, n: object) -> None:
    assert read_generation(body(model, n=n)).count == 1


@pytest.mark.parametrize(
    ("model", "tier", "pixels"),
    [
        ("seedream-4.5", "2K", (2848, 1600)),
        ("seedream-4.0", "1K", (1280, 720)),
        ("kling-image-o1", "1k", (1360, 768)),
    ],
)
def test_a_tier_takes_its_aspect_ratio_from_the_prompt(
    model: str, tier: str, pixels: tuple[int, int]
) -> None:
    generation = read_generation(body(model, size=tier, prompt="a pier, 16:9, at dusk"))
    assert (generation.width, generation.height) == pixels


def test_a_ratio_in_the_prompt_does_not_change_a_size_in_pixels() -> None:
    generation = read_generation(body("seedream-4.5", size="2048x2048", prompt="a pier, 16:9"))
    assert (generation.width, generation.height) == (2048, 2048)


@pytest.mark.parametrize("model", MODELS)
def test_the_watermark_is_on_by_default_for_seedream_alone(model: str) -> None:
    assert read_generation(body(model)).watermark is (model in SEEDREAMS)


@pytest.mark.parametrize("model", SEEDREAMS)
def test_the_watermark_can_be_switched_off(model: str) -> None:
    assert read_generation(body(model, watermark=False)).watermark is False


@pytest.mark.parametrize("model", MODELS)
def test_seedream_gives_jpeg_and_the_others_png(model: str) -> None:
    assert read_generation(body(model)).format == ("jpeg" if model in SEEDREAMS else "png")


def test_the_lite_model_gives_png_when_asked() -> None:
    assert read_generation(body("dola-seedream-5.0-lite", output_format="png")).format == "png"


def test_an_unknown_model_is_refused_before_its_fields_are_looked_at() -> None:
    with pytest.raises(Refusal) as refused:
        read_generation(body("dall-e-3", size="1K"))
    assert (refused.value.status, refused.value.kind) == (404, "model_not_found")
