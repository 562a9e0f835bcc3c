"""darkroom generate, from its arguments to files, entry and exit code."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.cli.conftest import KEY, QUICK, Finished, Home, Run, on_terminal
from tests.cli.servers import Endpoint, answering, quoting_the_key, served
from tests.history.entries import DONE
from tests.pseudo_terminal import PATIENCE
from tui.history.entry import EntryReference

CTRL_C = b"\x03"
CARD = """\
id = "{id}"
prompt_limit = 10
references = {{ max = 1, formats = ["png"], min_side = 32 }}

[[parameter]]
name = "strength"
kind = "number"
minimum = 0
maximum = 1

[[parameter]]
name = "tiled"
kind = "switch"

[[parameter]]
name = "style"
kind = "choice"
choices = ["oil", "ink"]
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small PNG of the user's."""
    path = tmp_path / "sketch.png"
    Image.new("RGB", (320, 320), "teal").save(path)
    return path


@pytest.fixture
def endpoint(home: Home, picture: Path) -> Iterator[Endpoint]:
    """An endpoint that answers at once with the user's own sketch."""
    with answering(picture.read_bytes()) as endpoint:
        home.use(endpoint.base_url)
        yield endpoint


@pytest.fixture
def card(home: Home) -> str:
    """The id of a model that the user described."""
    folder = home.folder / "models"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(CARD.format(id="mine"))
    return "mine"


def test_the_installed_command_prints_the_path_of_the_picture(home: Home) -> None:
    finished = home.run("generate", "a fox in the snow", *QUICK)
    assert finished.code == 0
    (line,) = finished.out.splitlines()
    (image,) = home.entry.images
    assert hashlib.sha256(Path(line).read_bytes()).hexdigest() == image.sha256
    assert Path(line) == home.store.absolute(image.file)
    assert (home.entry.status, home.entry.prompt) == ("done", "a fox in the snow")
    assert home.entry.parameters == {"size": "1k"}
    (caption,) = finished.complaints
    assert caption.startswith("1024×1024 · Kling Image O1 · ")


def test_json_is_the_entry_with_the_paths_of_its_pictures(home: Home, run: Run) -> None:
    finished = run("generate", "a fox", *QUICK, "-p", "n=2", "--json")
    assert finished.code == 0
    (line,) = finished.out.splitlines()
    document = json.loads(line)
    entry = home.entry
    assert (document["id"], document["status"]) == (entry.id, "done")
    assert document["format"] == 1
    assert document["parameters"] == {"size": "1k", "n": 2}
    assert [image["sha256"] for image in document["images"]] == [
        hashlib.sha256(Path(image["path"]).read_bytes()).hexdigest() for image in document["images"]
    ]
    assert len(document["images"]) == 2


def test_the_prompt_comes_from_standard_input(run: Run) -> None:
    finished = run("generate", "-", *QUICK, "--dry-run", "--json", stdin="端雪\r\n".encode())
    assert json.loads(finished.out)["body"]["prompt"] == "端雪"
    inner = run("generate", "-", *QUICK, "--dry-run", "--json", stdin=b"two\n lines \n")
    assert json.loads(inner.out)["body"]["prompt"] == "two\n lines "


@pytest.mark.parametrize("prompt", [[], [""], [" \n"], ["-"]])
def test_without_a_prompt_nothing_is_sent(home: Home, run: Run, prompt: list[str]) -> None:
    finished = run("generate", *prompt, *QUICK)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == ["prompt: The prompt is empty.", "nothing was sent"]
    assert home.entries == ()


def test_a_prompt_that_is_no_text_is_wrong_usage(home: Home, run: Run) -> None:
    assert home.run("generate", b"\xff").complaints == ["the prompt is not UTF-8 text"]
    finished = run("generate", "-", stdin=b"\xff")
    assert finished.complaints == ["the prompt on standard input is not UTF-8 text"]
    assert finished.code == 2
    assert home.entries == ()


def test_parameters_are_read_as_the_card_has_them(run: Run, card: str) -> None:
    typed = ["-p", "strength=0.5", "-p", "tiled=on", "-p", "style=INK"]
    finished = run("generate", "a fox", "-m", card, *typed, "--dry-run", "--json")
    assert json.loads(finished.out)["body"] == {
        "model": card,
        "prompt": "a fox",
        "strength": 0.5,
        "tiled": True,
        "style": "ink",
    }


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("strength=7", "strength: Goes from 0 to 1. Nearest: 1."),
        ("style=chalk", "style: chalk is not offered; oil or ink."),
        ("banana=1", "banana: mine has no such parameter."),
        ("strength=x", "strength: Write a number; nothing was sent"),
        ("tiled=maybe", "tiled: Write on or off; nothing was sent"),
        ("banana", "-p takes NAME=VALUE, not banana"),
        ("=1", "-p takes NAME=VALUE, not =1"),
    ],
)
def test_a_violation_is_named_and_nothing_is_written(
    home: Home, run: Run, card: str, typed: str, complaint: str
) -> None:
    finished = run("generate", "a fox", "-m", card, "-p", typed)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints[0] == complaint
    assert home.entries == ()


def test_all_violations_are_named_at_once(home: Home, run: Run) -> None:
    finished = run("generate", "", "-m", "kling-image-o1", "-p", "n=99", "-p", "size=9x9")
    assert finished.code == 2
    assert finished.complaints == [
        "prompt: The prompt is empty.",
        "n: Goes from 1 to 9. Nearest: 9.",
        "size: Not an offered size. Nearest: 1024×1024.",
        "nothing was sent",
    ]
    assert home.entries == ()


def test_a_card_that_cannot_be_used_is_named(home: Home, run: Run, card: str) -> None:
    (home.folder / "models" / "broken.toml").write_text("id = ")
    finished = run("generate", "a fox", "--dry-run", "-m", card)
    assert finished.code == 0
    (complaint,) = finished.complaints
    assert complaint.startswith("card not used: broken.toml, line 1: ")


def test_configured_defaults_count_until_overridden(home: Home, run: Run) -> None:
    home.configure('model = "kling-image-o1"\n[defaults.kling-image-o1]\nsize = "2k"\nn = 2\n')
    finished = run("generate", "a fox", "--dry-run", "--json", "-p", "n=3")
    body = json.loads(finished.out)["body"]
    assert body == {"model": "kling-image-o1", "prompt": "a fox", "n": 3, "size": "2k"}


def test_a_model_that_nobody_described_takes_any_parameter(run: Run) -> None:
    typed = ["-p", "steps=30", "-p", "style=ink", "-p", "seed=7"]
    finished = run("generate", "a fox", "-m", "somebody/new", *typed, "--dry-run", "--json")
    body = json.loads(finished.out)["body"]
    assert body["model"] == "somebody/new"
    assert {**body, "seed": 7, "steps": 30, "style": "ink"} == body


def test_a_model_that_the_endpoint_lacks_is_refused(home: Home, run: Run) -> None:
    finished = run("generate", "a fox", "-m", "somebody/new")
    assert (finished.code, finished.out) == (3, "")
    (complaint,) = finished.complaints
    assert complaint.startswith("no such model: ")
    assert "Nothing was charged." in complaint
    assert home.entry.status == "failed"


# References


def test_a_file_is_kept_beside_the_pictures_and_in_the_entry(
    home: Home, run: Run, picture: Path, endpoint: Endpoint
) -> None:
    finished = run("generate", "a fox", *QUICK, "-i", str(picture))
    assert finished.code == 0
    (body,) = endpoint.bodies
    assert body["image"] == f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    (reference,) = home.entry.references
    file = f"images/references/{sha256}.png"
    assert reference == EntryReference("sketch.png", sha256, file)
    assert home.store.absolute(file).read_bytes() == picture.read_bytes()


def test_an_address_is_passed_on_and_in_the_entry(home: Home, run: Run, endpoint: Endpoint) -> None:
    url = "HTTPS://images.example.com/a.png"
    finished = run("generate", "a fox", *QUICK, "-i", url)
    assert finished.code == 0
    assert [body["image"] for body in endpoint.bodies] == [url]
    assert home.entry.references == (EntryReference(url),)
    assert not (home.folder / "images" / "references").exists()


@pytest.mark.parametrize(
    ("size", "format", "complaint"),
    [
        (
            (320, 320),
            "BMP",
            "references: reference: The file is not a PNG, JPEG or WebP image.",
        ),
        ((16, 320), "PNG", "references: reference: 16×320: each side needs 32 pixels."),
    ],
)
def test_a_file_that_the_model_does_not_take_is_not_kept(
    home: Home,
    run: Run,
    card: str,
    tmp_path: Path,
    size: tuple[int, int],
    format: str,
    complaint: str,
) -> None:
    path = tmp_path / "reference"
    Image.new("RGB", size).save(path, format)
    finished = run("generate", "a fox", "-m", card, "-i", str(path))
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints[0] == complaint
    assert finished.complaints[-1].endswith("nothing was sent")
    assert not (home.folder / "images").exists()
    assert home.entries == ()


def test_a_file_that_is_not_there_is_wrong_usage(home: Home, run: Run) -> None:
    finished = run("generate", "a fox", *QUICK, "-i", "nowhere.png")
    assert finished.code == 2
    problem = f"references: nowhere.png: There is no such file: {Path('nowhere.png').absolute()}."
    assert finished.complaints == [problem, "nothing was sent"]


def test_more_references_than_the_model_takes_are_refused_before_they_are_kept(
    home: Home, run: Run, card: str, picture: Path
) -> None:
    finished = run("generate", "a fox", "-m", card, *["-i", str(picture)] * 2)
    assert finished.code == 2
    assert finished.complaints == ["references: At most 1 references.", "nothing was sent"]
    assert not (home.folder / "images").exists()


# Copies


def test_a_picture_is_copied_to_a_file(
    home: Home, run: Run, tmp_path: Path, endpoint: Endpoint
) -> None:
    target = tmp_path / "fox.png"
    finished = run("generate", "a fox", *QUICK, "-o", str(target))
    assert finished.code == 0
    (image,) = home.entry.images
    assert target.read_bytes() == home.store.absolute(image.file).read_bytes()
    assert finished.out == f"{home.store.absolute(image.file)}\n"
    assert finished.complaints[-1] == f"copied to {target}"


def test_pictures_are_copied_into_a_folder_under_their_names(
    home: Home, run: Run, tmp_path: Path, endpoint: Endpoint
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert run("generate", "a fox", *QUICK, "-o", str(folder)).code == 0
    assert [path.name for path in folder.iterdir()] == [f"{home.entry.id}-1.png"]


def test_several_pictures_are_numbered_and_a_wrong_ending_is_noted(
    home: Home, run: Run, tmp_path: Path, endpoint: Endpoint
) -> None:
    target = tmp_path / "fox.jpg"
    finished = run("generate", "a fox", *QUICK, "-p", "n=2", "-o", str(target))
    assert finished.code == 0
    for number, image in enumerate(home.entry.images, start=1):
        copy = tmp_path / f"fox-{number}.jpg"
        assert copy.read_bytes() == home.store.absolute(image.file).read_bytes()
        note = f"copied to {copy}, which holds a picture in PNG format"
        assert note in finished.complaints
    assert not target.exists()


@pytest.mark.parametrize("taken", ["fox.png", "fox-2.png"])
def test_a_copy_that_would_overwrite_is_refused_before_sending(
    home: Home, run: Run, tmp_path: Path, taken: str
) -> None:
    (tmp_path / taken).symlink_to("nowhere")
    output = str(tmp_path / "fox.png")
    finished = run("generate", "a fox", *QUICK, "-p", "n=3", "-o", output)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == [f"{tmp_path / taken} exists; nothing was sent"]
    assert home.entries == ()


@pytest.mark.parametrize("output", ["nowhere/fox.png", "nowhere/"])
def test_a_copy_without_a_folder_is_refused_before_sending(
    home: Home, run: Run, tmp_path: Path, output: str
) -> None:
    finished = run("generate", "a fox", *QUICK, "-o", f"{tmp_path}/{output}")
    assert finished.code == 2
    assert finished.complaints == [f"there is no folder {tmp_path}/nowhere; nothing was sent"]
    assert home.entries == ()


def test_a_copy_that_fails_after_sending_leaves_the_picture_and_says_where(
    home: Home, tmp_path: Path, picture: Path
) -> None:
    target = tmp_path / "fox.png"
    with answering(picture.read_bytes(), held=True) as endpoint:
        home.use(endpoint.base_url)
        with home.started("generate", "a fox", *QUICK, "-o", str(target)) as process:
            assert endpoint.asked.wait(PATIENCE)
            target.write_text("somebody else's")
            endpoint.may_answer.set()
            out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert Path(out.decode().strip()).is_file()
    assert f"{target}: File exists; the picture is at {out.decode().strip()}" in err.decode()
    assert target.read_text() == "somebody else's"
    assert home.entry.status == "done"


# From an entry


def test_an_entry_can_be_the_beginning(home: Home, run: Run) -> None:
    home.folder.mkdir()
    home.store.write(replace(DONE, parameters={"size": "2304x1728", "seed": 7}, references=()))
    again = run("generate", "--from", DONE.id, "--dry-run", "--json")
    assert json.loads(again.out)["body"]["seed"] == 7
    finished = run("generate", "--from", "4f2a9c", "-p", "seed=8", "--dry-run", "--json")
    assert finished.code == 0
    assert json.loads(finished.out)["body"] == {
        "model": DONE.model,
        "prompt": DONE.prompt,
        "size": "2304x1728",
        "seed": 8,
        "watermark": False,
    }
    other = run("generate", "a crab", "--from", DONE.id, "--dry-run", "--json")
    assert json.loads(other.out)["body"]["prompt"] == "a crab"


def test_what_is_made_from_an_entry_says_so(home: Home, run: Run, endpoint: Endpoint) -> None:
    home.store.write(replace(DONE, parameters={}, references=()))
    assert run("generate", "a crab", *QUICK, "--from", DONE.id).code == 0
    assert [entry.parent for entry in home.entries] == [DONE.id, ""]


def test_another_model_takes_from_an_entry_what_it_can(home: Home, run: Run) -> None:
    home.folder.mkdir()
    home.store.write(replace(DONE, parameters={"size": "1k", "n": 2}, references=()))
    arguments = ["--from", DONE.id, "-m", "gpt-image-1", "--dry-run", "--json"]
    finished = run("generate", *arguments)
    assert finished.code == 0
    body = json.loads(finished.out)["body"]
    assert body == {"model": "gpt-image-1", "prompt": DONE.prompt, "n": 2}
    (complaint,) = finished.complaints
    assert complaint.startswith("left out size: ")


def test_a_reference_whose_copy_is_gone_is_named(home: Home, run: Run, picture: Path) -> None:
    home.folder.mkdir()
    lost = EntryReference("sketch.png", "0" * 64, "images/references/gone.png")
    home.store.write(replace(DONE, references=(lost,), parameters={}))
    finished = run("generate", "--from", DONE.id)
    assert finished.code == 2
    assert finished.complaints[0] == (
        "references: sketch.png: Its copy is gone: images/references/gone.png."
    )
    instead = run("generate", "--from", DONE.id, "-i", str(picture), "--dry-run")
    assert instead.code == 0


def test_an_entry_that_is_not_there_is_wrong_usage(home: Home, run: Run) -> None:
    finished = run("generate", "a fox", "--from", "4f2a9c")
    assert (finished.code, finished.complaints) == (2, ["no entry 4f2a9c"])


# Endpoints that fail


def test_an_endpoint_that_is_down_fails_and_charges_nothing(home: Home, run: Run) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        home.use(f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        finished = run("generate", "a fox", *QUICK)
    assert (finished.code, finished.out) == (1, "")
    *pauses, complaint = finished.complaints
    assert len(pauses) == 2
    assert all("It is sent again in" in pause for pause in pauses)
    assert "the connection was refused" in complaint
    assert "nothing charged" in complaint
    assert home.entry.status == "failed"


@pytest.mark.parametrize(
    ("fault", "code", "status", "words"),
    [
        ("moderation-400", 3, "failed", "refused by filter: "),
        ("402", 3, "failed", "no credit: "),
        ("502-html", 4, "unknown", "outcome unknown: "),
        ("reset", 4, "unknown", "outcome unknown: "),
        ("download-404", 1, "failed", "not downloaded: "),
        ("partial", 1, "partial", "image 2: "),
    ],
)
def test_a_fault_decides_the_exit_code(
    home: Home, run: Run, tmp_path: Path, fault: str, code: int, status: str, words: str
) -> None:
    with served(tmp_path / "server", "--fault", fault) as base_url:
        home.use(base_url)
        count = "n=2" if fault == "partial" else "n=1"
        finished = run("generate", "a fox", *QUICK, "-p", count, "--json")
    assert finished.code == code
    assert home.entry.status == status
    assert any(complaint.startswith(words) for complaint in finished.complaints)
    document = json.loads(finished.out)
    assert document["status"] == status
    assert len(document["images"]) == (1 if fault == "partial" else 0)
    assert KEY not in _everything(home, finished)


def test_without_a_key_the_key_is_what_is_refused(home: Home, run: Run) -> None:
    home.use("https://images.invalid/v1")
    del home.environment["STUDIO_KEY"]
    finished = run("generate", "a fox", *QUICK)
    assert finished.code == 3
    assert finished.complaints[0].startswith("key refused: There is no usable key for studio")


def test_settings_that_cannot_be_used_are_a_failure_and_no_refusal(home: Home, run: Run) -> None:
    home.use("ftp://images.invalid/v1")
    finished = run("generate", "a fox", *QUICK)
    assert finished.code == 1
    assert "base_url" in finished.err


def test_the_key_is_found_nowhere(home: Home, run: Run, tmp_path: Path) -> None:
    with served(tmp_path / "server") as base_url:
        home.use(base_url)
        done = run("generate", "a fox", *QUICK, "--json")
    assert done.code == 0
    with quoting_the_key() as base_url:
        home.use(base_url)
        refused = run("generate", "a fox", *QUICK, "--json")
    assert refused.code == 3
    assert "Incorrect key" in refused.err
    assert "\x1b" not in refused.err + refused.out
    everything = _everything(home, done, refused)
    assert "Incorrect key" in everything
    assert KEY not in everything
    assert KEY.removeprefix("sk-") not in everything


# Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_the_outcome_unknown(home: Home, number: signal.Signals) -> None:
    with answering(b"", held=True) as endpoint:
        home.use(endpoint.base_url)
        with home.started("generate", "a fox", *QUICK) as process:
            assert endpoint.asked.wait(PATIENCE)
            assert home.entry.status == "running"
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, b"")
    assert err.decode() == (
        "darkroom: no longer waiting; it was sent, and may be made and charged: "
        f"see darkroom history show {home.entry.id}\n"
    )
    assert home.entry.status == "unknown"


def test_a_second_interrupt_does_not_wait_for_the_demo_endpoint(home: Home) -> None:
    home.environment["DARKROOM_DEMO_LATENCY"] = "600"
    with closing(on_terminal(home, "generate", "a fox", *QUICK)) as terminal:
        terminal.wait_for(b"sent to demo, kling-image-o1: ")
        terminal.send(CTRL_C)
        terminal.wait_for(f"see darkroom history show {home.entry.id}\r\n".encode())
        assert home.entry.status == "unknown"
        terminal.send(CTRL_C)
        # An interpreter that is just ending dies of the signal, which a shell reports as 130 too.
        assert terminal.finish() in (130, -signal.SIGINT)
    assert terminal.written.count(b"\n") == 2


def test_a_terminal_is_told_once_that_the_request_was_sent(home: Home, endpoint: Endpoint) -> None:
    with closing(on_terminal(home, "generate", "a fox", *QUICK)) as terminal:
        assert terminal.finish() == 0
    sent, caption, path, difference = terminal.written.decode().splitlines()
    assert sent == f"darkroom: sent to studio, kling-image-o1: {home.entry.id}"
    assert caption.startswith("darkroom: 320×320 · ")
    assert Path(path) == home.store.absolute(home.entry.images[0].file)
    assert difference == "darkroom: asked 1k, came 320×320"


def _everything(home: Home, *finished: Finished) -> str:
    """All that was printed and all that lies in the home, as text."""
    texts = [f"{each.out}\n{each.err}" for each in finished]
    return "\n".join([*texts, *(path.read_bytes().decode("latin-1") for path in home.files)])
