"""Idempotency-Key: the same request twice is one generation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.conftest import Connect, generation_begun
from tui.demo.faults import Faults
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS, Traffic

pytestmark = pytest.mark.usefixtures("plain_pictures")

REQUEST = {"model": "kling-image-o1", "prompt": "a lighthouse", "size": "1360x768"}
FAULTS = ("forgets-idempotency",)


class Endpoint:
    """An endpoint in process with its counts."""

    def __init__(self, connect: Connect, folder: Path, *faults: str, latency: float = 0.0) -> None:
        app = demo_app(folder, faults=Faults.parse(faults), latency=latency)
        self.traffic: Traffic = app.state.traffic
        self.client = connect(app)

    async def post(self, key: str | None = "press 1", **fields: Any) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.client.post(GENERATIONS, json={**REQUEST, **fields}, headers=headers)

    @property
    async def records(self) -> list[dict[str, Any]]:
        content: list[dict[str, Any]] = (await self.client.get("/v1/images")).json()["data"]
        return content


async def test_a_second_request_gets_the_outcome_of_the_first(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder)
    first, second = await endpoint.post(), await endpoint.post()
    assert first.json() == second.json()
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert len(await endpoint.records) == 1
    traffic = endpoint.traffic
    assert traffic.posts_by_idempotency_key == {"press 1": 2}
    assert traffic.posts_by_prompt == {"a lighthouse": 2}
    assert (traffic.posts, traffic.carried_out, traffic.pictures) == (2, {"a lighthouse": 1}, 1)


async def test_a_second_request_waits_for_the_first_that_still_runs(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder, latency=0.1)
    first, second = await asyncio.gather(endpoint.post(), endpoint.post())
    assert first.json() == second.json()
    assert endpoint.traffic.carried_out == {"a lighthouse": 1}


async def test_a_request_whose_client_went_away_can_be_asked_for_again(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder, latency=0.1)
    lost = asyncio.create_task(endpoint.post())
    await generation_begun()
    lost.cancel()
    assert (await endpoint.post()).status_code == 200
    assert len(await endpoint.records) == 1


async def test_an_answer_that_was_lost_is_had_by_asking_again(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder)
    endpoint.client.headers["X-Fault"] = "reset"
    with pytest.raises(ConnectionResetError):
        await endpoint.post()
    endpoint.client.headers["X-Fault"] = "ok-b64"
    assert "b64_json" in (await endpoint.post()).json()["data"][0]
    assert endpoint.traffic.carried_out == {"a lighthouse": 1}


async def test_the_same_key_with_another_body_is_refused(connect: Connect, folder: Path) -> None:
    endpoint = Endpoint(connect, folder)
    await endpoint.post()
    answer = await endpoint.post(n=2)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert (error["param"], error["code"]) == ("Idempotency-Key", "idempotency_key_reused")
    assert endpoint.traffic.pictures == 1


async def test_other_keys_and_no_key_make_pictures_of_their_own(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder)
    for key in ("press 1", "press 2", None, None):
        await endpoint.post(key)
    endpoint.client.headers["authorization"] = "Bearer sk-other"
    await endpoint.post("press 1")
    assert endpoint.traffic.carried_out == {"a lighthouse": 5}
    assert endpoint.traffic.posts_by_idempotency_key == {"press 1": 2, "press 2": 1, "": 2}


async def test_what_was_refused_before_it_began_is_not_remembered(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder, "429-once")
    assert (await endpoint.post(size="none")).status_code == 429
    assert (await endpoint.post(size="none")).status_code == 400
    assert (await endpoint.post()).status_code == 200


async def test_a_refused_picture_stays_refused_and_an_error_is_tried_again(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder)
    for _ in range(2):
        assert (await endpoint.post("a", prompt="a failing-demo fox")).status_code == 400
    assert len(await endpoint.records) == 1
    endpoint.client.headers["X-Fault"] = "500"
    assert (await endpoint.post("b")).status_code == 500
    del endpoint.client.headers["X-Fault"]
    assert (await endpoint.post("b")).status_code == 200
    assert [record["status"] for record in await endpoint.records] == [
        "completed", "failed", "failed",
    ]  # fmt: skip


async def test_a_picture_that_was_deleted_since_is_not_found(
    connect: Connect, folder: Path
) -> None:
    endpoint = Endpoint(connect, folder)
    await endpoint.post(response_format="b64_json")
    (record,) = await endpoint.records
    await endpoint.client.delete(f"/v1/images/{record['id']}")
    assert (await endpoint.post(response_format="b64_json")).status_code == 404


async def test_an_endpoint_can_forget(connect: Connect, folder: Path) -> None:
    endpoint = Endpoint(connect, folder, *FAULTS)
    for number in (1, 2):
        assert (await endpoint.post(n=number)).status_code == 200
    assert endpoint.traffic.carried_out == {"a lighthouse": 2}
