"""The newest picture is shown to who waits for it, and counted for who looks at another."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from tests.cli.servers import answering
from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, until, words_of
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths


async def test_what_comes_meanwhile_is_counted_and_one_key_away(
    make_app: MakeApp, store: HistoryStore, paths: Paths, remember: Callable[..., Entry]
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "png")
    earlier = remember("fox", 60, model="kling-image-o1", parameters={"size": "1k"})
    with answering(file.getvalue(), held=True) as endpoint:
        paths.config_file.write_text(
            f'[endpoints.paid]\nbase_url = "{endpoint.base_url}"\nkey = "none"\n'
        )
        app = make_app(endpoint="paid", model="kling-image-o1")
        async with app.run_test(size=(120, 40)) as pilot:
            studio = app.studio
            await history_shown(pilot, app, 1)
            await pilot.press(*"owl", "ctrl+j")
            await until(pilot, endpoint.asked.is_set, "the request")
            await pilot.press("f5", "end", "enter")
            await until(pilot, lambda: studio.editor.text == "fox", "the earlier one")
            await pilot.press("end", *" in snow")
            assert "newest" not in words_of(studio)
            endpoint.may_answer.set()
            await until(pilot, lambda: "+1 new, f7" in words_of(studio.status), "the count")
            await until(pilot, lambda: "f7 newest" in words_of(studio), "the key")
            assert studio.editor.text == "fox in snow"
            assert studio.editor.has_focus
            assert studio.history.shown == earlier.id
            await pilot.press("f7")
            newest = store.newest().entries[0]
            await until(pilot, lambda: studio.history.shown == newest.id, "the new picture")
            assert "new, f7" not in words_of(studio.status)
            assert studio.editor.text == "fox in snow"
