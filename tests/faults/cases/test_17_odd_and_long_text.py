"""Characters that turn or hide text, half of a pair, a line of a megabyte, ten thousand lines.

What does not show is marked, what is too long is cut off, and every pane keeps its size. History
keeps each character of a prompt, also where the entry is changed.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from rich.cells import cell_len

from tests.cli.conftest import Home
from tests.faults.cases.hostile_texts import places, studio_with
from tests.faults.cases.session import StudioSession, configure, studio_in
from tui.catalog.card import ModelCard
from tui.generation.request import GenerationRequest, new_entry
from tui.history.entry import new_id, now

HIDDEN = "\u202egnp.exe\u2066x\u200f \u061c a\u200bbc\ufeffd\U000e0041e"
MARKED = "<U+202E>gnp.exe<U+2066>x<U+200F>"
TEXTS = {
    "hidden": HIDDEN,
    "half": "\ud83d alone",
    "line": "word " * 200_000,
    "lines": "line\n" * 10_000,
}
EDGES = (0, 27, 28, 85, 86, 119)
"""Columns of the edges of the three panes."""
HISTORY, DOWN, STAR = b"\x1b[15~", b"\x1b[B", b"."


def test_it_is_marked_or_cut_off_and_nothing_moves(home: Home, tmp_path: Path) -> None:
    with studio_with(home, TEXTS, tmp_path / "files") as studio:
        for mark in places(studio, HIDDEN):
            between = "" if mark == "Qfile" else " "
            studio.wait_to_read(f"{mark}{between}{MARKED}"[:30])
            _check_layout(studio, is_studio=mark in ("≠ served by Qserved", "Qerror", "Qpasted"))
            if mark == "Qerror":
                studio.wait_to_read("a<U+200B>bc<U+FEFF>d<U+E0041>e � alone word word")
        (*_, pasted) = studio.wait_for_ends(3)
        studio.leave()
    assert pasted.prompt.endswith(f"Qpasted {HIDDEN}")
    (document,) = home.run("history", "show", pasted.id, "--json").out.splitlines()
    assert json.loads(document)["prompt"] == pasted.prompt


def test_history_keeps_every_character_of_a_prompt(home: Home, card: ModelCard) -> None:
    configure(home)
    prompts = [text for name, text in TEXTS.items() if name != "half"]
    for minutes, prompt in enumerate(prompts):
        created = now() - timedelta(minutes=minutes)
        entry = new_entry(GenerationRequest("demo", card.id, prompt, {}), card)
        home.store.write(replace(entry, id=new_id(created), created=created, status="done"))
    with studio_in(home) as studio:
        studio.wait_to_read("word word", "line line")
        studio.press(HISTORY)
        for number in range(len(prompts)):
            studio.press(DOWN if number else b"", STAR)
            stars = number + 1
            studio.wait_until(lambda: sum(e.starred for e in home.entries) == stars)  # noqa: B023
        _check_layout(studio, is_studio=True)
        studio.leave()
    assert [entry.prompt for entry in home.entries] == prompts


def _check_layout(studio: StudioSession, *, is_studio: bool) -> None:
    """Every line fills the screen, and the studio's panes have their edges where they were."""
    lines = studio.screen.lines
    assert {cell_len(line) for line in lines} == {120}
    if is_studio:
        assert {line[column] for line in lines[2:8] for column in EDGES} == {"│"}
