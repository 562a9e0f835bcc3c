"""Grams: every three letters that follow each other in the texts of the index.

The index of words knows texts by their grams, so that a text of one or two letters is looked for
as all the grams that begin with it.
"""

from __future__ import annotations

import re
import sqlite3

LENGTH = 3
_MOST = 64
_FEW = 1000
_SHARE = 16
_PAST_ALL = "\U0010ffff"
_NO_WORD = re.compile(r"\W")


def grams_of(text: str) -> set[str]:
    """The grams of `text`."""
    return {text[start : start + LENGTH] for start in range(len(text) - LENGTH + 1)}


def some_grams(text: str) -> list[str]:
    """Grams that together hold all letters of `text`, which has three at least."""
    last = len(text) - LENGTH
    return [text[start : start + LENGTH] for start in [*range(0, last, LENGTH), last]]


class Grams:
    """The grams that there are in an index, each with how many texts it has been in.

    Some may be in none any more; "" is in all.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def beginning_with(self, text: str) -> list[str] | None:
        """Those that begin with one or two letters.

        None where there are many, or in many texts: such letters are found sooner by reading texts.
        """
        statement = "SELECT gram, texts FROM grams WHERE gram >= ? AND gram < ? LIMIT ?"
        values = [text, text + _PAST_ALL, _MOST + 1]
        found = self._database.execute(statement, values).fetchall()
        many = max(_FEW, self._texts() // _SHARE)
        if len(found) > _MOST or sum(texts for _, texts in found) > many:
            return None
        return [gram for gram, _ in found]

    def as_whole_word(self, letter: str) -> list[str]:
        """Those with that letter in the middle, and no letter or figure beside it."""
        return [
            g for g in self._found("substr(gram, 2)", letter) if _is_end(g[0]) and _is_end(g[2])
        ]

    def before(self, text: str) -> list[str]:
        """What stands before two letters, and is neither letter nor figure."""
        return [g[0] for g in self._found("substr(gram, 2)", text) if _is_end(g[0])]

    def behind(self, text: str) -> list[str]:
        """What stands behind two letters, and is neither letter nor figure."""
        return [g[2] for g in self._found("gram", text) if _is_end(g[2])]

    def _found(self, part: str, text: str) -> list[str]:
        statement = f"SELECT gram FROM grams WHERE {part} >= ? AND {part} < ?"  # noqa: S608
        return [gram for (gram,) in self._database.execute(statement, [text, text + _PAST_ALL])]

    def _texts(self) -> int:
        row = self._database.execute("SELECT texts FROM grams WHERE gram = ''").fetchone()
        return int(row[0]) if row else 0


def _is_end(sign: str) -> bool:
    return _NO_WORD.match(sign) is not None
