"""darkroom serve: the demo endpoint for other clients."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.cli.conftest import Home, Run
from tests.pseudo_terminal import PATIENCE
from tui.demo.faults import GROUPS, KINDS


def _ask(url: str, body: object = None, *, key: str = "anything") -> Any:
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def _line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().rstrip("\n")


def test_it_prints_its_address_and_answers_until_interrupted(home: Home) -> None:
    with home.started("serve", "--port", "0") as process:
        base_url = _line(process)
        assert base_url.startswith("http://127.0.0.1:")
        request = {"model": "kling-image-o1", "prompt": "a fox", "size": "1k"}
        answer = _ask(f"{base_url}/images/generations", request)
        with urllib.request.urlopen(answer["data"][0]["url"], timeout=PATIENCE) as picture:
            assert picture.read(8) == b"\x89PNG\r\n\x1a\n"
        assert len(_ask(f"{base_url}/images")["data"]) == 1
        assert _ask(f"{base_url}/images", key="another")["data"] == []
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_it_plays_faults(home: Home) -> None:
    with home.started("serve", "--port", "0", "--fault", "models-404") as process:
        base_url = _line(process)
        with pytest.raises(urllib.error.HTTPError) as answered:
            _ask(f"{base_url}/models")
    assert answered.value.code == 404


def test_it_listens_on_loopback_alone(home: Home) -> None:
    with home.started("serve", "--port", "0") as process:
        port = int(_line(process).removesuffix("/v1").rpartition(":")[2])
        with socket.socket() as elsewhere:
            # A port that is taken on every address could not be bound on another one.
            elsewhere.bind(("127.0.0.2", port))


def test_a_port_that_is_taken_is_one_sentence_and_1(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = run("serve", "--port", str(port))
    assert (finished.code, finished.out) == (1, "")
    (complaint,) = finished.complaints
    assert complaint == f"port {port}: Address already in use; choose another with --port"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--fault", "nowhere"],
        ["--fault", "402=2"],
        ["--fault", "402=often"],
        ["--latency", "nan"],
        ["--latency", "inf"],
        ["--latency", "-1"],
        ["--port", "65536"],
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(run: Run, home: Home, arguments: list[str]) -> None:
    finished = run("serve", *arguments)
    assert (finished.code, finished.out) == (2, "")
    assert len(finished.complaints) == 1
    assert not home.folder.exists()


def test_the_faults_are_listed_with_their_meaning(run: Run) -> None:
    finished = run("serve", "--fault", "help")
    assert finished.code == 0
    width = max(map(len, KINDS))
    assert finished.out.splitlines() == [
        f"{kind:<{width}} {meaning}" for kind, meaning in KINDS.items()
    ]


def test_help_has_every_fault_with_its_line(run: Run) -> None:
    finished = run("serve", "--help")
    assert finished.code == 0
    lines = {" ".join(line.split()) for line in finished.out.splitlines()}
    assert {f"{kind} {meaning}" for kind, meaning in KINDS.items()} <= lines
    assert {f"{heading}:" for heading in GROUPS} <= lines
    assert "X-Fault: KIND" in finished.out


def test_a_request_names_the_fault_that_it_meets(home: Home) -> None:
    with home.started("serve", "--port", "0", "--fault", "models-404") as process:
        request = urllib.request.Request(
            f"{_line(process)}/models",
            headers={"Authorization": "Bearer anything", "X-Fault": "models-empty"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert json.load(answer)["data"] == []
