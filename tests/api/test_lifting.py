"""Pictures are lifted out of JSON while it comes, and everything else stays as it was."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.test_encoded import cut
from tests.thorough import THOROUGH
from tui.api import lifting, spool
from tui.api.lifting import Lifter
from tui.api.spool import Spool

PICTURE = os.urandom(90_000)
BASE64 = base64.b64encode(PICTURE).decode()


@pytest.fixture
def files(tmp_path: Path) -> Spool:
    return Spool(lambda number: tmp_path / "inner" / f"{number}.part")


def lifted(files: Spool, text: bytes, places: tuple[int, ...] = ()) -> bytes:
    lifter = Lifter(files)
    for piece in cut(text, list(places)):
        lifter.feed(piece)
    lifter.close()
    return bytes(lifter.text)


def document(files: Spool, text: bytes, places: tuple[int, ...] = ()) -> dict:
    return json.loads(lifted(files, text, places))


def contents(files: Spool, mark: str) -> bytes:
    spooled = files.find(mark)
    assert spooled is not None
    assert not spooled.problem
    return spooled.path.read_bytes()


@pytest.mark.parametrize("places", [(), (1, 2, 3), (70_000,), tuple(range(0, 120_000, 4096))])
@pytest.mark.parametrize(
    "written",
    [
        BASE64,
        f"data:image/png;base64,{BASE64}",
        BASE64.rstrip("="),
        BASE64.replace("+", "-").replace("/", "_"),
        BASE64.replace("/", "\\/"),
        BASE64.replace("+", "\\u002b"),
        "\\n".join(BASE64[i : i + 76] for i in range(0, len(BASE64), 76)),
        "\\r\\n".join(BASE64[i : i + 64] for i in range(0, len(BASE64), 64)),
    ],
    ids="plain data-url unpadded url-safe escaped-slash escaped-plus lines windows-lines".split(),
)
def test_a_picture_goes_to_a_file_and_the_text_keeps_its_place(files, written, places):
    text = f'{{"created": 1, "data": [{{"b64_json": "{written}"}}], "usage": {{"n": 1}}}}'
    read = document(files, text.encode(), places)
    assert (read["created"], read["usage"]) == (1, {"n": 1})
    assert contents(files, read["data"][0]["b64_json"]) == PICTURE


def test_each_picture_has_a_file_that_only_its_owner_may_read(files):
    text = json.dumps({"data": [{"b64_json": BASE64}] * 3}).encode()
    marks = [item["b64_json"] for item in document(files, text)["data"]]
    assert len(set(marks)) == 3
    paths = [picture.path for picture in files.pictures]
    assert [path.name for path in paths] == ["1.part", "2.part", "3.part"]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


@pytest.mark.parametrize(
    "value",
    [
        "A short one",
        "word " * 40_000,
        "A long sentence without any end, it seems. " * 3000,
        '\\"' * 70_000,
        "é" * 70_000,
        "\\u00e9" * 30_000,
        "{" * 70_000,
    ],
)
def test_what_is_no_picture_stays_in_the_text(files, value):
    text = f'{{"revised_prompt": "{value}", "b": [1, "x\\\\"]}}'.encode()
    assert lifted(files, text, (10, 66_000, 66_001, 100_000)) == text
    assert not files.pictures


def test_a_picture_that_breaks_off_leaves_nothing(files, tmp_path):
    whole = json.dumps({"data": [{"b64_json": BASE64}, {"b64_json": BASE64}]}).encode()
    lifted(files, whole[:-1000])
    (picture,) = files.pictures
    assert picture.path.read_bytes() == PICTURE
    assert [path.name for path in (tmp_path / "inner").iterdir()] == ["1.part"]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (BASE64[:80_000] + "!" + BASE64[80_000:], "cannot be decoded"),
        (BASE64[:80_000] + "\\ud83d" + BASE64[80_000:], "cannot be decoded"),
        (BASE64 + "=" + BASE64, "cannot be decoded"),
    ],
)
def test_damaged_base64_is_told_and_does_not_cost_the_others(files, written, problem):
    text = f'{{"data": [{{"b64_json": "{written}"}}, {{"b64_json": "{BASE64}"}}]}}'.encode()
    first, second = document(files, text, (90_000,))["data"]
    damaged = files.find(first["b64_json"])
    assert damaged is not None
    assert problem in damaged.problem
    assert not damaged.path.exists()
    assert contents(files, second["b64_json"]) == PICTURE


def test_a_picture_that_is_too_large_is_told(files, monkeypatch):
    monkeypatch.setattr(spool, "IMAGE_LIMIT", 80_000)
    text = json.dumps({"b64_json": BASE64}).encode()
    spooled = files.find(document(files, text)["b64_json"])
    assert spooled is not None
    assert "larger than" in spooled.problem
    assert not spooled.path.exists()


def test_a_disk_that_refuses_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.api.spool.MOST_HELD", 0)
    (tmp_path / "taken").write_text("a file")
    files = Spool(lambda number: tmp_path / "taken" / f"{number}.part")
    text = json.dumps({"b64_json": BASE64}).encode()
    spooled = files.find(document(files, text)["b64_json"])
    assert spooled is not None
    assert "could not be saved" in spooled.problem
    assert files.error is not None


def test_an_answer_cannot_name_a_picture_of_its_own(files):
    text = json.dumps({"b64_json": BASE64}).encode()
    mark = document(files, text)["b64_json"]
    stranger = Spool(lambda number: Path("/nowhere"))
    assert stranger.find(mark) is None


def test_discarding_removes_what_was_not_taken(files, tmp_path):
    document(files, json.dumps({"data": [BASE64, BASE64]}).encode())
    (tmp_path / "inner" / "1.part").rename(tmp_path / "taken")
    files.discard()
    assert not list((tmp_path / "inner").iterdir())
    assert (tmp_path / "taken").exists()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text("Az09+/=", min_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES, st.booleans(), st.lists(st.integers(0, 5000), max_size=8))
@settings(max_examples=500 * THOROUGH, deadline=None)
def test_without_pictures_every_document_passes_unharmed(value, ascii_only, places):
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    lifter = Lifter(Spool(lambda number: Path("/nowhere")))
    for piece in cut(text, places):
        lifter.feed(piece)
    assert lifter.text == text


@given(st.binary(max_size=2000), st.lists(st.integers(0, 2000), max_size=8))
@settings(max_examples=500 * THOROUGH, deadline=None)
def test_any_bytes_pass_unharmed(text, places):
    lifter = Lifter(Spool(lambda number: Path("/nowhere")))
    for piece in cut(text, places):
        lifter.feed(piece)
    assert lifter.text == text


def test_the_threshold_is_far_above_any_id(files):
    assert lifting.LIFTED_FROM > 10_000
    text = json.dumps({"url": "A" * (lifting.LIFTED_FROM - 10)}).encode()
    assert lifted(files, text) == text
