"""The models of the endpoint in use, in the form: what it offers, and any other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.cli.servers import Scripted, scripted
from tests.pseudo_terminal import PATIENCE
from tests.screens.conftest import MakeApp
from tests.screens.waiting import history_shown, models_known, text_of, until, words_of
from tui.app import DarkroomApp
from tui.config import BUILT_IN_ENDPOINTS, DEMO, Config, EndpointSettings
from tui.history.entry import Entry
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.fields.typed import TypedField
from tui.widgets.model_id_prompt import ModelIdPrompt

PUBLIC = {
    "data": {
        "list": [
            {
                "name": "picasso",
                "displayName": "Picasso",
                "modelType": "IMAGE_GENERATION",
                "normalizedApiParameterSchema": {
                    "fields": [
                        {"name": "steps", "type": "integer", "min": 1, "max": 50},
                        {"name": "n", "type": "integer", "min": 1, "max": 4},
                    ]
                },
            }
        ]
    }
}


@dataclass
class Held:
    """An endpoint that lists `ids` once it may answer."""

    ids: list[str]
    served: Scripted = field(default_factory=Scripted)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def config(self) -> Config:
        root = self.served.base_url.removesuffix("/v1")
        settings = EndpointSettings(self.served.base_url, catalogue=f"{root}/public/models")
        return Config(
            endpoints={DEMO: BUILT_IN_ENDPOINTS[DEMO], "studio": settings}, endpoint="studio"
        )


@contextmanager
def listing(*ids: str, held: bool = False) -> Iterator[Held]:
    endpoint = Held([*ids])

    def answer(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
        endpoint.may_answer.wait(PATIENCE)
        if asked.startswith("GET /public"):
            return 200, PUBLIC
        return 200, {"data": [{"id": id} for id in endpoint.ids]}

    if not held:
        endpoint.may_answer.set()
    with scripted(answer) as endpoint.served:
        try:
            yield endpoint
        finally:
            endpoint.may_answer.set()


def _model(app: DarkroomApp) -> str:
    return words_of(app.studio.form.query_one("#model"))


async def _menu(pilot: Pilot[None], app: DarkroomApp) -> list[str]:
    """The lines of the menu of models, which is open then."""
    await pilot.press("f3", "enter")
    await until(pilot, lambda: isinstance(app.screen, ChoiceMenu), "the menu")
    await pilot.pause()
    return [line.split("│")[-2].strip() for line in text_of(app.screen).splitlines() if "│" in line]


async def test_the_menu_says_what_is_offered_and_takes_any_id(
    make_app: MakeApp, remember: Callable[..., Entry]
) -> None:
    entry = remember("an old fox", 5, model="seedream-4.5")
    with listing("seedream-4-5-251128", "picasso") as endpoint:
        app = make_app(endpoint="studio", config=endpoint.config)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await models_known(pilot, app)
            await history_shown(pilot, app, 1)
            # The card goes by the endpoint's id; the entry of its own id has the same name.
            assert app.studio.draft.model == "seedream-4-5-251128"
            assert "Seedream 4.5" in words_of(app.studio.history)
            assert "Not in the endpoint's list." not in words_of(app.studio.form)
            lines = await _menu(pilot, app)
            shown = [line for line in lines if line]
            start = shown.index("Seedream 4.5")
            assert shown[start : start + 3] == [
                "Seedream 4.5", "Picasso", "Seedream 4.0 · not offered here",
            ]  # fmt: skip
            assert "GPT Image 1 · not offered here" in shown
            assert "Another model…" in shown
            await pilot.press("down", "enter")
            await until(pilot, lambda: "Picasso" in _model(app), "the model")
            assert "Steps" in words_of(app.studio.form)
            # The arrow passes by what is not offered.
            await pilot.press("right")
            await until(pilot, lambda: "Seedream 4.5" in _model(app), "the first again")
            await _menu(pilot, app)
            await pilot.press("down", "down", "enter")
            await until(pilot, lambda: "Not in the endpoint's" in words_of(app.studio.form))
            await _menu(pilot, app)
            await pilot.press("end", "enter")
            await until(pilot, lambda: isinstance(app.screen, ModelIdPrompt), "the line")
            await pilot.press(*"my flux", "enter")
            assert "no blanks" in words_of(app.screen)
            await pilot.press("backspace", "backspace", "backspace", "backspace", "backspace")
            await pilot.press(*"-x/flux", "enter")
            await until(pilot, lambda: app.studio.draft.model == "my-x/flux", "the typed id")
            assert "my-x/flux" in [line for line in await _menu(pilot, app) if line]
            await pilot.press("escape", "f5", "enter")
            await until(pilot, lambda: app.studio.draft.parent == entry.id, "the entry")
            assert app.studio.draft.model == "seedream-4-5-251128"


async def test_what_is_being_typed_stays_when_the_models_become_known(make_app: MakeApp) -> None:
    with listing("picasso", "chat", held=True) as endpoint:
        app = make_app(endpoint="studio", model="picasso", config=endpoint.config)
        async with app.run_test(size=(120, 40)) as pilot:
            studio = app.studio
            await pilot.press(*"a fox", "f3")
            images = next(f for f in studio.query(TypedField) if f.parameter.name == "n")
            images.query_one(Input).focus()
            # Not a number yet, and no value of the draft.
            await pilot.press("3", "x")
            await until(pilot, lambda: bool(images.problem), "the problem")
            endpoint.may_answer.set()
            await models_known(pilot, app)
            await until(pilot, lambda: "Picasso" in _model(app), "the name")
            assert "Steps" in words_of(studio.form)
            editor = app.focused
            assert isinstance(editor, Input)
            await pilot.press("backspace")
            await until(pilot, lambda: studio.draft.own_values == {"n": 3}, "the value")
            assert editor.value == "3"
            assert studio.editor.text == "a fox"


async def test_what_is_about_to_be_typed_over_stays_so_when_the_models_become_known(
    make_app: MakeApp,
) -> None:
    with listing("picasso", "chat", held=True) as endpoint:
        app = make_app(endpoint="studio", model="picasso", config=endpoint.config)
        async with app.run_test(size=(120, 40)) as pilot:
            studio = app.studio
            images = next(f for f in studio.query(TypedField) if f.parameter.name == "n")
            images.query_one(Input).focus()
            await pilot.press("3", "tab", "shift+tab")
            await until(pilot, lambda: studio.draft.own_values == {"n": 3}, "the value")
            endpoint.may_answer.set()
            await models_known(pilot, app)
            await until(pilot, lambda: "Steps" in words_of(studio.form), "the card")
            await pilot.press("4")
            await until(pilot, lambda: studio.draft.own_values == {"n": 4}, "the other value")


async def test_news_are_told_when_asked_for(make_app: MakeApp) -> None:
    with listing("glm-image") as endpoint:
        app = make_app(endpoint="studio", config=endpoint.config)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await models_known(pilot, app)
            assert not app._notifications
            endpoint.ids = ["picasso"]
            await pilot.press("ctrl+p")
            await pilot.press(*"refresh models")
            await until(pilot, lambda: "Refresh models" in text_of(app.screen), "the command")
            await pilot.press("enter")
            told = "studio offers 1 model; new: picasso; gone: glm-image."
            await until(pilot, lambda: told in [note.message for note in app._notifications])
            await until(pilot, lambda: app.studio.drafting.catalogue.offered == {"picasso"})


@pytest.mark.usefixtures("paths")
async def test_another_endpoint_has_other_models(make_app: MakeApp) -> None:
    from tui.screens.settings import SettingsScreen

    with listing("seedream-4-5-251128") as endpoint:
        config = endpoint.config
        app = make_app(endpoint="studio", config=config)
        async with app.run_test(size=(120, 40)) as pilot:
            await models_known(pilot, app)
            await pilot.press(*"a fox")
            app.post_message(SettingsScreen.Changed(config, DEMO))
            await until(pilot, lambda: app.studio.draft.model == "seedream-4.5", "its own id")
            offered = lambda: app.studio.drafting.catalogue.offered or frozenset()  # noqa: E731
            await until(pilot, lambda: "kling-image-o1" in offered(), "the demo's models")
            assert app.studio.editor.text == "a fox"
