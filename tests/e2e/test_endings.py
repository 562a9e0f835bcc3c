"""However the studio ends: the terminal is as it was, the code says why, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.programs import needs
from tests.e2e.tmux import DARKROOM, Tmux
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tests.terminal_bytes import harmful, modes_after
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.lifeline import RESTORE
from tui.paths import Paths

CANARY = "sk-CANARY-0123456789abcdef"
SEND = b"\n"
READY = b"Write what you want to see"
SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"]

START = """
import asyncio, sys, threading, time
sys.argv = ["darkroom"]
from tui.cli import main
"""
FAIL = f"""
def fail(*_):
    key = {CANARY!r}
    raise RuntimeError("[/] [@click=app.quit] \\x1b]52;c;AAAA\\x07 \\x9b31m Bearer " + key)
"""
FAILURES = {
    "in a handler": """
from tui.screens.studio import StudioScreen
StudioScreen.action_send = fail
""",
    "while drawing": """
from tui.widgets.status_line import StatusLine
from tui.screens.studio import StudioScreen
def send(self):
    StatusLine.render = fail
    self.status.refresh()
StudioScreen.action_send = send
""",
    "in a worker": """
from tui.screens.studio import StudioScreen
async def work():
    await asyncio.sleep(0)
    fail()
StudioScreen.action_send = lambda self: self.app.run_worker(work(), exit_on_error=False)
""",
    "in a worker that ends the application": """
from tui.screens.studio import StudioScreen
async def work():
    fail()
StudioScreen.action_send = lambda self: self.run_worker(work())
""",
    "in a worker's thread": """
from tui.screens.studio import StudioScreen
StudioScreen.action_send = lambda self: self.app.run_worker(fail, thread=True, exit_on_error=False)
""",
    "in a thread": """
from tui.screens.studio import StudioScreen
StudioScreen.action_send = lambda self: threading.Thread(target=fail).start()
""",
    "in a handler, before a stuck loop": """
from tui.screens.studio import StudioScreen
def send(self):
    threading.Thread(target=fail).start()
    time.sleep(60)
StudioScreen.action_send = send
""",
    "with a group": """
from tui.screens.studio import StudioScreen
def send(self):
    try:
        fail()
    except RuntimeError as error:
        raise ExceptionGroup("several", [error, ValueError("another")])
StudioScreen.action_send = send
""",
}
STUCK = """
from tui.screens.studio import StudioScreen
StudioScreen.action_send = lambda self: (sys.__stderr__.write("stuck"), time.sleep(60))
"""
SLOW = """
from tui.demo.generating import Generations
def wait(self, order, faults):
    print("heard", file=sys.__stderr__, flush=True)
    return 60.0
Generations._wait = wait
"""
DEAF = """
import os, signal
from tui.screens.studio import StudioScreen
def tell(outlet):
    os.read(outlet, 1)
    print("stuck", file=sys.__stderr__, flush=True)
def send(self):
    # Signals come to other threads, and cut nothing short in this one; as one does that comes a
    # moment before a wait begins. The write waits already when its first byte is read.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    outlet, inlet = os.pipe()
    threading.Thread(target=tell, args=(outlet,)).start()
    os.write(inlet, bytes(1_000_000))
StudioScreen.action_send = send
"""
DRAWING = """
from tui.cli import studio
from tui.screens.studio import StudioScreen
studio.stop_commands = lambda: time.sleep(0.5)
def draw(self):
    while True:
        print("drawn", file=sys.__stderr__)
        time.sleep(0.01)
StudioScreen.action_send = draw
"""
BLOCKED = """
from tui.screens.studio import StudioScreen
def send(self):
    threading.Thread(target=time.sleep, args=(60,)).start()
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    sys.__stderr__.write("busy")
StudioScreen.action_send = send
"""

Start = Callable[..., PseudoTerminal]


@pytest.fixture
def start(paths: Paths) -> Iterator[Start]:
    """Opens the studio, after some code of the test's own."""
    started: list[PseudoTerminal] = []

    def start(program: str = "") -> PseudoTerminal:
        terminal = PseudoTerminal(
            "-c",
            f"{START}{FAIL}{program}\nmain()",
            size=(100, 30),
            environment={
                "DARKROOM_HOME": str(paths.data),
                "DARKROOM_DEMO_LATENCY": "0",
                "TERM": "xterm-256color",
                "MY_API_KEY": CANARY,
            },
        )
        started.append(terminal)
        return terminal

    yield start
    for terminal in started:
        terminal.close()


def assert_terminal_is_as_it_was(terminal: PseudoTerminal, before: list[object]) -> None:
    """Modes set with sequences are reset, and the line discipline is as before."""
    assert modes_after(terminal.written).are_as_at_first, modes_after(terminal.written)
    assert terminal.attributes() == before


def _reports(paths: Paths) -> list[Path]:
    return sorted(paths.reports.glob("crash-*.txt"))


@pytest.mark.parametrize("program", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_leaves_a_paragraph_and_a_report(
    start: Start, paths: Paths, program: str
) -> None:
    studio = start(program)
    before = studio.attributes()
    studio.wait_for(READY)
    studio.send(SEND)
    begun = time.monotonic()
    assert studio.finish() == 1
    # Two seconds are promised; the rest is for a machine that does much else.
    assert time.monotonic() - begun < 10
    assert_terminal_is_as_it_was(studio, before)
    (report,) = _reports(paths)
    assert report.stat().st_mode & 0o777 == 0o600
    words = studio.written[studio.written.rindex(b"darkroom: ") :]
    assert str(report).encode() in words
    assert words.count(b"\n") == 1
    text = report.read_text("utf-8")
    assert "in fail" in text
    for shown in (studio.written, report.read_bytes()):
        assert CANARY.encode() not in shown
        assert b"CANARY" not in shown
        assert harmful(shown.replace(b"\n", b"")) == []


@pytest.mark.parametrize("module", ["textual", "msgspec", "platformdirs", "tui.app"])
def test_a_failure_at_import_is_one_paragraph(paths: Paths, tmp_path: Path, module: str) -> None:
    program = f"""
import sys
from importlib.abc import MetaPathFinder
{FAIL}
class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            fail()
sys.meta_path.insert(0, Finder())
sys.argv = ["darkroom"]
from tui.cli import main
main()
"""
    home = {"DARKROOM_HOME": str(paths.data), "TERM": "xterm-256color"}
    if module == "platformdirs":
        home = {"HOME": str(tmp_path), "TERM": "xterm-256color", "DARKROOM_HOME": ""}
    terminal = PseudoTerminal("-c", program, environment=home)
    before = terminal.attributes()
    code = terminal.finish()
    assert code == 1
    assert b"something failed that should not have" in terminal.written
    assert b"Traceback" not in terminal.written
    assert b"CANARY" not in terminal.written
    assert harmful(terminal.written) == []
    assert_terminal_is_as_it_was(terminal, before)
    terminal.close()


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_restores_the_terminal_and_writes_down_what_was_sent(
    start: Start, paths: Paths, store: HistoryStore, name: str
) -> None:
    studio = start(SLOW)
    before = studio.attributes()
    studio.wait_for(READY)
    studio.send(b"a fox", SEND)
    studio.wait_for(b"heard")
    studio.process.send_signal(getattr(signal, name))
    assert studio.finish() == 130
    assert_terminal_is_as_it_was(studio, before)
    assert [entry.status for entry in _entries(store)] == ["unknown"]
    assert _reports(paths) == []


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("program", [STUCK, BLOCKED], ids=["stuck loop", "busy threads"])
def test_a_signal_ends_a_studio_that_cannot_answer(start: Start, name: str, program: str) -> None:
    studio = start(program)
    before = studio.attributes()
    studio.wait_for(READY)
    studio.send(SEND)
    studio.wait_for(lambda written: b"stuck" in written or b"busy" in written)
    studio.process.send_signal(getattr(signal, name))
    begun = time.monotonic()
    assert studio.finish() == 130
    assert time.monotonic() - begun < 20
    assert_terminal_is_as_it_was(studio, before)


def test_modes_that_a_newer_terminal_is_asked_for_are_taken_back_too(start: Start) -> None:
    studio = start()
    before = studio.attributes()
    studio.wait_for(READY)
    studio.send(b"\x1b[?2048;2$y")  # Resizes are reported in band, and the mouse in pixels.
    studio.wait_for(b"\x1b[?1016h")
    studio.send(b"\x11")
    assert studio.finish() == 0
    assert_terminal_is_as_it_was(studio, before)


def test_last_words_of_the_application_are_text(start: Start) -> None:
    studio = start("""
from tui.screens.studio import StudioScreen
words = "[/] [@click=app.bell]x[/] \\x1b]52;c;AAAA\\x07"
StudioScreen.action_send = lambda self: self.app.exit(return_code=3, message=words)
""")
    studio.wait_for(READY)
    studio.send(SEND)
    assert studio.finish() == 3
    assert "[/] [@click=app.bell]x[/] ␛]52;c;AAAA␇".encode() in studio.written
    assert harmful(studio.written) == []


def test_warnings_for_who_develops_are_not_printed(start: Start) -> None:
    studio = start("""
import warnings
from tui.cli import studio
stop = studio.stop_commands
studio.stop_commands = lambda: (warnings.warn("something is old", RuntimeWarning), stop())
""")
    studio.wait_for(READY)
    studio.send(b"\x11")
    assert studio.finish() == 0
    assert b"something is old" not in studio.written


@pytest.mark.parametrize("program", [STUCK, DEAF], ids=["stuck loop", "deaf loop"])
def test_a_second_signal_does_not_wait(start: Start, program: str) -> None:
    studio = start(program)
    before = studio.attributes()
    studio.wait_for(READY)
    studio.send(SEND)
    studio.wait_for(b"stuck")
    studio.process.send_signal(signal.SIGTERM)
    studio.process.send_signal(signal.SIGINT)
    assert studio.finish() == 130
    assert_terminal_is_as_it_was(studio, before)


def test_nothing_is_drawn_once_the_terminal_is_given_back(start: Start) -> None:
    studio = start(DRAWING)
    before = studio.attributes()
    studio.wait_for(READY)
    studio.send(SEND)
    studio.wait_for(b"drawn")
    studio.process.send_signal(signal.SIGTERM)
    studio.process.send_signal(signal.SIGINT)
    assert studio.finish() == 130
    assert studio.written.endswith(RESTORE.encode())
    assert studio.attributes() == before


def test_a_window_that_closes_ends_the_studio(start: Start, store: HistoryStore) -> None:
    studio = start(SLOW)
    studio.wait_for(READY)
    studio.send(b"a fox", SEND)
    studio.wait_for(b"heard")
    studio.hang_up()
    assert studio.process.wait(PATIENCE) == 130
    assert [entry.status for entry in _entries(store)] == ["unknown"]


@pytest.mark.skipif(sys.platform != "linux", reason="how a hang-up is noticed is Linux's own")
def test_a_window_that_closes_without_a_signal_ends_the_studio_too(start: Start) -> None:
    studio = start("import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    studio.wait_for(READY)
    studio.hang_up()
    assert studio.process.wait(PATIENCE) == 130


def test_stopped_and_continued_it_draws_again_and_leaves_the_terminal_as_it_was(
    start: Start,
) -> None:
    studio = start()
    before = studio.attributes()
    studio.wait_for(READY)
    for name in ("SIGSTOP", "SIGTSTP"):
        studio.process.send_signal(getattr(signal, name))
        _wait_until_stopped(studio.process.pid)
        studio.written = b""
        studio.process.send_signal(signal.SIGCONT)
        studio.wait_for(READY)
        assert studio.attributes() != before
    studio.send(b"a word")
    studio.wait_for(b"2 words")
    studio.written = b""
    studio.send(b"\x11")
    assert studio.finish() == 0
    assert studio.attributes() == before


def test_while_it_is_stopped_by_its_own_key_the_terminal_is_as_it_was(start: Start) -> None:
    studio = start()
    before = studio.attributes()
    studio.wait_for(READY)
    studio.process.send_signal(signal.SIGTSTP)
    _wait_until_stopped(studio.process.pid)
    studio.drain()
    assert_terminal_is_as_it_was(studio, before)
    studio.process.send_signal(signal.SIGCONT)
    studio.wait_for(lambda written: written.count(READY) > 1)
    studio.process.send_signal(signal.SIGTERM)
    assert studio.finish() == 130
    assert_terminal_is_as_it_was(studio, before)


def test_a_command_for_the_key_does_not_outlive_the_studio(start: Start, paths: Paths) -> None:
    mark = paths.data / "started"
    script = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))"
    command = [sys.executable, "-c", f"{script}; time.sleep(600)"]
    paths.config_file.write_text(
        f'endpoint = "x"\n[endpoints.x]\nbase_url = "http://127.0.0.1:9/v1"\n'
        f"key = {{ command = {command!r} }}\n"
    )
    studio = start()
    studio.wait_for(READY)
    studio.send(b"a fox", SEND)
    studio.wait_for(lambda _: mark.exists() and bool(mark.read_text()))
    studio.process.send_signal(signal.SIGTERM)
    assert studio.finish() == 130
    _wait_until_gone([int(mark.read_text())])


@needs("tmux")
def test_closing_the_window_in_tmux_leaves_no_process(tmp_path: Path) -> None:
    tmux = Tmux((100, 30), {"DARKROOM_HOME": str(tmp_path / "home")})
    tmux.start(str(DARKROOM))
    tmux.wait_for("Write what you want to see")
    listing = subprocess.run(["pgrep", "-f", str(DARKROOM)], capture_output=True, text=True)
    pids = [int(pid) for pid in listing.stdout.split() if _home_of(int(pid)) == tmp_path / "home"]
    assert pids
    tmux.close()
    _wait_until_gone(pids)


def _wait_until_gone(pids: list[int]) -> None:
    # What was killed is dead only once the machine has had a moment for it.
    deadline = time.monotonic() + PATIENCE
    while any(map(_lives, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _entries(store: HistoryStore) -> tuple[Entry, ...]:
    return store.newest().entries


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def _home_of(pid: int) -> Path | None:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    named = [value for value in variables if value.startswith(b"DARKROOM_HOME=")]
    return Path(os.fsdecode(named[0].partition(b"=")[2])) if named else None


def _wait_until_stopped(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_without_a_terminal_it_says_so_and_ends(paths: Paths) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tui"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "DARKROOM_HOME": str(paths.data)},
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"darkroom: the studio needs a terminal")
    assert ended.stdout == b""
