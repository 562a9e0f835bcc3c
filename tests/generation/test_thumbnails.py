"""The small copies of the pictures of entries, whatever the entries say."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.history.entries import at
from tests.images.pictures import QUADRANTS, alike, corners, quadrants, write
from tui.generation.thumbnails import EntryThumbnails, removal
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, EntryImage
from tui.history.store import HistoryStore
from tui.images.kept_previews import kept_in
from tui.images.prepare import prepare_preview
from tui.images.preview import PreviewRequest, TileRequest
from tui.paths import Paths

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOOK = TileRequest("half", (10, 20), (0, 0, 0))


@pytest.fixture
def thumbnails(paths: Paths) -> Iterator[EntryThumbnails]:
    with closing(HistoryDesk(paths, lambda: NOW)) as desk:
        yield EntryThumbnails(desk)


@pytest.fixture
def image(paths: Paths) -> EntryImage:
    """A picture on disk, as an entry has it."""
    path = write(paths.data / "picture.png", quadrants(600, 450))
    data = path.read_bytes()
    return EntryImage(path.name, hashlib.sha256(data).hexdigest(), len(data), 600, 450, "png")


def _entry(store: HistoryStore, *images: EntryImage) -> Entry:
    entry = replace(at(NOW), images=images)
    store.write(entry)
    return entry


def test_the_first_picture_is_shown_and_kept_by_its_content(
    thumbnails: EntryThumbnails, store: HistoryStore, image: EntryImage, paths: Paths
) -> None:
    entry = _entry(store, image, replace(image, file="none.png", sha256="0" * 64))
    copy = thumbnails.image(entry.id)
    assert copy is not None and all(map(alike, corners(copy), QUADRANTS))
    assert [file.name for file in paths.thumbnails.iterdir()] == [f"{image.sha256}.webp"]
    assert thumbnails.tile(entry.id, LOOK) is not None


def test_a_picture_that_is_known_to_be_missing_is_passed_over(
    thumbnails: EntryThumbnails, store: HistoryStore, image: EntryImage
) -> None:
    gone = replace(image, file="gone.png", sha256="0" * 64, missing=True)
    assert thumbnails.image(_entry(store, gone, image).id) is not None


@pytest.mark.parametrize(
    "file", ["none.png", "../picture.png", "/etc/passwd", "nul\0", "folder", "text.png"]
)
def test_what_cannot_be_shown_is_nothing(
    thumbnails: EntryThumbnails, store: HistoryStore, image: EntryImage, paths: Paths, file: str
) -> None:
    (paths.data / "folder").mkdir()
    (paths.data / "text.png").write_text("no image")
    entry = _entry(store, replace(image, file=file))
    assert thumbnails.image(entry.id) is None
    assert thumbnails.tile(entry.id, LOOK) is None


def test_an_entry_that_has_no_picture_or_is_none_has_no_thumbnail(
    thumbnails: EntryThumbnails, store: HistoryStore
) -> None:
    entry = _entry(store)
    assert thumbnails.image(entry.id) is None
    store.entry_path(entry.id).write_text("no entry")
    assert thumbnails.image(entry.id) is None
    assert thumbnails.image("20261122T070312418-000000") is None
    assert thumbnails.image("../../etc/passwd") is None


def test_nothing_heavy_is_loaded_before_the_first_picture() -> None:
    code = "import sys, tui.generation.thumbnails; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"PIL", "numpy", "textual", "textual_image", "sqlite3"} & set(loaded)


def test_emptying_the_trash_removes_the_copies_of_its_pictures(
    paths: Paths, store: HistoryStore
) -> None:
    kept, gone = (_stored(store, number) for number in (1, 2))
    for entry in (kept, gone):
        image = entry.images[0]
        path = store.absolute(image.file)
        request = PreviewRequest(path, 20, 10, (9, 17), "half", (0, 0, 0), sha256=image.sha256)
        prepare_preview(request, kept_in(paths.previews))
    later = [NOW]
    with closing(HistoryDesk(paths, lambda: later[0])) as desk:
        thumbnails = EntryThumbnails(desk)
        assert thumbnails.image(kept.id) is not None and thumbnails.image(gone.id) is not None
        assert len(list(paths.thumbnails.iterdir())) == 2
        desk.discard(gone.id)
        assert thumbnails.empty_trash(30) == 0
        assert len(list(paths.thumbnails.iterdir())) == 2, "it may come back"
        later[0] += timedelta(days=40)
        assert thumbnails.empty_trash(30) == 1
    sha256 = kept.images[0].sha256
    assert [file.stem for file in paths.thumbnails.iterdir()] == [sha256]
    assert [file.name[:64] for file in paths.previews.iterdir()] == [sha256]


def test_a_hash_that_is_none_removes_nothing(paths: Paths, tmp_path: Path) -> None:
    other = tmp_path / "other.webp"
    other.touch()
    entry = replace(at(NOW), images=(EntryImage("a.png", "../other", 1, 1, 1, "png"),))
    removal(paths.thumbnails, paths.previews)(entry)
    assert other.exists()


def _stored(store: HistoryStore, number: int) -> Entry:
    """An entry with a picture of its own, where an entry's pictures lie."""
    entry = at(NOW - timedelta(minutes=number))
    name = store.image_name(entry.id, 1, "png")
    path = store.absolute(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, quadrants(300 + number, 200))
    data = path.read_bytes()
    image = EntryImage(name, hashlib.sha256(data).hexdigest(), len(data), 300, 200, "png")
    entry = replace(entry, images=(image,))
    store.write(entry)
    return entry
