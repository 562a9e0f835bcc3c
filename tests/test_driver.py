"""What is pasted presses no keys, wherever it is cut into pieces; what is drawn arrives whole."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.pseudo_terminal import PseudoTerminal
from tui.driver import PasteFilter

BEGIN, END = "\x1b[200~", "\x1b[201~"
TYPED = {
    "keys": ("\x1b[Aab\x1b", "\x1b[Aab\x1b"),
    "a paste": (f"a{BEGIN}b\nc{END}d", f"a{BEGIN}b\nc{END}d"),
    "escapes": (f"{BEGIN}\x1b[31mred\x1b\n\x1b{END}\x1b[B", f"{BEGIN}[31mred\n{END}\x1b[B"),
    "halves of marks": (f"{BEGIN}a{BEGIN}\x1b[201\x1b\x1b{END}", f"{BEGIN}a[200~[201{END}"),
    "two pastes": (f"{BEGIN}\x1b{END}\x1b[A{BEGIN}{END}", f"{BEGIN}{END}\x1b[A{BEGIN}{END}"),
}


@pytest.mark.parametrize(("typed", "parsed"), TYPED.values(), ids=TYPED.keys())
def test_a_paste_has_no_escapes_and_keys_keep_theirs(typed: str, parsed: str) -> None:
    for size in range(1, len(typed) + 1):
        passes = PasteFilter()
        pieces = [typed[start : start + size] for start in range(0, len(typed), size)]
        assert "".join(map(passes, pieces)) == parsed


WRITES = """
import sys
from tui.driver import taking_all
file = taking_all(sys.__stderr__)
file.write(" ".join(map(str, range(50_000))))
file.flush()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a process is stopped, and waited for")
@pytest.mark.parametrize("how", [["-u"], []], ids=["without buffers", "with buffers"])
def test_what_is_written_arrives_whole_though_the_program_is_stopped_in_it(how: list[str]) -> None:
    terminal = PseudoTerminal(*how, "-c", WRITES, environment={"PYTHONUNBUFFERED": ""})
    for number in range(10_000, 50_000, 10_000):
        terminal.wait_for(b" %d " % number)
        terminal.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
        terminal.process.send_signal(signal.SIGCONT)
    assert terminal.finish() == 0
    terminal.close()
    assert terminal.written.split() == [b"%d" % number for number in range(50_000)]
