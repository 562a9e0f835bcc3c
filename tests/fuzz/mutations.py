"""Damage done to text and bytes, by dice: what is valid, a little or wholly spoilt.

All of it is fast, a few microseconds a time, and decided by the `Random` alone, so that an example
is made again by its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, AnyStr, Generic

LONGEST = 8_000
"""Characters or bytes of an example: what takes time in the square of its length shows by then."""

_NUMBERS = (
    "0", "-0", "-1", "1", "2", "7", "0.5", "1e400", "-1e400", "1e-400", "inf", "nan", "NaN",
    "Infinity", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "18446744073709551616", "1" + "0" * 30, "1" + "0" * 309,
    "1" + "0" * 400, "9" * 4400, "0x10", "1_000", "٣", "００７", "00", "1.", ".5", "+5", "١٢:٣٤",
)  # fmt: skip
_SIGNS = (
    "\0", "\x07", "\x1b[2J", "\x1b]52;c;aGk=\x07", "\x7f", "\x85", "\x9b2J", "\r", "\n", "\r\n",
    "\t", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\u2028", "\u200b", "\u202e", "\ufeff",
    "\u3164", "\u0301", "İ", "ß", "ſ", "ǆ", "ﬀ", "灯", "\U0001f98a", "\U0010ffff", "\ud800",
    "\udfff", "\ud83d", "\ufffd", "\ufffe", " ", "\u00a0", "\u3000", "[/x]", "[red]", "\\",
    "\\u0000", "\\ud800", "\\\\", '"', "'", '"""', "'''", "`", "{", "}", "[", "]", "(", ")", "<",
    ">", ",", ";", ":", "=", "#", "&", "%", "%00", "$", "*", "?", "!", "|", "/", "..", "../", "-",
)  # fmt: skip
_WORDS = ("a", "x", "true", "false", "null", "none", "None", "True", "__class__", "__proto__", "")
_BYTES = (
    b"\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xfe", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3",
    b"\xe2\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x01", b"\x01\x00\x00\x00",
)  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NUMBER_BYTES = re.compile(rb"\d+(?:\.\d+)?")
_SEAM = re.compile(r"\b|[\n\"'\[\]{},=:]")
_SEAM_BYTES = re.compile(rb"\b|[\n\"'\[\]{},=:]")
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-7")
_HOW_OFTEN = (0, 1, 1, 1, 1, 2, 2, 3, 4, 8)


class Mutator(Generic[AnyStr]):
    """Makes examples of `seeds`, with `tokens` that mean something to who reads them."""

    def __init__(self, seeds: Sequence[AnyStr], tokens: Sequence[AnyStr] = ()) -> None:
        assert seeds
        self._seeds = seeds
        first: Any = seeds[0]
        self._nothing: Any = first[:0]
        is_text = isinstance(first, str)
        general = (*_NUMBERS, *_SIGNS, *_WORDS)
        # Half of what is put in means something here, however long the other list is.
        self._general: Sequence[Any] = (
            general
            if is_text
            else (*(g.encode("utf-8", "surrogatepass") for g in general), *_BYTES)
        )
        self._tokens: Sequence[Any] = tokens or self._general
        self._numbers: Sequence[Any] = (
            _NUMBERS if is_text else tuple(number.encode() for number in _NUMBERS)
        )
        self._number: Any = _NUMBER if is_text else _NUMBER_BYTES
        self._seam: Any = _SEAM if is_text else _SEAM_BYTES
        self._ways: Sequence[Callable[[Any, Random], Any]] = (
            self._put, self._put, self._put_at_a_seam, self._put_at_a_seam, self._overwritten,
            self._cut_out, self._cut_out, self._cut_off, self._doubled, self._spliced,
            self._another_number, self._another_number, self._moved_line, self._moved_line,
            self._nested, self._flipped, self._flipped, self._repeated,
            *(() if is_text else (self._encoded,)),
        )  # fmt: skip

    def example(self, dice: Random) -> AnyStr:
        """A seed that was damaged up to eight times, at most LONGEST long; sometimes not at all."""
        made = dice.choice(self._seeds)
        for _ in range(dice.choice(_HOW_OFTEN)):
            made = dice.choice(self._ways)(made, dice)
            if len(made) > LONGEST:
                made = made[:LONGEST]
        return made

    def token(self, dice: Random) -> AnyStr:
        """Something that may mean something, or harm."""
        token: AnyStr = dice.choice(self._tokens if dice.random() < 0.6 else self._general)
        return token

    def _put(self, text: Any, dice: Random) -> Any:
        place = dice.randint(0, len(text))
        return text[:place] + self.token(dice) + text[place:]

    def _put_at_a_seam(self, text: Any, dice: Random) -> Any:
        place = self._at_a_seam(text, dice)
        return text[:place] + self.token(dice) + text[place:]

    def _overwritten(self, text: Any, dice: Random) -> Any:
        """A token in place of what stands between two seams."""
        begin = self._at_a_seam(text, dice)
        found = self._seam.search(text, begin + 1)
        end = found.start() if found else len(text)
        return text[:begin] + self.token(dice) + text[max(begin, end) :]

    def _cut_out(self, text: Any, dice: Random) -> Any:
        begin = dice.randint(0, len(text))
        return text[:begin] + text[begin + dice.choice((1, 1, 2, 4, 16, 64, 500)) :]

    def _cut_off(self, text: Any, dice: Random) -> Any:
        place = dice.randint(0, len(text))
        return text[:place] if dice.random() < 0.7 else text[place:]

    def _doubled(self, text: Any, dice: Random) -> Any:
        begin = dice.randint(0, len(text))
        end = begin + dice.choice((1, 4, 16, 64, 500))
        place = dice.choice((end, dice.randint(0, len(text))))
        return text[:place] + text[begin:end] + text[place:]

    def _spliced(self, text: Any, dice: Random) -> Any:
        """The beginning of one and the end of another."""
        other: Any = dice.choice(self._seeds)
        return text[: self._at_a_seam(text, dice)] + other[self._at_a_seam(other, dice) :]

    def _another_number(self, text: Any, dice: Random) -> Any:
        found = self._number.search(text, dice.randint(0, len(text)))
        found = found or self._number.search(text)
        if found is None:
            return text
        return text[: found.start()] + dice.choice(self._numbers) + text[found.end() :]

    def _moved_line(self, text: Any, dice: Random) -> Any:
        """A line taken out, and sometimes put in elsewhere, as is one of another seed."""
        lines = text.splitlines(keepends=True)
        if not lines:
            return text
        line = lines.pop(dice.randrange(len(lines)))
        if dice.random() < 0.3:
            others: Any = dice.choice(self._seeds).splitlines(keepends=True)
            line = dice.choice(others) if others else line
        if dice.random() < 0.6:
            lines.insert(dice.randint(0, len(lines)), line)
        return self._nothing.join(lines)

    def _nested(self, text: Any, dice: Random) -> Any:
        place = self._at_a_seam(text, dice)
        return text[:place] + self.token(dice) * dice.choice((2, 3, 30, 120, 1_500)) + text[place:]

    def _flipped(self, text: Any, dice: Random) -> Any:
        """One bit another, or one character its neighbour."""
        if not text:
            return text
        place = dice.randrange(len(text))
        if isinstance(text, str):
            other = chr(max(0, min(0x10FFFF, ord(text[place]) ^ 1 << dice.randrange(8))))
        else:
            other = bytes((text[place] ^ 1 << dice.randrange(8),))
        return text[:place] + other + text[place + 1 :]

    def _repeated(self, text: Any, dice: Random) -> Any:
        return text * dice.choice((2, 2, 3, 8)) if text else text

    def _encoded(self, text: bytes, dice: Random) -> bytes:
        """The same text in another encoding."""
        return text.decode("utf-8", "replace").encode(dice.choice(_ENCODINGS), "replace")

    def _at_a_seam(self, text: Any, dice: Random) -> int:
        place = dice.randint(0, len(text))
        found = self._seam.search(text, place, place + 40)
        return found.start() if found else place
