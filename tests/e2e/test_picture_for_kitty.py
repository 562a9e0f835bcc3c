"""Pictures by the kitty protocol, judged by what a terminal of that kind gets to read."""

from __future__ import annotations

import base64
import io
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.images.pictures import QUADRANTS, alike, corners, quadrants, write
from tests.pseudo_terminal import PseudoTerminal

PLACEHOLDER = "\U0010eeee".encode()
COMMAND = re.compile(rb"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\")
ANSWERS = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;c"


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    return [
        write(tmp_path / "wide.png", quadrants(900, 600)),
        write(tmp_path / "tall.png", quadrants(300, 600)),
    ]


@pytest.fixture
def outside_tmux(pictures: list[Path], tmp_path: Path) -> Iterator[PseudoTerminal]:
    """The same in tmux, in a terminal that says it is kitty."""
    settings = tmp_path / "tmux.conf"
    settings.write_text(
        "set -g allow-passthrough on\nset -as terminal-features ',*:RGB'\n", "utf-8"
    )
    within = [sys.executable, "-m", "tests.e2e.picture_app", *map(str, pictures)]
    socket = str(tmp_path / "socket")
    known = "tmux display-message -p '#{client_termtype}' | grep -q kitty"
    # With its last program tmux ends, and drops what it has not passed on by then.
    script = f"until {known}; do sleep 0.05; done; {shlex.join(within)}; read -r _"
    command = ["tmux", "-u", "-S", socket, "-f", str(settings), "new-session", script]
    terminal = PseudoTerminal(
        *("-c", f"import os; os.execvp('tmux', {command!r})"),
        size=(90, 30),
        cell_pixels=(9, 18),
        environment={"TERM": "xterm-256color"},
    )
    terminal.wait_for(b"\x1b[>q")
    terminal.send(b"\x1bP>|kitty(0.41.1)\x1b\\")
    yield terminal
    subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True, check=False)
    terminal.close()


@pytest.fixture
def terminal(pictures: list[Path]) -> Iterator[PseudoTerminal]:
    """A screen with a picture, in a terminal that says it is kitty."""
    terminal = PseudoTerminal(
        *("-m", "tests.e2e.picture_app", *map(str, pictures)),
        size=(90, 30),
        cell_pixels=(9, 18),
        environment={"TERM": "xterm-kitty"},
    )
    terminal.wait_for(b"\x1b[c")
    terminal.send(ANSWERS)
    terminal.wait_for(lambda written: len(placements(written)) == 1 and has_placeholders(written))
    yield terminal
    terminal.close()


def commands(written: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Keys and payload of every graphics command but the query."""
    found = [
        (dict(pair.split("=") for pair in keys.decode().split(",")), payload)
        for keys, payload in COMMAND.findall(written)
    ]
    return [(keys, payload) for keys, payload in found if keys.get("a") != "q"]


def placements(written: bytes) -> list[dict[str, str]]:
    return [keys for keys, _ in commands(written) if keys.get("U") == "1"]


def removals(written: bytes) -> list[str]:
    return [keys["i"] for keys, _ in commands(written) if keys.get("a") == "d"]


def has_placeholders(written: bytes) -> bool:
    placed = placements(written)[-1]
    return written.count(PLACEHOLDER) >= int(placed["c"]) * int(placed["r"])


def test_the_terminal_gets_the_picture_and_a_placeholder_for_every_cell(
    terminal: PseudoTerminal,
) -> None:
    (placed,) = placements(terminal.written)
    sent = [(keys, payload) for keys, payload in commands(terminal.written) if payload]
    assert {keys["i"] for keys, _ in sent} == {placed["i"]}
    image = Image.open(io.BytesIO(base64.b64decode(b"".join(payload for _, payload in sent))))
    assert image.size == (int(placed["c"]) * 9, int(placed["r"]) * 18)
    assert all(map(alike, corners(image), QUADRANTS))
    assert terminal.written.count(PLACEHOLDER) == int(placed["c"]) * int(placed["r"])
    assert b"\x1b_G" not in COMMAND.sub(b"", terminal.written), "a command is torn"


def test_a_picture_is_not_sent_again_when_it_is_drawn_again(terminal: PseudoTerminal) -> None:
    (placed,) = placements(terminal.written)
    cells = int(placed["c"]) * int(placed["r"])
    terminal.send(b"c")
    terminal.wait_for(b"cover")
    terminal.send(b"c")
    terminal.wait_for(lambda written: written.count(PLACEHOLDER) >= 2 * cells)
    assert len(placements(terminal.written)) == 1


def test_pictures_seen_before_are_still_known_to_the_terminal(terminal: PseudoTerminal) -> None:
    first = terminal.written.count(PLACEHOLDER)
    terminal.send(b"n")
    terminal.wait_for(lambda written: len(placements(written)) == 2 and has_placeholders(written))
    second = placements(terminal.written)[-1]
    seen = first + int(second["c"]) * int(second["r"])
    terminal.send(b"n")
    terminal.wait_for(lambda written: written.count(PLACEHOLDER) >= seen + first)
    assert len(placements(terminal.written)) == 2


def test_pictures_are_sent_again_when_another_program_had_the_terminal(
    terminal: PseudoTerminal,
) -> None:
    (placed,) = placements(terminal.written)
    terminal.send(b"s")
    terminal.wait_for(b"elsewhere")
    terminal.send(b"\r")
    terminal.wait_for(lambda written: len(placements(written)) == 2)
    assert placements(terminal.written)[1] == placed


@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
def test_a_picture_reaches_the_terminal_outside_tmux(outside_tmux: PseudoTerminal) -> None:
    outside_tmux.wait_for(lambda written: len(placements(written)) == 1)
    (placed,) = placements(outside_tmux.written)
    cells = int(placed["c"]) * int(placed["r"])
    outside_tmux.wait_for(lambda written: written.count(PLACEHOLDER) >= cells)
    payloads = [payload for _, payload in commands(outside_tmux.written)]
    image = Image.open(io.BytesIO(base64.b64decode(b"".join(payloads))))
    assert image.size == (int(placed["c"]) * 9, int(placed["r"]) * 18)
    assert all(map(alike, corners(image), QUADRANTS))
    number = int(placed["i"])
    colour = ";".join(str(number >> shift & 255) for shift in (16, 8, 0))
    assert f"\x1b[38;2;{colour}m".encode() in outside_tmux.written
    outside_tmux.send(b"q")
    outside_tmux.wait_for(lambda written: removals(written) == [placed["i"]])


def test_the_terminal_forgets_all_pictures_in_the_end(terminal: PseudoTerminal) -> None:
    terminal.send(b"n")
    terminal.wait_for(lambda written: len(placements(written)) == 2)
    terminal.send(b"q")
    assert terminal.finish() == 0
    assert sorted(removals(terminal.written)) == sorted(
        placed["i"] for placed in placements(terminal.written)
    )
