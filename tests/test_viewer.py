"""The system's viewer: started by an argument list, away from the terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui import viewer
from tui.viewer import (
    NoViewer,
    folder_commands,
    open_in_viewer,
    reveal_in_folder,
    viewer_command,
)

HARMFUL = "a; touch $(id) `id` --help\x1b[31m.png"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / HARMFUL
    path.write_bytes(b"a picture")
    return path


def _program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has a call of its own for it")
def test_a_name_is_one_argument_and_nothing_is_run_for_it(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    _program(tmp_path / "bin", "xdg-open", f'printf "%s|" "$#" "$@" > "{told}"; exec 2>&1; tty')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(viewer, "_OPENERS", {})
    with pytest.raises(NoViewer):  # `tty` fails, since there is no terminal.
        open_in_viewer(picture)
    assert told.read_text() == f"1|{picture}|"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([HARMFUL, "bin", "told"])


@pytest.mark.skipif(os.name == "nt", reason="Windows has a call of its own for it")
def test_a_viewer_that_stays_is_not_waited_for(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    _program(tmp_path / "bin", "xdg-open", f'read line < "{pipe}"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(viewer, "_OPENERS", {})
    monkeypatch.setattr(viewer, "PATIENCE", 0.1)
    open_in_viewer(picture)
    with pipe.open("w") as line:  # It lives: somebody reads here.
        line.write("\n")


def test_the_first_program_there_is_opens_it() -> None:
    path = Path("/pictures/a.png")
    only_gio = {"gio": "/usr/bin/gio"}.get
    assert viewer_command(path, "linux", only_gio) == ["/usr/bin/gio", "open", str(path)]
    all_there = "/bin/{}".format
    assert viewer_command(path, "linux", all_there) == ["/bin/xdg-open", str(path)]
    assert viewer_command(path, "darwin", all_there) == ["/bin/open", str(path)]


def test_without_a_program_or_a_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoViewer, match=r"it lies at /pictures/a\.png"):
        viewer_command(Path("/pictures/a.png"), "linux", lambda name: None)
    with pytest.raises(NoViewer, match="there is no file"):
        open_in_viewer(tmp_path / "none.png")


def test_a_file_is_shown_in_its_folder_by_the_best_program_there_is() -> None:
    path = Path("/pictures/it's [a] \x1b one.png")
    both = {"gdbus": "/bin/gdbus", "xdg-open": "/bin/xdg-open"}.get
    best, last = folder_commands(path, "linux", both)
    assert best[0] == "/bin/gdbus"
    assert best[-2:] == ["['file:///pictures/it%27s%20%5Ba%5D%20%1B%20one.png']", ""]
    assert last == ["/bin/xdg-open", "/pictures"]
    assert folder_commands(path, "linux", {"gio": "/bin/gio"}.get) == [
        ["/bin/gio", "open", "/pictures"]
    ]
    assert folder_commands(path, "darwin", both) == [["open", "-R", str(path)]]
    with pytest.raises(NoViewer, match="no program was found"):
        folder_commands(path, "linux", lambda name: None)


@pytest.mark.skipif(os.name == "nt", reason="Windows has a call of its own for it")
def test_where_no_file_manager_answers_the_folder_is_opened(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    _program(tmp_path / "bin", "gdbus", "exit 1")
    _program(tmp_path / "bin", "xdg-open", f'printf "%s|" "$#" "$@" > "{told}"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(viewer, "_OPENERS", {})
    monkeypatch.setattr(viewer.sys, "platform", "linux")
    reveal_in_folder(picture)
    assert told.read_text() == f"1|{tmp_path}|"
    with pytest.raises(NoViewer, match="there is no file"):
        reveal_in_folder(tmp_path / "none.png")
