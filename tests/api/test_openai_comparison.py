"""OpenAI's own client and this project's, against one endpoint: both have the same from it."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from PIL import Image

from tests.api.origins import CANARY, canary
from tests.demo.conftest import plain_picture, running
from tests.demo.pictures import data_url, mask, picture
from tui.api.client import Arrival, Generation, ImagesClient, ReferenceImage
from tui.api.errors import ApiError
from tui.config import EndpointSettings
from tui.demo.painter import Painting
from tui.demo.server import demo_app
from tui.demo.traffic import EDITS, GENERATIONS, Traffic

KLING = "kling-image-o1"


def small_picture(painting: Painting) -> Image.Image:
    """A picture that is the same each time, where nobody asked for a seed as well."""
    seed = painting.seed if painting.seed < 1000 else 0
    return plain_picture(replace(painting, seed=seed, width=32, height=24))


@dataclass
class Demo:
    """The endpoint, and both clients of it."""

    base_url: str
    traffic: Traffic
    _theirs: list[openai.AsyncOpenAI] = field(default_factory=list)

    def ours(self, *faults: str) -> ImagesClient:
        headers = {"X-Fault": ",".join(faults)} if faults else {}
        return ImagesClient(EndpointSettings(base_url=self.base_url, headers=headers), canary())

    def theirs(self, *faults: str) -> openai.AsyncOpenAI:
        headers = {"X-Fault": ",".join(faults)} if faults else {}
        client = openai.AsyncOpenAI(
            api_key=CANARY, base_url=self.base_url, max_retries=0, default_headers=headers
        )
        self._theirs.append(client)
        return client

    async def close(self) -> None:
        """Close their clients, whose connections stay open otherwise."""
        while self._theirs:
            await self._theirs.pop().close()

    @contextmanager
    def asked(self) -> Iterator[Counter[str]]:
        """The requests that came while the block ran, by method and kind of path."""
        before, asked = self.traffic.requests.copy(), Counter[str]()
        yield asked
        for request, count in (self.traffic.requests - before).items():
            method, _, path = request.partition(" ")
            asked[f"{method} {'/media' if path.startswith('/media') else path}"] += count


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    app = demo_app(tmp_path_factory.mktemp("demo"))
    with pytest.MonkeyPatch.context() as patch, running(app) as origin:
        patch.setattr("tui.demo.generation.paint", small_picture)
        yield Demo(f"{origin}/v1", app.state.traffic)


@pytest.fixture
async def demo(endpoint: Demo) -> AsyncIterator[Demo]:
    yield endpoint
    await endpoint.close()


async def their_pictures(answer: Any) -> list[bytes]:
    found = []
    for item in answer.data:
        if item.b64_json is not None:
            found.append(base64.b64decode(item.b64_json))
        else:
            async with httpx.AsyncClient() as client:
                found.append((await client.get(item.url)).raise_for_status().content)
    return found


async def our_pictures(
    client: ImagesClient, generation: Generation, folder: Path
) -> list[bytes | None]:
    found = []
    for number, image in enumerate(generation.images):
        if image.url is None:
            found.append(image.data)
        else:
            await client.download(image.url, folder / f"{number}")
            found.append((folder / f"{number}").read_bytes())
    return found


@pytest.mark.parametrize(
    ("model", "parameters", "count"),
    [
        (KLING, {}, 1),
        (KLING, {"response_format": "url", "size": "1k"}, 1),
        (KLING, {"response_format": "b64_json"}, 1),
        (KLING, {"n": 3}, 3),
        (KLING, {"n": 2, "response_format": "b64_json"}, 2),
        ("seedream-4.0", {"seed": 7, "size": "1K", "watermark": False}, 1),
        ("seedream-4.0", {"seed": 8, "image": [data_url(picture())]}, 1),
        ("seedream-4.5", {"seed": 9, "sequential_image_generation": "auto"}, 3),
        ("nano-banana-pro", {"ratio": "16:9", "quality": "2K"}, 1),
        ("glm-image", {}, 1),
    ],
)
async def test_a_success_gives_both_the_same_pictures(
    demo: Demo, tmp_path: Path, model: str, parameters: dict[str, Any], count: int
) -> None:
    prompt = f"a series of {count} foxes"
    with demo.asked() as by_them:
        answer = await demo.theirs().images.generate(
            model=model, prompt=prompt, extra_body=parameters
        )
        theirs = await their_pictures(answer)
    with demo.asked() as by_us:
        client = demo.ours()
        generation = await client.generate(model, prompt, parameters)
        ours = await our_pictures(client, generation, tmp_path)
    assert ours == theirs
    assert len(ours) == count
    assert by_us == by_them
    assert generation.served_by == answer.model_extra["model"]
    assert answer.usage is not None
    assert generation.usage == answer.usage.to_dict()
    assert generation.created is not None
    assert abs(generation.created.timestamp() - answer.created) < 60


@pytest.mark.parametrize("number", [1, 2])
async def test_an_edit_of_both_is_the_same_request_with_the_same_pictures(
    demo: Demo, tmp_path: Path, number: int
) -> None:
    references, cover = [picture(300, 300), picture(400, 300)][:number], mask(300, 300)
    files = [(f"image-{n}.png", data, "image/png") for n, data in enumerate(references, start=1)]
    with demo.asked() as by_them:
        answer = await demo.theirs().images.edit(
            image=files[0] if number == 1 else files,
            mask=("mask.png", cover, "image/png"),
            model=KLING,
            prompt="a fox",
            n=2,
        )
        theirs = await their_pictures(answer)
    client = ImagesClient(EndpointSettings(base_url=demo.base_url, references="edits"), canary())
    images = [
        *(ReferenceImage(data=data, media_type="image/png") for data in references),
        ReferenceImage(data=cover, media_type="image/png", is_mask=True),
    ]
    with demo.asked() as by_us:
        generation = await client.generate(KLING, "a fox", {"n": 2}, images)
        ours = await our_pictures(client, generation, tmp_path)
    assert ours == theirs
    assert len(ours) == 2
    assert by_us == by_them == {f"POST {EDITS}": 1, "GET /media": 2}


async def test_a_stream_of_an_edit_brings_previews_and_the_picture(demo: Demo) -> None:
    asked = {"stream": True, "partial_images": 1}
    stream = await demo.theirs("sse-openai").images.edit(
        image=("image-1.png", picture(300, 300), "image/png"), model=KLING, prompt="a fox", **asked
    )
    theirs = [(event.type, base64.b64decode(event.b64_json)) async for event in stream]
    assert [kind for kind, _ in theirs] == ["image_edit.partial_image", "image_edit.completed"]
    settings = EndpointSettings(
        base_url=demo.base_url, references="edits", headers={"X-Fault": "sse-openai"}
    )
    arrivals: list[Arrival] = []
    reference = ReferenceImage(data=picture(300, 300), media_type="image/png")
    generation = await ImagesClient(settings, canary()).generate(
        KLING, "a fox", asked, [reference], told=arrivals.append
    )
    assert [arrival.image.data for arrival in arrivals] == [data for _, data in theirs]
    assert [image.data for image in generation.images] == [theirs[-1][1]]


def error_in(body: object) -> object:
    """The `error` of an answer, as OpenAI's client has it."""
    return body.get("error", body) if isinstance(body, Mapping) else body


def parsed(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body


def assert_same(ours: ApiError, theirs: openai.APIStatusError) -> None:
    """Both say the same, each in its own way."""
    assert ours.status == theirs.status_code
    assert ours.request_id
    assert theirs.request_id
    error = error_in(parsed(ours.body))
    # The id is another one for another request.
    their_error = str(theirs.body).replace(theirs.request_id, "")
    assert str(error).replace(ours.request_id, "").strip() == their_error
    if isinstance(error, dict):
        own = [error.get(name) for name in ("type", "param", "code")]
        # Some codes are numbers.
        assert list(map(str, own)) == list(map(str, (theirs.type, theirs.param, theirs.code)))
        message = str(error.get("message", "")).partition(" safety_violations")[0]
        assert message in ours.message


STATUSES = {
    400: "size-400 size-tier-400 size-choice-400 moderation-400 ark-prompt-400 ark-picture-400"
    " kling-1301-400 gemini-safety-400 unknown-parameter-400 litellm-400 reference-400 billing-400"
    " credits-400 message-400 msg-400 detail-400 code-400 success-400 plain-400",
    401: "401",
    402: "402",
    403: "403-frozen 403-model 403-overdue 403-waf-html",
    404: "404-model",
    413: "413-html 413-text",
    422: "422-detail",
    429: "429 429-retry-after 429-limit-0 429-kling-1303 429-zai-1305 429-no-credit",
    500: "500 500-model",
    502: "502 502-html",
    503: "503-model 503-detail 503-retry-after",
    504: "504-html 504-nginx",
    520: "520-html",
    524: "524-html",
}
ERRORS = [(kind, status) for status, kinds in STATUSES.items() for kind in kinds.split()]


@pytest.mark.parametrize(("kind", "status"), ERRORS)
async def test_an_error_is_the_same_error_to_both(demo: Demo, kind: str, status: int) -> None:
    with demo.asked() as by_them, pytest.raises(openai.APIStatusError) as theirs:
        await demo.theirs(kind).images.generate(model=KLING, prompt="a fox")
    with demo.asked() as by_us, pytest.raises(ApiError) as ours:
        await demo.ours(kind).generate(KLING, "a fox", {})
    assert by_us == by_them == {f"POST {GENERATIONS}": 1}
    assert theirs.value.status_code == status
    assert_same(ours.value, theirs.value)


@pytest.mark.parametrize(
    ("model", "prompt", "parameters"),
    [
        ("seedream-4.5", "a fox", {"size": "1024x1024"}),
        ("dall-e-9", "a fox", {}),
        (KLING, "", {}),
        (KLING, "a fox", {"n": 99}),
        (KLING, "a fox", {"background": "transparent"}),
        (KLING, "a fox" * 1000, {}),
        ("seedream-4.0", "a fox", {"image": "data:image/png;base64,AAAA"}),
    ],
)
async def test_a_request_that_is_refused_is_refused_to_both_alike(
    demo: Demo, model: str, prompt: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(openai.APIStatusError) as theirs:
        await demo.theirs().images.generate(model=model, prompt=prompt, extra_body=parameters)
    with pytest.raises(ApiError) as ours:
        await demo.ours().generate(model, prompt, parameters)
    assert_same(ours.value, theirs.value)


@pytest.mark.parametrize("kind", ["reset", "close", "reset-early", "not-http", "cut-length"])
async def test_a_lost_answer_is_lost_to_both_after_one_request(demo: Demo, kind: str) -> None:
    with demo.asked() as by_them, pytest.raises((openai.APIConnectionError, httpx.HTTPError)):
        await demo.theirs(kind).images.generate(model=KLING, prompt="a fox")
    with demo.asked() as by_us, pytest.raises(ApiError) as ours:
        await demo.ours(kind).generate(KLING, "a fox", {})
    assert by_us == by_them == {f"POST {GENERATIONS}": 1}
    assert ours.value.charged == "maybe"


async def test_a_stream_brings_both_the_same_previews_and_the_same_picture(demo: Demo) -> None:
    asked = {"stream": True, "partial_images": 2}
    with demo.asked() as by_them:
        stream = await demo.theirs("sse-openai").images.generate(
            model=KLING, prompt="a fox", **asked
        )
        theirs = [
            (event.type == "image_generation.partial_image", base64.b64decode(event.b64_json))
            async for event in stream
        ]
    arrivals: list[Arrival] = []
    with demo.asked() as by_us:
        generation = await demo.ours("sse-openai").generate(
            KLING, "a fox", asked, told=arrivals.append
        )
    ours = [(arrival.preview, arrival.image.data) for arrival in arrivals]
    assert ours == theirs
    assert [preview for preview, _ in ours] == [True, True, False]
    assert [image.data for image in generation.images] == [theirs[-1][1]]
    assert by_us == by_them


async def test_both_list_the_same_models(demo: Demo) -> None:
    theirs = [(model.id, model.owned_by) async for model in demo.theirs().models.list()]
    assert [(model.id, model.owned_by) for model in await demo.ours().models()] == theirs
    with pytest.raises(openai.APIStatusError) as their_error:
        await demo.theirs("models-401").models.list()
    with pytest.raises(ApiError) as our_error:
        await demo.ours("models-401").models()
    assert_same(our_error.value, their_error.value)


async def got(client: openai.AsyncOpenAI, path: str) -> Any:
    return (await client.get(path, cast_to=httpx.Response)).json()


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_both_page_through_the_same_records(demo: Demo, order: Any) -> None:
    ours, theirs = demo.ours(), demo.theirs()
    for number in range(3):
        await ours.generate("glm-image", f"a fox {number}", {})
    with pytest.raises(ApiError):
        await ours.generate("glm-image", "failing-demo", {})
    after, seen = "", 0
    while True:
        cursor = f"&after={after}" if after else ""
        their_page = await got(theirs, f"/images?limit=2&order={order}{cursor}")
        page = await ours.records(limit=2, order=order, after=after or None)
        assert [
            {
                "id": record.id,
                "status": record.status,
                "model": record.model,
                "prompt": record.prompt,
                "created_at": record.created.timestamp(),
                "url": record.url,
            }
            for record in page.records
        ] == [
            {name: value for name, value in record.items() if name not in ("object", "error")}
            for record in their_page["data"]
        ]
        for record, their_record in zip(page.records, their_page["data"], strict=True):
            assert (record.error or "") == (their_record["error"] or {}).get("message", "")
        assert page.has_more is their_page["has_more"]
        assert (page.first_id, page.last_id) == (their_page["first_id"], their_page["last_id"])
        seen += len(page.records)
        if not page.has_more:
            break
        after = page.last_id or ""
    assert seen >= 4


async def test_content_leads_both_to_the_same_picture(demo: Demo, tmp_path: Path) -> None:
    ours, theirs = demo.ours(), demo.theirs()
    await ours.generate("glm-image", "a fox in the content", {})
    (record, *_) = (await ours.records(limit=1)).records
    content = f"/images/{record.id}/content"
    their_url = (await got(theirs, f"{content}?format=url"))["url"]
    our_url = await ours.content_url(record.id)
    assert httpx.URL(our_url).path == httpx.URL(their_url).path
    binary = await theirs.get(f"{content}?format=binary", cast_to=httpx.Response)
    await ours.download(our_url, tmp_path / "by-url")
    await ours.download_record(record.id, tmp_path / "by-record")
    assert (tmp_path / "by-url").read_bytes() == binary.content
    assert (tmp_path / "by-record").read_bytes() == binary.content
    with pytest.raises(openai.NotFoundError) as their_error:
        await got(theirs, "/images/img_none/content?format=url")
    with pytest.raises(ApiError) as our_error:
        await ours.content_url("img_none")
    assert_same(our_error.value, their_error.value)


async def test_both_delete_a_record_once(demo: Demo) -> None:
    ours, theirs = demo.ours(), demo.theirs()
    for prompt in ("for them", "for us"):
        await ours.generate("glm-image", prompt, {})
    last, first = (await ours.records(limit=2)).records
    answer = await theirs.delete(f"/images/{first.id}", cast_to=httpx.Response)
    assert answer.json() == {"id": first.id, "object": "image", "deleted": True}
    await ours.delete(last.id)
    kept = {record.id for record in (await ours.records(limit=100)).records}
    assert not kept & {first.id, last.id}
    for gone in (first.id, last.id):
        with pytest.raises(openai.NotFoundError) as their_error:
            await theirs.delete(f"/images/{gone}", cast_to=httpx.Response)
        with pytest.raises(ApiError) as our_error:
            await ours.delete(gone)
        assert_same(our_error.value, their_error.value)
