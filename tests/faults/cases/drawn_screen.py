"""What a program that draws the whole screen shows: its characters in their places."""

from __future__ import annotations

import codecs
import re

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"\x1b\[(?P<numbers>[0-?]*)[ -/]*(?P<csi>[@-~])"
    r"|\x1b[\]P_X^](?P<string>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<other>[^\[\]P_X^])"
    r"|(?P<text>[^\x1b]+)"
)
_BORDERS = re.compile(r"[│┃║▌▐▊▎▏▕█▍▋▉┌┐└┘─╭╮╰╯├┤━▔▁]+")


class DrawnScreen:
    """A terminal's cells after what was written so far; pictures and colours are left out."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns = columns
        self._cells = [[" "] * columns for _ in range(rows)]
        self._column = self._row = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def write(self, written: bytes) -> None:
        """Take further bytes; what they break off in comes with the next ones."""
        text = self._rest + self._decoder.decode(written)
        end = 0
        while token := _TOKEN.match(text, end):
            end = token.end()
            match token.lastgroup:
                case "csi" if token["csi"] == "H":
                    row, _, column = token["numbers"].partition(";")
                    self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
                case "csi" if token["csi"] == "J":
                    self._cells = [[" "] * self._columns for _ in self._cells]
                case "text":
                    self._put(token["text"])
        self._rest = text[end:]

    @property
    def lines(self) -> list[str]:
        """The rows from top to bottom, each in its full width."""
        return ["".join(row) for row in self._cells]

    @property
    def text(self) -> str:
        """The rows, without the spaces at their ends."""
        return "\n".join(line.rstrip() for line in self.lines)

    def shows(self, phrase: str) -> bool:
        """Whether `phrase` can be read, in one line or over lines of one pane."""
        words = " ".join(phrase.split())
        return any(words in block for block in self._blocks())

    def _put(self, text: str) -> None:
        for character in text:
            if character == "\r":
                self._column = 0
            elif character == "\n":
                self._row += 1
            elif width := get_character_cell_size(character):
                if self._row < len(self._cells) and self._column + width <= self._columns:
                    cells = self._cells[self._row]
                    cells[self._column : self._column + width] = [character, *[""] * (width - 1)]
                self._column += width

    def _blocks(self) -> list[str]:
        """Texts of panes: what lies below one another between the same borders."""
        found: list[str] = []
        open_blocks: dict[int, str] = {}
        for line in self.lines:
            pieces: dict[int, str] = {}
            begin = 0
            for border in [*_BORDERS.finditer(line), None]:
                stop = border.start() if border else len(line)
                if words := " ".join(line[begin:stop].split()):
                    pieces[begin] = f"{open_blocks.get(begin, '')} {words}".strip()
                begin = border.end() if border else stop
            found += [text for start, text in open_blocks.items() if start not in pieces]
            open_blocks = pieces
        return found + list(open_blocks.values())
