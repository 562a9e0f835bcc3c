"""Input images on their way from where they were chosen to where they stay."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tui.api.errors import ApiError
from tui.catalog.card import ModelCard, References
from tui.generation.reference_desk import BY_ADDRESS, ReferenceDesk
from tui.generation.references import DraftReference, chosen_again
from tui.history.entry import EntryReference
from tui.history.store import HistoryStore
from tui.images.prepared import UnfitReference
from tui.paths import Paths

CARD = ModelCard(id="painter", references=References(max=3, formats=("png",), min_side=16))
NARROW = ModelCard(id="narrow", references=References(max=3, formats=("jpeg",)))
NONE = ModelCard(id="words")
ADDRESS = "https://images.example.com/a.png"


class Elsewhere:
    """Stands for the network: a file at an address, or a complaint."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.asked: list[str] = []
        self.complaint: ApiError | None = None

    async def fetch(self, address: str, target: Path) -> None:
        self.asked.append(address)
        if self.complaint is not None:
            raise self.complaint
        with target.open("xb") as file:
            file.write(self.source.read_bytes())


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    path = tmp_path / "sketch.png"
    Image.new("RGB", (64, 32), "teal").save(path)
    return path


@pytest.fixture
def elsewhere(sketch: Path) -> Elsewhere:
    return Elsewhere(sketch)


@pytest.fixture
def desk(paths: Paths, store: HistoryStore, elsewhere: Elsewhere) -> ReferenceDesk:
    return ReferenceDesk(paths, store, elsewhere.fetch)


def read(place: Path | HistoryStore, kept: EntryReference | None = None) -> bytes:
    """The bytes of a file, or of the copy that is kept."""
    if isinstance(place, HistoryStore):
        assert kept is not None
        place = place.absolute(kept.file)
    return place.read_bytes()


def write(file: Path, text: str) -> None:
    file.write_text(text)


def remove(file: Path) -> None:
    file.unlink()


def chosen(file: Path, treatment: str = "fitted") -> DraftReference:
    return DraftReference(file.name, str(file), treatment)  # type: ignore[arg-type]


async def test_it_is_pending_then_ready_then_kept(
    desk: ReferenceDesk, sketch: Path, store: HistoryStore
) -> None:
    reference = chosen(sketch)
    assert desk.state(reference, CARD).is_pending
    first, second = await asyncio.gather(*(desk.prepare(reference, CARD) for _ in range(2)))
    assert first == second == desk.state(reference, CARD)
    assert first.prepared is not None
    assert not first.is_pending
    (kept,) = await desk.keep([reference], CARD)
    assert (kept.name, kept.sha256) == ("sketch.png", first.prepared.sha256)
    assert read(store, kept) == read(sketch)
    # Out of history it is the same once more.
    (again,) = await desk.keep([chosen_again(kept)], CARD)
    assert again == kept


async def test_each_model_gets_it_as_it_takes_it(desk: ReferenceDesk, sketch: Path) -> None:
    (png,) = await desk.keep([chosen(sketch)], CARD)
    (jpeg,) = await desk.keep([chosen(sketch)], NARROW)
    assert png.file.endswith(".png")
    assert jpeg.file.endswith(".jpg")
    assert await desk.keep([chosen(sketch)], NONE) == ()


async def test_what_the_model_has_against_it_is_no_reason_not_to_send_it(
    desk: ReferenceDesk, tmp_path: Path
) -> None:
    small = tmp_path / "small.png"
    Image.new("RGB", (8, 64)).save(small)
    state = await desk.prepare(chosen(small), CARD)
    assert state.objection == "8×64: each side needs 16 pixels."
    assert state.problem == ""
    assert len(await desk.keep([chosen(small)], CARD)) == 1


async def test_a_file_that_changes_is_prepared_anew_when_it_is_looked_at(
    desk: ReferenceDesk, sketch: Path
) -> None:
    reference = chosen(sketch)
    before = await desk.prepare(reference, CARD)
    Image.new("RGB", (48, 48), "red").save(sketch)
    # What is sent is what was shown.
    (kept,) = await desk.keep([reference], CARD)
    assert before.prepared is not None
    assert kept.sha256 == before.prepared.sha256
    after = await desk.prepare(reference, CARD)
    assert after.prepared is not None
    assert (after.prepared.width, after.prepared.height) == (48, 48)
    remove(sketch)
    gone = await desk.prepare(reference, CARD)
    assert gone.problem == f"There is no such file: {sketch}."


async def test_an_emptied_cache_costs_nothing_but_the_work(
    desk: ReferenceDesk, sketch: Path, paths: Paths
) -> None:
    reference = chosen(sketch)
    before = await desk.prepare(reference, CARD)
    shutil.rmtree(paths.references)
    (kept,) = await desk.keep([reference], CARD)
    assert before.prepared is not None
    assert kept.sha256 == before.prepared.sha256
    shutil.rmtree(paths.references)
    shutil.rmtree(paths.data / "images")
    remove(sketch)
    with pytest.raises(UnfitReference, match=r"^sketch\.png: There is no such file"):
        await desk.keep([reference], CARD)


async def test_an_address_is_fetched_once_or_sent_as_it_is(
    desk: ReferenceDesk, elsewhere: Elsewhere, sketch: Path, store: HistoryStore
) -> None:
    inline, passed_on = DraftReference(ADDRESS), DraftReference(ADDRESS, treatment="as it is")
    kept = await desk.keep([inline, passed_on, inline], CARD)
    assert elsewhere.asked == [ADDRESS]
    assert kept[0] == kept[2] == EntryReference(ADDRESS, kept[0].sha256, kept[0].file)
    assert read(store, kept[0]) == read(sketch)
    assert kept[1] == EntryReference(ADDRESS)
    assert chosen_again(kept[1]) == passed_on
    # An endpoint that takes bytes only gets bytes.
    assert desk.state(passed_on, CARD, "file").is_pending
    assert (await desk.keep([passed_on], CARD, "file"))[0].file == kept[0].file
    # One that takes addresses only gets no file.
    assert desk.state(inline, CARD, "address").is_sent_as_address
    assert desk.state(chosen(sketch), CARD, "address").problem == BY_ADDRESS


async def test_an_address_that_needs_a_login_says_so_and_is_asked_again(
    desk: ReferenceDesk, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.complaint = ApiError("auth", "It wants a login.", hint="Save it, and add the file.")
    reference = DraftReference(ADDRESS)
    state = await desk.prepare(reference, CARD)
    assert state.problem == "It wants a login. Save it, and add the file."
    elsewhere.complaint, elsewhere.source = None, tmp_path / "page.html"
    write(elsewhere.source, "<html>log in</html>")
    state = await desk.prepare(reference, CARD)
    assert state.problem == (
        "What came from there cannot be sent: The file is not a PNG, JPEG or WebP image."
    )
    with pytest.raises(UnfitReference):
        await desk.keep([reference], CARD)


@pytest.mark.parametrize("file", ["/etc/hostname", "../outside.png", "images/../../outside.png"])
async def test_an_entry_leads_to_no_file_outside_the_data_folder(
    desk: ReferenceDesk, paths: Paths, file: str
) -> None:
    Image.new("RGB", (64, 32)).save(paths.data.parent / "outside.png")
    reference = chosen_again(EntryReference("sketch.png", "0" * 64, file))
    state = await desk.prepare(reference, CARD)
    assert state.problem.startswith("Its copy is gone: ")


async def test_what_is_forgotten_is_prepared_anew(
    desk: ReferenceDesk, elsewhere: Elsewhere
) -> None:
    reference = DraftReference(ADDRESS)
    await desk.prepare(reference, CARD)
    desk.forget(reference)
    assert desk.state(reference, CARD).is_pending
    await desk.prepare(reference, CARD)
    assert elsewhere.asked == [ADDRESS] * 2


@pytest.fixture
def full(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def fill() -> None:
        def refused(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tui.images.references.write_durably", refused)

    return fill


async def test_a_full_disk_is_an_error_and_nothing_is_lost(
    desk: ReferenceDesk, sketch: Path, full: Callable[[], None]
) -> None:
    full()
    with pytest.raises(OSError, match="No space left"):
        await desk.keep([chosen(sketch)], CARD)
    assert desk.state(chosen(sketch), CARD).prepared is not None
