"""What is listed of a folder that pictures are chosen from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.images.picture_folder import PictureFolder, read_folder


@pytest.fixture
def folder(tmp_path: Path) -> PictureFolder:
    (tmp_path / "B").mkdir()
    (tmp_path / "a.folder").mkdir()
    for name in ("z.PNG", "Y.jpeg", "x.jpg", "w.webp", ".hidden.png", "notes.txt", "png"):
        (tmp_path / name).write_bytes(b"12345")
    os.utime(tmp_path / "z.PNG", (1000.0, 1000.0))
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "to-nowhere.png").symlink_to(tmp_path / "none.png")
    (tmp_path / "to-b").symlink_to(tmp_path / "B")
    return read_folder(tmp_path)


def _names(folder: PictureFolder, beginning: str = "") -> list[str]:
    return [entry.name for entry in folder.matching(beginning)]


def test_folders_come_first_and_only_pictures_can_be_chosen(folder: PictureFolder) -> None:
    assert _names(folder) == ["a.folder", "B", "to-b", "w.webp", "x.jpg", "Y.jpeg", "z.PNG"]
    assert [entry.is_folder for entry in folder.matching("")] == [True] * 3 + [False] * 4
    assert folder.others == 4
    last = folder.matching("")[-1]
    assert (last.bytes, last.changed) == (5, 1000.0)


def test_letters_anywhere_in_a_name_find_it_and_a_point_what_is_hidden(
    folder: PictureFolder,
) -> None:
    assert _names(folder, "PEG") == ["Y.jpeg"]
    assert _names(folder, ".h") == [".hidden.png"]
    assert _names(folder, "none") == []


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "gone", tmp_path / "file", tmp_path / "a\0b"):
        found = read_folder(path)
        assert found.problem.startswith("It cannot be read: ")
        assert found.entries == ()
