"""Token360-Native-Params: the body is the vendor's own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.demo.events import events
from tests.demo.pictures import opened
from tui.demo.limits import MODELS
from tui.demo.traffic import GENERATIONS

pytestmark = pytest.mark.usefixtures("plain_pictures")

LITE = "dola-seedream-5.0-lite"
REQUEST = {"model": "kling-image-o1", "prompt": "a forbidden-demo fox"}
REFUSED_PROMPT = "InputTextSensitiveContentDetected"
UNKNOWN = "unknown_parameter"


async def code(client: httpx.AsyncClient, header: str | None, **fields: Any) -> str:
    """Why the request was refused."""
    headers = {} if header is None else {"Token360-Native-Params": header}
    answer = await client.post(GENERATIONS, json={**REQUEST, **fields}, headers=headers)
    assert answer.status_code == 400
    refused_for: str = answer.json()["error"]["code"]
    return refused_for


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("true", REFUSED_PROMPT),
        ("1", REFUSED_PROMPT),
        ("yes", REFUSED_PROMPT),
        (" ON ", REFUSED_PROMPT),
        (None, UNKNOWN),
        ("false", UNKNOWN),
        ("0", UNKNOWN),
        ("", UNKNOWN),
        ("truely", UNKNOWN),
    ],
)
async def test_the_vendors_parameters_are_taken_where_the_header_says_so(
    client: httpx.AsyncClient, header: str | None, expected: str
) -> None:
    assert await code(client, header, resolution="1k", aspect_ratio="16:9") == expected


@pytest.mark.parametrize("model", MODELS)
async def test_every_model_takes_what_the_api_does_not_know(
    client: httpx.AsyncClient, model: str
) -> None:
    native = {"optimize_prompt_options": {"mode": "fast"}, "tools": [], "anything": None}
    assert await code(client, "true", model=model, **native) == REFUSED_PROMPT


async def test_what_the_api_knows_is_still_held_against_its_limits(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Token360-Native-Params": "true"}
    request = {"model": LITE, "prompt": "a fox", "size": "1K", "tools": []}
    error = (await client.post(GENERATIONS, json=request, headers=headers)).json()["error"]
    assert error["param"] == "size"


@pytest.mark.parametrize("content", [b"{}", b"[]", b"null", b'"text"', b""])
async def test_the_body_must_be_an_object_that_is_not_empty(
    client: httpx.AsyncClient, content: bytes
) -> None:
    headers = {"Token360-Native-Params": "true"}
    answer = await client.post(GENERATIONS, content=content, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert "JSON" in error["message"]


async def test_arks_groups_formats_and_streams_have_their_effect(
    client: httpx.AsyncClient,
) -> None:
    request = {
        "model": LITE,
        "prompt": "four pictures of a lighthouse",
        "size": "2560x1440",
        "output_format": "png",
        "sequential_image_generation": "auto",
        "sequential_image_generation_options": {"max_images": 2},
        "stream": True,
    }
    refused = await client.post(GENERATIONS, json=request)
    assert refused.json()["error"]["param"] == "sequential_image_generation"
    headers = {"Token360-Native-Params": "true"}
    answer = await client.post(GENERATIONS, json=request, headers=headers)
    names = [event.name for event in events(answer.text)]
    assert names.count("image_generation.partial_succeeded") == 2
    (record,) = (await client.get("/v1/images")).json()["data"]
    assert opened((await client.get(record["url"])).content).format == "PNG"


@pytest.mark.parametrize("header", ["true", "false"])
async def test_an_asset_is_not_found(client: httpx.AsyncClient, header: str) -> None:
    headers = {"Token360-Native-Params": header}
    request = {"model": LITE, "prompt": "a fox", "image": ["asset://asset_17"]}
    answer = await client.post(GENERATIONS, json=request, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "image")
    assert error["message"].startswith("The asset 'asset://asset_17' was not found")
