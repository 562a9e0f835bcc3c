"""darkroom batch: from a file of prompts to pictures, each line once."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import QUICK, Home, Run
from tests.cli.servers import Endpoint, answering
from tests.pseudo_terminal import PATIENCE

PROMPTS = [f"fox {number}" for number in range(8)]


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    path = tmp_path / "sketch.png"
    Image.new("RGB", (320, 320), "teal").save(path)
    return path.read_bytes()


@pytest.fixture
def endpoint(home: Home, picture: bytes) -> Iterator[Endpoint]:
    """An endpoint that costs money and answers at once."""
    with answering(picture) as endpoint:
        home.use(endpoint.base_url)
        yield endpoint


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.txt"
    path.write_text("\n".join(PROMPTS) + "\n")
    return path


def _cap(home: Home, table: str) -> None:
    config = home.folder / "config.toml"
    config.write_text(f"{config.read_text()}[budget]\n{table}\n")


def _prompts(endpoint: Endpoint) -> list[str]:
    return sorted(body["prompt"] for body in endpoint.bodies)


def test_a_file_of_three_kinds_of_lines_becomes_pictures(
    home: Home, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "three.txt"
    file.write_text(
        'a fox --seed 7\n# not this\n--prompt "an owl" --size 1k\n{"prompt": "a hare"}\n'
    )
    finished = run("batch", str(file), "-m", "seedream-4.0", "-p", "size=1k")
    assert finished.code == 0, finished.err
    paths = finished.out.splitlines()
    assert len(paths) == 3
    assert all(Path(path).is_file() for path in paths)
    assert sorted(entry.prompt for entry in home.entries) == ["a fox", "a hare", "an owl"]
    assert finished.complaints[0] == "3 requests, 3 images at most: $0.00"
    said = [line for line in finished.complaints if " of 3, line " in line]
    assert len(said) == 3
    assert {line.split("line ")[1][0] for line in said} == {"1", "3", "4"}


def test_standard_input_is_a_batch_too_and_known_again(home: Home, run: Run) -> None:
    first = run("batch", "-", *QUICK, "--json", stdin=b"a fox\n")
    assert json.loads(first.out)["prompt"] == "a fox"
    second = run("batch", "-", *QUICK, "--json", stdin=b"a fox\n")
    assert (second.code, second.out) == (0, "")
    assert second.complaints == ["nothing is left to send: 1 line sent before; --again begins anew"]
    assert run("batch", "-", *QUICK, "--again", stdin=b"a fox\n").code == 0
    assert len(home.entries) == 2


def test_all_that_is_wrong_is_told_and_nothing_is_sent(
    endpoint: Endpoint, home: Home, run: Run, file: Path
) -> None:
    file.write_text('a fox\na hare --size 1x1\n--prompt "x\n{"prompt": ""}\n')
    finished = run("batch", str(file), "-m", "seedream-4.5")
    assert (finished.code, finished.out) == (2, "")
    assert [line.partition(":")[0] for line in finished.complaints] == [
        "line 2",
        "line 3",
        "line 4",
        "nothing was sent",
    ]
    assert endpoint.bodies == []
    assert home.entries == ()


@pytest.mark.parametrize("contents", [b"", b"\n# nothing\n"])
def test_a_file_without_prompts_is_wrong_usage(run: Run, file: Path, contents: bytes) -> None:
    file.write_bytes(contents)
    assert run("batch", str(file)).code == 2
    assert run("batch", str(file.with_name("none"))).code == 2


def test_a_dry_run_prints_lines_and_price_and_leaves_nothing(
    endpoint: Endpoint, home: Home, run: Run, file: Path
) -> None:
    file.write_text("a fox\n\n--prompt 'an \x1b[31mowl' --model gpt-image-2\n")
    before = home.files
    finished = run("batch", str(file), "-m", "seedream-4.5", "--dry-run")
    assert finished.code == 0
    first, second = finished.out.splitlines()
    assert first.split() == ["1", "$0.04", "seedream-4.5", "a", "fox"]
    assert second.split()[:3] == ["3", "$?", "gpt-image-2"]
    assert "\x1b" not in finished.out
    assert finished.complaints == ["2 requests, 2 images at most: $0.04 and 1 of unknown price"]
    documents = [
        json.loads(line)
        for line in run(
            "batch", str(file), "-m", "seedream-4.5", "--dry-run", "--json"
        ).out.splitlines()
    ]
    assert [(each["line"], each["estimate_usd"]) for each in documents] == [(1, 0.04), (3, None)]
    assert [each["sent_before"] for each in documents] == [None, None]
    assert (endpoint.bodies, home.files) == ([], before)


def test_a_cap_is_gone_above_only_with_yes(
    endpoint: Endpoint, home: Home, run: Run, file: Path
) -> None:
    _cap(home, "day_usd = 0.10")
    finished = run("batch", str(file), "-m", "seedream-4.5")
    assert (finished.code, endpoint.bodies) == (2, [])
    assert finished.complaints == [
        "8 requests, 8 images at most: $0.32",
        "It would come to $0.32, above the cap of $0.10 for today.",
        "nothing was sent; --yes goes above",
    ]
    assert run("batch", str(file), "-m", "seedream-4.5", "--yes").code == 0
    assert _prompts(endpoint) == PROMPTS


def test_an_unknown_price_under_a_cap_wants_a_yes(
    endpoint: Endpoint, home: Home, run: Run, file: Path
) -> None:
    _cap(home, "session_usd = 0.10")
    assert run("batch", str(file), "-m", "gpt-image-2").code == 2
    assert endpoint.bodies == []
    assert run("batch", str(file), "-m", "gpt-image-2", "--yes").code == 0
    assert _prompts(endpoint) == PROMPTS


def test_a_batch_within_its_cap_is_sent_without_a_question(
    endpoint: Endpoint, home: Home, run: Run, file: Path
) -> None:
    _cap(home, "day_usd = 0.32")
    assert run("batch", str(file), "-m", "seedream-4.5").code == 0
    assert len(endpoint.bodies) == 8
    file.write_text("another fox\n")
    assert run("batch", str(file), "-m", "seedream-4.5").code == 2


def test_killed_at_any_moment_it_goes_on_and_sends_nothing_twice(
    home: Home, picture: bytes, file: Path
) -> None:
    arguments = ("batch", str(file), "-m", "seedream-4.5")
    with answering(picture, held=True) as endpoint:
        home.use(endpoint.base_url)
        with home.started(*arguments) as process:
            assert endpoint.asked.wait(PATIENCE)
            process.kill()
            process.wait(PATIENCE)
        endpoint.may_answer.set()
        begun = len(home.entries)
        assert 1 <= begun <= 4
        finished = home.run(*arguments)
        assert finished.code == 4, finished.err
        assert len(set(_prompts(endpoint))) == len(endpoint.bodies)
        assert sorted(entry.prompt for entry in home.entries) == PROMPTS
        assert "sent before" in finished.complaints[0]
        again = home.run(*arguments)
        assert again.code == 4
        assert again.complaints[0].startswith("nothing is left to send: 8 lines sent before")


def test_interrupted_it_says_how_to_go_on(home: Home, picture: bytes, file: Path) -> None:
    arguments = ("batch", str(file), "-m", "seedream-4.5")
    with answering(picture, held=True) as endpoint:
        home.use(endpoint.base_url)
        with home.started(*arguments) as process:
            assert endpoint.asked.wait(PATIENCE)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert b"the same command goes on with what was not sent" in said
        endpoint.may_answer.set()
        finished = home.run(*arguments)
        assert finished.code == 4, finished.err
        assert "nobody knows the outcome of" in finished.complaints[0]
        assert len(set(_prompts(endpoint))) == len(endpoint.bodies)
        assert sorted({entry.prompt for entry in home.entries}) == PROMPTS


def test_two_at_one_batch_do_not_send_it_twice(home: Home, picture: bytes, file: Path) -> None:
    arguments = ("batch", str(file), "-m", "seedream-4.5")
    with answering(picture, held=True) as endpoint:
        home.use(endpoint.base_url)
        with home.started(*arguments) as process:
            assert endpoint.asked.wait(PATIENCE)
            second = home.run(*arguments)
            assert second.code == 1
            assert second.complaints == ["another darkroom is at this batch; nothing was sent"]
            endpoint.may_answer.set()
            process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert _prompts(endpoint) == PROMPTS


def test_a_key_that_is_missing_ends_a_batch_with_one_refusal_for_all(
    endpoint: Endpoint, home: Home, run: Run, file: Path
) -> None:
    del home.environment["STUDIO_KEY"]
    finished = run("batch", str(file), "-m", "seedream-4.5")
    assert finished.code == 3
    assert len(home.entries) <= 5
    assert "The other lines would meet the same." in finished.complaints[-1]
    assert endpoint.bodies == []
