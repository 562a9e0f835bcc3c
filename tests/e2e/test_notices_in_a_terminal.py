"""What a terminal gets when a job is done: the bell, and a notice for the desktop, also in tmux."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.programs import needs
from tests.e2e.tmux import DARKROOM
from tests.pseudo_terminal import PseudoTerminal
from tests.terminal_bytes import harmful, modes_after
from tui.paths import Paths

SEND, QUIT = b"\n", b"\x11"
READY = b"Write what you want to see"
PROMPT = "fox; \N{RIGHT-TO-LEFT OVERRIDE}in the snow"
PASTED = f"\x1b[200~{PROMPT}\x1b[201~".encode()
NOTICE = b"\x1b]777;notify;Darkroom;Done: fox, <U+202E>in the snow\x1b\\"
RUN = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"


def _configure(paths: Paths, table: str) -> dict[str, str]:
    paths.config_file.write_text(f'model = "kling-image-o1"\n[notices]\n{table}\n')
    return {
        "DARKROOM_HOME": str(paths.data),
        "DARKROOM_DEMO_LATENCY": "0",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def _without_osc(written: bytes) -> bytes:
    """`written` without the sequences that a bell may end."""
    return re.sub(rb"\x1b\][^\a\x1b]*(\a|\x1b\\)", b"", written)


def test_bell_and_notice_reach_the_terminal_and_the_command_its_entry(
    paths: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "entry"
    writes = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read()); print('\\x1b[6n')"
    command = [sys.executable, "-c", writes, str(file)]
    environment = _configure(paths, f'desktop = "osc777"\ncommand = {json.dumps(command)}')
    studio = PseudoTerminal("-m", "tui", size=(120, 40), environment=environment)
    try:
        studio.wait_for(READY)
        studio.send(PASTED, SEND)
        studio.wait_for(NOTICE)
        studio.wait_for(lambda _: file.exists() and file.read_text().endswith("\n"))
        studio.send(QUIT)
        assert studio.finish() == 0
    finally:
        studio.close()
    assert json.loads(file.read_text())["prompt"] == PROMPT
    others = studio.written.replace(NOTICE, b"", 1)
    assert _without_osc(others).count(b"\a") == 1
    found = harmful(others)
    assert len(found) == 1, "the bell alone, and nothing of what the command printed"
    assert found[0].startswith(r"'\x07'")
    assert modes_after(studio.written).are_as_at_first


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A command that begins a session in a tmux of its own, which passes on what is wrapped."""
    settings = tmp_path / "tmux.conf"
    settings.write_text("set -g allow-passthrough on\n")
    socket = f"darkroom-test-{uuid.uuid4().hex[:8]}"
    yield ["tmux", "-u", "-L", socket, "-f", str(settings), "new-session"]
    subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True, check=False)


@needs("tmux")
def test_bell_and_notice_reach_the_terminal_around_tmux(paths: Paths, tmux: list[str]) -> None:
    environment = _configure(paths, 'desktop = "osc777"')
    settings = [f"{name}={value}" for name, value in environment.items() if name != "TERM"]
    line = shlex.join(["env", *settings, str(DARKROOM)])
    terminal = PseudoTerminal("-c", RUN, *tmux, line, size=(120, 40), environment=environment)
    try:
        terminal.wait_for(READY)
        terminal.written = b""
        terminal.send(PASTED, SEND)
        terminal.wait_for(NOTICE)
        terminal.wait_for(lambda written: b"\a" in _without_osc(written))
        terminal.send(QUIT)
        terminal.wait_for(b"[exited]")
    finally:
        terminal.close()
