"""The picture on the clipboard, through the program that the platform has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from tui.commands import finish, output, start
from tui.images.prepared import UnfitReference
from tui.images.verify import MAX_BYTES

PATIENCE = 5.0
"""Seconds in which a program is to give the picture."""
_TYPES = ("image/png", "image/jpeg", "image/webp")


def clipboard_commands(
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
) -> list[tuple[str, ...]]:
    """Programs and arguments that print the picture on the clipboard, the likeliest first.

    Raises UnfitReference where there is none of them.
    """
    if platform == "darwin":
        if which("pngpaste"):
            return [("pngpaste", "-")]
        raise UnfitReference("To take a picture from the clipboard needs the program pngpaste.")
    if environment.get("WAYLAND_DISPLAY") and which("wl-paste"):
        return [("wl-paste", "--no-newline", "--type", type) for type in _TYPES]
    if environment.get("DISPLAY") and which("xclip"):
        return [("xclip", "-selection", "clipboard", "-t", type, "-o") for type in _TYPES]
    raise UnfitReference(
        "To take a picture from the clipboard needs wl-paste (Wayland), xclip (X11) or pngpaste "
        "(macOS), on a desktop of this machine."
    )


def clipboard_picture() -> bytes:
    """The file of the picture on the clipboard. Raises UnfitReference.

    Takes up to PATIENCE: not for the event loop.
    """
    deadline = time.monotonic() + PATIENCE
    for command in clipboard_commands():
        if data := _printed_by(command, deadline):
            return data
    raise UnfitReference("There is no picture on the clipboard.")


def _printed_by(command: tuple[str, ...], deadline: float) -> bytes:
    """What `command` prints; nothing where it fails."""
    try:
        process = start(command, stdout=subprocess.PIPE)
    except (OSError, ValueError) as error:
        raise UnfitReference(f"{command[0]} cannot be run.") from error
    try:
        data = output(process, deadline, MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise UnfitReference(
                f"The picture on the clipboard is larger than {MAX_BYTES // 2**20} MiB."
            )
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise UnfitReference(f"{command[0]} gave no picture within {PATIENCE:g} seconds.") from None
    finally:
        finish(process)
    return data if code == 0 else b""
