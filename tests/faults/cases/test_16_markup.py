"""What Textual and Rich take for markup, in errors, names of models, records, prompts and files.

It is shown as it was written, a click on it does what a click there does anyway, and nothing of it
can end the studio or fail while it is drawn.
"""

from __future__ import annotations

import re
from pathlib import Path

from rich.cells import cell_len

from tests.cli.conftest import Home
from tests.faults.cases.hostile_texts import places, studio_with
from tests.faults.cases.session import StudioSession
from tests.outside_world import MARKUP

ACTING = re.compile(r"quit\[|exit\(|bell\[|evil|here")
WHOLE = " ".join(MARKUP.values())
SERVED = "≠ served by Qserved"
READ = {
    SERVED: "[@click=app.bell]bell[/]",
    "Qerror": WHOLE,
    "Qfile": "[@click=app.quit]quit[|].png",
    "Qrecord": WHOLE,
    "Qpasted": "[@click=app.bell]bell[/]",
}
"""What can be read of it in each place."""


def test_it_is_text_and_a_click_does_nothing_that_it_asks_for(home: Home, tmp_path: Path) -> None:
    with studio_with(home, MARKUP, tmp_path / "files") as studio:
        for mark in places(studio, WHOLE):
            between = "" if mark == "Qfile" else " "
            studio.wait_to_read(f"{mark}{between}{READ[mark]}")
            # On a picture's edge a click opens the picture, and in the prompt it sets the cursor.
            assert mark in (SERVED, "Qpasted") or _click_each(studio)
            if mark == "Qfile":
                studio.wait_to_read("Reference 1 of 10: Qfile[@click")
        studio.wait_for_ends(3)
        # The bell, which one of them asks for, would be found by it.
        studio.leave()
    (pasted,) = (entry for entry in home.entries if "Qpasted" in entry.prompt)
    # A click may have set the cursor before what stood there already.
    assert f"Qpasted {WHOLE}" in pasted.prompt


def _click_each(studio: StudioSession) -> int:
    """Click on every word that markup would have made to act; how many there are."""
    found = [
        (cell_len(line[: match.start()]) + 1, row)
        for row, line in enumerate(studio.screen.lines, 1)
        for match in ACTING.finditer(line)
    ]
    for column, row in found:
        studio.press(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m".encode())
    return len(found)
