"""darkroom show: pictures in the terminal, and a line for each where there is none."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from tests.cli.conftest import Home, Run
from tests.history.entries import at
from tests.images.pictures import QUADRANTS, alike, corners, encoded, quadrants, write
from tests.images.sixel_reader import read_sixel
from tests.printed_screen import PrintedScreen
from tests.pseudo_terminal import PseudoTerminal
from tui.history.entry import Entry, EntryImage

XTERM = b"\x1bP>|XTerm(379)\x1b\\\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?63;1;2;4;6;9;15;16;22;28c"
XTERM_LIMITS = b"\x1b[?1;0;256S\x1b[?2;0;1000;1000S"
KITTY = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c"
PLAIN = b"\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?62;c"
"""Nothing but colours of 24 bits."""
LAST_QUERY = b"\x1b[c"
SIXEL_QUERIES_END = b"\x1b[?2;4;0S"
SIZE = (60, 24)
CELL = (10, 20)
THEN_READ = """
import subprocess, sys, termios
code = subprocess.call([sys.executable, "-m", "tui", *sys.argv[1:]])
attributes = termios.tcgetattr(0)
attributes[3] &= ~termios.ICANON
attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 0, 3
termios.tcsetattr(0, termios.TCSANOW, attributes)
import os
print(f"\\nleft: {os.read(0, 100)!r} code {code}")
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write(tmp_path / "four colours.png", quadrants(800, 600))


@pytest.fixture
def entry(home: Home) -> Entry:
    """An entry with two pictures."""
    return remember(home, datetime(2026, 11, 22, 12, tzinfo=UTC), "a fox in the snow", 2)


def remember(home: Home, when: datetime, prompt: str, count: int) -> Entry:
    entry = replace(at(when), prompt=prompt, references=())
    images = []
    for number in range(1, count + 1):
        data = encoded(quadrants(400, 300), "PNG")
        name = home.store.image_name(entry.id, number, "png")
        path = home.store.absolute(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        images.append(EntryImage(name, digest, len(data), 400, 300, "png"))
    entry = replace(entry, images=tuple(images))
    home.store.write(entry)
    return entry


def on_terminal(
    home: Home, *arguments: str, answers: bytes = PLAIN, limits: bytes = b""
) -> PrintedScreen:
    """What the command draws on a terminal that gives these answers."""
    environment = {**home.environment, "TERM": "xterm-256color"}
    terminal = PseudoTerminal(
        "-c", THEN_READ, "show", *arguments, size=SIZE, cell_pixels=CELL, environment=environment
    )
    with closing(terminal):
        terminal.wait_for(LAST_QUERY)
        terminal.send(answers)
        if limits:
            terminal.wait_for(SIXEL_QUERIES_END)
            terminal.send(limits)
        assert terminal.finish() == 0
        assert b"left: b'' code 0" in terminal.written
    # What was asked leaves nothing on the screen.
    drawn = terminal.written.rpartition(LAST_QUERY)[2].rpartition(SIXEL_QUERIES_END)[2]
    return PrintedScreen().write(drawn)


def test_half_cells_are_as_large_as_the_terminal(home: Home, picture: Path) -> None:
    shown = on_terminal(home, str(picture))
    cells = shown.half_cells()
    width, height = max(x for x, _ in cells) + 1, (max(y for _, y in cells) + 1) // 2
    assert height == SIZE[1] - 2 and width == 59
    assert all(
        map(alike, [cells[x, y] for y in (0, 2 * height - 1) for x in (0, width - 1)], QUADRANTS)
    )
    assert shown.text(height) == "four colours.png · 800×600 · 0.0 MB"


def test_kitty_gets_the_pixels_and_placeholders_for_them(home: Home, picture: Path) -> None:
    shown = on_terminal(home, str(picture), answers=KITTY)
    ((number, places),) = shown.placeholders().items()
    image = shown.uploaded(number)
    width, height = max(x for x, _ in places) + 1, max(y for _, y in places) + 1
    assert len(places) == width * height
    assert image.size == (10 * width, 20 * height) and height == SIZE[1] - 2
    assert all(map(alike, corners(image), QUADRANTS))
    assert shown.text(height).startswith("four colours.png")


def test_sixel_is_drawn_on_lines_that_are_there_already(home: Home, picture: Path) -> None:
    shown = on_terminal(home, str(picture), answers=XTERM, limits=XTERM_LIMITS)
    ((column, line, lines, text),) = shown.sixels
    pixels = read_sixel(text)
    rows = -(-pixels.shape[0] // CELL[1])
    assert (column, line) == (0, 0) and rows == SIZE[1] - 2
    assert lines > rows, "it cannot scroll while it is drawn"
    whole = Image.fromarray((np.clip(pixels, 0, 100) * 255 // 100).astype(np.uint8))
    assert all(map(alike, corners(whole), QUADRANTS))
    assert shown.text(rows).startswith("four colours.png")


def test_several_pictures_are_a_contact_sheet(home: Home, entry: Entry) -> None:
    shown = on_terminal(home, entry.id[-6:])
    cells = shown.half_cells()
    columns = {x for x, _ in cells}
    left, right = {x for x in columns if x < 30}, {x for x in columns if x > 30}
    assert {x + 31 for x in left} == right and len(left) == 27
    assert all(map(alike, [cells[x, y] for y in (0, 19) for x in (1, 27)], QUADRANTS))
    (captions,) = (
        shown.text(line) for line in range(shown.lines) if "fox in the snow" in shown.text(line)
    )
    suffix = entry.id[-6:]
    assert captions.startswith(f"{suffix} #1 a fox") and f"{suffix} #2 a fox" in captions
    assert list(home.folder.glob("thumbnails/*.webp"))


def test_a_picture_can_be_given_its_size(home: Home, picture: Path) -> None:
    cells = on_terminal(home, str(picture), "--width", "20", "--graphics", "half").half_cells()
    assert max(x for x, _ in cells) == 19 and max(y for _, y in cells) == 15
    cells = on_terminal(home, str(picture), "--height", "5", "--graphics", "half").half_cells()
    assert max(y for _, y in cells) == 9


def test_the_pictures_of_a_search_are_shown_newest_first(home: Home, entry: Entry) -> None:
    remember(home, datetime(2026, 11, 22, 13, tzinfo=UTC), "an owl", 1)
    remember(home, datetime(2026, 11, 22, 14, tzinfo=UTC), "a bell", 1)
    shown = on_terminal(home, "--search", "fox | owl")
    text = "\n".join(map(shown.text, range(shown.lines)))
    assert text.index("an owl") < text.index("a fox") and "bell" not in text


def test_without_a_terminal_there_is_a_line_for_each_picture(
    run: Run, entry: Entry, picture: Path, home: Home
) -> None:
    finished = run("show", str(picture), entry.id)
    assert finished.code == 0 and finished.err == ""
    first, second, third = finished.out.splitlines()
    assert first == f"{picture}  800×600  {picture.stat().st_size} bytes"
    assert second.endswith(f"{entry.id}-1.png  400×300  {entry.images[0].bytes} bytes")
    assert third.startswith(str(home.store.absolute(entry.images[1].file)))
    documents = [json.loads(line) for line in run("show", entry.id, "--json").out.splitlines()]
    assert [each["number"] for each in documents] == [1, 2]
    assert documents[0] == {
        "file": str(home.store.absolute(entry.images[0].file)),
        "width": 400,
        "height": 300,
        "bytes": entry.images[0].bytes,
        "entry": entry.id,
        "number": 1,
    }
    only = run("show", entry.id, "--number", "2").out.splitlines()
    assert len(only) == 1 and f"{entry.id}-2.png" in only[0]
    found = run("show", "--search", "fox", "--limit", "1").out.splitlines()
    assert len(found) == 1


def test_what_cannot_be_shown_is_said(home: Home, run: Run, entry: Entry, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("no image")
    finished = run("show", str(text))
    assert finished.code == 1
    assert finished.complaints == [f"{text}: The file is not a PNG, JPEG or WebP image."]
    home.store.absolute(entry.images[0].file).unlink()
    finished = run("show", entry.id)
    assert finished.code == 1 and len(finished.out.splitlines()) == 1
    assert "No such file" in finished.err
    for wrong in (
        ("show",),
        ("show", "nothing-like-it"),
        ("show", "no/such.png"),
        ("show", entry.id, "--search", "fox"),
        ("show", entry.id, "--graphics", "ascii"),
    ):
        assert run(*wrong).code == 2, wrong
    assert run("show", entry.id, "--number", "3").code == 1
    assert run("show", "--search", "zebra").out == ""


def test_a_damaged_file_on_a_terminal_is_a_sentence(home: Home, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(encoded(quadrants(), "PNG")[:200])
    terminal = PseudoTerminal("-m", "tui", "show", str(broken), environment=home.environment)
    with closing(terminal):
        terminal.wait_for(LAST_QUERY)
        terminal.send(b"\x1b[?62;c")
        assert terminal.finish() == 1
        assert "is damaged or cut off" in terminal.written.decode()
