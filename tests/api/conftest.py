from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from tests.api.origins import CANARY, Answer, Origin, serving


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Answer], AsyncIterator[Origin]]]:
    """Starts any number of servers, and stops them when the test is over."""
    async with AsyncExitStack() as running:

        async def start(answer: Answer) -> Origin:
            return await running.enter_async_context(serving(answer))

        yield start


@pytest.fixture(autouse=True)
def no_log_record_holds_the_key(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text
