"""The program, the terminal and the folders, examined."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast, get_args

from tui import __version__
from tui.config import GraphicsSetting
from tui.generation.checkup.facts import Fact
from tui.graphics_choice import choose_graphics
from tui.paths import Paths
from tui.terminal import TerminalFacts
from tui.tmux import TmuxFacts

PACKAGES = ("textual", "httpx", "pillow")
LITTLE_SPACE = 200_000_000
"""Bytes; a few dozen pictures."""
NO_SPACE = 1_000_000
_GRAPHICS_VARIABLE = "DARKROOM_GRAPHICS"
_OTHER_FOLDER = "Mend that, or set DARKROOM_HOME to a folder that you can write."


def program_facts() -> Iterator[Fact]:
    """Versions."""
    yield Fact("version", __version__)
    yield Fact("python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Fact("platform", platform.platform())
    for name in PACKAGES:
        try:
            yield Fact(name, version(name))
        except PackageNotFoundError:
            yield Fact(name, None, "not known")


def terminal_facts(
    facts: TerminalFacts,
    setting: GraphicsSetting,
    environment: Mapping[str, str],
    tmux: TmuxFacts | None = None,
) -> Iterator[Fact]:
    """What the terminal says of itself, and how pictures are drawn in it."""
    term = environment.get("TERM", "")
    yield Fact("TERM", term, advice="" if term else "Set TERM; most terminals do.")
    if facts.tty:
        yield Fact("name", facts.version or None, facts.version or "the terminal does not say")
        columns, rows = shutil.get_terminal_size()
        yield Fact("size", f"{columns}x{rows}", f"{columns} columns, {rows} rows")
        width, height = facts.cell_pixels
        yield Fact("cell", f"{width}x{height}", f"{width}×{height} pixels")
    else:
        yield Fact("name", None, "not asked: standard input and output are not both a terminal")
    yield Fact("colours", _colours(facts, environment))
    encoding = sys.stdout.encoding if sys.stdout else "none"
    utf8 = encoding.lower().replace("-", "") == "utf8"
    advice = "" if utf8 else "Choose a UTF-8 locale, as by LANG=C.UTF-8; some signs are lost here."
    yield Fact("encoding", encoding, advice=advice)
    if surroundings := _surroundings(environment):
        yield Fact("inside", ", ".join(surroundings))
    yield _graphics(facts, setting, environment, tmux)


def folder_facts(paths: Paths, environment: Mapping[str, str]) -> Iterator[Fact]:
    """The folders that everything lies in: there, writable, private, with room."""
    if not environment.get("HOME") and not environment.get("DARKROOM_HOME"):
        yield Fact("HOME", None, "not set: the folders are those of the user database")
    folders = {"config": paths.config, "data": paths.data, "cache": paths.cache}
    if len(set(folders.values())) == 1:
        folders = {"home": paths.data}
    for name, folder in folders.items():
        yield _folder(name, folder)
    yield _space(paths.data)


def _colours(facts: TerminalFacts, environment: Mapping[str, str]) -> str:
    if environment.get("NO_COLOR"):
        return "none, since NO_COLOR is set"
    if facts.true_colour or environment.get("COLORTERM") in ("truecolor", "24bit"):
        return "16 million"
    return "256" if "256color" in environment.get("TERM", "") else "16"


def _surroundings(environment: Mapping[str, str]) -> list[str]:
    found = {
        "tmux": environment.get("TMUX"),
        "screen": environment.get("STY"),
        "Zellij": environment.get("ZELLIJ"),
        "ssh": environment.get("SSH_CONNECTION"),
    }
    return [name for name, value in found.items() if value]


def _graphics(
    facts: TerminalFacts,
    configured: GraphicsSetting,
    environment: Mapping[str, str],
    tmux: TmuxFacts | None,
) -> Fact:
    wanted = environment.get(_GRAPHICS_VARIABLE) or configured
    if wanted not in get_args(GraphicsSetting):
        ways = ", ".join(get_args(GraphicsSetting))
        return Fact("graphics", wanted, advice=f"Set {_GRAPHICS_VARIABLE} to one of {ways}.",
                    blocks=True)  # fmt: skip
    setting = cast("GraphicsSetting", wanted)
    choice = choose_graphics(setting, facts, environment, tmux)
    chosen = choice.graphics
    if setting != "auto":
        by = _GRAPHICS_VARIABLE if environment.get(_GRAPHICS_VARIABLE) else "config.toml"
        return Fact("graphics", chosen, f"{chosen}, set by {by}")
    return Fact("graphics", chosen, f"{chosen}: {choice.reason}", choice.advice)


def _folder(name: str, folder: Path) -> Fact:
    path = str(folder)
    if path.startswith("~"):
        return Fact(name, path, f"{path}: nobody's", "Set HOME, or DARKROOM_HOME.", blocks=True)
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        above = _nearest(folder)
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return Fact(name, path, f"{path}, not there yet")
        return Fact(name, path, f"{path}: cannot be made in {above}", _OTHER_FOLDER, blocks=True)
    except OSError as error:
        return Fact(name, path, f"{path}: {error.strerror}", _OTHER_FOLDER, blocks=True)
    if not folder.is_dir():
        return Fact(name, path, f"{path}: is a file, not a folder", _OTHER_FOLDER, blocks=True)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Fact(name, path, f"{path}: cannot be written", _OTHER_FOLDER, blocks=True)
    if os.name == "posix" and mode & 0o077:
        return Fact(name, path, f"{path}: open to others", f"Run: chmod 700 {folder}")
    return Fact(name, path)


def _nearest(folder: Path) -> Path:
    """The closest of the folders above that is there."""
    return next((above for above in folder.parents if above.exists()), Path(folder.anchor))


def _space(folder: Path) -> Fact:
    try:
        free = shutil.disk_usage(folder if folder.exists() else _nearest(folder)).free
    except OSError as error:
        return Fact("free space", None, f"not known: {error.strerror}")
    shown = f"{free / 1e9:,.1f} GB" if free >= 1e9 else f"{free / 1e6:,.0f} MB"
    little = free < LITTLE_SPACE
    advice = f"Make room on the disk of {folder}." if little else ""
    return Fact("free space", free, shown, advice, blocks=free < NO_SPACE)
