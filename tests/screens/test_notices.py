"""The studio tells that jobs have ended, on real jobs of the demo endpoint."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot

from tests.screens.conftest import MakeApp
from tests.screens.waiting import until
from tui.app import DarkroomApp
from tui.cli import main
from tui.paths import Paths
from tui.screens.notices import StudioSignals
from tui.text import Shown

WIDE = (120, 40)
QUICK = "kling-image-o1"
"""A model whose pictures are painted quickly."""
WRITES = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal is sent beside what is drawn."""
    sent: list[str] = []
    monkeypatch.setattr(DarkroomApp, "send", lambda _, sequence: sent.append(sequence))
    return sent


@pytest.fixture
def configure(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes the `[notices]` table."""
    for name in ("TMUX", "LC_TERMINAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def configure(table: str) -> None:
        paths.config_file.write_text(f"[notices]\n{table}\n")

    return configure


async def _send(pilot: Pilot[None], app: DarkroomApp, *prompts: str) -> None:
    for prompt in prompts:
        app.studio.editor.load_text(prompt)
        before = app.studio.history.count
        await pilot.press("ctrl+j")
        await until(pilot, lambda: app.studio.history.count > before, prompt)  # noqa: B023


async def test_the_bell_rings_when_a_job_is_done_and_nothing_else_happens(
    make_app: MakeApp, sent: list[str]
) -> None:
    app = make_app(model=QUICK)
    async with app.run_test(size=WIDE) as pilot:
        await _send(pilot, app, "fox")
        await until(pilot, lambda: sent == ["\a"], "the bell")
        await until(pilot, lambda: app.backstage.notices._together is None, "the end of the moment")
    assert sent == ["\a"]


async def test_a_bell_that_is_off_does_not_ring(
    make_app: MakeApp, sent: list[str], configure: Callable[[str], None]
) -> None:
    configure('bell = false\ndesktop = "osc9"')
    app = make_app(model=QUICK)
    async with app.run_test(size=WIDE) as pilot:
        await _send(pilot, app, "fox; in \x1b]0;the snow\x07")
        await until(pilot, lambda: bool(sent), "the notice")
    assert sent == ["\x1b]9;Darkroom: Done: fox, in ␛]0,the snow␇\x1b\\"]


async def test_jobs_that_end_together_are_one_ring_and_one_notice(
    make_app: MakeApp,
    sent: list[str],
    configure: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.generation.notices.MOMENT", 3600.0)
    configure('desktop = "osc777"')
    app = make_app(model=QUICK)
    async with app.run_test(size=WIDE) as pilot:
        await _send(pilot, app, "fox", "owl", "elk")
        await until(pilot, lambda: not app.backstage.jobs.queue.jobs, "all are done")
        await until(
            pilot, lambda: len(app.backstage.notices._together or ()) == 3, "all were heard of"
        )
        assert sent == ["\a"]
        app.backstage.notices._end_moment()
        assert sent == ["\a", "\x1b]777;notify;Darkroom;3 jobs ended: 3 done\x1b\\"]


async def test_what_the_user_gives_up_does_not_ring(
    make_app: MakeApp, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKROOM_DEMO_LATENCY", "3600")
    app = make_app(model=QUICK)
    async with app.run_test(size=WIDE) as pilot:
        await _send(pilot, app, "fox", "owl")
        await until(pilot, lambda: len(app.backstage.jobs.queue.board.running) == 2, "both run")
        await app.backstage.jobs.queue.stop(app.backstage.jobs.queue.jobs[0].id)
        await until(pilot, lambda: len(app.backstage.jobs.queue.jobs) == 1, "the first is given up")
    # The second was given up by leaving.
    assert sent == []


async def test_the_command_reads_what_history_show_prints(
    make_app: MakeApp,
    configure: Callable[[str], None],
    paths: Paths,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "entries"
    configure(f"command = {json.dumps([sys.executable, '-c', WRITES, str(file)])}")
    app = make_app(model=QUICK)
    async with app.run_test(size=WIDE) as pilot:
        await _send(pilot, app, "fox \x1b in the snow")
        await until(pilot, lambda: file.exists() and file.read_bytes().endswith(b"\n"), "the entry")
    line = file.read_text()
    monkeypatch.setenv("DARKROOM_HOME", str(paths.data))
    monkeypatch.setattr(
        sys, "argv", ["darkroom", "history", "show", json.loads(line)["id"], "--json"]
    )
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    assert capsys.readouterr().out == line


async def test_a_command_that_fails_is_told_of_once(
    make_app: MakeApp, configure: Callable[[str], None]
) -> None:
    configure('command = ["no-such-command-[anywhere]"]')
    app = make_app(model=QUICK)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _send(pilot, app, "fox", "owl")
        await until(pilot, lambda: not app.backstage.jobs.queue.jobs, "both are done")
        await until(pilot, lambda: len(app.backstage.notices._told) == 2, "both were heard of")
        runner = app.backstage.notices._runner
        assert runner is not None
        await until(pilot, runner.done, "the command was tried")
        (note,) = [note for note in app._notifications if note.title == "Notices"]
        assert note.message.startswith("The command no-such-command-[anywhere] was not found.")


@pytest.mark.parametrize(("is_suspended", "heard"), [(False, ["\a"]), (True, [])])
def test_nothing_is_sent_while_another_program_has_the_terminal(
    make_app: MakeApp, is_suspended: bool, heard: list[str]
) -> None:
    written: list[str] = []
    app = make_app(model=QUICK)
    app._driver = SimpleNamespace(  # type: ignore[assignment]
        is_headless=False, is_suspended=is_suspended, write=written.append
    )
    app.bell()
    assert written == heard


def test_through_tmux_the_notice_is_wrapped(make_app: MakeApp) -> None:
    app, sent = make_app(), list[str]()
    signals = StudioSignals(app, sent.append, app.setup.terminal, {"TMUX": "/tmp/tmux-0/default,1"})
    signals.show(Shown("Done: fox"), "osc9")
    signals.show(Shown("Done: fox"), "off")
    assert sent == ["\x1bPtmux;\x1b\x1b]9;Darkroom: Done: fox\x1b\x1b\\\x1b\\"]
