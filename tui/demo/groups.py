"""How many pictures a prompt asks for, as a model reads it that makes groups of pictures."""

from __future__ import annotations

import re

LARGEST_GROUP = 15

_NUMBERS = {
    "two": 2, "pair": 2, "couple": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15,
}  # fmt: skip
_CHINESE = {digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)} | {
    "两": 2
}
_PICTURES = frozenset(
    {
        "cards", "drawings", "frames", "icons", "illustrations", "images", "paintings", "panels",
        "photographs", "photos", "pictures", "portraits", "posters", "renders", "scenes", "shots",
        "sketches", "stickers", "variants", "variations", "versions", "views", "watercolors",
        "watercolours",
    }
)  # fmt: skip
_GROUPS = frozenset({"collection", "group", "sequence", "series", "set"})
_WORDS_BETWEEN = 4
_RATIO = re.compile(r"\d+\s*:\s*\d+")
_WORD = re.compile(r"[^\W_]+")
_CHINESE_COUNT = re.compile(r"(\d{1,2}|[一二两三四五六七八九十])\s*(?:张|幅|格)")


def pictures_asked_for(prompt: str) -> int | None:
    """2 to 15 where `prompt` names a number ("four small pictures of", "a set of 6"), else None."""
    if match := _CHINESE_COUNT.search(prompt):
        return _group(_CHINESE.get(match[1]) or _number(match[1]))
    words = _WORD.findall(_RATIO.sub(" ", prompt.casefold()))
    for position, word in enumerate(words):
        if word in _PICTURES:
            nearest_first = reversed(words[max(0, position - _WORDS_BETWEEN) : position])
            for before in nearest_first:
                if number := _number(before):
                    return number
        elif word in _GROUPS and words[position + 1 : position + 2] == ["of"]:
            for after in words[position + 2 : position + 3]:
                if number := _number(after):
                    return number
    return None


def _number(word: str) -> int | None:
    # isdecimal, not isdigit: int() does not take superscripts.
    return _group(int(word) if word.isdecimal() else _NUMBERS.get(word))


def _group(number: int | None) -> int | None:
    return number if number and 2 <= number <= LARGEST_GROUP else None
