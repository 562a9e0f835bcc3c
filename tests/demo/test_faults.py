from __future__ import annotations

import asyncio
import base64
import json
import math
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.conftest import Connect, generation_begun
from tests.demo.pictures import opened, picture
from tui.demo.faults import KINDS, Faults, operation_of
from tui.demo.links import Links
from tui.demo.records import Record, Records
from tui.demo.server import demo_app

GENERATIONS = "/v1/images/generations"
REQUEST = {"model": "kling-image-o1", "prompt": "a lighthouse", "size": "1360x768"}
PICTURE = picture(64, 64)

REFUSALS = {
    "data-empty": 200,
    "error-in-200": 200,
    "async-task": 200,
    "size-400": 400,
    "moderation-400": 400,
    "moderation-422": 422,
    "unknown-parameter-400": 400,
    "billing-400": 400,
    "401": 401,
    "402": 402,
    "403-frozen": 403,
    "403-waf-html": 403,
    "404-model": 404,
    "413-html": 413,
    "429": 429,
    "429-retry-after": 429,
    "429-no-credit": 429,
    "503-detail": 503,
}
PAGES = {
    "403-waf-html": "403 Forbidden",
    "413-html": "413 Request Entity Too Large",
}


@pytest.fixture
def faulty(folder: Path, connect: Connect) -> Any:
    """A client of an endpoint that plays the faults named."""
    return lambda *specs: connect(demo_app(folder, faults=Faults.parse(specs)))


async def generate(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await client.post(GENERATIONS, json={**REQUEST, **more})


async def records(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = (await client.get("/v1/images")).json()["data"]
    return content


def keep(folder: Path) -> Record:
    records = Records(folder)
    record_id = records.new_id()
    name = f"{record_id}-1.png"
    record = Record(record_id, "glm-image", "a fox", "completed", int(time.time()), (name,))
    records.save("sk-demo", record, [PICTURE])
    return record


def link(folder: Path, record: Record) -> str:
    return Links(folder).sign(record.pictures[0], int(time.time()) + 60)


# Names, rates and dice.


def test_every_fault_has_a_sentence_and_is_played_by_one_operation() -> None:
    assert all(meaning.endswith(".") and len(meaning) > 10 for meaning in KINDS.values())
    assert {operation_of(kind) for kind in KINDS} == {
        "generate", "list", "content", "download", "delete", "models",
    }  # fmt: skip


def test_specs_give_a_rate_or_always() -> None:
    faults = Faults.parse(["429", "reset=0.25", "slow=0"])
    assert faults.rates == {"429": 1.0, "reset": 0.25, "slow": 0.0}


@pytest.mark.parametrize("spec", ["", "nonsense", "429 ", "=0.5", "nonsense=0.5"])
def test_an_unknown_fault_is_refused_with_the_known_ones(spec: str) -> None:
    with pytest.raises(ValueError, match=r"There is no fault .*; the faults are ok-url, .*429"):
        Faults.parse([spec])


@pytest.mark.parametrize("rate", ["", "1.1", "-0.1", "nan", "inf", "often", "0.5=1"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="The rate of the fault '429' must be a number from 0"):
        Faults.parse([f"429={rate}"])


def test_the_same_seed_meets_the_same_faults_and_another_seed_does_not() -> None:
    def drawn(seed: int) -> list[str | None]:
        faults = Faults.parse(["429=0.4", "reset=0.4"], seed=seed)
        return [faults.draw("generate") for _ in range(60)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_one_fault_does_not_shift_the_sequence_of_another() -> None:
    alone, beside = Faults.parse(["reset=0.5"]), Faults.parse(["reset=0.5", "429=0.5"])
    for _ in range(60):
        if (fault := alone.draw("generate")) is not None:
            assert beside.draw("generate") == fault
        else:
            assert beside.draw("generate") != "reset"


def test_a_rate_is_the_share_of_requests_that_meet_the_fault() -> None:
    faults = Faults.parse(["429=0.3"])
    met = sum(faults.draw("generate") == "429" for _ in range(2000))
    assert math.isclose(met / 2000, 0.3, abs_tol=0.04)


def test_a_fault_is_drawn_for_its_own_operation_alone() -> None:
    faults = Faults.parse(["list-405"])
    assert faults.draw("generate") is None
    assert faults.draw("list") == "list-405"


def test_no_faults_are_played_by_default() -> None:
    assert Faults().draw("generate") is None


# Generations that are refused: nothing is made.


@pytest.mark.parametrize(("kind", "status"), REFUSALS.items())
async def test_a_refusal_has_its_status_and_leaves_no_record(
    faulty: Any, kind: str, status: int
) -> None:
    client = faulty(kind)
    assert (await generate(client)).status_code == status
    assert await records(client) == []


@pytest.mark.parametrize(("kind", "title"), PAGES.items())
async def test_a_gateway_refuses_with_an_html_page(faulty: Any, kind: str, title: str) -> None:
    answer = await generate(faulty(kind))
    assert answer.status_code == int(kind[:3])
    assert answer.headers["content-type"].startswith("text/html")
    assert title in answer.text


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("moderation-400", {"type": "image_generation_user_error", "code": "moderation_blocked"}),
        ("error-in-200", {"type": "", "code": "OutputImageSensitiveContentDetected"}),
        ("size-400", {"param": "size", "code": "InvalidParameter"}),
        ("billing-400", {"code": "billing_hard_limit_reached"}),
        ("401", {"type": "invalid_api_key"}),
        ("402", {"type": "insufficient_balance"}),
        ("403-frozen", {"type": "api_key_frozen"}),
        ("404-model", {"type": "model_not_found"}),
        ("429", {"type": "rate_limit_error"}),
        ("429-no-credit", {"code": "1113"}),
    ],
)
async def test_a_refusal_has_the_error_of_its_kind(
    faulty: Any, kind: str, error: dict[str, str]
) -> None:
    answer = (await generate(faulty(kind))).json()["error"]
    assert error.items() <= answer.items()
    assert answer["message"]


async def test_the_unknown_parameter_is_the_last_that_the_request_has(faulty: Any) -> None:
    client = faulty("unknown-parameter-400")
    error = (await generate(client, n=1)).json()["error"]
    assert (error["code"], error["param"]) == ("unknown_parameter", "n")
    assert "'n'" in error["message"]


async def test_only_one_of_the_rate_limits_says_when_to_come_back(faulty: Any) -> None:
    assert (await generate(faulty("429-retry-after"))).headers["retry-after"] == "2"
    assert "retry-after" not in (await generate(faulty("429"))).headers


async def test_other_servers_put_their_errors_elsewhere(faulty: Any) -> None:
    assert (await generate(faulty("503-detail"))).json() == {"detail": "No available provider"}
    assert (await generate(faulty("500"))).json()["error"] == "server_error"
    wrapped = (await generate(faulty("moderation-422"))).json()["error"]["message"]
    assert json.loads(wrapped)["error"]["code"] == "content_policy_violation"
    assert (await generate(faulty("data-empty"))).json()["data"] == []
    assert "task_id" in (await generate(faulty("async-task"))).json()["data"]


async def test_an_early_reset_makes_nothing(faulty: Any) -> None:
    client = faulty("reset-early")
    with pytest.raises(ConnectionResetError):
        await generate(client)
    assert await records(client) == []


async def test_a_client_that_hears_of_no_exceptions_gets_an_answer_that_breaks_off(
    folder: Path,
) -> None:
    app = demo_app(folder, faults=Faults.parse(["reset-early"]))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        answer = await client.post(
            GENERATIONS, json=REQUEST, headers={"authorization": "Bearer sk-demo"}
        )
    assert (answer.headers["content-length"], answer.content) == ("1", b"")


async def test_a_server_error_leaves_a_failed_record(faulty: Any) -> None:
    client = faulty("500")
    assert (await generate(client)).status_code == 500
    (record,) = await records(client)
    assert (record["status"], record["error"]["type"]) == ("failed", "api_error")


# Generations that are carried out, whatever the client hears.


@pytest.mark.parametrize("kind", ["truncated-json", "garbage"])
async def test_an_answer_that_is_no_json_was_charged(faulty: Any, kind: str) -> None:
    client = faulty(kind)
    answer = await generate(client)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="line 1"):
        answer.json()
    (record,) = await records(client)
    assert record["status"] == "completed"


@pytest.mark.parametrize(
    ("kind", "title"),
    [("502-html", "502 Bad Gateway"), ("524-html", "524: A timeout occurred")],
)
async def test_a_gateway_that_gave_up_was_charged(faulty: Any, kind: str, title: str) -> None:
    client = faulty(kind)
    answer = await generate(client)
    assert answer.status_code == int(kind[:3])
    assert answer.headers["content-type"].startswith("text/html")
    assert title in answer.text
    (record,) = await records(client)
    assert record["status"] == "completed"


async def test_a_reset_comes_after_the_charge(faulty: Any) -> None:
    client = faulty("reset")
    with pytest.raises(ConnectionResetError):
        await generate(client)
    (record,) = await records(client)
    assert opened((await client.get(record["url"])).content).size == (1360, 768)


@pytest.mark.parametrize(
    ("kind", "asked", "given"), [("ok-b64", "url", "b64_json"), ("ok-url", "b64_json", "url")]
)
async def test_the_response_format_can_be_ignored(
    faulty: Any, kind: str, asked: str, given: str
) -> None:
    (item,) = (await generate(faulty(kind), response_format=asked)).json()["data"]
    assert given in item
    assert asked not in item


async def test_a_url_can_be_bare_base64(faulty: Any) -> None:
    (item,) = (await generate(faulty("url-is-base64"))).json()["data"]
    assert opened(base64.b64decode(item["url"], validate=True)).size == (1360, 768)


async def test_a_url_can_be_a_path_of_the_api(faulty: Any) -> None:
    client = faulty("url-relative")
    first, second = (await generate(client, n=2)).json()["data"]
    assert first["url"].startswith("/v1/images/img_")
    contents = [
        (await client.get(item["url"], follow_redirects=True)).content for item in (first, second)
    ]
    assert [opened(content).size for content in contents] == [(1360, 768)] * 2
    assert contents[0] != contents[1]


async def test_a_url_can_be_a_file_on_the_server(faulty: Any) -> None:
    (item,) = (await generate(faulty("url-filepath"))).json()["data"]
    assert item["url"].startswith("/srv/images/")
    assert item["url"].endswith(".png")


async def test_the_size_can_be_ignored(faulty: Any) -> None:
    client = faulty("size-ignored")
    (item,) = (await generate(client)).json()["data"]
    assert opened((await client.get(item["url"])).content).size == (768, 768)


async def test_the_number_can_be_ignored(faulty: Any) -> None:
    assert len((await generate(faulty("count-ignored"), n=2)).json()["data"]) == 1


async def test_a_part_of_the_pictures_can_fail(faulty: Any) -> None:
    client = faulty("partial")
    answer = (await generate(client, n=2)).json()
    good, bad = answer["data"]
    assert "url" in good
    assert set(bad) == {"error"}
    assert set(bad["error"]) == {"code", "message"}
    assert answer["usage"]["generated_images"] == 1
    (record,) = await records(client)
    assert record["status"] == "completed"


async def test_the_only_picture_can_fail(faulty: Any) -> None:
    client = faulty("partial")
    answer = (await generate(client)).json()
    assert [set(item) for item in answer["data"]] == [{"error"}]
    assert answer["usage"]["generated_images"] == 0
    (record,) = await records(client)
    assert (record["status"], record["url"]) == ("failed", None)


async def test_a_slow_generation_is_still_going_when_its_client_gives_up(
    folder: Path, connect: Connect
) -> None:
    client = connect(demo_app(folder, faults=Faults({"slow": 1.0}, slow_seconds=0.2)))
    request = asyncio.create_task(generate(client))
    await generation_begun()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    while not await records(client):
        pass


# The other routes.


@pytest.mark.parametrize(
    ("kind", "status"),
    [("list-401", 401), ("list-404", 404), ("list-405", 405), ("list-429", 429), ("list-500", 500)],
)
async def test_a_listing_can_be_refused(faulty: Any, kind: str, status: int) -> None:
    assert (await faulty(kind).get("/v1/images")).status_code == status


async def test_a_listing_can_be_text_or_be_cut(faulty: Any) -> None:
    answer = await faulty("list-garbage").get("/v1/images")
    assert answer.headers["content-type"].startswith("text/plain")
    with pytest.raises(ConnectionResetError):
        await faulty("list-reset").get("/v1/images")


async def test_the_models_may_not_exist(faulty: Any) -> None:
    assert (await faulty("models-404").get("/v1/models")).status_code == 404


async def test_a_record_may_not_be_found(faulty: Any, folder: Path) -> None:
    record = keep(folder)
    client = faulty("delete-404", "content-404")
    assert (await client.delete(f"/v1/images/{record.id}")).status_code == 404
    assert (await client.get(f"/v1/images/{record.id}/content")).status_code == 404
    assert len(await records(client)) == 1


@pytest.mark.parametrize(("kind", "status"), [("download-403", 403), ("download-404", 404)])
async def test_a_download_can_be_refused_as_an_object_store_refuses(
    faulty: Any, folder: Path, kind: str, status: int
) -> None:
    answer = await faulty(kind).get(link(folder, keep(folder)))
    assert answer.status_code == status
    assert "<Error><Code>" in answer.text


async def test_a_download_can_be_something_else(faulty: Any, folder: Path) -> None:
    path = link(folder, keep(folder))
    page = await faulty("download-html").get(path)
    assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")
    text = await faulty("download-not-image").get(path)
    assert (text.headers["content-type"], text.json()) == ("image/png", {"status": "ok"})
    half = await faulty("download-truncated").get(path)
    assert half.content == PICTURE[: len(PICTURE) // 2]
    with pytest.raises(ConnectionResetError):
        await faulty("download-reset").get(path)


async def test_content_as_binary_is_a_download_too(faulty: Any, folder: Path) -> None:
    record = keep(folder)
    answer = await faulty("download-html").get(f"/v1/images/{record.id}/content?format=binary")
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_redirect_can_lead_to_another_origin_which_refuses_the_key(
    faulty: Any, folder: Path
) -> None:
    record = keep(folder)
    client = faulty("content-cross-origin-302")
    answer = await client.get(f"/v1/images/{record.id}/content")
    target = httpx.URL(answer.headers["location"])
    assert target.host not in ("demo", "")
    refused = await client.get(target)
    assert (refused.status_code, "Only one auth mechanism" in refused.text) == (400, True)
    del client.headers["authorization"]
    assert (await client.get(target)).content == PICTURE
