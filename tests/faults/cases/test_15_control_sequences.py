"""Control sequences in errors, names of models, records, prompts, pictures and names of files.

None of their bytes reaches the terminal, from the studio or from a command; a visible character
stands in the place of each.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Home
from tests.faults.cases.hostile_texts import BEGIN, places, studio_with, texts_of
from tests.faults.cases.session import configure, origin_with
from tests.outside_world import SEQUENCES
from tests.pseudo_terminal import PseudoTerminal
from tests.terminal_bytes import harmful, modes_after

COMMANDS = (
    ["generate", "a fox refused"],
    ["generate", "a fox served"],
    ["images"],
    ["models"],
    ["history"],
)
EACH = "\n".join(
    f"sys.argv[1:] = {arguments}\ntry: main()\nexcept SystemExit: pass" for arguments in COMMANDS
)
PASTED = "".join(SEQUENCES[name] for name in ("CSI in C1", "OSC in C1", "bidi"))
PASTED += "a\u200bb\x07 \x1b[31mred\x1b[9z\nand\x1b]52;c;\x07 more"
"""Ends of lines and BEL are keys: the one sends, the other opens what chooses files."""


def test_none_of_them_reaches_the_terminal(home: Home, tmp_path: Path) -> None:
    with studio_with(home, SEQUENCES, tmp_path / "files") as studio:
        for mark in places(studio, PASTED):
            shown = {"Qfile": f"{mark}␛[2J.png", "Qpasted": f"{mark} �31m�52;c"}
            studio.wait_to_read(shown.get(mark, f"{mark} ␛[38;5;123m ␛[6n ␛[2J"))
        studio.wait_for_ends(3)
        studio.leave()
        assert modes_after(studio.terminal.written).are_as_at_first
    # What was pasted is kept as it was, but for the escape characters, and has pressed no key.
    pasted = PASTED.replace("\x1b", "")
    assert [entry.prompt for entry in home.entries] == [
        f"a fox served refusedQpasted {pasted}",
        "a fox served refused",
        "a fox served",
    ]


def test_none_of_them_reaches_the_terminal_of_a_command(home: Home) -> None:
    with origin_with(texts_of(" ".join(SEQUENCES.values()))) as origin:
        configure(home, studio=f"{origin.url}/v1")
        program = BEGIN.replace("main()", EACH)
        terminal = PseudoTerminal("-c", program, environment=home.environment)
        with closing(terminal):
            assert terminal.finish() == 0
    for mark in (b"Qerror", b"Qserved", b"Qrevised", b"Qfailure"):
        assert mark + " ␛[38;5;123m".encode() in terminal.written
    assert harmful(terminal.written) == []
