"""Text that was pasted: files and addresses are found in it however terminals write them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.generation.pasted import LONGEST, MOST, may_be_references, pasted_references
from tui.generation.references import DraftReference

NAMES = ("plain.png", "two words.jpg", "it's.webp", 'a "quote".png', "ünï.png", "back\\slash.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def _files(text: str) -> list[str]:
    return [Path(each.file).name for each in pasted_references(text)]


WAYS = {
    "as it is": lambda path: str(path),
    "quoted": lambda path: shlex.quote(str(path)),
    "double quotes": lambda path: '"{}"'.format(
        str(path).replace("\\", "\\\\").replace('"', '\\"')
    ),
    "escaped": lambda path: "".join(
        c if c.isalnum() or c in "/._-" else f"\\{c}" for c in str(path)
    ),
    "address": lambda path: path.as_uri(),
    "blanks around": lambda path: f"  {path}\r\n",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("name", NAMES)
def test_one_file_is_found_however_it_is_written(folder: Path, name: str, way) -> None:
    text = way(folder / name)
    assert may_be_references(text)
    assert pasted_references(text) == (DraftReference(name, str(folder / name)),)


@pytest.mark.parametrize("between", [" ", "\n", "\r\n", "\n\n", "   "])
def test_several_files_are_found_in_their_order(folder: Path, between: str) -> None:
    some = NAMES[::-1]
    for way in ("quoted", "escaped", "address"):
        text = between.join(WAYS[way](folder / name) for name in some)
        assert may_be_references(text)
        assert _files(text) == list(some), way
    if "\n" in between:
        assert _files(between.join(str(folder / name) for name in some)) == list(some)


def test_a_file_that_is_named_twice_is_one(folder: Path) -> None:
    assert _files(f"{folder}/plain.png {folder}/plain.png") == ["plain.png"]


def test_what_lies_at_home_or_here_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    for text in ("~/plain.png", "./plain.png", "plain.png", "'plain.png'"):
        assert may_be_references(text)
        assert pasted_references(text) == (DraftReference("plain.png", str(folder / "plain.png")),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "a fox in the snow",
        "a fox, /tmp style",
        "it's a fox",
        "https://example.com",
        "http://[broken/a.png and more",
        "a\0b.png",
        "x" * LONGEST + ".png",
    ],
)
def test_any_other_text_goes_in_at_once(text: str) -> None:
    assert not may_be_references(text)
    assert not pasted_references(text)


def test_what_looks_like_files_and_is_none_stays_text(folder: Path) -> None:
    for text in (
        f"{folder}/none.png",
        f"{folder}/plain.png {folder}/none.png",
        f"{folder}/folder.png",
        f"file://elsewhere{folder}/plain.png",
        "~nobody-of-that-name/x.png",
        f"/{'x' * 300}.png",
        "/imagine a fox --ar 16:9",
        "see https://example.com/a.png",
        " ".join([f"{folder}/plain.png"] * (MOST + 1)),
    ):
        assert pasted_references(text) == (), text


def test_addresses_of_images_are_references_and_of_pages_where_one_is_wanted() -> None:
    image, page = "https://example.com/a%20b.PNG?w=2", "https://example.com/picture?id=7"
    assert may_be_references(image)
    assert pasted_references(f" {image}\n") == (DraftReference(image),)
    assert pasted_references(f"{image}\n{page}") == ()
    assert not may_be_references(page)
    assert pasted_references(page) == ()
    assert pasted_references(page, any_address=True) == (DraftReference(page),)
    assert pasted_references(f"{image} {page}", any_address=True) == (
        DraftReference(image),
        DraftReference(page),
    )


@given(st.text(max_size=200))
def test_no_text_does_harm(text: str) -> None:
    for each in pasted_references(text, any_address=True):
        assert each.is_address or Path(each.file).is_absolute()
    may_be_references(text)
