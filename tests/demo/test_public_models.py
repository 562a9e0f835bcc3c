"""The public catalogue of the demo endpoint, and that it grants what the endpoint takes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.demo.conftest import Connect
from tui.demo.limits import MODELS
from tui.demo.server import demo_app


@pytest.fixture
def stranger(connect: Connect, folder: Path) -> httpx.AsyncClient:
    """A client without a key."""
    return connect(demo_app(folder), key=None)


async def test_it_lists_every_model_and_asks_for_no_key(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/public/models", params={"size": 200, "current": 1})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert [model["name"] for model in data["list"]] == list(MODELS)
    assert data["total"] == len(MODELS)
    assert {model["modelType"] for model in data["list"]} == {"IMAGE_GENERATION"}


async def test_it_has_pages(stranger: httpx.AsyncClient) -> None:
    names = []
    for current in range(1, 5):
        answer = await stranger.get("/public/models", params={"size": 2, "current": current})
        names.append([model["name"] for model in answer.json()["data"]["list"]])
    ids = list(MODELS)
    assert names == [ids[:2], ids[2:4], ids[4:], []]


@pytest.mark.parametrize("query", ["size=0", "size=x", "current=-1", "size=", "current=99999999"])
async def test_a_query_that_means_nothing_is_left_out(
    stranger: httpx.AsyncClient, query: str
) -> None:
    answer = await stranger.get(f"/public/models?{query}")
    assert len(answer.json()["data"]["list"]) == len(MODELS)


@pytest.mark.usefixtures("plain_pictures")
async def test_the_endpoint_takes_every_field_and_value_that_is_granted(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    listed = (await stranger.get("/public/models")).json()["data"]["list"]
    for model in listed:
        for field in model["normalizedApiParameterSchema"]["fields"]:
            assert field["name"] in MODELS[model["name"]].fields | {"prompt"}
            for value in (*field.get("enum", [])[:1], *field.get("enum", [])[1:2]):
                body = {"model": model["name"], "prompt": "a fox", field["name"]: value}
                answer = await client.post("/v1/images/generations", json=body)
                assert answer.status_code == 200, answer.text
