"""Clients by endpoint: one each, and a fresh one once the settings changed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.api.origins import reply, serving
from tui.api.errors import ApiError
from tui.config import Config, EndpointSettings
from tui.generation.clients import Clients
from tui.paths import Paths


async def test_a_client_is_opened_anew_once_its_settings_changed(paths: Paths) -> None:
    async with serving(reply(body={"data": []})) as origin:
        first = Config(endpoints={"a": origin.settings(), "b": origin.settings()})
        clients = Clients(first, paths)
        a, b = await clients.get("a"), await clients.get("b")
        assert await clients.get("a") is a
        changed = origin.settings(headers={"X-Changed": "yes"})
        clients.follow(replace(first, endpoints={"a": changed, "b": origin.settings()}))
        fresh = await clients.get("a")
        assert fresh is not a
        assert await clients.get("b") is b, "its settings are the same"
        await a.models()  # Of a job that still uses it.
        await fresh.models()
        assert ["x-changed" in request.headers for request in origin.requests] == [False, True]
        await clients.aclose()


async def test_an_endpoint_that_is_gone_is_told_of(paths: Paths) -> None:
    clients = Clients(Config(endpoints={"a": EndpointSettings("http://127.0.0.1:9/v1")}), paths)
    await clients.get("a")
    clients.follow(Config())
    with pytest.raises(ApiError, match="no endpoint called a"):
        await clients.get("a")
    await clients.aclose()
