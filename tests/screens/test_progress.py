"""What a job does meanwhile, on screen: a wait counts down, a picture takes shape."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from textual.widget import Widget

from tests.api.origins import Answer, Origin, Received, reply, serving
from tests.api.test_streams import HEAD, completed, event
from tests.generation.test_run_over_sockets import LIMITED, png
from tests.screens.conftest import MakeApp
from tests.screens.waiting import text_of, until, words_of
from tui.config import Config
from tui.history.store import HistoryStore
from tui.widgets.image_view import ImageView

WIDE = (120, 40)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Answer], AsyncIterator[Origin]]]:
    async with AsyncExitStack() as running:

        async def start(answer: Answer) -> Origin:
            return await running.enter_async_context(serving(answer))

        yield start


def at(origin: Origin) -> Config:
    return Config(endpoints={"studio": origin.settings()})


def seconds(widget: Widget) -> int:
    """The seconds of a wait that the widget shows."""
    found = re.search(r"(?:wait:|in)\s(\d+)\ss", words_of(widget))
    return int(found[1]) if found else 999


async def test_an_endpoint_that_asks_to_wait_is_counted_down_and_can_be_given_up(
    serve, make_app: MakeApp, store: HistoryStore
) -> None:
    origin = await serve(reply(429, LIMITED, Retry_After="77"))
    app = make_app(endpoint="studio", config=at(origin))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: "told to wait: 7" in text_of(app.studio.history))
        await until(
            pilot,
            lambda: "The endpoint asks to wait" in words_of(app.studio.picture),
            "why it waits",
        )
        assert "Nothing was charged" in words_of(app.studio.picture)
        await until(pilot, lambda: seconds(app.studio.history) < 77)
        await until(pilot, lambda: seconds(app.studio.picture) < 77)
        await pilot.press("f5", "c")
        await until(pilot, lambda: "cancelled" in text_of(app.studio.history))
        assert "Cancelled before it was sent" in words_of(app.studio.picture)
    (entry,) = store.newest().entries
    assert entry.status == "cancelled"
    assert origin.posts == 1


async def test_previews_are_shown_until_the_picture_is_there(serve, make_app: MakeApp) -> None:
    heard = asyncio.Event()
    previews = [
        base64.b64encode(png(shade, side=side)).decode() for shade, side in ((1, 40), (2, 200))
    ]
    picture = base64.b64encode(png(3)).decode()

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        name = "image_generation.partial_image"
        writer.write(HEAD + event(name, partial_image_index=0, b64_json=previews[0]))
        await writer.drain()
        await heard.wait()
        writer.write(event(name, partial_image_index=1, b64_json=previews[1]))
        writer.write(completed(b64_json=picture))

    app = make_app(endpoint="studio", config=at(await serve(answer)))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"fox", "ctrl+j")
        await until(pilot, lambda: "A preview" in words_of(app.studio.picture))
        view = app.studio.picture.query_one(ImageView)
        assert view.path is not None
        assert ".preview" in view.path.name
        assert app.studio.picture.check_action("open", ()) is False
        heard.set()
        await until(pilot, lambda: "300×300" in words_of(app.studio.picture))
        assert "preview" not in words_of(app.studio.picture)
        assert view.path.suffix == ".png"
