"""darkroom generate --dry-run: what would be sent, and nothing sent or written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.cli.conftest import Home, Run
from tests.cli.servers import Endpoint, answering
from tests.history.entries import DONE
from tests.model_facts import GROUP

PROMPT = 'a "fox"\n端雪 \\ é'


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    """A PNG of less than 1 KB, named as something else."""
    path = tmp_path / "sketch.jpg"
    Image.new("RGB", (320, 320), "teal").save(path, "PNG")
    assert path.stat().st_size < 1024
    return path


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A PNG of more than 1 KB."""
    path = tmp_path / "photo.png"
    Image.effect_noise((320, 320), 80).save(path)
    assert path.stat().st_size > 1024
    return path


@pytest.fixture
def endpoint(sketch: Path) -> Iterator[Endpoint]:
    with answering(sketch.read_bytes()) as endpoint:
        yield endpoint


def configure(home: Home, endpoint: Endpoint, settings: str = "") -> None:
    home.use(endpoint.base_url)
    with (home.folder / "config.toml").open("a") as file:
        file.write(settings)


@pytest.mark.parametrize(
    ("model", "typed", "files", "settings"),
    [
        ("seedream-4.5", ["size=4K", "seed=7", f"{GROUP}=4", "watermark=on"], 0, ""),
        ("seedream-4.0", ["seed=7"], 2, ""),
        ("kling-image-o1", ["n=3"], 1, 'image_field = "images"\nimage_always_array = true\n'),
        ("nano-banana-pro", ["ratio=21:9"], 1, 'image_encoding = "base64"\n'),
        (
            "somebody/new",
            ["seed=1", 'palette={"warm": [1, 2.5, null]}'],
            2,
            'response_format = "b64_json"\nextra = { user = "é", seed = 9, deep = { a = [1] } }\n',
        ),
        ("glm-image", [], 0, 'response_format = "url"\nextra = { model = "x", trace = true }\n'),
    ],
)
def test_the_body_is_to_the_byte_what_is_sent(
    home: Home,
    run: Run,
    endpoint: Endpoint,
    sketch: Path,
    photo: Path,
    model: str,
    typed: list[str],
    files: int,
    settings: str,
) -> None:
    configure(home, endpoint, settings)
    arguments = [PROMPT, "-m", model]
    for assignment in typed:
        arguments += ["-p", assignment]
    for file in (sketch, photo)[:files]:
        arguments += ["-i", str(file)]
    shown = run("generate", *arguments, "--dry-run", "--json")
    assert (shown.code, shown.err) == (0, "")
    assert endpoint.requests == []
    run("generate", *arguments)
    ((asked, body),) = endpoint.requests
    assert f'"body":{body.decode()},"violations":[]' in shown.out
    document = json.loads(shown.out)
    assert f"{document['method']} {document['url']}" == asked
    assert document["endpoint"] == "studio"


def test_an_entrys_references_are_in_the_body(
    home: Home, run: Run, endpoint: Endpoint, photo: Path
) -> None:
    configure(home, endpoint)
    run("generate", "a fox", "-m", "kling-image-o1", "-i", str(photo))
    photo.unlink()
    again = ["generate", "--from", home.entry.id]
    shown = run(*again, "--dry-run", "--json")
    run(*again)
    (_, first), (_, second) = endpoint.requests
    assert first == second
    assert f'"body":{second.decode()},' in shown.out


def test_the_document_has_six_keys_and_no_others(home: Home, run: Run) -> None:
    finished = run("generate", "a fox", "-m", "glm-image", "--dry-run", "--json")
    assert json.loads(finished.out) == {
        "endpoint": "demo",
        "method": "POST",
        "url": "http://demo.invalid/v1/images/generations",
        "body": {"model": "glm-image", "prompt": "a fox"},
        "violations": [],
        "estimate_usd": 0.0,
    }
    assert not home.folder.exists()


def test_without_a_key_all_is_shown(home: Home, run: Run, endpoint: Endpoint) -> None:
    configure(home, endpoint)
    del home.environment["STUDIO_KEY"]
    finished = run("generate", "a fox", "-m", "glm-image", "--dry-run", "--json")
    assert (finished.code, finished.err) == (0, "")
    assert json.loads(finished.out)["url"] == f"{endpoint.base_url}/images/generations"
    assert endpoint.requests == []


def test_a_price_is_known_or_null(home: Home, run: Run, endpoint: Endpoint) -> None:
    configure(home, endpoint)
    priced = run("generate", "a fox", "-m", "nano-banana-pro", "--dry-run", "--json")
    assert json.loads(priced.out)["estimate_usd"] == 0.134
    unknown = run("generate", "a fox", "-m", "somebody/new", "--dry-run", "--json")
    assert json.loads(unknown.out)["estimate_usd"] is None
    assert "cost      $?" in run("generate", "a fox", "-m", "somebody/new", "--dry-run").out


def test_violations_are_printed_with_all_the_rest_and_end_with_2(
    home: Home, run: Run, tmp_path: Path
) -> None:
    small = tmp_path / "small.png"
    Image.new("RGB", (16, 16)).save(small)
    arguments = ["-m", "kling-image-o1", "-p", "n=99", "-p", "size=9x9", "-p", "x=1"]
    arguments += ["-i", str(small), "--dry-run"]
    finished = run("generate", "", *arguments, "--json")
    assert (finished.code, finished.err) == (2, "")
    document = json.loads(finished.out)
    assert document["violations"] == [
        {"parameter": "prompt", "message": "The prompt is empty", "nearest": None},
        {"parameter": "n", "message": "Goes from 1 to 9", "nearest": 9},
        {"parameter": "size", "message": "Not an offered size", "nearest": "1024x1024"},
        {
            "parameter": "x",
            "message": "Kling Image O1 has no such parameter",
            "nearest": None,
        },
        {
            "parameter": "references",
            "message": f"{small.name}: 16×16: each side needs 300 pixels",
            "nearest": None,
        },
    ]
    assert document["body"]["n"] == 99
    assert document["estimate_usd"] == 0.0
    for_people = run("generate", "", *arguments)
    assert for_people.code == 2
    assert '"n": 99' in for_people.out
    assert "violation  n: Goes from 1 to 9. Nearest: 9." in for_people.out.splitlines()
    assert not home.folder.exists()


def test_for_people_it_is_laid_out_and_cannot_act_on_the_terminal(
    home: Home, run: Run, sketch: Path
) -> None:
    prompt = "a fox\n\x1b[31min the \u202esnow"
    arguments = ["-m", "kling-image-o1", "-p", "size=1k", "-i", "https://a.example/b.png"]
    finished = run("generate", prompt, *arguments, "--dry-run")
    assert (finished.code, finished.err) == (0, "")
    assert finished.out.splitlines() == [
        "POST http://demo.invalid/v1/images/generations",
        "",
        "{",
        '  "model": "kling-image-o1",',
        '  "prompt": "a fox\\n\\u001b[31min the <U+202E>snow",',
        '  "size": "1k",',
        '  "image": "https://a.example/b.png"',
        "}",
        "",
        "endpoint  demo",
        "cost      $0.00",
    ]
    assert not home.folder.exists()


def test_for_people_only_a_long_reference_is_counted_instead_of_shown(
    home: Home, run: Run, endpoint: Endpoint, sketch: Path, photo: Path
) -> None:
    configure(home, endpoint)
    prompt = "A" * 2400
    arguments = ["-m", "kling-image-o1", "-i", str(sketch), "-i", str(photo), "--dry-run"]
    finished = run("generate", prompt, *arguments)
    whole = json.loads(run("generate", prompt, *arguments, "--json").out)["body"]["image"]
    body = json.loads(finished.out.partition("\n\n")[2].partition("\n\n")[0])
    assert body["image"] == [
        whole[0],
        f"data:image/png;base64,… ({photo.stat().st_size:,} bytes)",
    ]
    assert body["prompt"] == prompt


@pytest.mark.parametrize(
    ("settings", "code", "complaint"),
    [
        (
            'image_encoding = "url"\n',
            2,
            "references: sketch.jpg: This endpoint takes references by",
        ),
        ("", 1, "The endpoint's base_url cannot be used"),
    ],
)
def test_what_could_not_be_sent_says_why(
    home: Home, run: Run, sketch: Path, settings: str, code: int, complaint: str
) -> None:
    home.use("http://127.0.0.1:1/v1" if settings else "ftp://127.0.0.1/v1")
    with (home.folder / "config.toml").open("a") as file:
        file.write(settings)
    finished = run("generate", "a fox", "-m", "kling-image-o1", "-i", str(sketch), "--dry-run")
    assert (finished.code, finished.out) == (code, "")
    assert finished.complaints[0].startswith(complaint)


def test_a_lost_reference_has_no_body_to_show(home: Home, run: Run, sketch: Path) -> None:
    home.folder.mkdir()
    home.store.write(replace(DONE, parameters={}))
    finished = run("generate", "--from", DONE.id, "--dry-run", "--json")
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == [
        "references: sketch.png: Its copy is gone: images/sketch.png.",
        "nothing was sent",
    ]
    assert run("generate", "--from", DONE.id, "-i", str(sketch), "--dry-run").code == 0
