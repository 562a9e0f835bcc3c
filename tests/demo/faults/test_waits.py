"""How long faults make a client wait, and what the endpoint waits for by itself."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tests.demo.conftest import Connect
from tests.demo.faults.conftest import REQUEST
from tui.demo.faults import SLOW_SECONDS, Faults
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for in this thread, in seconds; it is over at once."""
    waited: list[float] = []
    sleep, here = asyncio.sleep, threading.get_ident()

    async def note(seconds: float) -> None:
        if threading.get_ident() != here:
            await sleep(seconds)
            return
        if seconds:
            waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    return waited


@pytest.mark.parametrize(
    ("kinds", "latency", "expected"),
    [
        ([], 0.0, []),
        ([], 3.0, [3.0]),
        (["slow"], 3.0, [3.0 + SLOW_SECONDS]),
        (["524-late"], 3.0, [3.0, SLOW_SECONDS]),
        (["524-late"], 0.0, [SLOW_SECONDS]),
        (["sse-unasked"], 3.0, [3.0]),
        # Two previews and the picture share what it takes.
        (["sse-openai", "sse-unasked"], 3.0, [1.0, 1.0, 1.0]),
    ],
)
async def test_a_generation_takes_so_long(
    connect: Connect,
    tmp_path: Path,
    waits: list[float],
    kinds: list[str],
    latency: float,
    expected: list[float],
) -> None:
    client = connect(demo_app(tmp_path, latency=latency))
    await client.post(GENERATIONS, json=REQUEST, headers={"X-Fault": ",".join(kinds)})
    assert waits == expected


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("429-retry-after", "retry-after", "0.05"),
        ("429-once", "retry-after", "0.05"),
        ("429-retry-after-ms", "retry-after-ms", "50"),
        ("503-retry-after", "retry-after", "0.05"),
    ],
)
async def test_when_to_come_back_can_be_chosen(
    connect: Connect, tmp_path: Path, kind: str, header: str, value: str
) -> None:
    client = connect(demo_app(tmp_path, faults=Faults({kind: 1.0}, retry_seconds=0.05)))
    answer = await client.post(GENERATIONS, json=REQUEST)
    assert answer.headers[header] == value
