"""Copies of pictures: where they go, and what stays as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import PngImagePlugin

from tests.images.pictures import quadrants, write
from tui.images.copying import Exists, NotCopied, save_copy


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "images"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def picture(originals: Path) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a secret prompt")
    return write(originals / "fox-1.png", quadrants(), pnginfo=info)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def _save(picture: Path, target: Path | str, *, bare: bool = False, replace: bool = False) -> Path:
    return save_copy(
        *(picture, str(target)),
        is_bare=bare,
        may_replace=replace,
        originals=picture.parent,
    )


def test_a_copy_has_the_same_bytes(picture: Path, elsewhere: Path) -> None:
    before = picture.read_bytes()
    assert _save(picture, elsewhere / "a.png") == elsewhere / "a.png"
    assert (elsewhere / "a.png").read_bytes() == before == picture.read_bytes()
    assert [path.name for path in elsewhere.iterdir()] == ["a.png"]


def test_a_bare_copy_has_no_metadata_and_the_original_keeps_them(
    picture: Path, elsewhere: Path
) -> None:
    before = picture.read_bytes()
    bare = _save(picture, elsewhere / "a.png", bare=True).read_bytes()
    assert b"a secret prompt" in before == picture.read_bytes()
    assert b"a secret prompt" not in bare


def test_into_a_folder_it_keeps_its_name_and_without_an_ending_it_gets_one(
    picture: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _save(picture, elsewhere).name == "fox-1.png"
    assert _save(picture, elsewhere / "b").name == "b.png"
    monkeypatch.setenv("HOME", str(elsewhere))
    assert _save(picture, "~/c.png") == elsewhere / "c.png"
    monkeypatch.chdir(elsewhere)
    assert _save(picture, "d.png") == elsewhere / "d.png"


@pytest.mark.parametrize("kind", ["file", "link to nothing"])
def test_nothing_is_replaced_without_asking(picture: Path, elsewhere: Path, kind: str) -> None:
    target = elsewhere / "a.png"
    if kind == "file":
        target.write_bytes(b"of value")
    else:
        target.symlink_to(elsewhere / "nothing")
    with pytest.raises(Exists) as refusal:
        _save(picture, target)
    assert refusal.value.path == target
    assert target.is_symlink() or target.read_bytes() == b"of value"
    _save(picture, target, replace=True)
    assert target.read_bytes() == picture.read_bytes()
    assert [path.name for path in elsewhere.iterdir()] == ["a.png"]


def test_where_originals_are_nothing_is_saved(
    picture: Path, originals: Path, elsewhere: Path
) -> None:
    other = write(originals / "other.png", quadrants(9, 9))
    (elsewhere / "link").symlink_to(originals)
    for target in (picture, other, originals / "new.png", elsewhere / "link" / "other.png"):
        before = other.read_bytes(), picture.read_bytes()
        with pytest.raises(NotCopied, match="kept as they came"):
            _save(picture, target, replace=True)
        assert (other.read_bytes(), picture.read_bytes()) == before
    assert len(list(originals.iterdir())) == 2


@pytest.mark.parametrize("target", ["none/a.png", "a\0b.png", "~nobody-of-that-name/a.png"])
def test_what_cannot_be_is_said(
    picture: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(elsewhere)
    with pytest.raises(NotCopied):
        _save(picture, target)
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("replace", [False, True])
def test_a_disk_that_refuses_leaves_nothing_and_the_old_file(
    picture: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, replace: bool
) -> None:
    target = elsewhere / "a.png"
    if replace:
        target.write_bytes(b"of value")
    opened = Path.open

    def full(path: Path, mode: str = "r", **options: Any) -> Any:
        file = opened(path, mode, **options)
        if "x" in mode:
            os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
        return file

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(NotCopied, match="No space left"):
        _save(picture, target, replace=replace)
    assert [path.name for path in elsewhere.iterdir()] == (["a.png"] if replace else [])
    assert not replace or target.read_bytes() == b"of value"


def test_a_file_that_is_gone_or_none_is_said(tmp_path: Path, elsewhere: Path) -> None:
    with pytest.raises(NotCopied, match="No such file"):
        _save(tmp_path / "none.png", elsewhere / "a.png")
    text = tmp_path / "text.png"
    text.write_text("no picture")
    with pytest.raises(NotCopied, match="is no picture"):
        _save(text, elsewhere / "a.png")
    assert not list(elsewhere.iterdir())
