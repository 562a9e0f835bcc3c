"""Text that means harm, shown in every place that shows text: it is read, and does nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import sys
import tempfile
from collections import defaultdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input, Static

import tui
from tests.outside_text import MAKERS, Place, places
from tests.outside_world import MARKS, PAYLOADS, file_name, world
from tests.screens.conftest import NOON
from tests.screens.waiting import text_of, until, words_of
from tests.terminal_bytes import harmful
from tui.api.errors import ApiError
from tui.api.results import Record
from tui.app import DarkroomApp
from tui.catalog.card import References
from tui.catalog.loading import load_catalogue
from tui.config import ConfigError, load_config
from tui.generation.library_desk import Listed
from tui.generation.lost import Look
from tui.generation.queue import EndedJob, Job, JobBoard, JobQueue
from tui.generation.references import DraftReference
from tui.guarded_app import GuardedApp
from tui.history.comparing import compare
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, Failure, new_id
from tui.history.lineage import read_family
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.screens.answer import AnswerScreen
from tui.screens.compare import CompareScreen
from tui.screens.contact_sheet import ContactSheetScreen, SheetFacts
from tui.screens.difference import DifferenceScreen
from tui.screens.jobs import JobsScreen
from tui.screens.library import LibraryFacts, LibraryScreen
from tui.screens.library_actions import LibraryActions
from tui.screens.lineage import LineageScreen
from tui.screens.question import QuestionScreen
from tui.screens.reference_picker import ReferencePicker
from tui.screens.reference_view import ReferenceView
from tui.screens.removal_question import RemovalQuestion
from tui.screens.settings import SettingsScreen
from tui.screens.statistics import StatisticsScreen
from tui.screens.studio import StudioScreen
from tui.screens.viewer import ViewerScreen
from tui.setup import Setup
from tui.themes import load_themes
from tui.widgets import plain
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.fields.choice import ChoiceField
from tui.widgets.fields.typed import TypedField
from tui.widgets.history_pane import HistoryPane, SearchLine
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.model_id_prompt import ModelIdPrompt
from tui.widgets.picture_pane import PicturePane
from tui.widgets.reference_slots import ReferenceSlots
from tui.widgets.text_prompt import TextPrompt

OURS = ""
"""Shows no text but our own, numbers, and what `tui` itself measured."""

SHOWN_IN = {
    "app:DarkroomApp._tell_of_problems": "Qtheme",
    "app:DarkroomApp._show_unkept": "Qdisk",
    "app:DarkroomApp.action_quit": OURS,
    "guarded_app:GuardedApp.action_help_quit": OURS,
    "guarded_app:GuardedApp.notify": "Qtheme",
    "screens.answer:AnswerScreen.compose": "Qbody",
    "screens.settings:SettingsScreen._altered": "Qendpoint",
    "screens.settings:SettingsScreen._confirmed": "Qother",
    "screens.settings:SettingsScreen._save": OURS,
    "screens.settings:SettingsScreen._show_state": "Qendpoint",
    "screens.settings:SettingsScreen._stands_against": "Qheader",
    "screens.compare:CompareScreen._show_captions": "Qmodel",
    "screens.contact_sheet:ContactSheetScreen._show_state": "Qother",
    "screens.contact_sheet:ContactSheetScreen.compose": OURS,
    "screens.difference:DifferenceScreen.compose": OURS,
    "screens.entry_views:EntryViews._copy": OURS,
    "screens.entry_views:EntryViews._told": "Qfile",
    "screens.history_actions:HistoryActions._tell": "Qdisk",
    "screens.endpoint_in_use:EndpointInUse._tell": "Qendpoint",
    "screens.history_keeping:HistoryKeeping._tell": "Qdisk",
    "screens.job_actions:JobActions._submit": "Qdisk",
    "screens.job_actions:JobActions._take_up": OURS,
    "screens.job_actions:JobActions._tell": "Qdisk",
    "screens.job_views:JobViews._tell_failure": "Qerror",
    "screens.job_views:JobViews.show_look": "Qerror",
    "screens.jobs:JobsScreen._show_state": "Qerror",
    "screens.jobs:JobsScreen._show_words": "Qerror",
    "screens.jobs:JobsScreen.compose": OURS,
    "screens.library:LibraryScreen._record_words": "Qprompt",
    "screens.library:LibraryScreen._show_state": "Qerror",
    "screens.library:LibraryScreen._show_words": OURS,
    "screens.library:LibraryScreen.compose": "Qendpoint",
    "screens.library_actions:LibraryActions._delete": OURS,
    "screens.library_actions:LibraryActions._do": OURS,
    "screens.library_actions:LibraryActions._tell": OURS,
    "screens.lineage:LineageScreen.compose": OURS,
    "screens.picture_files:PictureFiles._saved": "Qother",
    "screens.picture_files:PictureFiles._tell": "Qfile",
    "screens.picture_files:PictureFiles.copy_path": OURS,
    "screens.prompt_walk:PromptWalk._step": "Qdisk",
    "screens.question:QuestionScreen.compose": "Qerror",
    "screens.recalling:Recalling._entry": "Qdisk",
    "screens.recalling:Recalling._take_over": "Qmodel",
    "screens.removal_question:RemovalQuestion.compose": "Qprompt",
    "screens.reference_picker:ReferencePicker._say": "Qother",
    "screens.reference_picker:ReferencePicker._show_state": "Qother",
    "screens.reference_picker:ReferencePicker.compose": OURS,
    "screens.reference_view:ReferenceView._show_caption": "Qfile",
    "screens.reference_ways:ReferenceWays._add": "Qfile",
    "screens.reference_ways:ReferenceWays._mention": "Qlabel",
    "screens.reference_ways:ReferenceWays._tell": "Qother",
    "screens.sending:Sending._refuse": "Qlabel",
    "screens.notices:StudioSignals.complain": "Qdisk",
    "screens.statistics:StatisticsScreen._show_state": "Qother",
    "screens.statistics:StatisticsScreen.compose": OURS,
    "screens.studio:StudioScreen._history_unusable": "Qdisk",
    "screens.viewer:ViewerScreen._compare": OURS,
    "screens.viewer:ViewerScreen._with_path": "Qout",
    "screens.viewer:_line": "Qprompt",
    "widgets.choice_menu:ChoiceMenu._option": "Qchoice",
    "widgets.difference_view:DifferenceView._prompt": "Qprompt",
    "widgets.difference_view:_value": "Qmodel",
    "widgets.contact_sheet:ContactSheet._block": OURS,
    "widgets.contact_sheet:ContactSheet._caption": "Qprompt",
    "widgets.contact_sheet:ContactSheet._cell_lines": OURS,
    "widgets.contact_sheet:ContactSheet._edge": OURS,
    "widgets.contact_sheet:ContactSheet._picture_lines": OURS,
    "widgets.contact_sheet:ContactSheet.render_line": OURS,
    "widgets.endpoint_fields:LinesField.on_mount": OURS,
    "widgets.endpoint_fields:SecretLines.get_line": "Qheader",
    "widgets.endpoint_form:EndpointForm.compose": OURS,
    "widgets.endpoint_form:EndpointForm.on_descendant_focus": OURS,
    "widgets.endpoint_form:EndpointForm.show_draft": "Qother",
    "widgets.endpoint_form:EndpointForm.show_state": "Qcommand",
    "widgets.endpoint_list:EndpointList.show_rows": OURS,
    "widgets.endpoint_report:EndpointReport._show_verdict": OURS,
    "widgets.endpoint_report:EndpointReport.begin": "Qother",
    "widgets.endpoint_report:EndpointReport.compose": OURS,
    "widgets.endpoint_report:FactLine.compose": "Qhost",
    "widgets.entry_details:EntryDetails.render_line": "Qnote",
    "widgets.entry_details:_wrapped": "Qnote",
    "widgets.entry_lines:EntryLines._head": "Qprompt",
    "widgets.entry_lines:EntryLines._state": "Qmodel",
    "widgets.entry_lines:EntryLines.coming": OURS,
    "widgets.entry_lines:EntryLines.heading": OURS,
    "widgets.entry_lines:EntryLines.line": OURS,
    "widgets.fact_rows:FactRow.__init__": "Qname",
    "widgets.field_list:FieldList.compose": OURS,
    "widgets.field_list:FieldList.show_state": "Qlabel",
    "widgets.fields.count:CountField._beneath": OURS,
    "widgets.fields.count:CountField.show_sharing": OURS,
    "widgets.fields.drawn:DrawnField.render_value": "Qchoice",
    "widgets.fields.extra:AddParameter.render": OURS,
    "widgets.fields.field:Field.render": "Qlabel",
    "widgets.fields.field:Field.render_value": OURS,
    "widgets.fields.row:FormRow.put_problem": "Qchoice",
    "widgets.fields.typed:TypedField.render_value": OURS,
    "widgets.history_pane:HistoryPane._put_count": OURS,
    "widgets.history_pane:HistoryPane._tell": "Qother",
    "widgets.image_view:ImageView._text_lines": "Qfile",
    "widgets.image_view:ImageView.render_line": "Qfile",
    "widgets.job_list:JobList._prompt_line": "Qprompt",
    "widgets.job_list:JobList.render_line": "Qendpoint",
    "widgets.key_bar:KeyBar.render": "Qkey",
    "widgets.line_view:LineView._cell": "Qprompt",
    "widgets.line_view:LineView._sides": OURS,
    "widgets.pane_tabs:PaneTabs.render": OURS,
    "widgets.picture_format:PictureApp.action_switch_graphics": OURS,
    "widgets.model_id_prompt:ModelIdPrompt._note": OURS,
    "widgets.model_id_prompt:ModelIdPrompt.compose": OURS,
    "widgets.parameter_form:ParameterForm._show_help": "Qhelp",
    "widgets.parameter_form:ParameterForm.compose": OURS,
    "widgets.picks:Picks.render": "Qother",
    "widgets.picture_pane:PicturePane._notice": "Qerror",
    "widgets.picture_pane:PicturePane._refuse": "Qout",
    "widgets.picture_pane:PicturePane._say": "Qmodel",
    "widgets.picture_pane:PicturePane.compose": OURS,
    "widgets.price_line:PriceLine.render": OURS,
    "widgets.price_line:_apart": OURS,
    "widgets.prompt_editor:PromptEditor._show_state": "Qlimit",
    "widgets.prompt_editor:PromptEditor.show_flags": "Qother",
    "widgets.reference_slots:ReferenceSlots.render_line": OURS,
    "widgets.reference_slots:_sides": "Qfile",
    "widgets.reference_slots:_wrapped": "Qmodel",
    "widgets.status_line:StatusLine.render": "Qendpoint",
    "widgets.summary_plot:SummaryPlot._strip": "Qmodel",
    "widgets.summary_table:SummaryTable._line": "Qmodel",
    "widgets.text_editor:TextEditor.get_line": "Qprompt",
    "widgets.text_prompt:TextPrompt.compose": OURS,
    "widgets.thumbnail_column:TileColumn.tile_cells": OURS,
    "widgets.value_button:ValueButton.render": "Qmodel",
}
"""The functions that put text on the screen, and which text from outside comes through each.

A function that is new, or comes to show such text, is to be entered here: see `outside_world`.
"""

OF_EACH_KIND = ("bidi", "lone surrogate", "quit", "hyperlink")

Seen = dict[str, set[str]]


def test_every_place_that_shows_text_is_tried() -> None:
    root = Path(tui.__file__).parent
    assert sorted(map(str, places(root))) == sorted(SHOWN_IN)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """The texts that came through each place, by the place."""
    seen: Seen = defaultdict(set)
    loaded = [module for name, module in sys.modules.items() if name.startswith("tui.")]
    for module in loaded:
        for name in MAKERS & vars(module).keys():
            if module is not plain:
                monkeypatch.setattr(module, name, _recording(vars(plain)[name], seen))
    notify = GuardedApp.notify

    def recording(self: GuardedApp, message: str, **options: Any) -> None:
        seen[_caller()].add(message + options.get("title", ""))
        seen["guarded_app:GuardedApp.notify"].add(message)
        notify(self, message, **options)

    monkeypatch.setattr(GuardedApp, "notify", recording)
    return seen


def _recording(maker: Any, seen: Seen) -> Any:
    def record(*texts: Any) -> Any:
        pieces = [text[0] if isinstance(text, tuple) else text for text in texts]
        seen[_caller()].update(str(piece) for piece in pieces if piece is not None)
        return maker(*texts)

    return record


def _caller() -> str:
    """The place of the project's code that called what calls this."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("tui."):
            name = frame.f_code.co_qualname.partition(".<locals>")[0].removesuffix(".<genexpr>")
            return str(Place(module.removeprefix("tui."), name))
        frame = frame.f_back
    return ""


def make_app(paths: Paths) -> DarkroomApp:
    config = load_config(paths.config_file)
    catalogue, themes = load_catalogue(paths.cards), load_themes(paths.themes)
    return DarkroomApp(
        Setup(
            paths=paths,
            config=config,
            catalogue=catalogue,
            themes=themes,
            endpoint=config.endpoint,
            model=config.model,
            theme="safelight",
            clock=lambda: NOON,
            problems=(*catalogue.problems, *themes.problems),
        )
    )


def drawn(app: DarkroomApp) -> bytes:
    """What the terminal would be sent for the whole screen, as it is now."""
    strips = app.screen._compositor.render_strips()
    return "".join(strip.render(app.console) for strip in strips).encode("utf-8", "surrogateescape")


def assert_harmless(app: DarkroomApp, payload: str) -> None:
    """Nothing on the screen acts on the terminal, runs an action or leads anywhere."""
    assert harmful(drawn(app)) == []
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None:
                assert segment.style.link is None
                assert not str(segment.style.meta.get("@click", "")).startswith("app."), payload


def _one_of_a_kind_now() -> list[Any]:
    """The payloads; those whose way is another's are left for the soak.

    A terminal sees them all: `e2e/test_outside_text_in_a_terminal.py`.
    """
    return [
        pytest.param(payload, id=name, marks=() if name in OF_EACH_KIND else pytest.mark.soak)
        for name, payload in PAYLOADS.items()
    ]


@pytest.mark.parametrize("payload", _one_of_a_kind_now())
async def test_text_that_means_harm_is_shown_and_does_nothing(
    paths: Paths,
    payload: str,
    seen: Seen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = world(paths, payload, NOON)
    app = make_app(paths)
    bells: list[None] = []
    monkeypatch.setattr(app, "bell", lambda: bells.append(None))
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        async for _ in _tour(app, pilot, entries, payload, monkeypatch):
            await pilot.pause()
            assert_harmless(app, payload)
        assert not bells
        assert not app._exit
    for place, mark in SHOWN_IN.items():
        if mark is OURS:
            assert not any(mark in text for text in seen[place] for mark in MARKS), place
        else:
            assert any(mark in text for text in seen[place]), f"{mark}, {place}: {seen[place]}"


async def _tour(
    app: DarkroomApp,
    pilot: Pilot[None],
    entries: dict[str, Entry],
    payload: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """See all that there is to see; stops at every sight."""
    studio = app.studio
    yield "empty"
    await until(pilot, lambda: studio.history.count == len(entries), "the history")
    yield "start"
    await pilot.press("f5")
    yield "history"
    await pilot.press("v")
    yield "thumbnails"
    await pilot.press("v", "f9")
    yield "other graphics"
    await pilot.press(*["f9"] * 3)
    for name in entries:
        await pilot.press("enter")
        await until(pilot, lambda: studio.draft.prompt.startswith("Qprompt"), name)
        yield name
        await pilot.press("f5", "down")
    await pilot.press("enter")
    await until(pilot, lambda: "cannot be shown" in words_of(studio.picture), "the missing file")
    yield "a file that is not there"
    await pilot.press("right")
    yield "the second image"

    async for sight in _tour_of_history(app, pilot, payload):
        yield sight
    async for sight in _tour_of_the_pictures(app, pilot, entries, payload, monkeypatch):
        yield sight
    await pilot.press("f3")
    yield "form"
    await pilot.press("enter")
    yield "menu of models"
    await pilot.press("end", "enter")
    await until(pilot, lambda: isinstance(app.screen, ModelIdPrompt), "the line for an id")
    app.screen.query_one(Input).value = f"Qother{payload}"
    await pilot.press("enter")
    yield "a model's id"
    if isinstance(app.screen, ModelIdPrompt):
        await pilot.press("escape")
    else:
        # It may well be an id.
        await studio.use_model(next(iter(entries.values())).model)
    app.action_refresh_models()
    await until(pilot, lambda: any("listed" in note.message for note in app._notifications))
    yield "news of the models"
    studio.query(ChoiceField).first().focus()
    await pilot.press("enter")
    yield "menu of choices"
    await pilot.press("escape")
    field = studio.query(TypedField).last()
    field.query_one(Input).value = "99"
    await until(pilot, lambda: bool(field.problem), "a violation")
    yield "a violation"
    field.query_one(Input).value = ""
    name = next(p.name for p in studio.drafting.card.parameters if p.name.startswith("Qname"))
    studio.drafting.draft = studio.draft.with_value(name, f"Qvalue{payload}")
    await pilot.pause()
    yield "a value that is not among the choices"
    model = studio.draft.model
    await studio.use_model("glm-image")
    await until(pilot, lambda: "kept for" in words_of(studio.form), "what waits")
    yield "a value that waits for its model"
    await studio.use_model(model)
    await pilot.press("ctrl+j")
    yield "an objection"
    studio.editor.problem = f"Qlimit{payload}"
    yield "a problem of the prompt"
    prompt = studio.editor.text
    studio.editor.put(f'a fox --note "Qother{payload}" --m "Qother{payload}"')
    await until(pilot, lambda: "Qother" in text_of(studio.editor).splitlines()[-1], "the chip")
    yield "a flag"
    studio.editor.put(prompt)
    # On a slow machine, too, the second press of a key is an answer.
    monkeypatch.setattr("tui.screens.settings.ASK_FOR", 300.0)
    async for sight in _tour_of_the_endpoints(app, pilot):
        yield sight

    failed = entries["failed"]
    studio.job_views.show_jobs((Job(failed),))
    yield "a failure out of sight"
    studio.post_message(PicturePane.AnswerWanted(failed.error))
    await until(pilot, lambda: isinstance(app.screen, AnswerScreen), "the answer")
    yield "an answer"
    await pilot.press("escape")
    monkeypatch.setattr(HistoryStore, "write", _raiser(OSError(errno.ENOSPC, f"Qdisk{payload}")))
    await pilot.press("ctrl+j")
    await until(pilot, lambda: any("saved" in note.message for note in app._notifications))
    yield "a disk that refuses"
    async for sight in _tour_of_a_failing_disk(app, pilot, entries, payload, monkeypatch):
        yield sight
    async for sight in _tour_of_the_references(app, pilot, payload):
        yield sight
    await pilot.press("ctrl+c", "ctrl+p")
    yield "commands"
    await pilot.press("escape")
    app.action_show_help_panel()
    yield "keys"
    app.action_hide_help_panel()
    await pilot.resize_terminal(80, 24)
    yield "narrow"
    await pilot.resize_terminal(20, 8)
    yield "tiny"


async def _tour_of_history(app: DarkroomApp, pilot: Pilot[None], payload: str) -> Any:
    pane = app.studio.history_pane
    count = app.studio.history.count
    await pilot.press("f5", "slash")
    line = pane.query_one(SearchLine)
    line.value = f"date:Qother{payload}"
    await until(pilot, lambda: pane.query_one("#search-problem").display, "what is wrong")
    yield "a query that means nothing"
    line.value = f'"Qprompt{payload}"'
    await pilot.pause()
    yield "a search"
    await pilot.press("escape")
    await until(pilot, lambda: app.studio.history.count == count, "all entries")
    for key in ("t", "e"):
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, TextPrompt), "the editor")
        yield f"what is typed for {key}"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
    await pilot.press("i")
    for name in range(count):
        details, current = pane.details, app.studio.history.current
        await until(
            pilot,
            lambda: details.entry is not None and details.entry.id == current,  # noqa: B023
            "the facts",
        )
        yield f"facts of entry {name}"
        details.scroll_end(animate=False)
        yield f"the rest of them {name}"
        await pilot.press("down")
    await pilot.press("i", "home", "L")
    await until(pilot, lambda: isinstance(app.screen, LineageScreen), "the family")
    yield "one that is alone"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")
    await pilot.press("x", "D")
    await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "what changed")
    await pilot.press("space")
    yield "the same prompt"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")
    entry = await asyncio.to_thread(app._desk.read, app.studio.history.current)
    other = replace(entry, prompt=f"Qprompt{payload} more", model=f"Qmodel{payload}2")
    app.push_screen(DifferenceScreen(compare(entry, other)))
    yield "what changed"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")
    async for sight in _tour_of_a_family(app, pilot, entry, other):
        yield sight
    async for sight in _tour_of_the_contact_sheet(app, pilot, payload):
        yield sight
    async for sight in _tour_of_the_statistics(app, pilot, payload):
        yield sight
    async for sight in _tour_of_the_jobs(app, pilot, entry, payload):
        yield sight
    async for sight in _tour_of_the_library(app, pilot, entry, payload):
        yield sight
    await pilot.press("escape", "y")
    yield "what can be copied"
    await pilot.press("enter", "x", "X")
    yield "marks"
    await pilot.press("escape")


async def _tour_of_the_pictures(
    app: DarkroomApp,
    pilot: Pilot[None],
    entries: dict[str, Entry],
    payload: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    app.studio.history.go_to(entries["missing"].id)
    await pilot.press("space")
    await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
    viewer = app.screen
    assert isinstance(viewer, ViewerScreen)
    await until(pilot, lambda: "cannot be shown" in words_of(viewer), "the missing file")
    yield "a file that cannot be seen"
    await pilot.press("i", "r")
    await until(pilot, lambda: any("no file" in note.message for note in app._notifications))
    yield "a file that has no folder, and its facts"
    with monkeypatch.context() as patch:
        saved = Path(f"Qother{payload}".replace("/", "|"))
        patch.setattr("tui.images.copying.save_copy", lambda *_, **__: saved)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, ChoiceMenu), "how to save")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TextPrompt), "where to save")
        yield "a name to save as"
        await pilot.press("enter")
        await until(pilot, lambda: any(note.title == "Saved" for note in app._notifications))
    yield "what was saved"
    await pilot.press("n", "y")
    await until(pilot, lambda: viewer.sight.entry.id == entries["outside"].id, "the next")
    await pilot.press("y")
    await until(pilot, lambda: any("not inside" in note.message for note in app._notifications))
    yield "a file outside"
    await pilot.press("c")
    await until(pilot, lambda: isinstance(app.screen, CompareScreen), "the comparison")
    yield "two pictures"
    await pilot.press("a", "space")
    yield "one of two pictures"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is viewer, "the viewer")
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")
    app.clear_notifications()


async def _tour_of_the_references(app: DarkroomApp, pilot: Pilot[None], payload: str) -> Any:
    studio, ways = app.studio, app.studio.ways
    draft, card = studio.draft, studio.drafting.card
    slots = studio.query_one(ReferenceSlots)
    folder = Path(app.setup.paths.cache) / file_name(f"Qother{payload}")
    folder.mkdir(exist_ok=True)
    picture = folder / file_name(f"Qfile{payload}.png")
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    mention = f"Qlabel{payload} {{}}"
    studio.drafting.card = replace(card, references=References(max=3, mention=mention))
    studio.drafting.draft = replace(draft, references=())
    ways._folder = folder
    app.clear_notifications()
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(app.screen, ReferencePicker), "the picker")
    picker = app.screen
    assert isinstance(picker, ReferencePicker)
    await until(pilot, lambda: "Qfile" in words_of(picker), "the file")
    yield "files to choose from"
    picker._say(f"Qother{payload}")
    picker.files.typed = f"Qother{payload}"
    yield "letters that no file has"
    await pilot.press("escape", "down", "space", "enter")
    await until(pilot, lambda: app.screen is studio, "the studio")
    await until(pilot, lambda: any("Qfile" in note.message for note in app._notifications))
    studio.referencing.add([DraftReference(f"Qfile{payload}", f"/none/Qfile{payload}")])
    slots.focus()
    slots.go_to(0)
    await until(pilot, lambda: not any(s.is_pending for s in studio.referencing.states))
    yield "slots"
    await pilot.press("m")
    await until(pilot, lambda: any("Qlabel" in note.message for note in app._notifications))
    yield "a mention"
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ReferenceView), "the reference")
    yield "a reference"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is studio, "the studio")
    slots.post_message(ReferenceSlots.Pasted(f"Qother{payload}"))
    await until(pilot, lambda: any("Qother" in note.message for note in app._notifications))
    yield "a paste that names nothing"
    studio.drafting.card = card
    await studio.drafting.put(draft)


async def _tour_of_a_family(
    app: DarkroomApp, pilot: Pilot[None], entry: Entry, other: Entry
) -> Any:
    child = replace(other, id=new_id(entry.created), parent=entry.id)
    found = {entry.id: entry, child.id: child}
    family = read_family(child.id, found.get, lambda of: [child.id] if of == entry.id else [])
    screen = LineageScreen(family, child.id, app.studio.card_of, lambda: NOON)
    app.push_screen(screen)
    await until(pilot, lambda: "2 entries" in words_of(screen), "the family")
    yield "a family"
    await pilot.press("D")
    await until(pilot, lambda: isinstance(app.screen, DifferenceScreen), "what changed")
    yield "what changed in it"
    await pilot.press("escape", "escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")


async def _tour_of_the_contact_sheet(app: DarkroomApp, pilot: Pilot[None], payload: str) -> Any:
    problem = f"Qother{payload}"
    facts = SheetFacts(query=f"Qother{payload}")
    nothing = ContactSheetScreen(app._desk, facts, app.studio.post_message)
    app.push_screen(nothing)
    await until(pilot, lambda: "No pictures here" in words_of(nothing), "nothing")
    yield "a contact sheet of nothing"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")
    screen = ContactSheetScreen(app._desk, SheetFacts(), app.studio.post_message)
    app.push_screen(screen)
    await until(pilot, lambda: "Qprompt" in words_of(screen), "the pictures")
    yield "a contact sheet"
    screen._problem = problem
    screen._show_state()
    yield "a contact sheet with a problem"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")


async def _tour_of_the_statistics(app: DarkroomApp, pilot: Pilot[None], payload: str) -> Any:
    await pilot.press("f6")
    await until(pilot, lambda: isinstance(app.screen, StatisticsScreen), "the statistics")
    screen = app.screen
    assert isinstance(screen, StatisticsScreen)
    await pilot.press("m")
    await until(pilot, lambda: "Qmodel" in words_of(screen.table), "the models")
    for _ in range(4):
        yield "statistics of models"
        await pilot.press("right")
    await pilot.press("slash")
    screen.line.value = f"date:Qother{payload}"
    await until(pilot, lambda: screen.query_one("#query-problem").display, "what is wrong")
    yield "statistics of a query that means nothing"
    await pilot.press("escape", "escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")


async def _tour_of_the_jobs(
    app: DarkroomApp, pilot: Pilot[None], entry: Entry, payload: str
) -> Any:
    elsewhere = replace(entry, id=new_id(entry.created), endpoint="elsewhere")
    lost = replace(entry, id=new_id(entry.created), status="unknown", images=())
    record = Record("r-1", "completed", entry.model, entry.prompt, entry.created, None, None)
    look = Look(
        lost, "ambiguous", f"Qerror{payload}", (record, dataclasses.replace(record, id="r-2"))
    )
    error = f"Qerror{payload}"
    failure = Failure(kind="gateway", message=error, hint=error, charged="maybe")
    failed = replace(lost, id=new_id(entry.created), status="failed", error=failure)
    desk: Any = SimpleNamespace(
        board=JobBoard(
            running=(Job(replace(entry, id=new_id(entry.created)), started=0.0),),
            waiting=(Job(entry), Job(elsewhere)),
            stopped={"elsewhere": f"Qerror{payload}"},
            ended=(EndedJob(failed), EndedJob(lost, look)),
        )
    )
    screen = JobsScreen(desk, app.backstage.job_actions, app.studio.card_of)
    app.push_screen(screen)
    await until(pilot, lambda: "2 waiting" in words_of(screen), "the jobs")
    yield "jobs"
    await pilot.press("end")
    yield "a lost job"
    await pilot.press("a")
    await until(pilot, lambda: isinstance(app.screen, ChoiceMenu), "the records")
    yield "records to choose from"
    await pilot.press("escape", "up", "r")
    await until(pilot, lambda: isinstance(app.screen, QuestionScreen), "the question")
    yield "a question"
    await pilot.press("n")
    desk.board = JobBoard()
    screen.follow()
    await pilot.pause()
    yield "no jobs"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")
    app.studio.job_views.show_look(look)
    await until(pilot, lambda: bool(app._notifications), "a notice of a look")
    yield "a look"
    app.clear_notifications()


async def _tour_of_the_library(
    app: DarkroomApp, pilot: Pilot[None], entry: Entry, payload: str
) -> Any:
    record = Record(
        f"Qother{payload}", "completed", entry.model, entry.prompt, entry.created, None, None
    )
    failed = dataclasses.replace(record, id="r", status="failed", error=f"Qerror{payload}")

    async def picture(_: object) -> Path:
        raise ApiError("download", f"Qerror{payload}")

    async def look_again() -> None:
        """Nothing changes."""

    desk: Any = SimpleNamespace(
        rows=(Listed(record), Listed(failed)),
        endpoint=f"Qendpoint{payload}",
        problem=f"Qerror{payload}",
        is_listing=False, is_whole=True, is_fresh=False, keeps_no_list=False,
        is_stuck=True, work=None,
        picture=picture, look_again=look_again, store=app._desk.store,
    )  # fmt: skip
    actions = LibraryActions(app, desk)
    nothing: Any = None
    facts = LibraryFacts(
        app._desk, app.studio.card_of, lambda: NOON, nothing, nothing, lambda *_: None
    )
    screen = LibraryScreen(desk, actions, facts)
    app.push_screen(screen)
    await until(pilot, lambda: bool(screen._needed), "the library")
    await until(pilot, lambda: "Qerror" in words_of(screen.picture), "why there is no picture")
    yield "records"
    await pilot.press("down")
    yield "a failed record"
    await pilot.press("d")
    await until(pilot, lambda: isinstance(app.screen, RemovalQuestion), "the question")
    yield "a question about records"
    await pilot.press("n")
    desk.rows = ()
    screen.follow()
    yield "no records"
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")


async def _tour_of_a_failing_disk(
    app: DarkroomApp,
    pilot: Pilot[None],
    entries: dict[str, Entry],
    payload: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    studio = app.studio
    problem = f"Qdisk{payload}"
    entry = next(entry for entry in entries.values() if entry.images)

    async def until_told(mark: str) -> None:
        def is_told() -> bool:
            return any(mark in note.message for note in app._notifications)

        await until(pilot, is_told, f"a notice of {mark}")

    app.clear_notifications()
    await pilot.press("f5")
    await until(pilot, lambda: studio.history.has_focus, "the history")
    await pilot.press("full_stop")
    await until_told("Qdisk")
    yield "a star that cannot be kept"
    app.clear_notifications()
    studio.post_message(HistoryPane.Unusable(problem))
    await until_told("Qdisk")
    app.clear_notifications()
    app.post_message(app.SessionUnkept(problem))
    await until_told("Qdisk")
    app.clear_notifications()
    app.backstage.notices._signals.complain(problem)
    await until_told("Qdisk")
    app.clear_notifications()
    studio._earlier._begin(_raiser(OSError(errno.EIO, problem)))
    await until_told("Qdisk")
    app.clear_notifications()
    with monkeypatch.context() as patch:
        patch.setattr(HistoryDesk, "empty_trash", _raiser(OSError(errno.EIO, problem)))
        app.backstage.history_keeping.empty_trash(30)
        await until_told("Qdisk")
    app.clear_notifications()
    with monkeypatch.context() as patch:
        patch.setattr("tui.screens.history_keeping.keep_search", _raiser(ConfigError(problem)))
        app.post_message(HistoryPane.SearchNamed("a", "b", ""))
        await until_told("Qdisk")
    app.clear_notifications()
    with monkeypatch.context() as patch:
        patch.setattr(JobQueue, "stop", _raiser(OSError(errno.EIO, problem)))
        studio.post_message(StudioScreen.StopRequested(entry.id))
        await until_told("Qdisk")
    yield "what cannot be kept"
    app.clear_notifications()
    studio.drafting.card = replace(studio.drafting.card, parameters=())
    await studio._recalling._take_over(entry, "size")
    await until_told("Qmodel")
    yield "a model without sizes"
    app.clear_notifications()
    with monkeypatch.context() as patch:
        lies, nowhere = HistoryStore.absolute, _raiser(ValueError(f"Qfile{payload}"))
        # What looks for changes in the background asks where the history lies.
        patch.setattr(
            HistoryStore,
            "absolute",
            lambda store, name: (lies if name.startswith("history") else nowhere)(store, name),
        )
        studio._views.open_picture(entry.id)
        await until_told("Qfile")
    yield "a picture that lies nowhere"
    app.clear_notifications()
    with monkeypatch.context() as patch:
        patch.setattr(HistoryDesk, "read", _raiser(OSError(errno.EIO, problem)))
        studio._recalling.recall("20200101T000000000-000000", "prompt")
        await until_told("Qdisk")
    yield "an entry that cannot be read"


async def _tour_of_the_endpoints(app: DarkroomApp, pilot: Pilot[None]) -> Any:
    await pilot.resize_terminal(120, 40)
    await pilot.press("f8")
    await until(pilot, lambda: isinstance(app.screen, SettingsScreen), "the endpoints")
    screen = app.screen
    assert isinstance(screen, SettingsScreen)
    await until(pilot, lambda: screen._found is not None, "what the file says")
    yield "endpoints"
    await pilot.press("end")
    await until(pilot, lambda: screen._desk.draft(screen._chosen).name.startswith("Qother"))
    yield "settings"
    screen.form.go_to("headers")
    await pilot.pause()
    yield "headers"
    screen.endpoints.focus()
    await pilot.press("x")
    yield "a question"
    await pilot.press("t")
    await until(pilot, lambda: not screen.report.is_running, "the facts")
    yield "a test"
    await pilot.press("escape", "a")
    yield "profiles"
    await pilot.press("end", "up", "enter")
    await until(pilot, lambda: app.screen is screen, "a new one")
    await pilot.press(*"near")
    yield "a new one"
    url = screen.query_one("#field-base-url Input", Input)
    url.value = "https://near.example/v1"
    await pilot.press("ctrl+j")
    await until(pilot, lambda: any("header" in note.message for note in app._notifications))
    yield "a refusal"
    screen.endpoints.focus()
    await pilot.press("x", "x", "up", "u")
    await until(pilot, lambda: screen._used == "local", "the switch")
    await pilot.press("down", "u")
    await until(pilot, lambda: screen._used.startswith("Qendpoint"), "the switch")
    yield "a switch"
    await pilot.resize_terminal(80, 24)
    yield "narrow endpoints"
    await pilot.press("enter")
    yield "narrow settings"
    await pilot.resize_terminal(200, 60)
    await pilot.press("escape", "escape")
    await until(pilot, lambda: app.screen is app.studio, "the studio")


async def test_what_the_tests_look_for_would_be_found(paths: Paths) -> None:
    app = make_app(paths)
    async with app.run_test() as pilot:
        await app.studio.mount(Static("[@click=app.bell]x[/]"))
        await pilot.pause()
        with pytest.raises(AssertionError):
            assert_harmless(app, "")


any_text = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("[]@=/'\"\\()\x1b\x9b\x9d\u202e\u2028\x07\ud83d"),
    ),
    min_size=1,
    max_size=60,
)
STRINGS = 30


async def _show_all(paths: Paths, texts: list[str]) -> None:
    worlds = [
        world(paths, text, NOON - timedelta(minutes=5 * minutes))
        for minutes, text in enumerate(texts)
    ]
    count = sum(map(len, worlds))
    app = make_app(paths)
    async with app.run_test(size=(110, 30), notifications=True) as pilot:
        studio = app.studio
        await until(pilot, lambda: studio.history.count == count, "the history")
        assert_harmless(app, "")
        for entries in worlds:
            # As it is on the disk, where half a character has no place.
            entry = app._desk.store.read(entries["failed"].id)
            studio.history.post_message(HistorySidebar.Wished("load", (entry.id,)))
            await until(
                pilot, partial(lambda chosen: studio.shown.entry == chosen, entry), entry.id
            )
            await pilot.pause()
            assert_harmless(app, entry.prompt)


def _show_in_a_home_of_their_own(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        paths = Paths(home, home, home)
        paths.prepare()
        asyncio.run(_show_all(paths, texts))


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(st.lists(any_text, min_size=STRINGS, max_size=STRINGS))
def test_any_text_is_shown_and_does_nothing(texts: list[str]) -> None:
    _show_in_a_home_of_their_own(texts)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=10_000 // STRINGS, suppress_health_check=list(HealthCheck))
@given(st.lists(any_text, min_size=STRINGS, max_size=STRINGS))
def test_ten_thousand_texts_are_shown_and_do_nothing(texts: list[str]) -> None:
    _show_in_a_home_of_their_own(texts)


def _raiser(error: Exception) -> Any:
    def fail(*_: object) -> None:
        raise error

    return fail
