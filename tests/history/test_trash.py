"""The trash: nothing is lost in it, nothing else goes into it, and it is emptied by days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.files import rename_durably
from tui.history.entry import Entry, EntryImage
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

TODAY = date(2026, 11, 28)
YESTERDAY = date(2026, 11, 27)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, tmp_path, tmp_path)


@pytest.fixture
def trash(paths: Paths, store: HistoryStore) -> Trash:
    return Trash(paths, store)


@pytest.fixture
def entry(store: HistoryStore) -> Entry:
    """An entry with two pictures, on the disk."""
    return with_pictures(store, DONE)


def with_pictures(store: HistoryStore, entry: Entry) -> Entry:
    images = []
    for number in (1, 2):
        name = store.image_name(entry.id, number, "png")
        path = store.absolute(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{entry.id} picture {number}".encode())
        images.append(EntryImage(name, "", 1, 8, 8, "png"))
    entry = replace(entry, images=tuple(images))
    store.write(entry)
    return entry


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_what_a_job_is_at_work_on_is_not_thrown_away(
    store: HistoryStore, trash: Trash, entry: Entry
) -> None:
    entry = replace(entry, status="running")
    store.write(entry)
    lock = store.locks.take(entry.id)
    assert lock is not None
    with pytest.raises(OSError, match="at work"):
        trash.discard(entry.id, TODAY)
    assert store.read(entry.id) == entry
    lock.release()
    assert trash.discard(entry.id, TODAY) == entry


def test_what_is_in_history_is_not_replaced_by_what_is_in_the_trash(
    store: HistoryStore, trash: Trash, entry: Entry
) -> None:
    trash.discard(entry.id, TODAY)
    later = replace(entry, note="written since")
    store.write(later)
    with pytest.raises(FileExistsError):
        trash.restore(entry.id)
    assert store.read(entry.id) == later
    assert [each.entry for each in trash.entries()] == [entry]


def test_what_is_thrown_away_comes_back_as_it_was(
    paths: Paths, store: HistoryStore, trash: Trash, entry: Entry
) -> None:
    before = contents(paths.data)
    assert trash.discard(entry.id, TODAY) == entry
    assert store.newest().entries == ()
    assert contents(paths.history) == contents(paths.images) == {}
    assert contents(paths.trash / "2026-11-28") == before
    (discarded,) = trash.entries()
    assert (discarded.entry, discarded.day) == (entry, TODAY)

    assert trash.restore(entry.id) == entry
    assert contents(paths.data) == before
    assert trash.entries() == ()
    assert list(paths.trash.iterdir()) == []


def test_it_is_emptied_by_days(
    paths: Paths, store: HistoryStore, trash: Trash, entry: Entry
) -> None:
    other = with_pictures(store, replace(DONE, id="20261122T070312418-000001"))
    trash.discard(entry.id, YESTERDAY)
    trash.discard(other.id, TODAY)
    (paths.trash / "notes").mkdir()
    assert [d.entry.id for d in trash.entries()] == [other.id, entry.id]
    assert trash.empty(before=YESTERDAY) == 0
    assert trash.empty(before=TODAY) == 1
    assert [d.entry.id for d in trash.entries()] == [other.id]
    assert trash.empty() == 1
    assert [path.name for path in paths.trash.iterdir()] == ["notes"]
    assert trash.empty() == 0


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("action", ["discard", "restore"])
def test_a_move_that_breaks_off_loses_nothing(
    paths: Paths,
    store: HistoryStore,
    trash: Trash,
    entry: Entry,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    step: int,
) -> None:
    before = contents(paths.data)
    if action == "restore":
        trash.discard(entry.id, TODAY)
    moved: list[Path] = []

    def breaking(source: Path, target: Path) -> None:
        moved.append(target)
        if len(moved) == step:
            raise OSError(28, "No space left on device")
        rename_durably(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("tui.history.trash.rename_durably", breaking)
        with pytest.raises(OSError):
            trash.discard(entry.id, TODAY) if action == "discard" else trash.restore(entry.id)
    assert len(moved) == step
    assert sorted(contents(paths.data).values()) == sorted(before.values())
    # One that is in history has its pictures there.
    if store.newest().entries:
        assert contents(paths.data) == before
    else:
        assert trash.restore(entry.id) == entry
    assert contents(paths.data) == before


def test_only_its_own_pictures_go_with_an_entry(
    paths: Paths, store: HistoryStore, trash: Trash, entry: Entry
) -> None:
    paths.config_file.write_text("theme = 'safelight'\n")
    names = ("config.toml", entry.images[0].file, "../outside.png", "images/../config.toml")
    images = tuple(EntryImage(name, "", 1, 8, 8, "png") for name in names)
    doctored = replace(DONE, id="20261122T070312418-000001", images=images)
    store.write(doctored)
    trash.discard(doctored.id, TODAY)
    assert paths.config_file.exists()
    assert store.absolute(entry.images[0].file).exists()
    assert trash.restore(doctored.id) == doctored


def test_what_is_not_there_cannot_be_moved(trash: Trash, entry: Entry, store: HistoryStore) -> None:
    with pytest.raises(FileNotFoundError):
        trash.discard("20261122T070312418-ffffff", TODAY)
    for name in ("20261122T070312418-ffffff", "../../config", ""):
        with pytest.raises(FileNotFoundError):
            trash.restore(name)
    # One whose pictures are gone already can be thrown away too.
    store.absolute(entry.images[0].file).unlink()
    trash.discard(entry.id, TODAY)
    assert trash.restore(entry.id) == entry
