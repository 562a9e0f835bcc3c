"""What the endpoint keeps: listing, addresses, deletion, models."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.api.origins import canary, close, hang, raw, reply
from tui.api.client import ImagesClient, Record
from tui.api.errors import ApiError

RECORD = {
    "id": "img_1",
    "object": "image",
    "status": "completed",
    "model": "dola-seedream-5.0-lite",
    "prompt": "A sunrise",
    "created_at": 1701476542,
    "url": "https://images.example.com/1.png?sig=x",
    "error": None,
}
FAILED = {**RECORD, "id": "img_2", "status": "failed", "url": None,
          "error": {"message": "refused", "type": "x"}}  # fmt: skip


def page(*records: object, **changes: object) -> dict:
    return {"object": "list", "data": list(records), "has_more": True, **changes}


async def client_of(serve, answer):
    origin = await serve(answer)
    return ImagesClient(origin.settings(), canary()), origin


async def test_a_page_of_records_is_read(serve):
    client, origin = await client_of(
        serve, reply(200, page(RECORD, FAILED, first_id="img_1", last_id="img_2"))
    )
    found = await client.records()
    assert found.records[0] == Record(
        id="img_1",
        status="completed",
        model="dola-seedream-5.0-lite",
        prompt="A sunrise",
        created=datetime(2023, 12, 2, 0, 22, 22, tzinfo=UTC),
        url="https://images.example.com/1.png?sig=x",
        error=None,
    )
    assert (found.records[1].url, found.records[1].error) == (None, "refused")
    assert (found.has_more, found.first_id, found.last_id) == (True, "img_1", "img_2")
    assert origin.requests[0].target == "/v1/images?limit=20&order=desc"
    assert origin.requests[0].headers["authorization"].startswith("Bearer ")


async def test_cursors_are_sent_and_the_page_size_kept_within_bounds(serve):
    client, origin = await client_of(serve, reply(200, page()))
    await client.records(limit=5000, after="a b&c", order="asc")
    await client.records(limit=0, before="z")
    assert origin.requests[0].target == "/v1/images?limit=100&order=asc&after=a+b%26c"
    assert origin.requests[1].target == "/v1/images?limit=1&order=desc&before=z"


async def test_cursors_are_found_where_the_endpoint_gives_none(serve):
    client, _ = await client_of(serve, reply(200, page(RECORD, FAILED)))
    found = await client.records()
    assert (found.first_id, found.last_id) == ("img_1", "img_2")


async def test_an_empty_page_is_the_last_whatever_the_endpoint_says(serve):
    client, _ = await client_of(serve, reply(200, page(has_more=True)))
    found = await client.records()
    assert (found.records, found.has_more) == ((), False)
    assert (found.first_id, found.last_id) == (None, None)


@pytest.mark.parametrize("time", ["soon", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
async def test_a_record_of_odd_types_costs_only_its_odd_fields(serve, time):
    odd = {"id": 7, "created_at": time, "prompt": None, "url": "file:///x", "error": []}
    client, _ = await client_of(serve, reply(200, page(odd, None, [], {"prompt": "no id"})))
    (record,) = (await client.records()).records
    assert (record.id, record.prompt, record.url, record.error) == ("7", "", None, None)
    assert record.created == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("status", [404, 405])
async def test_an_endpoint_without_records_is_told_by_its_status(serve, status):
    client, _ = await client_of(serve, reply(status, {"detail": "Not Found"}))
    with pytest.raises(ApiError) as caught:
        await client.records()
    assert (caught.value.status, caught.value.charged) == (status, "no")


@pytest.mark.parametrize("body", [b"", b"{", {"data": None}, {"data": {}}, [], "<html>"])
async def test_a_listing_that_cannot_be_read_is_a_bad_response(serve, body):
    client, _ = await client_of(serve, reply(200, body))
    with pytest.raises(ApiError) as caught:
        await client.records()
    assert (caught.value.kind, caught.value.charged) == ("bad_response", "no")


async def test_a_lost_listing_costs_nothing_and_may_be_tried_again(serve):
    client, _ = await client_of(serve, close)
    with pytest.raises(ApiError) as caught:
        await client.records()
    assert (caught.value.kind, caught.value.charged) == ("gateway", "no")
    assert "Try again" in caught.value.hint


async def test_a_listing_that_hangs_is_given_up(serve, monkeypatch):
    monkeypatch.setattr("tui.api.client.LISTING_DEADLINE", 0.2)
    client, _ = await client_of(serve, hang)
    with pytest.raises(ApiError) as caught:
        await client.records()
    assert "longer than 0.2 seconds" in caught.value.message


async def test_a_records_picture_has_a_fresh_address(serve):
    body = {"url": "https://images.example.com/1.png?sig=x", "expires_in": 3600}
    client, origin = await client_of(serve, reply(200, body))
    assert await client.content_url("img_1") == "https://images.example.com/1.png?sig=x"
    assert origin.requests[0].target == "/v1/images/img_1/content?format=url"


async def test_a_redirect_instead_of_an_address_is_the_address(serve):
    client, origin = await client_of(serve, reply(302, b"", Location="/media/1.png"))
    assert await client.content_url("img_1") == f"{origin.url}/media/1.png"
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, {"url": ""}),
        reply(200, {"url": "file:///x"}),
        reply(200, {"url": ["x"]}),
        reply(200, b"\x89PNG", "image/png"),
        reply(302, b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    ],
    ids=["empty", "file", "list", "picture", "redirect", "cut-off"],
)
async def test_an_address_that_is_none_is_a_bad_response(serve, answer):
    client, _ = await client_of(serve, answer)
    with pytest.raises(ApiError) as caught:
        await client.content_url("img_1")
    assert caught.value.kind == "bad_response"


async def test_a_record_is_deleted_by_its_id(serve):
    client, origin = await client_of(serve, reply(200, {"id": "img_1", "deleted": True}))
    await client.delete("img_1")
    assert (origin.requests[0].method, origin.requests[0].target) == (
        "DELETE",
        "/v1/images/img_1",
    )


async def test_an_empty_answer_to_a_deletion_is_a_deletion(serve):
    client, _ = await client_of(serve, reply(204))
    await client.delete("img_1")


async def test_a_deletion_that_did_not_happen_is_told(serve):
    client, _ = await client_of(serve, reply(200, {"id": "img_1", "deleted": False}))
    with pytest.raises(ApiError):
        await client.delete("img_1")


@pytest.mark.parametrize(
    ("record_id", "segment"), [("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("a b", "a%20b")]
)
async def test_a_record_id_is_one_segment_of_the_path(serve, record_id, segment):
    client, origin = await client_of(serve, reply(200, {}))
    await client.delete(record_id)
    assert origin.requests[0].target == f"/v1/images/{segment}"


@pytest.mark.parametrize("record_id", ["", ".", "..", "x" * 600])
async def test_what_is_no_record_id_is_not_asked_for(serve, record_id):
    client, origin = await client_of(serve, reply(200, {}))
    with pytest.raises(ApiError):
        await client.delete(record_id)
    assert origin.connections == 0


async def test_models_are_listed(serve):
    models = {"object": "list", "data": [{"id": "a", "owned_by": "x"}, {"id": "b"}, {}, None, 3]}
    client, origin = await client_of(serve, reply(200, models))
    assert [(model.id, model.owned_by) for model in await client.models()] == [
        ("a", "x"),
        ("b", ""),
    ]
    assert origin.requests[0].target == "/v1/models"


async def test_a_redirected_listing_does_not_carry_the_key_away(serve):
    elsewhere = await serve(reply(200, page(RECORD)))
    client, _ = await client_of(serve, reply(302, b"", Location=f"{elsewhere.url}/v1/images"))
    with pytest.raises(ApiError):
        await client.records()
    assert elsewhere.connections == 0
