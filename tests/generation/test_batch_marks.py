"""The marks of a batch: whole or absent after a kill at any moment, and one program's at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.history.entries import CREATED, entry_id
from tui.catalog.loading import load_catalogue
from tui.generation.batch_file import read_batch
from tui.generation.batch_marks import (
    BatchIsRunning,
    BatchMarks,
    Mark,
    batch_name,
    line_keys,
    read_marks,
)
from tui.generation.draft import Draft

FIRST = Mark("a-1", entry_id(CREATED, 1))
SECOND = Mark("b-1", entry_id(CREATED, 2), written=True)


def keys(text: str, model: str = "kling-image-o1") -> list[str]:
    catalogue = load_catalogue(Path("no-cards-here"))
    return line_keys(read_batch(text.encode(), Draft(model), catalogue).lines)


def test_what_was_put_is_read_again_the_last_of_each_line(tmp_path: Path) -> None:
    path = tmp_path / "batches" / "a.jsonl"
    assert read_marks(path) == {}
    later = Mark("a-1", FIRST.entry, written=True)
    with BatchMarks(path) as marks:
        for mark in (FIRST, SECOND, later):
            marks.put(mark)
        assert marks.marks == {"a-1": later, "b-1": SECOND}
    assert read_marks(path) == {"a-1": later, "b-1": SECOND}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with BatchMarks(path) as marks:
        marks.forget()
        marks.put(FIRST)
    assert read_marks(path) == {"a-1": FIRST}


def test_two_programs_are_never_at_one_batch(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with BatchMarks(path):
        with pytest.raises(BatchIsRunning), BatchMarks(path):
            pass
        with BatchMarks(tmp_path / "b.jsonl"):
            pass
    with BatchMarks(path):
        pass


def test_a_mark_cut_anywhere_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with BatchMarks(path) as marks:
        marks.put(FIRST)
        begin = path.stat().st_size
        marks.put(SECOND)
    whole = path.read_bytes()
    for length in range(begin, len(whole)):
        path.write_bytes(whole[:length])
        with BatchMarks(path) as marks:
            assert marks.marks["a-1"] == FIRST
            marks.put(Mark("c-1", SECOND.entry))
        assert read_marks(path).keys() >= {"a-1", "c-1"}


@given(st.binary())
def test_any_file_is_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-marks.jsonl"
    path.write_bytes(data + b"\n" + json.dumps({"line": "a-1", "entry": FIRST.entry}).encode())
    assert read_marks(path)["a-1"] == FIRST


def test_an_id_that_is_none_marks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"line": "a-1", "entry": "../../x"}\n')
    assert read_marks(path) == {}


def test_a_line_is_known_by_what_it_asks_for_wherever_it_stands() -> None:
    fox, owl = keys("a fox\nan owl")
    assert keys("# moved\nan owl\n\na hare\n--prompt 'a fox'") == [owl, keys("a hare")[0], fox]
    assert keys('{"prompt": "a fox", "size": "2K"}') == keys("a fox --size 2k")
    assert fox not in keys("a fox --size 2k") + keys("a fox", "seedream-4.5") + keys("a  fox")


def test_lines_that_ask_for_the_same_are_counted() -> None:
    first, second = keys("a fox\na fox")
    assert first != second
    assert keys("a fox\nan owl\na fox")[::2] == [first, second]


def test_a_batch_is_known_by_its_file_or_else_by_its_text(tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    names = {
        batch_name("demo", file, b"a"),
        batch_name("demo", tmp_path / "x" / ".." / "prompts.txt", b"b"),
    }
    assert len(names) == 1
    others = [batch_name("demo", None, b"a"), batch_name("demo", None, b"b")]
    others += [batch_name("other", file, b"a"), batch_name("demo", tmp_path / "b", b"a")]
    assert len({*names, *others}) == 5
