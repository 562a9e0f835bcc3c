from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.conftest import Connect, generation_begun
from tests.demo.pictures import data_url, opened, picture
from tui.demo.incoming import LARGEST_BODY
from tui.demo.server import demo_app

GENERATIONS = "/v1/images/generations"
KLING = {"model": "kling-image-o1", "prompt": "a lighthouse", "size": "1360x768"}
SEEDREAM = {"model": "seedream-4.0", "prompt": "a lighthouse", "size": "1280x720", "seed": 7}


async def make(client: httpx.AsyncClient, request: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await client.post(GENERATIONS, json={**request, **more})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def records(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = (await client.get("/v1/images")).json()["data"]
    return content


async def test_a_generation_answers_with_a_url_that_needs_no_key(
    client: httpx.AsyncClient, connect: Connect, folder: Path
) -> None:
    before = int(time.time())
    answer = await make(client, KLING)
    assert before <= answer["created"] <= time.time()
    assert answer["model"] == "kling-image-o1"
    assert [set(item) for item in answer["data"]] == [{"url", "size"}]

    url = answer["data"][0]["url"]
    assert url.startswith("http://demo/media/")
    stranger = connect(demo_app(folder), key=None)
    download = await stranger.get(url)
    assert download.headers["content-type"] == "image/png"
    assert opened(download.content).size == (1360, 768)


async def test_a_generation_leaves_a_record_of_the_request(client: httpx.AsyncClient) -> None:
    answer = await make(client, KLING)
    (record,) = await records(client)
    assert record.pop("id").startswith("img_")
    assert record == {
        "object": "image",
        "status": "completed",
        "model": "kling-image-o1",
        "prompt": "a lighthouse",
        "created_at": answer["created"],
        "url": answer["data"][0]["url"],
        "error": None,
    }


async def test_base64_comes_bare_and_is_the_picture_of_the_record(
    client: httpx.AsyncClient,
) -> None:
    answer = await make(client, SEEDREAM, response_format="b64_json")
    assert answer["model"] == "seedream-4-0-250828"
    (item,) = answer["data"]
    assert set(item) == {"b64_json", "size"}
    content = base64.b64decode(item["b64_json"], validate=True)
    assert opened(content).format == "JPEG"
    (record,) = await records(client)
    assert (await client.get(record["url"])).content == content


async def test_several_pictures_differ_count_in_the_usage_and_make_one_record(
    client: httpx.AsyncClient,
) -> None:
    answer = await make(client, KLING, n=2)
    tokens = 2 * 1360 * 768 // 256
    assert answer["usage"] == {
        "generated_images": 2,
        "output_tokens": tokens,
        "total_tokens": tokens,
    }
    contents = {(await client.get(item["url"])).content for item in answer["data"]}
    assert len(contents) == 2
    (record,) = await records(client)
    assert record["url"] == answer["data"][0]["url"]


async def test_a_group_has_the_pictures_that_the_prompt_asks_for(
    client: httpx.AsyncClient,
) -> None:
    answer = await make(
        client,
        SEEDREAM,
        prompt="two pictures of a lighthouse",
        sequential_image_generation="auto",
        sequential_image_generation_options={"max_images": 4},
    )
    assert len(answer["data"]) == answer["usage"]["generated_images"] == 2


async def test_the_same_request_and_seed_give_the_same_bytes_and_another_seed_does_not(
    client: httpx.AsyncClient,
) -> None:
    first, again, other = [
        (await make(client, SEEDREAM, seed=seed, response_format="b64_json"))["data"]
        for seed in (7, 7, 8)
    ]
    assert first == again
    assert first != other


async def test_the_watermark_is_drawn_unless_it_is_refused(client: httpx.AsyncClient) -> None:
    marked, plain = [
        (await make(client, SEEDREAM, response_format="b64_json", **fields))["data"]
        for fields in ({}, {"watermark": False})
    ]
    assert marked != plain


async def test_a_reference_changes_the_picture(client: httpx.AsyncClient) -> None:
    alone = await make(client, SEEDREAM, response_format="b64_json")
    sent = await make(client, SEEDREAM, response_format="b64_json", image=data_url(picture()))
    assert alone["data"] != sent["data"]


async def test_a_refused_prompt_is_neither_made_nor_recorded(client: httpx.AsyncClient) -> None:
    answer = await client.post(GENERATIONS, json={**KLING, "prompt": "a forbidden-demo fox"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InputTextSensitiveContentDetected"
    assert await records(client) == []


async def test_a_refused_picture_leaves_a_failed_record(client: httpx.AsyncClient) -> None:
    answer = await client.post(GENERATIONS, json={**KLING, "prompt": "a failing-demo fox"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "OutputImageSensitiveContentDetected"
    (record,) = await records(client)
    assert (record["status"], record["url"]) == ("failed", None)
    assert record["error"]["code"] == "OutputImageSensitiveContentDetected"


@pytest.mark.parametrize("model", ["dall-e-3", "", "Seedream-4.5"])
async def test_an_unknown_model_is_not_found(client: httpx.AsyncClient, model: str) -> None:
    answer = await client.post(GENERATIONS, json={"model": model, "prompt": "a fox"})
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("model_not_found", "model", "404")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", GENERATIONS),
        ("GET", "/v1/images"),
        ("GET", "/v1/images/img_1/content"),
        ("DELETE", "/v1/images/img_1"),
        ("GET", "/v1/models"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer "},
        {"authorization": "Basic c2s6"},
        {"authorization": "sk-demo"},
    ],
)
async def test_without_a_bearer_key_every_route_answers_401(
    folder: Path, connect: Connect, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await connect(demo_app(folder), key=None).request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "message": "Invalid API key or token provided",
            "type": "invalid_api_key",
            "param": None,
            "code": "401",
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/nothing", 404, "not_found_error"),
        ("GET", "/", 404, "not_found_error"),
        ("PUT", "/v1/images", 405, "invalid_request_error"),
        ("GET", "/v1/images/img_1", 405, "invalid_request_error"),
    ],
)
async def test_what_the_api_does_not_have_is_refused_in_its_envelope(
    client: httpx.AsyncClient, method: str, path: str, status: int, kind: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == kind


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/media/x", "/v1/images?limit=0"])
async def test_every_answer_has_a_request_id_of_its_own(
    client: httpx.AsyncClient, path: str
) -> None:
    ids = {(await client.get(path)).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2


async def test_a_body_above_the_limit_is_refused_whether_or_not_it_says_its_length(
    client: httpx.AsyncClient,
) -> None:
    async def endless() -> Any:
        for _ in range(LARGEST_BODY // 1_000_000 + 1):
            yield b" " * 1_000_000

    said = {"content-length": str(LARGEST_BODY + 1)}
    for content, headers in ((b"{}", said), (endless(), {})):
        answer = await client.post(GENERATIONS, content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_a_client_that_goes_away_is_charged_all_the_same(
    folder: Path, connect: Connect
) -> None:
    client = connect(demo_app(folder, latency=0.2))
    request = asyncio.create_task(client.post(GENERATIONS, json=KLING))
    await generation_begun()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    while not (kept := await records(client)):
        pass
    (record,) = kept
    assert record["status"] == "completed"
    assert opened((await client.get(record["url"])).content).size == (1360, 768)


@pytest.fixture
def no_folder(folder: Path) -> Path:
    """A file where the folder should be."""
    folder.write_bytes(b"")
    return folder


async def test_a_folder_that_cannot_be_written_is_a_server_error(
    no_folder: Path, connect: Connect
) -> None:
    answer = await connect(demo_app(no_folder)).post(GENERATIONS, json=KLING)
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "api_error"


async def test_several_requests_at_once_each_get_their_own_record(
    client: httpx.AsyncClient,
) -> None:
    prompts = [f"lighthouse number {number}" for number in range(2)]
    made = await asyncio.gather(*(make(client, KLING, prompt=prompt) for prompt in prompts))
    urls = {record["prompt"]: record["url"] for record in await records(client)}
    assert urls == {
        prompt: answer["data"][0]["url"] for prompt, answer in zip(prompts, made, strict=True)
    }
