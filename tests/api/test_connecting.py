"""A name with several addresses: the first that answers is taken, and nothing is left of others."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.api.test_cancelling import full_port
from tui.api import connecting
from tui.api.connecting import connected

Place = tuple[str, int]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """Where every name leads, in the order of the system."""
    places: list[Place] = []

    async def look_up(loop: object, host: object, port: object, **more: object) -> list[tuple]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    monkeypatch.setattr(connecting, "_NEXT_AFTER", 0.01)
    return places


@pytest.fixture
def ports() -> Iterator[dict[str, Place]]:
    """A port that answers, one that refuses, and one that is silent."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        bound = stack.enter_context(socket.socket())
        bound.bind(("127.0.0.1", 0))
        yield {
            "answers": listener.getsockname(),
            "refuses": bound.getsockname(),
            "silent": ("127.0.0.1", stack.enter_context(full_port())),
        }


@pytest.mark.parametrize(
    "order",
    ["answers", "answers refuses", "refuses answers", "silent answers", "silent refuses answers"],
)
@pytest.mark.filterwarnings(
    "error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning"
)
async def test_the_first_that_answers_is_taken(
    found: list[Place], ports: dict[str, Place], order: str
) -> None:
    found += [ports[kind] for kind in order.split()]
    with await connected("a.example", 443) as connection:
        assert connection.getpeername() == ports["answers"]
        assert not connection.getblocking()
    assert len(asyncio.all_tasks()) == 1
    gc.collect()


async def test_where_all_refuse_that_is_the_reason(
    found: list[Place], ports: dict[str, Place]
) -> None:
    found += [ports["refuses"], ports["refuses"]]
    with pytest.raises(ConnectionRefusedError):
        await connected("a.example", 443)


async def test_a_name_without_an_address_is_an_error(found: list[Place]) -> None:
    with pytest.raises(OSError, match="no address"):
        await connected("a.example", 443)


@pytest.mark.parametrize("order", ["answers", "silent", "silent answers"])
@pytest.mark.filterwarnings(
    "error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning"
)
async def test_a_connection_that_is_given_up_leaves_nothing(
    found: list[Place], ports: dict[str, Place], order: str
) -> None:
    found += [ports[kind] for kind in order.split()]
    for turns in range(30):
        attempt = asyncio.create_task(connected("a.example", 443))
        for _ in range(turns):
            await asyncio.sleep(0)
        attempt.cancel()
        await asyncio.wait({attempt})
        if not attempt.cancelled():
            attempt.result().close()
        assert len(asyncio.all_tasks()) == 1
        gc.collect()


async def test_the_families_take_turns() -> None:
    six = [(socket.AF_INET6, 1, 6, ("::1", number)) for number in range(3)]
    four = [(socket.AF_INET, 1, 6, ("127.0.0.1", 7))]
    in_turn = list(connecting._interleaved([*six, *four]))
    assert in_turn == [six[0], four[0], six[1], six[2]]
