"""References in the studio: slots, the ways in, and what leaves the machine."""

from __future__ import annotations

import asyncio
import base64
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from syrupy.assertion import SnapshotAssertion
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.cli.servers import answering, offering
from tests.images.pictures import encoded, png_of_size, quadrants, write
from tests.screens.conftest import MakeApp
from tests.screens.test_graphics import drawn
from tests.screens.test_snapshots import ScreenExtension
from tests.screens.waiting import history_shown, models_known, until, words_of
from tui.app import DarkroomApp
from tui.config import Config, EndpointSettings
from tui.generation.references import DraftReference
from tui.history.entry import Entry
from tui.screens.compare import CompareScreen
from tui.screens.contact_sheet import ContactSheetScreen
from tui.screens.reference_picker import ReferencePicker
from tui.screens.reference_view import ReferenceView
from tui.screens.viewer import ViewerScreen
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.image_view import ImageView
from tui.widgets.reference_slots import ReferenceSlots

THEMES = ["safelight", "daylight"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of pictures, in which the program is started."""
    folder = tmp_path / "pictures"
    (folder / "holidays").mkdir(parents=True)
    write(folder / "a sketch.png", quadrants())
    write(folder / "photo.jpg", quadrants(400, 300), "JPEG", exif=_exif())
    write(folder / "wide.webp", quadrants(600, 200), "WEBP")
    write(folder / "holidays" / "beach.png", quadrants(320, 320))
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("not a picture")
    write(folder / ".hidden.png", quadrants())
    for number, path in enumerate(sorted(folder.rglob("*"))):
        os.utime(path, (1_760_000_000 + number, 1_760_000_000 + number))
    monkeypatch.chdir(folder)
    return folder


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 30.0, 0.0)})
    return exif


def slots(app: DarkroomApp) -> ReferenceSlots:
    return app.studio.query_one(ReferenceSlots)


def names(app: DarkroomApp) -> list[str]:
    return [each.name for each in app.studio.draft.references]


async def add(pilot: Pilot[None], app: DarkroomApp, *files: Path | str) -> None:
    """Add references, and wait until it is clear what becomes of them."""
    await until(pilot, lambda: app.studio.is_up, "the studio")
    app.studio.referencing.add(
        DraftReference(file) if isinstance(file, str) else DraftReference(file.name, str(file))
        for file in files
    )
    await settled(pilot, app)


async def settled(pilot: Pilot[None], app: DarkroomApp) -> None:
    """Wait until nothing is being made ready."""
    states = app.studio.referencing
    await until(pilot, lambda: not any(each.is_pending for each in states.states), "what is ready")


def paste(app: DarkroomApp, text: str) -> None:
    app.post_message(events.Paste(text))


def noticed(app: DarkroomApp, words: str) -> bool:
    return any(words in note.message for note in app._notifications)


async def test_a_slot_says_what_is_sent_and_its_keys_change_that(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "References + add" in words_of(slots(app)), "the empty slots")
        await add(pilot, app, folder / "a sketch.png", folder / "photo.jpg", folder / "broken.png")
        words = words_of(slots(app))
        assert "References 3 of 14" in words
        assert "1 a sketch.png" in words
        assert "PNG 120×80" in words
        assert "3 broken.png" in words
        assert "The file is not a PNG" in words
        await until(pilot, lambda: "▀" in words_of(slots(app)), "the small pictures")
        slots(app).focus()
        slots(app).go_to(1)
        await until(pilot, lambda: "Metadata removed." in words_of(app.studio.form), "the help")
        # Fitted, small, as it is: then it would tell the place.
        await pilot.press("t", "t")
        await settled(pilot, app)
        assert app.studio.draft.references[1].treatment == "as it is"
        await until(
            pilot, lambda: "as it is; it tells where it" in words_of(slots(app)), "the warning"
        )
        await pilot.press("t", "K")
        assert names(app) == ["photo.jpg", "a sketch.png", "broken.png"]
        assert slots(app).cursor == 0
        await pilot.press("alt+down", "alt+down")
        assert names(app) == ["a sketch.png", "broken.png", "photo.jpg"]
        await pilot.press("up", "x", "x", "x")
        await until(pilot, lambda: not names(app), "none left")
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        await until(
            pilot, lambda: sorted(names(app)) == ["a sketch.png", "broken.png", "photo.jpg"]
        )
        await pilot.press("escape")
        # What was wrong is tried again when the user says so.
        write(folder / "broken.png", quadrants(64, 64))
        slots(app).go_to(names(app).index("broken.png"))
        await pilot.press("r")
        await until(pilot, lambda: "PNG 64×64" in words_of(slots(app)), "the mended file")


async def test_a_mention_goes_to_the_cursor_as_the_model_takes_it(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app(model="kling-image-o1")
    async with app.run_test(size=(120, 40)) as pilot:
        await add(pilot, app, folder / "a sketch.png", folder / "photo.jpg")
        await pilot.press(*"like at dusk", *["left"] * 7)
        slots(app).focus()
        slots(app).go_to(1)
        await pilot.press("m")
        assert app.studio.editor.text == "like <<<image_2>>> at dusk"
        await app.studio.use_model("seedream-4.5")
        await pilot.press("m")
        assert app.studio.editor.text == "like <<<image_2>>> image 2 at dusk"


async def test_a_model_that_takes_none_says_so_and_keeps_them(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await models_known(pilot, app)
        await app.studio.use_model("glm-image")
        await pilot.pause()
        assert not slots(app).display
        await app.studio.use_model("seedream-4.5")
        await add(pilot, app, folder / "a sketch.png", folder / "photo.jpg")
        await app.studio.use_model("glm-image")
        await until(
            pilot,
            lambda: (
                "GLM-Image takes no references; these 2 stay for the next model."
                in words_of(slots(app))
            ),
            "the sentence",
        )
        slots(app).focus()
        await pilot.press("x")
        await until(pilot, lambda: "this one stays" in words_of(slots(app)), "the other one")
        await app.studio.use_model("seedream-4.0")
        await until(pilot, lambda: "1 of 14" in words_of(slots(app)), "the one that stayed")
        assert names(app) == ["a sketch.png"]


async def test_files_are_chosen_by_keys_alone(make_app: MakeApp, folder: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.studio.is_up)
        await pilot.press("ctrl+g")
        picker = await _picker(pilot, app)
        await until(pilot, lambda: "a sketch.png" in words_of(picker), "the folder")
        words = words_of(picker)
        assert "holidays/" in words
        assert "4 pictures · 1 other file" in words.replace("5 pictures", "4 pictures")
        assert "notes.txt" not in words
        assert ".hidden" not in words
        # Typing finds; a point finds what is hidden.
        await pilot.press(".")
        await until(pilot, lambda: picker.files.count == 5, "the names with a point")
        await pilot.press("h")
        assert [picker.files.current and picker.files.current.name] == [".hidden.png"]
        await pilot.press("escape", *"WIDE")
        assert picker.files.count == 1
        view = picker.query_one("#picker-preview", ImageView)
        assert view.path == folder / "wide.webp"
        # Marks are an order, and outlast a search and a folder.
        await pilot.press("space", "escape", *"sket", "space", "escape")
        assert "2 marked" in words_of(picker)
        await pilot.press(*"holi", "enter")
        await until(pilot, lambda: "beach.png" in words_of(picker), "the folder within")
        await pilot.press("space", "enter")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert names(app) == ["wide.webp", "a sketch.png", "beach.png"]
        # The next time it begins where it was.
        slots(app).focus()
        await pilot.press("end", "enter")
        picker = await _picker(pilot, app)
        await until(pilot, lambda: "beach.png" in words_of(picker), "the same folder")
        await pilot.press("backspace")
        await until(pilot, lambda: "photo.jpg" in words_of(picker), "the folder above")
        current = picker.files.current
        assert current is not None
        assert current.name == "holidays"
        # A path is completed, and tells what is wrong with it.
        await pilot.press("/")
        line = picker.query_one(Input)
        line.value = str(folder / "hol")
        line.cursor_position = len(line.value)
        await pilot.press("tab")
        await until(pilot, lambda: line.value.endswith("holidays/"), "the folder's name")
        await pilot.press("n", "enter")
        await until(pilot, lambda: "There is no such file" in words_of(picker), "the problem")
        await pilot.press("backspace", "b", "tab")
        await until(pilot, lambda: line.value.endswith("beach.png"), "the file's name")
        line.value = str(folder / "photo.jpg")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        assert names(app)[-1] == "photo.jpg"


async def test_a_folder_that_cannot_be_read_or_does_not_answer_keeps_nobody(
    make_app: MakeApp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = folder / "holidays"
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.studio.is_up)
        await pilot.press("ctrl+g")
        picker = await _picker(pilot, app)
        await until(pilot, lambda: "holidays/" in words_of(picker), "the folder")
        (gone / "beach.png").unlink()
        gone.rmdir()
        # A FIFO takes the place of a folder that never answers: opening it would wait for ever.
        await pilot.press(*"holi", "enter")
        await until(pilot, lambda: "It cannot be read" in words_of(picker), "the reason")
        await pilot.press("backspace")
        await until(pilot, lambda: "a sketch.png" in words_of(picker), "the folder above")
        answer = asyncio.Event()
        loop = asyncio.get_running_loop()

        def hangs(path: Path) -> Any:
            asyncio.run_coroutine_threadsafe(answer.wait(), loop).result()

        with monkeypatch.context() as patch:
            patch.setattr("tui.screens.reference_picker.read_folder", hangs)
            picker._go(folder / "network")
            await until(pilot, lambda: "Reading the folder" in words_of(picker), "that it waits")
        await pilot.press("backspace")
        await until(pilot, lambda: "a sketch.png" in words_of(picker), "the folder above")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        answer.set()


async def _picker(pilot: Pilot[None], app: DarkroomApp) -> ReferencePicker:
    await until(pilot, lambda: isinstance(app.screen, ReferencePicker), "the picker")
    assert isinstance(app.screen, ReferencePicker)
    return app.screen


async def test_files_pasted_into_the_prompt_are_references_and_one_key_makes_them_text_again(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app()
    text = f"'{folder}/a sketch.png' {folder}/photo.jpg"
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.studio.is_up)
        editor = app.studio.editor
        await pilot.press(*"a fox ")
        paste(app, text)
        await until(pilot, lambda: names(app) == ["a sketch.png", "photo.jpg"], "the references")
        assert editor.text == "a fox "
        await pilot.press("ctrl+z")
        assert editor.text == f"a fox {text}"
        await until(pilot, lambda: not names(app), "that they are text")
        # What names no file is text, however it looks.
        editor.put("")
        paste(app, f"{folder}/none.png")
        await until(pilot, lambda: editor.text == f"{folder}/none.png", "the text")
        paste(app, " and more")
        await until(pilot, lambda: editor.text.endswith("none.png and more"), "the text")
        assert not names(app)


async def test_what_is_pasted_into_the_slots_is_a_reference_or_refused(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.studio.is_up)
        slots(app).focus()
        paste(app, (folder / "a sketch.png").as_uri())
        await until(pilot, lambda: names(app) == ["a sketch.png"], "the file")
        paste(app, "http://127.0.0.1:9/picture?id=7")
        await until(pilot, lambda: len(names(app)) == 2, "the address")
        paste(app, "a fox in the snow")
        await until(pilot, lambda: noticed(app, "no such file"), "the refusal")
        await settled(pilot, app)
        assert app.studio.referencing.states[1].problem


async def test_the_picture_on_the_clipboard_is_a_reference(
    make_app: MakeApp, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-test")
    monkeypatch.delenv("DISPLAY", raising=False)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.studio.is_up)
        slots(app).focus()
        await pilot.press("v")
        await until(pilot, lambda: noticed(app, "needs wl-paste"), "what is needed")
        program = programs / "wl-paste"
        program.write_text(f"#!/bin/sh\nexec /bin/cat '{folder}/a sketch.png'\n")
        program.chmod(0o700)
        await pilot.press("v")
        await until(pilot, lambda: names(app) == ["clipboard"], "the picture")
        await settled(pilot, app)
        assert "PNG 120×80" in words_of(slots(app))
        # In the editor, terminals paste nothing where there is a picture: it is there already.
        app.studio.editor.focus()
        paste(app, "")
        await until(pilot, lambda: noticed(app, "is reference 1 already"), "that it is there")


async def test_pictures_of_history_become_references_wherever_they_are_seen(
    make_app: MakeApp, week: list[Entry]
) -> None:
    app = make_app()
    orchard, newest = week[4], week[0]
    files = [image.file for image in orchard.images]
    async with app.run_test(size=(120, 40)) as pilot:
        await history_shown(pilot, app, len(week))

        def held() -> list[str]:
            return [each.file for each in app.studio.draft.references]

        await pilot.press("f5", "home", "R")
        await until(pilot, lambda: held() == [newest.images[0].file], "that under the cursor")
        await until(pilot, lambda: noticed(app, "Reference 1 of 14"), "what came of it")
        app.studio.history.go_to(orchard.id)
        await pilot.press("space")
        await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
        await pilot.press("n", "R")
        await until(pilot, lambda: held()[1:] == files[1:2], "that in the viewer")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "the comparison")
        await pilot.press("tab", "R")
        await until(pilot, lambda: len(held()) == 3 or noticed(app, "already"), "the second")
        app.clear_notifications()
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ViewerScreen), "the viewer")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, ContactSheetScreen), "the sheet")
        sheet = app.screen
        assert isinstance(sheet, ContactSheetScreen)
        await until(pilot, lambda: sheet.sheet.count > 3, "the pictures")
        sheet.sheet.go_to((orchard.id, 3))
        await pilot.press("R")
        await until(pilot, lambda: files[2] in held(), "that on the sheet")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.studio, "the studio")
        before = held()
        app.studio.post_message(HistorySidebar.Wished("load", (week[1].id,)))
        await until(pilot, lambda: app.studio.shown.entry == week[1], "the entry")
        assert not held()
        app.studio.picture.focus()
        await pilot.press("R")
        await until(pilot, lambda: held() == [week[1].images[0].file], "that in the pane")
        assert before
        app.studio.history.post_message(HistorySidebar.Wished("refer", (week[2].id,)))
        await until(pilot, lambda: noticed(app, "This entry has no picture."), "the refusal")


async def test_what_cannot_be_sent_says_why_at_its_slot_and_nothing_is_sent(
    make_app: MakeApp, folder: Path, paths: Any
) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "huge.png").write_bytes(png_of_size(10_000, 10_000))
    frames = [quadrants(64, 64), quadrants(64, 64).rotate(90)]
    frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:])
    bad = {
        "broken.png": "not a PNG, JPEG or WebP",
        "gone.png": "There is no such file",
        "holidays": "It is a folder",
        "pipe.png": "no ordinary file",
        "huge.png": "larger than 40 million pixels",
        "moving.webp": "animated",
    }
    with answering(encoded(quadrants(), "PNG")) as endpoint:
        config = Config(endpoints={"local": EndpointSettings(base_url=endpoint.base_url)})
        app = make_app(endpoint="local", config=config)
        async with app.run_test(size=(120, 60)) as pilot:
            await add(pilot, app, *(folder / name for name in bad))
            for state, words in zip(app.studio.referencing.states, bad.values(), strict=True):
                assert words in state.problem, state
            shown = words_of(slots(app))
            assert "The file is not a PNG" in shown
            await pilot.press(*"fox", "ctrl+j")
            await until(pilot, lambda: noticed(app, "broken.png: "), "the refusal")
            assert not endpoint.bodies
            assert app.studio.history.count == 0


async def test_an_address_is_fetched_or_says_why_not(make_app: MakeApp, folder: Path) -> None:
    picture = encoded(quadrants(), "PNG")
    pages = {
        "/fox.png": (200, "image/png", picture),
        "/login.png": (200, "text/html", b"<html><title>Log in</title></html>"),
        "/secret.png": (401, "text/plain", b"no"),
        "/forbidden.png": (403, "text/plain", b"no"),
    }
    # On a private network, as its endpoint is: only so it may be fetched.
    with offering(pages) as url:
        config = Config(endpoints={"local": EndpointSettings(base_url=f"{url}/v1")})
        app = make_app(endpoint="local", config=config)
        async with app.run_test(size=(120, 60)) as pilot:
            await add(pilot, app, *(f"{url}{page}" for page in pages))
            states = app.studio.referencing.states
            assert states[0].prepared is not None
            assert all(state.problem for state in states[1:]), states
            slots(app).focus()
            await pilot.press("home", "enter")
            await until(pilot, lambda: isinstance(app.screen, ReferenceView), "it large")
            await until(pilot, lambda: "PNG 120×80" in words_of(app.screen), "what it is")
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.studio, "the studio")
            await pilot.press("t", "t")
            await until(pilot, lambda: "sent as an address" in words_of(slots(app)), "the address")


async def test_what_is_sent_waits_for_its_references_and_tells_no_place(
    make_app: MakeApp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.generation import reference_desk

    gate = asyncio.Event()
    prepared = reference_desk._prepared
    loop = asyncio.get_running_loop()

    def slowly(*arguments: Any) -> Any:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return prepared(*arguments)

    monkeypatch.setattr(reference_desk, "_prepared", slowly)
    with answering(encoded(quadrants(), "PNG")) as endpoint:
        config = Config(endpoints={"local": EndpointSettings(base_url=endpoint.base_url)})
        app = make_app(endpoint="local", config=config)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.studio.is_up)
            app.studio.referencing.add(
                DraftReference(name, str(folder / name)) for name in ("photo.jpg", "a sketch.png")
            )
            await until(pilot, lambda: "preparing…" in words_of(slots(app)), "that it waits")
            await pilot.press(*"first", "ctrl+j")
            # What is changed meanwhile is for the next one.
            await until(
                pilot,
                lambda: any(w.group == "send" for w in app.workers._workers),
                "the waiting request",
            )
            await pilot.press(*" second")
            slots(app).focus()
            slots(app).go_to(0)
            await pilot.press("J", "x")
            assert names(app) == ["a sketch.png"]
            assert not endpoint.bodies
            gate.set()
            await until(pilot, lambda: bool(endpoint.bodies), "the request")
            (body,) = endpoint.bodies
            assert body["prompt"] == "first"
            sent = [_picture_in(address) for address in body["image"]]
            assert [image.size for image in sent] == [(400, 300), (120, 80)]
            assert not any(image.getexif() for image in sent)
            assert app.studio.editor.text == "first second"


def _picture_in(address: str) -> Image.Image:
    image = Image.open(BytesIO(base64.b64decode(address.partition(",")[2])))
    image.load()
    return image


@pytest.fixture
def screen(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> SnapshotAssertion:
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda editor: None)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda field: None)
    return snapshot.use_extension(ScreenExtension)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_how_slots_and_picker_look(
    make_app: MakeApp,
    folder: Path,
    screen: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    app = make_app(theme=theme)

    def look() -> str:
        return app.export_screenshot(title="Darkroom")

    async with app.run_test(size=size) as pilot:
        await models_known(pilot, app)
        await add(pilot, app, folder / "a sketch.png", folder / "photo.jpg", folder / "broken.png")
        app.studio.action_show_pane("parameters")
        slots(app).focus()
        slots(app).go_to(1)
        if size[0] > 80:
            await until(pilot, lambda: words_of(slots(app)).count("▀▀▀▀▀▀▀") >= 6, "the pictures")
            loader = slots(app)._pictures.tiles
            await until(pilot, lambda: len(loader.kept) == 2, "the pictures")
        elif size[0] == 80:
            await until(pilot, lambda: "photo.jpg" in words_of(app.studio.form), "the slot")
        await pilot.pause()
        assert look() == screen(name="slots")
        await pilot.press("ctrl+g")
        picker = await _picker(pilot, app)
        await until(pilot, lambda: "photo.jpg" in words_of(picker), "the folder")
        await pilot.press("down", "space", "down", "space")
        view = picker.query_one("#picker-preview", ImageView)
        await until(pilot, lambda: view.path == folder / "wide.webp", "the file")
        await until(pilot, lambda: view.frame is not None, "the preview")
        await pilot.pause()
        assert look() == screen(name="picker")


async def test_small_pictures_are_drawn_as_the_terminal_draws(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app(graphics="kitty")
    async with app.run_test(size=(120, 40)) as pilot:
        await add(pilot, app, folder / "a sketch.png")
        await until(pilot, lambda: "\x1b_G" in drawn(slots(app)), "kitty's graphics")
        lines = slots(app).size.height
        await pilot.press(*["f9"] * 3)
        assert app.picture_format.graphics == "off"
        await until(pilot, lambda: slots(app).size.height == lines - 1, "text alone")
        assert "▀" not in words_of(slots(app))
        assert "1 a sketch.png PNG 120×80" in words_of(slots(app))


async def test_a_reference_is_made_the_mask_where_the_endpoint_takes_one(
    make_app: MakeApp, folder: Path
) -> None:
    edits = EndpointSettings(base_url="http://127.0.0.1:9/v1", references="edits")
    app = make_app(endpoint="local", config=Config(endpoints={"local": edits}))
    async with app.run_test(size=(120, 40)) as pilot:
        write(folder / "mask.png", Image.new("RGBA", (120, 80)))
        await add(pilot, app, folder / "mask.png", folder / "a sketch.png", folder / "photo.jpg")
        slots(app).focus()
        slots(app).go_to(0)
        await pilot.press("M")
        await settled(pilot, app)
        await until(pilot, lambda: "mask mask.png" in words_of(slots(app)), "the mask")
        assert "References 2 of 14" in words_of(slots(app))
        await pilot.press("down", "m")
        assert app.studio.editor.text == "image 1"
        # It has to fit the first of the others.
        await pilot.press("J")
        await until(pilot, lambda: "as large as the first" in words_of(slots(app)), "the sentence")
