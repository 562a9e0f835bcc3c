"""A failure of Darkroom's own while it holds a key.

The terminal is as it was, the exit code says that it failed, one paragraph says where the report
is, and the key is in nothing that was drawn, printed, logged or reported, nor in any core. All of
it takes less than two seconds.
"""

from __future__ import annotations

import re
import resource
import termios
from pathlib import Path

import pytest

from tests.api.origins import reply
from tests.cli.conftest import KEY, Home
from tests.faults.cases.session import LEFT, SEND, configure, origin_with, studio_in
from tests.terminal_bytes import harmful, modes_after

SECONDS = 2.0
"""Of the processor's time; a machine that does much else is none of ours."""
LINES = termios.ICANON | termios.ECHO | termios.ISIG
"""A terminal that is used line by line."""
CRASHING = """
import sys
from dataclasses import dataclass
from tui.screens.studio import StudioScreen

@dataclass
class Holder:
    key: str
    headers: dict[str, str]

def crash(screen, prompt):
    client = next(iter(screen.app._clients._open.values()))
    key = client._key.reveal()
    holder = Holder(key, {"Authorization": f"Bearer {key}", "X-Api-Key": key})
    raise RuntimeError(f"[/] \\x1b]52;c;AAAA\\x07 Illegal header value b'Bearer {holder}'")

send = StudioScreen._send
StudioScreen._send = lambda self, prompt: (crash if "crash" in prompt else send)(self, prompt)
sys.argv[0] = "darkroom"
from tui.cli import main
main()
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="its time is told by Linux")
def test_the_key_is_nowhere_and_the_terminal_as_it_was(home: Home) -> None:
    refusal = {"error": {"message": f"Bearer {KEY} is not good"}}
    with origin_with(reply(401, refusal)) as origin:
        configure(home, config={"log": "debug"}, studio=f"{origin.url}/v1")
        with studio_in(home, "-c", CRASHING) as studio:
            terminal = studio.terminal
            studio.send("a fox")
            studio.wait_to_read("is not good")
            assert re.search(
                r"Max core file size +0 ", Path(f"/proc/{studio.pid}/limits").read_text()
            )
            studio.press(b" crash")
            studio.wait_to_read("3 words")
            # Until it ends, its time is not among that of children.
            of_others, until_then = _ended_children(), _seconds_of(studio.pid)
            studio.press(SEND)
            assert terminal.finish() == 1
            assert _ended_children() - of_others - until_then < SECONDS
            written, words = terminal.written, studio.last_words
            assert terminal.attributes()[3] & LINES == LINES
    assert LEFT in written
    assert modes_after(written).are_as_at_first
    assert harmful(written) == []
    (report,) = home.folder.glob("reports/crash-*.txt")
    assert str(report) in words
    text = report.read_text("utf-8")
    assert "in crash" in text
    assert "RuntimeError" in text
    (log,) = home.folder.glob("logs/*.log")
    for place in (written, report.read_bytes(), log.read_bytes()):
        assert b"CANARY" not in place
    # The fixture looks at all other files.
    assert [entry.status for entry in home.entries] == ["failed"]


def _seconds_of(pid: int) -> float:
    """The processor's time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _ended_children() -> float:
    """The processor's time that all children had which have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
