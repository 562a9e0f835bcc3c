"""The letters in which words are compared."""

from __future__ import annotations

# The index has meanings of its own for them.
_NO_LETTERS = dict.fromkeys(set(range(0x20)) - set(map(ord, "\t\n\r")), " ")


def fold(text: str) -> str:
    """`text` in the letters in which words are compared."""
    # Most texts hold no such sign, which is soon seen.
    return (text if text.isprintable() else text.translate(_NO_LETTERS)).casefold()
