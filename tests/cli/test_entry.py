"""What holds for every command: exit codes, streams, help, interrupts, broken surroundings."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import closing
from pathlib import Path

import click
import pytest
from msgspec.structs import replace

from tests.cli.conftest import DARKROOM, Home, Run
from tests.history.entries import DONE
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tui import __version__
from tui.cli.commands import COMMANDS, darkroom

NOWHERE = "there is no endpoint 'nowhere'; there are: demo, local, openai, token360"

WATCHED = """
import sys
sys.argv = ["darkroom", *sys.argv[1:]]
from tui.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
"""Runs a command, and says on standard error what it has loaded."""


def test_the_installed_command_says_its_version(home: Home) -> None:
    finished = home.run("--version")
    assert (finished.code, finished.out, finished.err) == (0, f"darkroom {__version__}\n", "")


def test_the_module_is_the_command_too(home: Home) -> None:
    command = [sys.executable, "-m", "tui", "--version"]
    printed = subprocess.run(command, env=home.environment, capture_output=True, text=True)
    assert (printed.returncode, printed.stdout) == (0, f"darkroom {__version__}\n")


def test_help_lists_every_command(run: Run) -> None:
    finished = run("--help")
    assert finished.code == 0
    for name, help in COMMANDS.items():
        assert f"  {name} " in finished.out
        assert help in finished.out


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize(
    "command",
    [
        "generate",
        "history",
        "history list",
        "history show",
        "history star",
        "history check",
        "images",
        "images adopt",
        "images delete",
        "images download",
        "images list",
        "endpoints",
        "endpoints add",
        "endpoints list",
        "endpoints remove",
        "endpoints test",
        "endpoints use",
        "key",
        "key remove",
        "key set",
        "doctor",
        "models",
        "serve",
    ],
)
def test_help_is_there_for_every_command_and_fits_a_terminal(
    run: Run, home: Home, command: str, flag: str
) -> None:
    finished = run(*command.split(), flag)
    assert finished.code == 0
    assert finished.out.startswith(f"Usage: darkroom {command} ")
    assert all(len(line) <= 80 for line in finished.out.splitlines())
    assert finished.err == ""
    assert not home.folder.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    command = darkroom.get_command(click.Context(darkroom), name)
    assert command is not None
    commands = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
    for parameter in (parameter for command in commands for parameter in command.params):
        assert isinstance(parameter, click.Argument) or parameter.help, parameter.name


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["frobnicate"], "No such command 'frobnicate'. See darkroom --help."),
        (["--frobnicate"], "No such option '--frobnicate'. See darkroom --help."),
        (["history", "show"], "Missing argument 'ID'. See darkroom history show --help."),
        (
            ["models", "a", "\x1b[31m"],
            "Got unexpected extra argument (␛[31m) See darkroom models --help.",
        ),
    ],
)
def test_wrong_usage_is_one_sentence_and_2(run: Run, arguments: list[str], complaint: str) -> None:
    finished = run(*arguments)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == [complaint]


def test_a_home_that_cannot_be_written_is_one_sentence_and_1(home: Home, run: Run) -> None:
    home.folder.write_text("a file in the way")
    for command in (["generate", "a fox"], ["serve", "--port", "0"]):
        finished = run(*command)
        assert (finished.code, finished.out) == (1, "")
        (complaint,) = finished.complaints
        assert complaint.startswith(f"cannot write to {home.folder}: ")
        assert "DARKROOM_HOME" in complaint


@pytest.mark.parametrize(
    "text",
    ["endpoint = ", "endpoint = 7", "[endpoints.x]\nbase = 'y'", "\x00", 'a = "\x1b[31m'],
)
def test_a_broken_configuration_is_one_sentence_and_1(home: Home, run: Run, text: str) -> None:
    home.configure(text)
    finished = run("generate", "a fox")
    assert (finished.code, finished.out) == (1, "")
    (complaint,) = finished.complaints
    assert "config.toml" in complaint
    assert "\x1b" not in complaint
    assert home.entries == ()


def test_a_configured_endpoint_that_does_not_exist_is_a_failure(home: Home, run: Run) -> None:
    home.configure('endpoint = "nowhere"')
    finished = run("generate", "a fox")
    assert finished.code == 1
    assert finished.complaints == [NOWHERE]


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate", "a fox", "--endpoint", "nowhere"],
        ["--endpoint", "nowhere", "generate", "a fox"],
    ],
)
def test_a_named_endpoint_that_does_not_exist_is_wrong_usage(
    home: Home, run: Run, arguments: list[str]
) -> None:
    finished = run(*arguments)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == [NOWHERE]
    assert home.entries == ()


def test_the_environment_stands_for_options(home: Home, run: Run) -> None:
    home.environment["DARKROOM_MODEL"] = "glm-image"
    assert "glm-image" in run("generate", "a fox", "--dry-run").out
    assert "glm-image" not in run("generate", "a fox", "--dry-run", "-m", "seedream-4.0").out
    home.environment["DARKROOM_ENDPOINT"] = "nowhere"
    assert run("generate", "a fox", "--dry-run").code == 2


@pytest.mark.parametrize(
    ("environment", "arguments", "model"),
    [
        ({}, [], "of-the-endpoint"),
        ({}, ["--endpoint", "other"], "of-the-configuration"),
        ({}, ["--endpoint", "openai"], "gpt-image-2"),
        ({"DARKROOM_ENDPOINT": "other"}, [], "of-the-configuration"),
        ({"DARKROOM_MODEL": "of-the-environment"}, [], "of-the-environment"),
        ({"DARKROOM_MODEL": "of-the-environment"}, ["-m", "named"], "named"),
    ],
)
def test_the_model_is_the_named_one_then_the_endpoints_then_the_configured_one(
    home: Home, run: Run, environment: dict[str, str], arguments: list[str], model: str
) -> None:
    home.configure("""\
endpoint = "own"
model = "of-the-configuration"
[endpoints.own]
base_url = "http://localhost:1/v1"
model = "of-the-endpoint"
[endpoints.other]
base_url = "http://localhost:2/v1"
""")
    home.environment |= environment
    finished = run("generate", "a fox", "--dry-run", "--json", *arguments)
    assert finished.code == 0
    assert json.loads(finished.out)["body"]["model"] == model


def test_the_studio_opens_with_the_model_of_the_endpoint(home: Home) -> None:
    home.configure("""\
endpoint = "own"
model = "seedream-4.5"
[endpoints.own]
base_url = "http://localhost:1/v1"
model = "glm-image"
""")
    terminal = PseudoTerminal("-m", "tui", size=(120, 40), environment=home.environment)
    with closing(terminal):
        terminal.wait_for(b"GLM-Image")
        assert b"Seedream 4.5" not in terminal.written


@pytest.mark.parametrize("command", [["models", "--json"], ["history"]])
def test_a_pipe_that_closes_ends_the_command_quietly(home: Home, command: list[str]) -> None:
    home.folder.mkdir()
    home.store.write(DONE)
    reading, writing = os.pipe()
    os.close(reading)
    with home.started(*command, stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=PATIENCE)
    assert err == b""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_output_that_cannot_be_written_is_one_sentence_and_1(home: Home) -> None:
    with Path("/dev/full").open("wb") as full, home.started("models", stdout=full) as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert err.decode() == "darkroom: standard output: No space left on device\n"
    assert process.returncode == 1


def test_closed_streams_do_no_harm(home: Home) -> None:
    command = [f'exec "{DARKROOM}" generate - 0<&- 1>&- 2>&-']
    finished = subprocess.run(["sh", "-c", *command], env=home.environment, timeout=PATIENCE)
    assert finished.returncode == 2
    command = [f'exec "{DARKROOM}" models nowhere 2>&-']
    finished = subprocess.run(["sh", "-c", *command], env=home.environment, capture_output=True)
    assert (finished.returncode, finished.stdout) == (2, b"")


def test_what_a_stream_cannot_hold_is_replaced(home: Home) -> None:
    home.folder.mkdir()
    home.store.write(replace(DONE, prompt="端 fox"))
    home.environment |= {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    finished = home.run("history")
    assert (finished.code, finished.err) == (0, "")
    assert finished.out.startswith("? ")
    assert finished.out.endswith("? fox\n")


def test_an_interrupt_while_typing_the_prompt_is_130(home: Home) -> None:
    with home.started("generate", "-", stdin=subprocess.PIPE) as process:
        # Once the prompt's beginning is gone from the pipe, the command is reading.
        assert process.stdin is not None
        process.stdin.write(b"a fox")
        process.stdin.flush()
        _wait_until_read(process.stdin.fileno())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert home.entries == ()


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate", "a fox", "-m", "kling-image-o1"],
        ["history", "fox"],
        ["models", "kling-image-o1"],
        ["doctor", "--bundle"],
        ["endpoints", "list"],
        ["endpoints", "add", "own", "--from", "local", "--use"],
    ],
)
def test_a_command_runs_without_textual(home: Home, arguments: list[str]) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        env=home.environment,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    loaded = finished.stderr.split()
    assert f"tui.cli.{arguments[0]}" in loaded
    assert "textual" not in loaded


def _wait_until_read(pipe: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
