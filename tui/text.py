"""Outside text made fit for the screen.

Whatever a server, a file, an image or the environment says may carry escape sequences, bidi
overrides or a megabyte in one line. What is stored keeps its bytes; what is shown passes here.
"""

from __future__ import annotations

import re

ELLIPSIS = "…"

_C0_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
_C1_MARKS = dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}")
# Bidi_Control, zero-width and line separators: they move or hide other characters.
_INVISIBLE = (
    0x061C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F, 0x2028, 0x2029,
    0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF,
)  # fmt: skip
_MARKS = {code: f"<U+{code:04X}>" for code in (*_INVISIBLE, *range(0xE0000, 0xE0080))}
_TABLE: dict[int, str] = {
    **_C0_PICTURES,
    0x7F: "\N{SYMBOL FOR DELETE}",
    **_C1_MARKS,
    **_MARKS,
}
_ONE_FOR_ONE: dict[int, str] = {
    **_TABLE,
    **dict.fromkeys(_MARKS, "\N{REPLACEMENT CHARACTER}"),
    0x0A: chr(0x240A),
}
_SURROGATES = re.compile("[\ud800-\udfff]")


def showable(text: str, *, limit: int | None = None) -> str:
    """`text` with every character that could act on the terminal made visible.

    Newlines stay, tabs become spaces. `limit` is the greatest length of the result in characters;
    what is longer ends in an ellipsis.
    """
    text = text.replace("\r\n", "\n")
    if limit is None:
        return _visible(text)
    # Cut before as well as after: what is made visible is longer, and `text` may be a megabyte.
    shown = _visible(text[: limit + 1])
    if len(text) > limit or len(shown) > limit:
        shown = (shown[: max(0, limit - 1)] + ELLIPSIS)[:limit]
    return shown


def one_line(text: str, *, limit: int | None = None) -> str:
    """`text` as `showable`, with all blank runs folded to a single space."""
    # That many words with their spaces are longer than `limit`, so the rest may stay one piece.
    return showable(" ".join(text.split(maxsplit=-1 if limit is None else limit)), limit=limit)


def one_for_one(line: str) -> str:
    """`line` as `showable`, but as long as it was: for an editor, whose columns must agree.

    Tabs stay, since the editor expands them.
    """
    return storable(line.translate(_ONE_FOR_ONE))


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: lone surrogates, which no file can store, are replaced."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def _visible(text: str) -> str:
    return storable(text.replace("\t", "    ").translate(_TABLE))
