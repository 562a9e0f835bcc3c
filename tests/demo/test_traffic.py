"""What the endpoint counts of what it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.demo.conftest import Connect
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS, Traffic

REQUEST = {"model": "kling-image-o1", "prompt": "a lighthouse", "size": "1360x768"}


@pytest.mark.parametrize(
    ("content", "headers", "prompts"),
    [
        (b'{"model": "none", "prompt": "a fox"}', {}, {"a fox": 1}),
        (b'{"model": "none"}', {}, {}),
        (b'{"prompt": 7}', {}, {}),
        (b"[]", {}, {}),
        (b"{", {"X-Fault": "429"}, {}),
        (b'{"prompt": "a fox"}', {"X-Fault": "reset-early,429"}, {"a fox": 1}),
        (b'{"prompt": "a fox"}', {"Authorization": ""}, {}),
    ],
)
async def test_what_is_refused_counts_as_asked_and_not_as_carried_out(
    connect: Connect,
    folder: Path,
    content: bytes,
    headers: dict[str, str],
    prompts: dict[str, int],
) -> None:
    app = demo_app(folder)
    traffic: Traffic = app.state.traffic
    request = connect(app).post(GENERATIONS, content=content, headers=headers)
    if "reset-early" in headers.get("X-Fault", ""):
        with pytest.raises(ConnectionResetError):
            await request
    else:
        await request
    assert traffic.posts == 1
    assert traffic.requests == {f"POST {GENERATIONS}": 1}
    assert traffic.posts_by_prompt == prompts
    assert (traffic.carried_out, traffic.pictures) == ({}, 0)


async def test_each_application_counts_for_itself(connect: Connect, folder: Path) -> None:
    first, second = demo_app(folder), demo_app(folder)
    await connect(first).get("/v1/models")
    assert first.state.traffic.requests == {"GET /v1/models": 1}
    assert second.state.traffic == Traffic()


@pytest.mark.parametrize("path", ["/media/nothing", "/", "/v1"])
@pytest.mark.parametrize("name", ["authorization", "x-api-key", "cookie"])
async def test_credentials_where_none_belong_are_seen_and_not_kept(
    connect: Connect, folder: Path, path: str, name: str
) -> None:
    app = demo_app(folder)
    traffic: Traffic = app.state.traffic
    client = connect(app, key=None)
    await client.get(path)
    await client.get("/v1/models", headers={name: "sk-secret"})
    assert traffic.credentials == []
    await client.get(path, headers={name: "sk-secret"})
    assert traffic.credentials == [(path, name)]
    assert "sk-secret" not in repr(traffic)
