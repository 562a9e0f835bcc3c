"""A program in a real xterm on a virtual screen: keys in, pixels out."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PROGRAMS = ("Xvfb", "xterm", "xdotool", "import")
"""What has to be installed; `import` is ImageMagick's."""
PATIENCE = 60.0
"""Seconds until what does not come is given up."""

Pixels: TypeAlias = NDArray[np.uint8]
"""Height × width × red, green and blue."""

_SHADES = " .:-=+*#%@"
_OF_ANOTHER_TERMINAL = ("COLORTERM", "COLUMNS", "LINES", "SSH_CONNECTION", "TMUX", "ZELLIJ")
_XTERM = (
    "xterm",
    *("-ti", "vt340"),  # Sixel pictures.
    *("-fa", "Monospace", "-fs", "9"),
    *("-b", "0", "+sb", "-bw", "0"),  # The window is its cells and nothing else.
    *("-bg", "black", "-fg", "white", "+bc"),
    *("-xrm", "XTerm*maxGraphicSize: 2000x2000"),
)


def sketch(pixels: Pixels, columns: int = 78) -> str:
    """What is to be seen, as text, in that many columns: the lighter, the denser."""
    image = Image.fromarray(pixels).convert("L")
    size = (columns, max(1, columns * image.height // image.width // 2))
    shades = np.asarray(image.resize(size, Image.Resampling.BOX)).astype(int)
    return "\n".join(
        "".join(_SHADES[shade * len(_SHADES) // 256] for shade in row) for row in shades
    )


class Xterm:
    """One xterm on a screen of its own, running one command."""

    def __init__(self, size: tuple[int, int], environment: dict[str, str], log: Path) -> None:
        """`size` is in columns and rows; what the programs say goes to the file `log`."""
        self._size = size
        self._log = log.open("wb")
        self._server, display = self._start_server()
        self._environment = {**os.environ, **environment, "DISPLAY": display}
        for name in _OF_ANOTHER_TERMINAL:
            self._environment.pop(name, None)
        self._terminal: subprocess.Popen[bytes] | None = None
        self._window = ""

    def start(self, *command: str) -> None:
        """Run `command` in a new window; the window stays when it has ended."""
        columns, rows = self._size
        shell = ("sh", "-c", '"$@"; sleep 600', "sh", *command)
        self._terminal = subprocess.Popen(
            [*_XTERM, "-geometry", f"{columns}x{rows}+0+0", "-e", *shell],
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._window = self._wait(
            lambda: self._xdotool("search", "--onlyvisible", "--class", "xterm")
        )
        self._xdotool("windowfocus", "--sync", self._window)

    def press(self, *keys: str) -> None:
        """Press keys, as xdotool names them: Return, ctrl+p, F1."""
        self._xdotool("key", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type `text`."""
        self._xdotool("type", "--delay", "20", text)

    def resize(self, columns: int, rows: int) -> None:
        """Make the window `columns` × `rows` cells large."""
        self._size = (columns, rows)
        self._xdotool("windowsize", "--usehints", self._window, str(columns), str(rows))

    def pixels(self) -> Pixels:
        """The window as it looks now."""
        shot = subprocess.run(
            ["import", "-silent", "-window", self._window, "-depth", "8", "ppm:-"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            check=True,
        )
        return np.asarray(Image.open(BytesIO(shot.stdout)).convert("RGB"))

    def cells(self, pixels: Pixels, x: int, y: int, columns: int, rows: int) -> Pixels:
        """The part of `pixels` that shows `columns` × `rows` cells from column `x`, row `y` on."""
        width, height = pixels.shape[1] // self._size[0], pixels.shape[0] // self._size[1]
        return pixels[y * height : (y + rows) * height, x * width : (x + columns) * width]

    def wait_for(self, what: str, shown: Callable[[Pixels], bool]) -> Pixels:
        """The window as soon as `shown` holds for it twice with nothing changed in between."""
        pixels = before = self.pixels()
        deadline = time.monotonic() + PATIENCE
        while not (shown(pixels) and np.array_equal(pixels, before)):
            if time.monotonic() > deadline:
                self._log.flush()
                Image.fromarray(pixels).save(Path(self._log.name).with_suffix(".png"))
                seen = f"{self._log.name} and .png:\n{sketch(pixels)}"
                raise AssertionError(f"{what} was not to be seen: {seen}")
            before, pixels = pixels, self.pixels()
        return pixels

    def close(self) -> None:
        """End everything that runs in it."""
        if self._terminal is not None:
            os.killpg(self._terminal.pid, signal.SIGKILL)
            self._terminal.wait()
        self._server.terminate()
        self._server.wait()
        self._log.close()

    def _start_server(self) -> tuple[subprocess.Popen[bytes], str]:
        read, write = os.pipe()
        server = subprocess.Popen(
            # Without -noreset it starts anew whenever its last client leaves.
            ["Xvfb", "-displayfd", str(write), "-noreset", "-screen", "0", "1600x1200x24"],
            pass_fds=(write,),
            stdout=self._log,
            stderr=self._log,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        return server, f":{number}"

    def _wait(self, find: Callable[[], str]) -> str:
        deadline = time.monotonic() + PATIENCE
        while not (found := find()):
            assert time.monotonic() < deadline, "no window came up"
            time.sleep(0.05)
        return found.split()[0]

    def _xdotool(self, *words: str) -> str:
        return subprocess.run(
            ["xdotool", *words],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            check=False,
        ).stdout.strip()
