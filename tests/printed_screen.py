"""A terminal that scrolls without end, for what is printed into it: text, colours and pictures."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from dataclasses import dataclass, field

from PIL import Image

Colour = tuple[int, int, int]

_TOKEN = re.compile(
    r"\x1b\[(?P<numbers>[?>]?[\d;]*)(?P<csi>[ -/]*[@-~])"
    r"|(?P<sixel>\x1bP[\d;]*q[^\x1b]*\x1b\\)"
    r"|\x1b_G(?P<keys>[^;\x1b]*)(?:;(?P<payload>[^\x1b]*))?\x1b\\"
    r"|\x1b(?P<escape>[78])"
    r"|(?P<other>\x1bP[^\x1b]*\x1b\\)"
    r"|(?P<text>[^\x1b])",
    re.DOTALL,
)
_PLACEHOLDER = "\U0010eeee"


@dataclass
class PrintedScreen:
    """What came of what was written."""

    cells: dict[tuple[int, int], tuple[str, Colour | None, Colour | None]] = field(
        default_factory=dict
    )
    """Character, its colour and the one behind it, by column and line from 0."""
    sixels: list[tuple[int, int, int, str]] = field(default_factory=list)
    """Column, line and how many lines there were in all then, of each sixel picture."""
    uploads: dict[int, bytes] = field(default_factory=dict)
    """What was uploaded of kitty pictures, by their ids, in base 64."""
    column: int = 0
    line: int = 0
    lines: int = 1
    """How many lines there are."""

    def write(self, written: bytes) -> PrintedScreen:
        colour: Colour | None = None
        behind: Colour | None = None
        saved, upload = (0, 0), 0
        text = written.decode().replace("\r\n", "\n")
        end = 0
        for token in _TOKEN.finditer(text):
            assert token.start() == end, text[end : end + 40]
            end = token.end()
            match token.lastgroup:
                case "csi":
                    numbers = [int(n) for n in re.findall(r"\d+", token["numbers"])]
                    steps = numbers[0] if numbers else 1
                    match token["csi"]:
                        case "A":
                            self.line -= steps
                            assert self.line >= 0
                        case "C":
                            self.column += steps
                        case "m":
                            colour, behind = _colours(numbers, colour, behind)
                case "sixel":
                    self.sixels.append((self.column, self.line, self.lines, token["sixel"]))
                case "escape" if token["escape"] == "7":
                    saved = self.column, self.line
                case "escape":
                    self.column, self.line = saved
                case "keys" | "payload":
                    if found := re.search(r"\bi=(\d+)", token["keys"]):
                        upload = int(found[1])
                    before = self.uploads.get(upload, b"")
                    self.uploads[upload] = before + (token["payload"] or "").encode()
                case "text":
                    self._put(token["text"], colour, behind)
        assert end == len(text), text[end : end + 40]
        return self

    def _put(self, character: str, colour: Colour | None, behind: Colour | None) -> None:
        if character == "\n":
            self.column, self.line = 0, self.line + 1
            self.lines = max(self.lines, self.line + 1)
        elif character == "\r":
            self.column = 0
        elif unicodedata.category(character) == "Mn":
            pass
        else:
            self.cells[self.column, self.line] = character, colour, behind
            self.column += 1

    def text(self, line: int) -> str:
        """The characters of a line."""
        end = max((column for column, row in self.cells if row == line), default=-1) + 1
        return "".join(self.cells.get((column, line), (" ",))[0] for column in range(end))

    def half_cells(self) -> dict[tuple[int, int], Colour]:
        """The colour of every half cell, by column and half line."""
        found: dict[tuple[int, int], Colour] = {}
        for (column, line), (character, colour, behind) in self.cells.items():
            if character == "▀" and colour and behind:
                found[column, 2 * line], found[column, 2 * line + 1] = colour, behind
        return found

    def placeholders(self) -> dict[int, list[tuple[int, int]]]:
        """Where kitty's placeholders stand, by the lower 24 bits of the ids of their pictures."""
        found: dict[int, list[tuple[int, int]]] = {}
        for place, (character, colour, _) in self.cells.items():
            if character == _PLACEHOLDER and colour is not None:
                red, green, blue = colour
                found.setdefault(red << 16 | green << 8 | blue, []).append(place)
        return found

    def uploaded(self, number: int) -> Image.Image:
        """The kitty picture whose id has these lower 24 bits."""
        (data,) = (each for id, each in self.uploads.items() if id & 0xFFFFFF == number)
        return Image.open(io.BytesIO(base64.b64decode(data)))


def _colours(
    numbers: list[int], colour: Colour | None, behind: Colour | None
) -> tuple[Colour | None, Colour | None]:
    if not numbers or numbers == [0]:
        return None, None
    rest = list(numbers)
    while rest:
        first = rest.pop(0)
        if first in (38, 48) and rest[:1] == [2]:
            found = (rest[1], rest[2], rest[3])
            colour, behind = (found, behind) if first == 38 else (colour, found)
            rest = rest[4:]
        elif first == 39:
            colour = None
        elif first == 49:
            behind = None
    return colour, behind
