from __future__ import annotations

import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pseudo_terminal import PseudoTerminal
from tui.terminal import (
    USUAL_SIXEL_LIMITS,
    SixelLimits,
    TerminalFacts,
    begin_probe,
    read_cell_pixels,
    typed_text,
    understand,
)

Start: TypeAlias = Callable[..., PseudoTerminal]

KITTY = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;18;9t\x1b[?62;c"
XTERM = b"\x1bP>|XTerm(379)\x1b\\\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?63;1;2;4;6;9;15;16;22;28c"
XTERM_LIMITS = b"\x1b[?1;0;16S\x1b[?2;0;1000;800S"
XTERM_WITHOUT_SIXEL = b"\x1bP>|XTerm(379)\x1b\\\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"
TMUX = b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c"
LAST_QUERY = b"\x1b[c"
SIXEL_QUERIES_END = b"\x1b[?2;4;0S"

PROGRAM = """
import json, sys, termios
import msgspec
from tui.terminal import begin_probe
before = termios.tcgetattr(0)
probe = begin_probe(0, 1, json.loads(sys.argv[1]))
asked = termios.tcgetattr(0) != before
facts = msgspec.to_builtins(probe.finish(grace=float(sys.argv[2])))
restored = termios.tcgetattr(0) == before
print("FACTS", json.dumps({**facts, "asked": asked, "restored": restored}), "END")
"""


@pytest.fixture
def probe() -> Iterator[Start]:
    """Starts processes that probe their terminal, and ends them with the test."""
    terminals: list[PseudoTerminal] = []

    def start(grace: float = 30.0, **environment: str) -> PseudoTerminal:
        probed = json.dumps({"TERM": "xterm", **environment})
        terminals.append(PseudoTerminal("-c", PROGRAM, probed, str(grace)))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def facts(terminal: PseudoTerminal) -> dict[str, Any]:
    terminal.wait_for(b" END")
    found = re.search(rb"FACTS (.*) END", terminal.written)
    assert found
    result: dict[str, Any] = json.loads(found[1])
    return result


def test_kitty_is_known_by_its_version_and_graphics(probe: Start) -> None:
    terminal = probe()
    terminal.wait_for(LAST_QUERY)
    terminal.send(KITTY)
    told = facts(terminal)
    assert told["tty"] and told["kitty"] and not told["sixel"]
    assert told["version"] == "kitty(0.41.1)"
    assert told["cell_pixels"] == [9, 18]
    assert told["typed_ahead"] == ""


def test_xterm_is_asked_for_the_limits_of_its_sixel_pictures(probe: Start) -> None:
    terminal = probe()
    terminal.wait_for(LAST_QUERY)
    terminal.send(XTERM)
    terminal.wait_for(SIXEL_QUERIES_END)
    terminal.send(XTERM_LIMITS)
    told = facts(terminal)
    assert told["sixel"] and told["true_colour"]
    assert told["sixel_limits"] == {"colours": 16, "width": 1000, "height": 800}


def test_an_answer_may_come_byte_by_byte(probe: Start) -> None:
    terminal = probe(grace=0.1)
    terminal.wait_for(LAST_QUERY)
    terminal.send(*(bytes([byte]) for byte in TMUX))
    told = facts(terminal)
    assert told["version"] == "tmux 3.3a"
    assert not told["sixel"]


def test_what_is_typed_before_between_and_after_the_answers_is_kept(probe: Start) -> None:
    terminal = probe()
    terminal.send(b"a fox ")
    terminal.wait_for(LAST_QUERY)
    terminal.send(b"in ", KITTY[:20], KITTY[20:31], "the snöw".encode(), KITTY[31:])
    assert facts(terminal)["typed_ahead"] == "a fox in the snöw"


def test_a_terminal_that_never_answers_holds_nothing_up(probe: Start) -> None:
    terminal = probe(grace=0.01)
    told = facts(terminal)
    assert told["tty"] and told["asked"]
    assert told["version"] == "" and not told["kitty"] and not told["sixel"]


@pytest.mark.parametrize("answer", [KITTY, b""])
def test_the_terminal_is_left_as_it_was_found(probe: Start, answer: bytes) -> None:
    terminal = probe(grace=30.0 if answer else 0.01)
    terminal.wait_for(LAST_QUERY)
    terminal.send(answer)
    told = facts(terminal)
    assert told["asked"] and told["restored"]


def test_a_dumb_terminal_is_not_asked(probe: Start) -> None:
    terminal = probe(TERM="dumb")
    told = facts(terminal)
    assert told["tty"] and not told["asked"]


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({}, True),
        ({"TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ({"TERM": "screen-256color"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
    ],
)
def test_kittys_query_goes_only_where_it_does_no_harm(
    probe: Start, environment: dict[str, str], asked: bool
) -> None:
    terminal = probe(**environment)
    terminal.wait_for(LAST_QUERY)
    terminal.send(TMUX)
    facts(terminal)
    assert (b"\x1b_G" in terminal.written) is asked


def test_pipes_are_not_taken_for_a_terminal() -> None:
    reader, writer = os.pipe()
    try:
        facts = begin_probe(reader, writer, {"TERM": "xterm"}).finish()
    finally:
        os.close(writer)
        written = os.read(reader, 100)
        os.close(reader)
    assert facts == TerminalFacts()
    assert written == b""


def test_a_terminal_that_others_control_is_left_alone() -> None:
    master, slave = os.openpty()
    try:
        assert begin_probe(slave, slave, {"TERM": "xterm"}).finish() == TerminalFacts()
    finally:
        os.close(master)
        os.close(slave)


@given(typed=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b")))
def test_answers_are_found_and_taken_out_of_any_text(typed: str) -> None:
    middle = len(typed) // 2
    facts = understand(typed[:middle].encode() + KITTY + typed[middle:].encode())
    assert facts.kitty
    assert facts.typed_ahead == typed


@given(received=st.binary())
def test_no_bytes_confuse_the_reader(received: bytes) -> None:
    facts = understand(received + XTERM_LIMITS)
    assert 2 <= facts.sixel_limits.colours <= USUAL_SIXEL_LIMITS.colours


def test_a_refusal_to_tell_the_limits_leaves_the_usual_ones() -> None:
    assert understand(XTERM + b"\x1b[?1;3S\x1b[?2;3S").sixel_limits == SixelLimits()


def test_the_kernel_knows_the_size_of_a_cell() -> None:
    master, slave = os.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 644, 412))
        assert read_cell_pixels(slave) == (8, 17)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        assert read_cell_pixels(slave) is None
    finally:
        os.close(master)
        os.close(slave)


def test_importing_it_brings_in_nothing_of_the_screen() -> None:
    code = "import sys, tui.terminal; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"textual", "rich", "PIL", "numpy"} & set(loaded)


def test_what_was_typed_early_becomes_text_without_arrows_and_controls() -> None:
    keys = "fox\x1b[A\x1b[1;5C\x1bOP\rsnow\n\x7f\x03é\x1bx\x1b"
    assert typed_text(keys) == "fox\nsnow\né"


@given(st.text())
def test_nothing_typed_early_can_act(keys: str) -> None:
    assert all(character == "\n" or character.isprintable() for character in typed_text(keys))
