"""One picture from its file to the bytes for the terminal, timed in a program of its own:
`python one_preview.py PICTURE GRAPHICS FOLDER` prints the seconds in all, and those less the time
in which other programs had the processors.

What all pictures need is loaded before, as in a studio that shows its second one.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryFile

from PIL import Image
from rich.console import Console
from textual.strip import Strip

from tui.images.kept_previews import kept_in
from tui.images.prepare import prepare_preview
from tui.images.preview import Preview, PreviewRequest

COLUMNS, ROWS = 60, 30


def text(preview: Preview, console: Console) -> str:
    """What is written for a picture."""
    if preview.kitty is not None:
        cells = (preview.kitty.cells(row, 0, preview.columns) for row in range(preview.rows))
        return preview.kitty.upload + "\n".join(cells)
    return preview.sixel or "\n".join(
        Strip(row, preview.columns).render(console) for row in preview.half
    )


def main(picture: Path, graphics: str, folder: Path) -> tuple[float, float]:
    console = Console(force_terminal=True, color_system="truecolor")
    with TemporaryFile() as terminal:
        small = folder.with_name("small.png")
        Image.effect_noise((400, 400), 50).save(small)
        facts = (COLUMNS, ROWS, (10, 20), graphics, (0, 0, 0))
        text(prepare_preview(PreviewRequest(small, *facts)), console)  # type: ignore[arg-type]
        began, queued = time.perf_counter(), _queued()
        preview = prepare_preview(PreviewRequest(picture, *facts), kept_in(folder))  # type: ignore[arg-type]
        terminal.write(text(preview, console).encode())
        terminal.flush()
        seconds = time.perf_counter() - began
        return seconds, seconds - (_queued() - queued)


def _queued() -> float:
    """How long this program was kept from running by others."""
    return int(Path("/proc/self/schedstat").read_text("ascii").split()[1]) / 1e9


if __name__ == "__main__":
    print(*main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
