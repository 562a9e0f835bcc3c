"""The client against the demo endpoint, in process: every route, every fault that it can play."""

from __future__ import annotations

import asyncio

import pytest

from tui.api.client import ImagesClient, ReferenceImage
from tui.api.embedded import embedded
from tui.api.endpoints import open_client
from tui.api.errors import ApiError
from tui.config import BUILT_IN_ENDPOINTS, DEMO
from tui.demo.faults import Faults
from tui.demo.server import demo_app
from tui.images.verify import verify_image
from tui.keys import Secret
from tui.paths import Paths

MODEL = "seedream-4.0"
SIZE = {"size": "1280x720", "seed": 7}
KEY = Secret("sk-demo-key", "a test")


@pytest.fixture(autouse=True)
def attempts_follow_at_once(monkeypatch):
    monkeypatch.setattr("tui.api.downloads.PAUSES", (0.0, 0.0))


@pytest.fixture
async def opened(tmp_path):
    """Opens clients of one demo endpoint, with or without faults."""
    clients = []

    def open_with(*faults: str) -> ImagesClient:
        app = demo_app(tmp_path / "demo", faults=Faults.parse(faults))
        clients.append(ImagesClient(BUILT_IN_ENDPOINTS[DEMO], KEY, embedded(app)))
        return clients[-1]

    yield open_with
    for client in clients:
        await client.aclose()


async def failure(call) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await call
    return caught.value


async def test_a_picture_goes_the_whole_way(opened, tmp_path):
    client = opened()
    generation = await client.generate(MODEL, "A lighthouse keeper", SIZE)
    assert generation.served_by
    assert generation.request_id
    assert generation.usage["generated_images"] == 1
    (image,) = generation.images
    download = await client.download(image.url, tmp_path / "a")
    facts = verify_image(tmp_path / "a")
    assert (facts.width, facts.height) == (1280, 720)
    assert facts.bytes == download.bytes

    (record,) = (await client.records()).records
    assert (record.prompt, record.model, record.status) == (
        "A lighthouse keeper",
        MODEL,
        "completed",
    )
    again = await client.download_record(record.id, tmp_path / "b")
    assert again.sha256 == download.sha256
    third = await client.download(await client.content_url(record.id), tmp_path / "c")
    assert third.sha256 == download.sha256
    await client.delete(record.id)
    assert (await client.records()).records == ()
    assert (await failure(client.delete(record.id))).status == 404


async def test_records_are_paged_both_ways(opened):
    client = opened()
    for number in range(3):
        await client.generate(MODEL, f"picture {number}", SIZE)
    pages = []
    after = None
    while True:
        page = await client.records(limit=2, after=after)
        pages.append([record.prompt for record in page.records])
        if not page.has_more:
            break
        after = page.last_id
    assert pages == [["picture 2", "picture 1"], ["picture 0"]]
    oldest = await client.records(limit=1, order="asc")
    assert oldest.records[0].prompt == "picture 0"


async def test_models_are_listed(opened):
    assert MODEL in {model.id for model in await opened().models()}


async def test_references_are_understood(opened, tmp_path):
    client = opened()
    first = await client.generate(MODEL, "A fox", SIZE)
    await client.download(first.images[0].url, tmp_path / "a")
    data = await asyncio.to_thread((tmp_path / "a").read_bytes)
    kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    reference = ReferenceImage(data=data, media_type=kind)
    assert (await client.generate(MODEL, "Same, at night", SIZE, [reference])).images


async def test_a_parameter_out_of_range_is_named(opened):
    error = await failure(opened().generate(MODEL, "A fox", {"size": "64x64"}))
    assert (error.kind, error.charged, error.parameter) == ("invalid_request", "no", "size")


GENERATIONS = {
    "data-empty": ("bad_response", "maybe"),
    "error-in-200": ("content_filter", "no"),
    "async-task": ("bad_response", "maybe"),
    "url-filepath": ("bad_response", "maybe"),
    "truncated-json": ("bad_response", "maybe"),
    "garbage": ("bad_response", "maybe"),
    "502-html": ("gateway", "maybe"),
    "524-html": ("gateway", "maybe"),
    "reset": ("unknown_outcome", "maybe"),
    "reset-early": ("unknown_outcome", "maybe"),
    "size-400": ("invalid_request", "no"),
    "moderation-400": ("content_filter", "no"),
    "moderation-422": ("content_filter", "no"),
    "unknown-parameter-400": ("invalid_request", "no"),
    "billing-400": ("no_credit", "no"),
    "401": ("auth", "no"),
    "402": ("no_credit", "no"),
    "403-frozen": ("forbidden", "no"),
    "403-waf-html": ("gateway", "no"),
    "404-model": ("model_not_found", "no"),
    "413-html": ("too_large", "no"),
    "429": ("rate_limited", "no"),
    "429-retry-after": ("rate_limited", "no"),
    "429-no-credit": ("no_credit", "no"),
    "500": ("server", "maybe"),
    "503-detail": ("model_not_found", "no"),
}


@pytest.mark.parametrize("fault", GENERATIONS)
async def test_a_fault_of_a_generation_is_told_as_it_is(opened, fault):
    error = await failure(opened(fault).generate(MODEL, "A fox", SIZE))
    assert (error.kind, error.charged) == GENERATIONS[fault]


@pytest.mark.parametrize("fault", ["ok-url", "ok-b64", "url-is-base64", "url-relative"])
async def test_a_picture_comes_in_every_form(opened, tmp_path, fault):
    client = opened(fault)
    (image,) = (await client.generate(MODEL, "A fox", SIZE)).images
    target = tmp_path / "a"
    if image.data is None:
        await client.download(image.url, target)
    else:
        await asyncio.to_thread(target.write_bytes, image.data)
    assert verify_image(target).width > 0


async def test_a_partial_failure_keeps_what_was_made(opened):
    client = opened("partial")
    images = (await client.generate("kling-image-o1", "A fox", {"n": 3})).images
    assert [bool(image.url) for image in images] == [True, True, False]
    assert images[2].error


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("list-401", "auth"),
        ("list-404", "invalid_request"),
        ("list-405", "invalid_request"),
        ("list-429", "rate_limited"),
        ("list-500", "server"),
        ("list-garbage", "bad_response"),
        ("list-reset", "gateway"),
    ],
)
async def test_a_fault_of_the_listing_costs_nothing(opened, fault, kind):
    error = await failure(opened(fault).records())
    assert (error.kind, error.charged) == (kind, "no")


@pytest.mark.parametrize(
    "fault",
    "download-403 download-404 download-html download-not-image download-reset".split(),
)
async def test_a_fault_of_a_download_leaves_no_file(opened, tmp_path, fault):
    client = opened(fault)
    (image,) = (await client.generate(MODEL, "A fox", {**SIZE, "response_format": "url"})).images
    error = await failure(client.download(image.url, tmp_path / "a"))
    assert (error.kind, error.charged) == ("download", "yes")
    assert not (tmp_path / "a").exists()


async def test_other_routes_that_fail_are_told(opened):
    assert (await failure(opened("content-404").content_url("x"))).status == 404
    assert (await failure(opened("delete-404").delete("x"))).status == 404
    assert (await failure(opened("models-404").models())).status == 404


async def test_a_cancelled_generation_is_made_and_recorded_all_the_same(tmp_path, opened):
    client = opened()
    task = asyncio.create_task(client.generate(MODEL, "A fox", SIZE))
    await asyncio.sleep(0)
    while not (tmp_path / "demo").exists():  # noqa: ASYNC110 - only the folder tells
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await client.aclose()
    (record,) = (await opened().records()).records
    assert record.prompt == "A fox"


async def test_the_demo_opens_by_name_without_a_key(tmp_path, monkeypatch):
    monkeypatch.setenv("DARKROOM_DEMO_LATENCY", "0")
    paths = Paths(tmp_path, tmp_path, tmp_path)
    client = await asyncio.to_thread(open_client, DEMO, BUILT_IN_ENDPOINTS[DEMO], paths)
    assert (await client.generate(MODEL, "A fox", SIZE)).images
    assert paths.demo.is_dir()
    await client.aclose()


async def test_an_application_that_fails_is_a_lost_connection():
    async def broken(scope, receive, send):
        raise RuntimeError("a fault of the application")

    from starlette.applications import Starlette

    app = Starlette()
    app.middleware_stack = broken
    client = ImagesClient(BUILT_IN_ENDPOINTS[DEMO], KEY, embedded(app))
    error = await failure(client.generate("m", "p", {}))
    assert (error.kind, error.charged) == ("unknown_outcome", "maybe")


async def test_pictures_of_a_stream_come_one_by_one_in_process_too(opened):
    client = opened()
    arrived: list[int] = []
    parameters = {
        **SIZE, "stream": True, "sequential_image_generation": "auto",
        "sequential_image_generation_options": {"max_images": 2},
    }  # fmt: skip

    def told(arrival) -> None:
        arrived.append(arrival.number)

    generation = await client.generate(MODEL, "A pier, 2 images", parameters, told=told)
    # The one that is painted first comes first.
    assert sorted(arrived) == [1, 2][: len(generation.images)]
    assert all(image.url for image in generation.images)


async def test_previews_come_before_the_picture_in_process_too(opened):
    arrivals = []
    settings_with_previews = {**SIZE, "stream": True, "partial_images": 2}
    client = opened("sse-openai")
    generation = await client.generate(
        MODEL, "A pier", settings_with_previews, told=arrivals.append
    )
    assert [arrival.preview for arrival in arrivals] == [True, True, False]
    assert len(generation.images) == 1
