"""What came otherwise than asked, as commands tell it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.cli.conftest import Home, Run
from tests.cli.servers import answering
from tests.history.entries import DONE


@pytest.fixture
def sketch(tmp_path: Path) -> bytes:
    path = tmp_path / "sketch.png"
    Image.new("RGB", (320, 320), "teal").save(path)
    return path.read_bytes()


def test_pictures_of_another_size_are_told_and_in_the_document(
    home: Home, run: Run, sketch: bytes
) -> None:
    arguments = ["generate", "a fox", "-m", "kling-image-o1", "-p", "size=1k"]
    with answering(sketch) as endpoint:
        home.use(endpoint.base_url)
        one = run(*arguments, "--json")
        two = run(*arguments, "-p", "n=2")
    first = {"what": "size", "asked": "1k", "came": "320x320", "image": 1}
    assert one.code == two.code == 0
    assert json.loads(one.out)["differences"] == [first]
    assert one.complaints[1:] == ["asked 1k, came 320×320"]
    assert two.complaints[2:] == [
        "image 1: asked 1k, came 320×320",
        "image 2: asked 1k, came 320×320",
    ]
    documents = map(json.loads, run("history", "--json").out.splitlines())
    assert [document["differences"] for document in documents] == [
        [first, {**first, "image": 2}],
        [first],
    ]


def test_everything_else_that_differs_is_told(home: Home, run: Run, sketch: bytes) -> None:
    facts = {"seed": 9, "revised_prompt": "a red\x1b fox"}
    typed = ["-p", "n=2", "-p", "seed=7"]
    with answering(sketch, most=1, model="somebody/old", facts=facts) as endpoint:
        home.use(endpoint.base_url)
        finished = run("generate", "a fox", "-m", "somebody/new", *typed)
    assert finished.code == 0
    assert " · seed 9 · " in finished.complaints[0]
    words = [
        "served by somebody/old, not somebody/new",
        "asked 2 images, came 1",
        "asked seed 7, came 9",
        "prompt revised: a red␛ fox",
    ]
    assert finished.complaints[1:] == words
    shown = run("history", "show", home.entry.id)
    assert (shown.code, shown.complaints) == (0, words)
    assert 'revised_prompt = "a red' in shown.out
    document = json.loads(run("history", "show", home.entry.id, "--json").out)
    assert [difference["what"] for difference in document["differences"]] == [
        "model",
        "count",
        "seed",
        "prompt",
    ]
    assert document["images"][0]["revised_prompt"] == "a red\x1b fox"


def test_what_came_as_asked_is_not_mentioned(home: Home, run: Run, sketch: bytes) -> None:
    facts = {"revised_prompt": "a fox", "seed": 7}
    typed = ["-p", "n=2", "-p", "seed=7", "-p", "size=320x320"]
    with answering(sketch, model="somebody/new", facts=facts) as endpoint:
        home.use(endpoint.base_url)
        finished = run("generate", "a fox", "-m", "somebody/new", *typed, "--json")
    assert json.loads(finished.out)["differences"] == []
    assert len(finished.complaints) == 2
    assert all(line.startswith("320×320 · ") for line in finished.complaints)
    assert run("history", "show", home.entry.id).err == ""


def test_a_card_of_the_users_says_by_which_names_its_model_goes(home: Home, run: Run) -> None:
    response = replace(DONE.response, served_by="painter-2026-01-01")
    home.store.write(replace(DONE, model="painter", response=response))
    before = json.loads(run("history", "show", DONE.id, "--json").out)
    assert [one["came"] for one in before["differences"]] == ["painter-2026-01-01"]
    (home.folder / "models").mkdir()
    (home.folder / "models" / "painter.toml").write_text(
        'id = "painter"\naliases = ["painter-2026-01-01"]\n'
    )
    after = json.loads(home.run("history", "show", DONE.id, "--json").out)
    assert after["differences"] == []
