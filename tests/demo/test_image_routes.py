from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.conftest import Connect
from tests.demo.pictures import picture
from tui.demo.limits import MODELS
from tui.demo.links import Links
from tui.demo.records import Record, RecordError, Records
from tui.demo.server import demo_app

PICTURE = picture(64, 64)


def keep(folder: Path, number: int = 0, key: str = "sk-demo", pictures: int = 1) -> Record:
    """A record as a generation would have left it; a failed one where it has no picture."""
    records = Records(folder)
    record_id = records.new_id()
    names = tuple(f"{record_id}-{index}.png" for index in range(1, pictures + 1))
    error = None if pictures else RecordError("The server had an error.", "api_error")
    status: Any = "completed" if pictures else "failed"
    now = int(time.time())
    record = Record(record_id, "glm-image", f"prompt {number}", status, now, names, error)
    records.save(key, record, [PICTURE + bytes([index]) for index in range(pictures)])
    return record


async def listing(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/images", params=query)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def test_an_empty_listing_has_no_first_and_last_id(client: httpx.AsyncClient) -> None:
    assert await listing(client) == {
        "object": "list",
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }


async def test_a_listing_shows_twenty_records_newest_first(
    client: httpx.AsyncClient, folder: Path
) -> None:
    kept = [keep(folder, number).id for number in range(21)]
    page = await listing(client)
    assert [record["id"] for record in page["data"]] == kept[:0:-1]
    assert (page["first_id"], page["last_id"]) == (kept[20], kept[1])
    assert page["has_more"] is True
    assert len((await listing(client, limit=100))["data"]) == 21


async def test_a_listing_pages_both_ways(client: httpx.AsyncClient, folder: Path) -> None:
    kept = [keep(folder, number).id for number in range(5)]

    async def ids(**query: Any) -> tuple[list[str], bool]:
        page = await listing(client, **query)
        return [record["id"] for record in page["data"]], page["has_more"]

    assert await ids(limit=2, order="asc") == (kept[:2], True)
    assert await ids(limit=2, order="asc", after=kept[1]) == (kept[2:4], True)
    assert await ids(limit=2, order="asc", after=kept[3]) == (kept[4:], False)
    assert await ids(limit=2, order="asc", before=kept[4]) == (kept[2:4], True)
    assert await ids(limit=2, before=kept[0]) == ([kept[2], kept[1]], True)
    assert await ids(after=kept[0]) == ([], False)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"order": "newest"}, "order"),
        ({"after": "img_unknown"}, "after"),
        ({"after": ""}, "after"),
        ({"before": "img_" + "0" * 24}, "before"),
        ({"after": "a", "before": "b"}, "before"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, query: dict[str, str], param: str
) -> None:
    answer = await client.get("/v1/images", params=query)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


async def test_records_outlive_the_application(folder: Path, connect: Connect) -> None:
    record = keep(folder)
    first, second = connect(demo_app(folder)), connect(demo_app(folder))
    assert await listing(first) == await listing(second)
    url = (await listing(first))["data"][0]["url"]
    assert (await second.get(url)).content == PICTURE + b"\0"
    assert (await second.delete(f"/v1/images/{record.id}")).status_code == 200
    assert (await listing(first))["data"] == []


async def test_links_lead_to_the_media_origin_when_there_is_one(
    folder: Path, connect: Connect
) -> None:
    record = keep(folder)
    client = connect(demo_app(folder, media_origin="https://media.example"))
    url = (await listing(client))["data"][0]["url"]
    assert url.startswith(f"https://media.example/media/{record.pictures[0]}?")
    answer = await client.get(f"/v1/images/{record.id}/content")
    assert answer.headers["location"].startswith("https://media.example/media/")


async def test_a_key_sees_its_own_records_alone(folder: Path, connect: Connect) -> None:
    mine, theirs = keep(folder), keep(folder, key="sk-other")
    client = connect(demo_app(folder))
    assert [record["id"] for record in (await listing(client))["data"]] == [mine.id]
    assert (await client.get(f"/v1/images/{theirs.id}/content")).status_code == 404
    assert (await client.delete(f"/v1/images/{theirs.id}")).status_code == 404


async def test_a_failed_record_shows_its_error_and_no_url(
    client: httpx.AsyncClient, folder: Path
) -> None:
    keep(folder, pictures=0)
    (record,) = (await listing(client))["data"]
    assert (record["status"], record["url"]) == ("failed", None)
    assert record["error"] == {
        "message": "The server had an error.",
        "type": "api_error",
        "code": None,
    }


async def test_content_redirects_to_a_fresh_link_by_default(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder)
    answer = await client.get(f"/v1/images/{record.id}/content")
    assert answer.status_code == 302
    followed = await client.get(answer.headers["location"])
    assert (followed.headers["content-type"], followed.content) == ("image/png", PICTURE + b"\0")


async def test_content_gives_the_link_as_json(client: httpx.AsyncClient, folder: Path) -> None:
    record = keep(folder)
    answer = await client.get(f"/v1/images/{record.id}/content", params={"format": "url"})
    content = answer.json()
    url = content.pop("url")
    assert content == {"image_id": record.id, "expires_in": 3600}
    expires = int(httpx.URL(url).params["expires"])
    assert 3590 <= expires - time.time() <= 3600
    assert (await client.get(url)).content == PICTURE + b"\0"


async def test_content_sends_the_picture_as_an_attachment(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder)
    answer = await client.get(f"/v1/images/{record.id}/content", params={"format": "binary"})
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == f'attachment; filename="{record.pictures[0]}"'
    assert answer.content == PICTURE + b"\0"


async def test_the_further_pictures_of_a_request_are_variants(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder, pictures=2)
    path = f"/v1/images/{record.id}/content"
    answer = await client.get(path, params={"format": "binary", "variant": 1})
    assert answer.content == PICTURE + b"\1"
    assert (await client.get(path, params={"variant": 2})).status_code == 400


async def test_content_of_a_failed_record_is_not_ready(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder, pictures=0)
    answer = await client.get(f"/v1/images/{record.id}/content")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "message": "Image is not ready yet. Current status: failed",
            "type": "invalid_request_error",
        }
    }


async def test_content_in_an_unknown_form_is_refused(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder)
    answer = await client.get(f"/v1/images/{record.id}/content", params={"format": "zip"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "format")


@pytest.mark.parametrize("image_id", ["img_" + "0" * 24, "nothing", "..%2f..%2fsecret"])
async def test_an_unknown_id_is_not_found(client: httpx.AsyncClient, image_id: str) -> None:
    for answer in (
        await client.get(f"/v1/images/{image_id}/content"),
        await client.delete(f"/v1/images/{image_id}"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["type"] == "not_found_error"


async def test_a_deleted_image_is_gone_from_everywhere(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder)
    url = (await listing(client))["data"][0]["url"]
    answer = await client.delete(f"/v1/images/{record.id}")
    assert answer.json() == {"id": record.id, "object": "image", "deleted": True}
    assert (await listing(client))["data"] == []
    assert (await client.delete(f"/v1/images/{record.id}")).status_code == 404
    download = await client.get(url)
    assert (download.status_code, "NoSuchKey" in download.text) == (404, True)


async def test_a_link_opens_nothing_once_it_has_expired(
    client: httpx.AsyncClient, folder: Path
) -> None:
    record = keep(folder)
    now = int(time.time())
    links = Links(folder)
    assert (await client.get(links.sign(record.pictures[0], now + 60))).status_code == 200
    expired = await client.get(links.sign(record.pictures[0], now))
    assert expired.status_code == 403
    assert expired.headers["content-type"] == "application/xml"
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in expired.text


@pytest.mark.parametrize("change", ["picture", "expires", "signature", "none", "odd"])
async def test_a_link_that_was_tampered_with_opens_nothing(
    client: httpx.AsyncClient, folder: Path, change: str
) -> None:
    record, other = keep(folder), keep(folder)
    expires = int(time.time()) + 60
    good = httpx.URL("http://demo" + Links(folder).sign(record.pictures[0], expires))
    bad = {
        "picture": good.copy_with(path=f"/media/{other.pictures[0]}"),
        "expires": good.copy_set_param("expires", expires + 1),
        "signature": good.copy_set_param("signature", "0" * 32),
        "none": good.copy_with(query=b""),
        "odd": good.copy_set_param("expires", "soon"),
    }[change]
    assert (await client.get(good)).status_code == 200
    answer = await client.get(bad)
    assert (answer.status_code, "SignatureDoesNotMatch" in answer.text) == (403, True)


def test_links_signed_at_once_by_many_have_one_secret(folder: Path) -> None:
    links, threads = Links(folder), 8
    together = threading.Barrier(threads)

    def sign(_: int) -> str:
        together.wait()
        return links.sign("picture", 1)

    with ThreadPoolExecutor(threads) as pool:
        signed = set(pool.map(sign, range(threads)))
    assert signed == {Links(folder).sign("picture", 1)}


async def test_the_models_are_listed_as_openai_lists_them(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/v1/models")).json()
    assert answer["object"] == "list"
    assert [model["id"] for model in answer["data"]] == list(MODELS)
    for model in answer["data"]:
        assert set(model) == {"id", "object", "created", "owned_by"}
        assert model["object"] == "model"
