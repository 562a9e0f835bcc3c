"""History as a folder or a zip: all of it comes back, and nothing that does not fit comes in."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.entry import Entry, EntryImage, EntryReference, encode_entry
from tui.history.store import HistoryStore
from tui.history.transfer import NotAnExport, export_history, import_history
from tui.paths import Paths


def a_store(folder: Path) -> HistoryStore:
    return HistoryStore(Paths(folder, folder, folder))


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three entries, each with a picture, two with the same reference."""
    home = tmp_path / "home"
    store = a_store(home)
    sketch = "images/references/sketch.png"
    put(store, sketch, b"sketch")
    for number in range(3):
        entry_id = f"20261122T070312418-00000{number}"
        data = f"picture {number}".encode()
        name = store.image_name(entry_id, 1, "png")
        put(store, name, data)
        reference = EntryReference("sketch.png", hashlib.sha256(b"sketch").hexdigest(), sketch)
        store.write(
            replace(
                DONE,
                id=entry_id,
                images=(EntryImage(name, hashlib.sha256(data).hexdigest(), 9, 8, 8, "png"),),
                references=(reference,) if number else (),
            )
        )
    return home


def put(store: HistoryStore, name: str, data: bytes) -> None:
    path = store.absolute(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def entries_of(home: Path) -> tuple[Entry, ...]:
    return a_store(home).newest().entries


@pytest.mark.parametrize("name", ["out", "out.zip", "out.ZIP"])
def test_what_goes_out_comes_in_again_as_it_was(home: Path, tmp_path: Path, name: str) -> None:
    target, other = tmp_path / name, tmp_path / "other"
    exported = export_history(entries_of(home), a_store(home), target)
    assert (exported.entries, exported.files, exported.missing) == (3, 4, [])
    assert target.is_dir() == (name == "out")
    assert stat.S_IMODE(target.stat().st_mode) == (0o700 if target.is_dir() else 0o600)
    imported = import_history(target, a_store(other))
    assert (imported.entries, imported.known, imported.files) == (3, 0, 4)
    assert imported.problems == []
    assert contents(other) == contents(home)
    # Once more changes nothing, and says nothing.
    imported = import_history(target, a_store(other))
    assert (imported.entries, imported.known, imported.files) == (0, 3, 0)
    assert imported.problems == []
    assert contents(other) == contents(home)


def test_what_is_there_already_stays(home: Path, tmp_path: Path) -> None:
    target, other = tmp_path / "out.zip", tmp_path / "other"
    export_history(entries_of(home), a_store(home), target)
    import_history(target, a_store(other))
    changed = replace(entries_of(other)[0], note="mine")
    a_store(other).write(changed)
    imported = import_history(target, a_store(other))
    assert imported.known == 3
    (problem,) = imported.problems
    assert "another state of it is there already" in problem
    assert entries_of(other)[0] == changed


def test_nothing_is_overwritten_and_nothing_left_behind(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(FileExistsError):
        export_history(entries_of(home), a_store(home), target)
    (tmp_path / "full.zip").symlink_to("/nowhere")
    with pytest.raises(FileExistsError):
        export_history(entries_of(home), a_store(home), tmp_path / "full.zip")

    def breaking():
        yield entries_of(home)[0]
        raise OSError(28, "No space left on device")

    for name in ("broken", "broken.zip"):
        with pytest.raises(OSError):
            export_history(breaking(), a_store(home), tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full.zip", "home", "out"]


def test_what_is_missing_is_told(home: Path, tmp_path: Path) -> None:
    entries = entries_of(home)
    a_store(home).absolute(entries[0].images[0].file).unlink()
    a_store(home).entry_path(entries[1].id).unlink()
    exported = export_history(entries, a_store(home), tmp_path / "out.zip")
    assert exported.entries == 2
    assert exported.missing == [
        entries[0].images[0].file, a_store(home).entry_name(entries[1].id)
    ]  # fmt: skip
    imported = import_history(tmp_path / "out.zip", a_store(tmp_path / "other"))
    assert imported.entries == 2
    assert imported.problems == [f"{entries[0].images[0].file}: is not in it"]


DOCTORED = {
    "another place": ("history/2026/11/22/20261122T070312418-000009.toml", DONE, "holds the entry"),
    "no TOML": ("history/2026/11/22/20261122T070312418-000009.toml", None, "cut off"),
}


@pytest.mark.parametrize("case", DOCTORED)
def test_an_entry_that_does_not_fit_is_not_taken(tmp_path: Path, case: str) -> None:
    name, entry, reason = DOCTORED[case]
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(name, b"format = 1" if entry is None else encode_entry(entry))
    imported = import_history(tmp_path / "in.zip", a_store(tmp_path / "home"))
    assert imported.entries == 0
    assert reason in imported.problems[0]
    assert contents(tmp_path / "home") == {}


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("config.toml", b"x", "is no name of a picture"),
        ("images/../config.toml", b"x", "not inside the data folder"),
        ("../../x.png", b"x", "not inside the data folder"),
        ("/tmp/x.png", b"x", "not inside the data folder"),
        ("images/x.desktop", b"x", "is no name of a picture"),
        ("images/x.png", b"other", "is not what its entry says"),
        ("images/x.png", None, "is not in it"),
    ],
)
def test_a_file_that_does_not_fit_is_not_taken(
    tmp_path: Path, file: str, data: bytes | None, reason: str
) -> None:
    image = EntryImage(file, hashlib.sha256(b"x").hexdigest(), 1, 8, 8, "png")
    entry = replace(DONE, images=(image,), references=())
    store = a_store(tmp_path / "home")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(store.entry_name(entry.id), encode_entry(entry))
        if data is not None:
            archive.writestr(file, data)
    imported = import_history(tmp_path / "in.zip", store)
    assert imported.entries == 1
    (problem,) = imported.problems
    assert reason in problem
    assert list(contents(tmp_path / "home")) == [store.entry_name(entry.id)]


def test_what_is_too_large_is_not_taken(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_history(entries_of(home), a_store(home), tmp_path / "out.zip")
    monkeypatch.setattr("tui.history.transfer.LARGEST_FILE", 6)
    imported = import_history(tmp_path / "out.zip", a_store(tmp_path / "other"))
    assert imported.files == 1
    assert all("too large" in problem for problem in imported.problems)
    assert len(imported.problems) == 3


def test_a_damaged_zip_is_told(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    export_history(entries_of(home), a_store(home), target)
    data = bytearray(target.read_bytes())
    place = data.index(b"picture 1")
    data[place : place + 7] = b"PICTURE"
    target.write_bytes(data)
    imported = import_history(target, a_store(tmp_path / "other"))
    assert imported.entries == 3
    (problem,) = imported.problems
    assert "damaged" in problem


@pytest.mark.parametrize("kind", ["nothing", "text", "empty zip", "empty folder"])
def test_what_is_no_export_is_told(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "in"
    match kind:
        case "text":
            source.write_text("not a zip")
        case "empty zip":
            zipfile.ZipFile(source, "w").close()
        case "empty folder":
            source.mkdir()
    with pytest.raises(NotAnExport):
        import_history(source, a_store(tmp_path / "home"))
