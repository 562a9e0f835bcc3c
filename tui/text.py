"""Outside text made fit for the screen.

Whatever a server, a file, an image or the environment says may carry escape sequences, bidi
overrides or a megabyte in one line. What is stored keeps its bytes; what is shown passes here,
and comes out as `Shown`, the one kind of text that the ways to the screen take.
"""

from __future__ import annotations

import re
from typing import NewType

Shown = NewType("Shown", str)
"""Text that cannot act on a terminal: what this module made, or words of our own.

`Shown("…")` is for literals alone, and the tests see to that; all else is `str`, and mypy refuses
it where text goes to the screen. It may still hold square brackets: it is never read as markup.
"""

ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_C0_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Unicode's Bidi_Control (PropList.txt): they reorder what stands around them."""
_SEPARATORS = (0x2028, 0x2029)
# Default_Ignorable_Code_Point (DerivedCoreProperties.txt) and the fillers that look like blanks,
# without what emoji and ideographs are made of: the joiner and the variation selectors.
_INVISIBLE = (
    0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F,
    0x200B, 0x200C, *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0x3164, 0xFEFF, 0xFFA0,
    *range(0xFFF0, 0xFFFC), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0100),
)  # fmt: skip
_MARKS = {code: f"<U+{code:04X}>" for code in (*_BIDI, *_SEPARATORS, *_INVISIBLE)}
_TABLE: dict[int, str] = {
    **_C0_PICTURES,
    0x7F: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys(range(0x80, 0xA0), REPLACEMENT),
    **_MARKS,
}
_ONE_FOR_ONE: dict[int, str] = {
    **_TABLE,
    **dict.fromkeys(_MARKS, REPLACEMENT),
    0x0A: chr(0x240A),
}
_SURROGATES = re.compile("[\ud800-\udfff]")
_ACTING = re.compile(f"[\x00-\x1f\x7f-\x9f{''.join(map(chr, (*_BIDI, *_SEPARATORS)))}]")


def showable(text: str, *, limit: int | None = None) -> Shown:
    """`text` with every character that could act on the terminal, or hides, made visible.

    Newlines stay, tabs become spaces. `limit` is the greatest length of the result in characters;
    what is longer ends in an ellipsis.
    """
    text = text.replace("\r\n", "\n")
    if limit is None:
        return Shown(_visible(text))
    # Cut before as well as after: what is made visible is longer, and `text` may be a megabyte.
    shown = _visible(text[: limit + 1])
    if len(text) > limit or len(shown) > limit:
        shown = (shown[: max(0, limit - 1)] + ELLIPSIS)[:limit]
    return Shown(shown)


def one_line(text: str, *, limit: int | None = None) -> Shown:
    """`text` as `showable`, with all blank runs folded to a single space."""
    # That many words with their spaces are longer than `limit`, so the rest may stay one piece.
    return showable(" ".join(text.split(maxsplit=-1 if limit is None else limit)), limit=limit)


def one_for_one(line: str) -> Shown:
    """`line` as `showable`, but as long as it was: for an editor, whose columns must agree.

    Tabs stay, since the editor expands them.
    """
    return Shown(storable(line.translate(_ONE_FOR_ONE)))


def disarmed(text: str) -> str:
    """`text` without the characters that act on a terminal.

    The guard's measure for what came past `showable`: it takes away and marks nothing, since
    these characters have no width, and the columns of a line that is drawn already must stay.
    """
    return storable(_ACTING.sub("", text))


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: lone surrogates, which no file can store, are replaced."""
    return _SURROGATES.sub(REPLACEMENT, text)


def _visible(text: str) -> str:
    return storable(text.replace("\t", "    ").translate(_TABLE))
