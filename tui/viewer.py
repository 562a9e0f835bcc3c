"""Opening a picture, or its folder, with the program that the system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PATIENCE = 2.0
"""Seconds in which a program says that it cannot; one that goes on after that has opened."""
_OPENERS = {"darwin": ("open",)}
_SHOW_ITEMS = (
    *("call", "--session", "--dest", "org.freedesktop.FileManager1"),
    *("--object-path", "/org/freedesktop/FileManager1"),
    *("--method", "org.freedesktop.FileManager1.ShowItems"),
)
_OPENERS_ELSEWHERE = ("xdg-open", "gio open", "wslview")


class NoViewer(Exception):
    """The picture cannot be opened; the text says why, and what to do."""


def viewer_command(
    path: Path,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> list[str]:
    """Program and arguments that open `path`, which is absolute. Raises NoViewer."""
    for opener in _OPENERS.get(platform, _OPENERS_ELSEWHERE):
        program, *arguments = opener.split()
        if found := which(program):
            return [found, *arguments, str(path)]
    raise NoViewer(f"no program was found that opens pictures, such as xdg-open; it lies at {path}")


def open_in_viewer(path: Path) -> None:
    """Open `path` with the system's viewer, which outlives us and gets nothing of our terminal.

    Takes up to PATIENCE: call it in a thread. Raises NoViewer.
    """
    path = path.absolute()
    if not path.is_file():
        raise NoViewer(f"there is no file {path}")
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606 - a file of ours, and no program
        return
    _run(viewer_command(path), path)


def folder_commands(
    path: Path,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> list[list[str]]:
    """Programs and arguments that show `path`, which is absolute, in its folder: the best first.

    Raises NoViewer.
    """
    if platform == "darwin":
        return [["open", "-R", str(path)]]
    commands = []
    if gdbus := which("gdbus"):
        # File managers select the file: freedesktop.org's File Manager Interface.
        commands.append([gdbus, *_SHOW_ITEMS, f"[{_in_quotes(path.as_uri())}]", ""])
    return [*commands, viewer_command(path.parent, platform, which)]


def reveal_in_folder(path: Path) -> None:
    """Show `path` in its folder with the system's file manager.

    Takes up to twice PATIENCE: call it in a thread. Raises NoViewer.
    """
    path = path.absolute()
    if not path.is_file():
        raise NoViewer(f"there is no file {path}")
    if sys.platform == "win32":
        subprocess.Popen(["explorer", f"/select,{path}"])
        return
    *better, last = folder_commands(path)
    for command in better:
        try:
            _run(command, path)
        except NoViewer:
            continue
        return
    _run(last, path)


def _in_quotes(text: str) -> str:
    """A text as GVariant writes it; a URI has no quotes of its own but this one."""
    return "'{}'".format(text.replace("'", "%27"))


def _run(command: list[str], path: Path) -> None:
    try:
        # A session of its own: some viewers of pictures are programs for terminals.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return
    except OSError as error:
        raise NoViewer(f"the viewer could not be started: {error.strerror or error}") from error
    if code != 0:
        raise NoViewer(f"the system found nothing to open it with ({code}); it lies at {path}")
