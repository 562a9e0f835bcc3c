"""Clients of the demo endpoint: in process, and over a real loopback port."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from tui.demo.painter import Painting
from tui.demo.server import demo_app, http_server
from tui.demo.work import TASK

Connect = Callable[..., httpx.AsyncClient]
Serve = Callable[[Starlette], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the endpoint keeps its records; not created yet."""
    return tmp_path / "demo"


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens clients that reach an application in process, as the studio does."""
    async with AsyncExitStack() as stack:

        def open_client(app: Starlette, key: str | None = "sk-demo") -> httpx.AsyncClient:
            headers = {} if key is None else {"authorization": f"Bearer {key}"}
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://demo", headers=headers
            )
            stack.push_async_callback(client.aclose)
            return client

        yield open_client


def plain_picture(painting: Painting) -> Image.Image:
    """A picture that is made at once: squares, others for another painting."""
    dice = random.Random(repr(painting))
    squares = Image.frombytes("RGB", (16, 16), dice.randbytes(16 * 16 * 3))
    return squares.resize((painting.width, painting.height), Image.Resampling.NEAREST)


def tiny_picture(painting: Painting) -> Image.Image:
    """A picture that is made, sent and decoded at once; others for another painting."""
    return plain_picture(painting).resize((24, 24), Image.Resampling.NEAREST)


@pytest.fixture(scope="module")
def plain_pictures() -> Iterator[None]:
    """Endpoints make plain pictures: what is tested is not the painter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.generation.paint", plain_picture)
        yield


@pytest.fixture
def client(connect: Connect, folder: Path) -> httpx.AsyncClient:
    """A client of an endpoint without faults."""
    return connect(demo_app(folder))


async def generation_begun() -> None:
    """Returns once an endpoint in process has taken a generation on."""
    while not any(task.get_name() == TASK for task in asyncio.all_tasks()):  # noqa: ASYNC110 - not our task
        await asyncio.sleep(0)


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    """Serves `app` with uvicorn in a thread; yields its origin."""
    server = http_server(app)
    # The socket listens before the thread starts: a client that comes early waits in its queue.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves applications on loopback ports until the test ends; gives each one's origin."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(running(app))
