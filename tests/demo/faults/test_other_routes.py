"""The listing, a record's content, its deletion, and the models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.demo.faults.conftest import Demo
from tui.demo.faults import KINDS
from tui.demo.faults.kinds import WIRE
from tui.demo.records import Record

Check = Callable[[Demo, str], None]


def refused(status: int) -> Check:
    """The route of the fault answers with this status, and does nothing."""

    def check(demo: Demo, kind: str) -> None:
        record = demo.keep(key=f"sk-{kind}")
        answer = ask(demo, kind, record)
        assert answer.status_code == status
        assert answer.json()
        assert [kept["id"] for kept in demo.records(f"sk-{kind}")] == [record.id]

    return check


def ask(demo: Demo, kind: str, record: Record) -> httpx.Response:
    """The request that meets the fault."""
    method, path = {
        "list": ("GET", "/v1/images"),
        "content": ("GET", f"/v1/images/{record.id}/content"),
        "delete": ("DELETE", f"/v1/images/{record.id}"),
        "models": ("GET", "/v1/models"),
    }[kind.partition("-")[0]]
    headers = demo.headers(kind, key=f"sk-{kind}")
    return httpx.request(method, demo.origin + path, headers=headers)


def page(demo: Demo, kind: str, **query: Any) -> dict[str, Any]:
    content: dict[str, Any] = demo.get("/v1/images", kind, key=f"sk-{kind}", **query).json()
    return content


def plain_text(demo: Demo, kind: str) -> None:
    answer = demo.get("/v1/images", kind)
    assert (answer.status_code, answer.headers["content-type"][:10]) == (200, "text/plain")


def three_pages(demo: Demo, kind: str) -> None:
    pages = [page(demo, kind)]
    while pages[-1]["has_more"]:
        pages.append(page(demo, kind, after=pages[-1]["last_id"]))
    assert [len(each["data"]) for each in pages] == [20, 20, 10]
    records = [record for each in pages for record in each["data"]]
    assert len({record["id"] for record in records}) == 50
    assert [record["created_at"] for record in records] == sorted(
        (record["created_at"] for record in records), reverse=True
    )
    for each in pages:
        failed = [record for record in each["data"] if record["status"] == "failed"]
        assert 0 < len(failed) < len(each["data"])
        assert all(record["url"] is None and record["error"] for record in failed)
    back = page(demo, kind, before=pages[1]["first_id"])
    assert back["data"] == pages[0]["data"]
    assert page(demo, kind, order="asc")["data"][0] == records[-1]
    assert "error" in page(demo, kind, after="img_nowhere")


def no_urls(demo: Demo, kind: str) -> None:
    demo.keep(key=f"sk-{kind}")
    (record,) = page(demo, kind)["data"]
    assert (record["status"], record["url"]) == ("completed", None)


def odd(demo: Demo, kind: str) -> None:
    kept = demo.keep(key=f"sk-{kind}")
    first, *others = page(demo, kind)["data"]
    assert (first["id"], first["status"], "prompt" in first) == (kept.id, 7, False)
    assert others == [None, "img_1", {}]


def forever(demo: Demo, kind: str) -> None:
    kept = demo.keep(key=f"sk-{kind}")
    assert page(demo, kind)["has_more"]
    end = page(demo, kind, after=kept.id)
    assert (end["data"], end["has_more"]) == ([], True)


def cross_origin(demo: Demo, kind: str) -> None:
    record = demo.keep(key=f"sk-{kind}")
    target = ask(demo, kind, record).headers["location"]
    assert httpx.URL(target).host == "localhost"
    keyed = {**demo.headers(kind), "Authorization": "Bearer sk-demo"}
    answer = httpx.get(target, headers=keyed)
    assert (answer.status_code, "Only one auth mechanism" in answer.text) == (400, True)
    assert httpx.get(target).headers["content-type"] == "image/png"


def link(expected: str) -> Check:
    def check(demo: Demo, kind: str) -> None:
        path = f"/v1/images/{demo.keep().id}/content"
        assert demo.get(path, kind).headers["location"].startswith(expected)
        assert demo.get(path, kind, format="url").json()["url"].startswith(expected)

    return check


def not_ready(demo: Demo, kind: str) -> None:
    answer = demo.get(f"/v1/images/{demo.keep().id}/content", kind)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Image is not ready yet.")


def kept(demo: Demo, kind: str) -> None:
    record = demo.keep(key=f"sk-{kind}")
    answer = ask(demo, kind, record)
    assert answer.json() == {"id": record.id, "object": "image", "deleted": False}
    assert len(demo.records(f"sk-{kind}")) == 1


def models(expected: object) -> Check:
    def check(demo: Demo, kind: str) -> None:
        assert demo.get("/v1/models", kind).json() == expected

    return check


def models_page(demo: Demo, kind: str) -> None:
    answer = demo.get("/v1/models", kind)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


CHECKS: dict[str, Check] = {
    "list-401": refused(401),
    "list-404": refused(404),
    "list-405": refused(405),
    "list-429": refused(429),
    "list-500": refused(500),
    "list-garbage": plain_text,
    "list-three-pages": three_pages,
    "list-no-urls": no_urls,
    "list-odd": odd,
    "list-forever": forever,
    "content-404": refused(404),
    "content-not-ready": not_ready,
    "content-cross-origin-302": cross_origin,
    "content-metadata": link("http://169.254.169.254/"),
    "content-file": link("file:///etc/passwd"),
    "delete-404": refused(404),
    "delete-405": refused(405),
    "delete-500": refused(500),
    "delete-kept": kept,
    "models-401": refused(401),
    "models-404": refused(404),
    "models-empty": models({"object": "list", "data": []}),
    "models-html": models_page,
    "models-bare": models({"data": [{"id": "seedream-4.5"}, {"id": "sd-cpp-local"}]}),
}


@pytest.mark.parametrize("kind", CHECKS)
def test_a_route_does_not_do_what_it_should(demo: Demo, kind: str) -> None:
    CHECKS[kind](demo, kind)


def test_all_that_these_routes_can_meet_is_shown() -> None:
    prefixes = ("list-", "content-", "delete-", "models-")
    on_the_way = {f"list-{kind}" for kind in WIRE}
    assert {kind for kind in KINDS if kind.startswith(prefixes)} - on_the_way == set(CHECKS)


def test_the_endpoints_own_pages_have_failed_records_among_them(demo: Demo) -> None:
    key = "sk-pages"
    for number in range(3):
        kinds = ("500",) if number == 1 else ()
        demo.generate(*kinds, key=key, anew=True, prompt=f"page {number}")
    pages = [demo.get("/v1/images", key=key, limit=1).json()]
    while pages[-1]["has_more"]:
        after = pages[-1]["last_id"]
        pages.append(demo.get("/v1/images", key=key, limit=1, after=after).json())
    records = [record for each in pages for record in each["data"]]
    assert [record["status"] for record in records] == ["completed", "failed", "completed"]
    assert [record["url"] is None for record in records] == [False, True, False]
