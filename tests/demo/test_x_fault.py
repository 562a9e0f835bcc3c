"""X-Fault: the faults that one request meets."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.demo.conftest import Connect
from tui.demo.faults import KINDS, Faults
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS

pytestmark = pytest.mark.usefixtures("plain_pictures")

ROUTES = [
    ("POST", GENERATIONS),
    ("GET", "/v1/images"),
    ("GET", "/v1/images/img_1/content"),
    ("DELETE", "/v1/images/img_1"),
    ("GET", "/v1/models"),
]
REQUEST = {"model": "kling-image-o1", "prompt": "a lighthouse"}


@pytest.fixture
def unlucky(connect: Connect, folder: Path) -> httpx.AsyncClient:
    """A client of an endpoint that refuses what it can."""
    return connect(demo_app(folder, faults=Faults.parse(["402", "list-500", "models-404"])))


async def test_a_request_meets_the_faults_it_names_and_not_those_of_the_dice(
    unlucky: httpx.AsyncClient,
) -> None:
    assert (await unlucky.get("/v1/images")).status_code == 500
    answer = await unlucky.get("/v1/images", headers={"X-Fault": "list-405"})
    assert answer.status_code == 405
    assert (await unlucky.get("/v1/images")).status_code == 500


@pytest.mark.parametrize("header", ["", "429", " , download-403"])
async def test_a_request_that_names_none_of_its_own_meets_none(
    unlucky: httpx.AsyncClient, header: str
) -> None:
    assert (await unlucky.get("/v1/images", headers={"X-Fault": header})).status_code == 200


async def test_each_route_plays_what_belongs_to_it(unlucky: httpx.AsyncClient) -> None:
    unlucky.headers["X-Fault"] = "429-retry-after, list-405,delete-500 ,models-empty"
    statuses = [
        (await unlucky.request(method, path, json=REQUEST)).status_code for method, path in ROUTES
    ]
    assert statuses == [429, 405, 404, 500, 200]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("header", ["nonsense", "429,nonsense", "402=1"])
async def test_an_unknown_fault_is_refused_on_every_route(
    unlucky: httpx.AsyncClient, method: str, path: str, header: str
) -> None:
    answer = await unlucky.request(method, path, json=REQUEST, headers={"X-Fault": header})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "X-Fault")
    assert error["message"].startswith("X-Fault: There is no fault ")


async def test_a_link_with_an_unknown_fault_is_refused_too(
    client: httpx.AsyncClient, folder: Path
) -> None:
    answer = await client.post(GENERATIONS, json={**REQUEST, "size": "1360x768"})
    url = answer.json()["data"][0]["url"]
    assert (await client.get(url)).status_code == 200
    assert (await client.get(f"{url}&x-fault=nonsense")).status_code == 400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
async def test_every_header_is_understood_or_refused(
    unlucky: httpx.AsyncClient, header: str
) -> None:
    answer = await unlucky.get("/v1/models", headers={"X-Fault": header})
    known = all(kind in KINDS for part in header.split(",") if (kind := part.strip()))
    assert (answer.status_code == 400) is not known
