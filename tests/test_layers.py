"""What is loaded when: the core and the command line without Textual, the first frame without
what it does not need. Which module may import which is import-linter's to check.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "httpx",
    "PIL",
    "numpy",
    "starlette",
    "uvicorn",
    "sqlite3",
    "click",
    "textual_image",
    "keyring",
)

FIRST_FRAME = """
import os
from pathlib import Path

import tui.cli.studio
from tui.api.endpoints import choose_endpoint
from tui.app import DarkroomApp
from tui.setup import Setup
from tui.catalog.loading import load_catalogue
from tui.config import load_config
from tui.paths import find_paths
from tui.screens.studio import StudioScreen
from tui.themes import load_themes

paths = find_paths()
config = load_config(paths.config_file)
setup = Setup(
    paths=paths,
    config=config,
    catalogue=load_catalogue(paths.cards),
    themes=load_themes(paths.themes),
    endpoint=choose_endpoint(config, None, os.environ, paths),
    model=config.model,
    theme=config.theme,
)
assert isinstance(DarkroomApp(setup).studio, StudioScreen)
"""


def _loaded_by(program: str, home: Path) -> set[str]:
    """The top-level modules and packages that `program` has loaded in a fresh interpreter."""
    finished = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules, sep='\\n')"],
        env={"DARKROOM_HOME": str(home), "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return {name.partition(".")[0] for name in finished.stdout.split()}


@pytest.mark.parametrize(
    "module",
    [
        "tui.cli.commands",
        "tui.cli.generate",
        "tui.cli.history",
        "tui.cli.models",
        "tui.cli.serve",
        "tui.cli.show",
        "tui.cli.studio",
        "tui.generation.queue",
        "tui.generation.run",
        "tui.history.store",
        "tui.images.cells",
        "tui.images.printed",
        "tui.api.client",
        "tui.demo.server",
    ],
)
def test_the_core_and_the_command_line_do_without_textual(module: str, tmp_path: Path) -> None:
    loaded = _loaded_by(f"import {module}", tmp_path)
    assert "tui" in loaded
    assert "textual" not in loaded


def test_the_command_line_lists_its_commands_without_loading_them(tmp_path: Path) -> None:
    program = """
import contextlib, io, sys
from tui.cli.commands import darkroom
with contextlib.redirect_stdout(io.StringIO()):
    darkroom(["--help"], standalone_mode=False)
loaded = [name for name in sys.modules if name.startswith("tui.cli.")]
assert loaded == ["tui.cli.commands"], loaded
"""
    assert not _loaded_by(program, tmp_path) & {"httpx", "PIL", "numpy", "starlette", "textual"}


def test_the_first_frame_does_without_what_it_does_not_need(tmp_path: Path) -> None:
    loaded = _loaded_by(FIRST_FRAME, tmp_path)
    assert {"tui", "textual", "msgspec"} <= loaded
    assert loaded.isdisjoint(HEAVY), sorted(loaded & set(HEAVY))


def test_opening_the_studio_does_not_load_the_command_line(tmp_path: Path) -> None:
    program = """
import sys
import tui.cli, tui.cli.studio
sys.argv = ["darkroom"]
tui.cli.studio.open_studio = lambda options: 0
try:
    tui.cli.main()
except SystemExit as left:
    assert left.code == 0
"""
    assert "click" not in _loaded_by(program, tmp_path)
