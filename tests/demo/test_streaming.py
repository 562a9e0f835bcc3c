"""Generations as streams of events."""

from __future__ import annotations

import base64
import json
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat

from tests.demo.conftest import Connect, Serve, plain_picture
from tests.demo.events import Event, events
from tests.demo.faults.exchange import asking, whole
from tests.demo.pictures import opened
from tests.pseudo_terminal import PATIENCE
from tui.demo.faults import Faults
from tui.demo.limits import MODELS
from tui.demo.painter import Painting
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS

pytestmark = pytest.mark.usefixtures("plain_pictures")

SEEDREAM = {"model": "seedream-4.0", "prompt": "a lighthouse", "size": "1280x720"}
KLING = {"model": "kling-image-o1", "prompt": "a lighthouse", "size": "1360x768"}
GROUP = {"prompt": "three pictures of a lighthouse", "sequential_image_generation": "auto"}
STREAM = {"stream": True}


async def stream(client: httpx.AsyncClient, request: dict[str, Any], **more: Any) -> list[Event]:
    answer = await client.post(GENERATIONS, json={**request, **STREAM, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return events(answer.text)


def contents(told: list[Event]) -> list[dict[str, Any]]:
    """The data of the events that have some, each of the type that is its name."""
    found = [json.loads(event.data) for event in told if event.data != "[DONE]"]
    assert [content["type"] for content in found] == [
        event.name for event in told if event.data != "[DONE]"
    ]
    return found


def distance(first: Image.Image, second: Image.Image) -> float:
    """How far two pictures are from each other."""
    return float(sum(ImageStat.Stat(ImageChops.difference(first, second)).rms))


async def test_each_picture_of_a_group_is_an_event(client: httpx.AsyncClient) -> None:
    told = await stream(client, SEEDREAM, **GROUP)
    *pictures, completed = contents(told)
    assert told[-1] == Event(None, "[DONE]")
    assert sorted(picture["image_index"] for picture in pictures) == [0, 1, 2]
    for picture in pictures:
        assert set(picture) == {"type", "model", "created", "image_index", "url", "size"}
        assert picture["model"] == "seedream-4-0-250828"
        assert opened((await client.get(picture["url"])).content).size == (1280, 720)
    tokens = 3 * 1280 * 720 // 256
    assert completed["usage"] == {
        "generated_images": 3,
        "output_tokens": tokens,
        "total_tokens": tokens,
    }
    (record,) = (await client.get("/v1/images")).json()["data"]
    first = next(picture for picture in pictures if picture["image_index"] == 0)
    assert (record["status"], record["url"]) == ("completed", first["url"])


async def test_a_picture_comes_as_base64_when_asked_for(client: httpx.AsyncClient) -> None:
    picture, _ = contents(await stream(client, SEEDREAM, response_format="b64_json"))
    assert opened(base64.b64decode(picture["b64_json"], validate=True)).size == (1280, 720)
    assert "url" not in picture


async def test_a_lost_picture_is_an_event_too(connect: Connect, folder: Path) -> None:
    client = connect(demo_app(folder, faults=Faults.parse(["partial"])))
    *pictures, completed = contents(await stream(client, SEEDREAM, **GROUP))
    names = {picture["image_index"]: picture["type"] for picture in pictures}
    made, lost = "image_generation.partial_succeeded", "image_generation.partial_failed"
    assert names == {0: made, 1: made, 2: lost}
    (failed,) = (picture for picture in pictures if picture["type"] == lost)
    assert set(failed["error"]) == {"code", "message"}
    assert completed["usage"]["generated_images"] == 2


async def test_without_a_stream_the_same_pictures_come(client: httpx.AsyncClient) -> None:
    fields = {"seed": 7, "response_format": "b64_json"}
    picture, _ = contents(await stream(client, SEEDREAM, **fields))
    answer = await client.post(GENERATIONS, json={**SEEDREAM, **fields, "stream": False})
    assert answer.json()["data"][0]["b64_json"] == picture["b64_json"]


@pytest.mark.parametrize("previews", [0, 1, 3])
async def test_openai_shows_previews_that_grow_sharper(
    connect: Connect, folder: Path, previews: int
) -> None:
    client = connect(demo_app(folder, faults=Faults.parse(["sse-openai"])))
    *partial, completed = contents(await stream(client, KLING, partial_images=previews))
    assert [event["partial_image_index"] for event in partial] == list(range(previews))
    assert {event["type"] for event in partial} <= {"image_generation.partial_image"}
    assert completed["type"] == "image_generation.completed"
    common = {"type", "b64_json", "created_at", "size", "quality", "background", "output_format"}
    assert all(set(event) == common | {"partial_image_index"} for event in partial)
    assert set(completed) == common | {"usage"}
    shown = [
        Image.open(BytesIO(base64.b64decode(event["b64_json"]))).convert("RGB")
        for event in (*partial, completed)
    ]
    assert {image.size for image in shown} == {(1360, 768)}
    distances = [distance(image, shown[-1]) for image in shown]
    assert distances == sorted(distances, reverse=True)
    assert len(set(distances)) == previews + 1
    (record,) = (await client.get("/v1/images")).json()["data"]
    assert (await client.get(record["url"])).content == base64.b64decode(completed["b64_json"])


@pytest.mark.parametrize("kinds", [("sse-openai",), ("sse-openai", "partial")])
async def test_openai_says_when_no_picture_came(
    connect: Connect, folder: Path, kinds: tuple[str, ...]
) -> None:
    client = connect(demo_app(folder))
    client.headers["X-Fault"] = ",".join(kinds)
    names = [event.name for event in await stream(client, KLING, partial_images=0)]
    assert names == (["error"] if "partial" in kinds else ["image_generation.completed"])


@pytest.mark.parametrize("model", MODELS)
async def test_the_seedreams_take_stream_and_the_others_do_not(
    client: httpx.AsyncClient, model: str
) -> None:
    request = {"model": model, "prompt": "a forbidden-demo fox", "stream": True}
    error = (await client.post(GENERATIONS, json=request)).json()["error"]
    seedream = "seedream" in model
    # What the model takes is refused only by the filter.
    code = "InputTextSensitiveContentDetected" if seedream else "unknown_parameter"
    assert error["code"] == code


@pytest.mark.parametrize("number", [-1, 4, "2", True])
async def test_a_number_of_previews_that_is_none_is_refused(
    connect: Connect, folder: Path, number: object
) -> None:
    client = connect(demo_app(folder, faults=Faults.parse(["sse-openai"])))
    request = {**KLING, **STREAM, "partial_images": number}
    answer = await client.post(GENERATIONS, json=request)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "partial_images")


async def test_seedream_has_no_previews(client: httpx.AsyncClient) -> None:
    answer = await client.post(GENERATIONS, json={**SEEDREAM, **STREAM, "partial_images": 1})
    assert answer.json()["error"]["code"] == "unknown_parameter"


@pytest.mark.parametrize("word", ["forbidden-demo", "failing-demo"])
async def test_a_refusal_is_no_stream(client: httpx.AsyncClient, word: str) -> None:
    request = {**SEEDREAM, **STREAM, "prompt": f"a {word} fox"}
    answer = await client.post(GENERATIONS, json=request)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"].endswith("SensitiveContentDetected")


@pytest.fixture
def no_folder(folder: Path) -> Path:
    """A file where the folder should be."""
    folder.write_bytes(b"")
    return folder


async def test_a_folder_that_cannot_be_written_is_no_stream(
    connect: Connect, no_folder: Path
) -> None:
    answer = await connect(demo_app(no_folder)).post(GENERATIONS, json={**SEEDREAM, **STREAM})
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "api_error")


async def test_a_stream_that_is_asked_for_again_is_told_again(
    connect: Connect, folder: Path
) -> None:
    app = demo_app(folder)
    client = connect(app)
    client.headers["Idempotency-Key"] = "press 1"
    assert await stream(client, SEEDREAM) == await stream(client, SEEDREAM)
    assert app.state.traffic.carried_out == {"a lighthouse": 1}


def test_pictures_come_over_the_socket_as_they_are_done(
    serve: Serve, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = threading.Event()

    def paint_in_turn(painting: Painting) -> Image.Image:
        assert not painting.index or shown.wait(PATIENCE)
        return plain_picture(painting)

    monkeypatch.setattr("tui.demo.generation.paint", paint_in_turn)
    origin = serve(demo_app(folder))
    headers = {"Authorization": "Bearer sk-demo"}
    request = {**SEEDREAM, **GROUP, **STREAM}
    with asking(origin + GENERATIONS, "POST", headers=headers, content=request) as connection:
        came = b""
        # The others are painted only once the first has come.
        while b"partial_succeeded" not in came:
            came += connection.recv(4096)
        shown.set()
        came += whole(connection).data
    assert came.count(b"event: image_generation.partial_succeeded") == 3


def test_a_client_that_leaves_a_stream_is_charged_all_the_same(serve: Serve, folder: Path) -> None:
    app = demo_app(folder)
    origin = serve(app)
    headers = {"Authorization": "Bearer sk-demo"}
    with asking(
        origin + GENERATIONS, "POST", headers=headers, content={**SEEDREAM, **GROUP, **STREAM}
    ) as connection:
        connection.recv(1)
    while not app.state.traffic.pictures:
        httpx.get(f"{origin}/v1/models", headers=headers)
    (record,) = httpx.get(f"{origin}/v1/images", headers=headers).json()["data"]
    assert (record["status"], app.state.traffic.pictures) == ("completed", 3)
