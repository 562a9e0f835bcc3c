"""A query as an expression for the index of words, as far as that can answer it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tui.history import index_text
from tui.history.grams import LENGTH, Grams, some_grams
from tui.history.index_text import HIGHEST_RATING, PROMPT_BEGIN, PROMPT_END
from tui.history.query import Any, Between, Condition, Like, Not, Present, Query, Words

_MOST_PAIRS = 128
_NOTHING = f'"{PROMPT_END * LENGTH}"'


class Matching(NamedTuple):
    """All entries that a query looks for are among those that `match` finds."""

    match: str
    """An expression for the index of words; empty where that is of no help."""
    read: list[Condition]
    """What is still to be looked at in each entry that it finds."""


class _Match(NamedTuple):
    text: str
    is_whole: bool = True
    """Whether all its finds fulfil the condition, too."""


def matching(query: Query, grams: Grams) -> Matching:
    """What the index of words, which has `grams`, can say of `query`."""
    matches: list[str] = []
    excluded: list[tuple[str, Condition]] = []
    read: list[Condition] = []
    long = [c for c in query.conditions if isinstance(c, Words) and _is_long(c)]
    for condition in query.conditions:
        if len(long) > 1 and condition in long:
            # To follow several words letter by letter takes longer than to read some texts.
            matches += [_quoted(gram) for gram in some_grams(marked(condition))]
            read.append(condition)
        elif match := _match(condition, grams):
            matches.append(match.text)
            if not match.is_whole:
                read.append(condition)
        elif without := _match_of_opposite(condition, grams):
            excluded.append((without, condition))
        else:
            read.append(condition)
    if not matches:
        return Matching("", [*read, *(condition for _, condition in excluded)])
    expression = " AND ".join(matches)
    if excluded:
        expression = f"({expression}) NOT ({' OR '.join(text for text, _ in excluded)})"
    return Matching(expression, read)


def marked(words: Words) -> str:
    """What stands in a text that begins, ends or holds `words`."""
    match words.place:
        case "start":
            return PROMPT_BEGIN + words.text
        case "end":
            return words.text + PROMPT_END
    return words.text


def _match(condition: Condition, grams: Grams) -> _Match | None:
    match condition:
        case Words(""):
            return None
        case Words(text, "word"):
            return _match_of_whole_word(text, grams)
        case Words():
            return _match_of_text(marked(condition), grams)
        case Like("tag", pattern) if len(pattern) >= LENGTH and "*" not in pattern:
            return _Match(f"({' AND '.join(map(_quoted, some_grams(pattern)))})", is_whole=False)
        case Like("status", pattern) if gram := index_text.status(pattern):
            return _Match(_quoted(gram))
        case Present("rating"):
            return _match_of_rating(Between("rating", 1))
        case Present(column) if gram := index_text.presence(column):
            return _Match(_quoted(gram))
        case Between("rating", low) if low is not None and low >= 1:
            return _match_of_rating(condition)
        case Any(conditions):
            found = [_match(each, grams) for each in conditions]
            inner = [match for match in found if match]
            if len(inner) == len(found):
                return _Match(_either(m.text for m in inner), all(m.is_whole for m in inner))
    return None


def _match_of_opposite(condition: Condition, grams: Grams) -> str | None:
    """What finds those, and only those, that do not fulfil `condition`."""
    match condition:
        case Not(inner) if (match := _match(inner, grams)) and match.is_whole:
            return match.text
    return None


def _match_of_text(text: str, grams: Grams) -> _Match | None:
    if len(text) >= LENGTH:
        return _Match(_quoted(text))
    found = grams.beginning_with(text)
    return None if found is None else _Match(_either(map(_quoted, found)))


def _match_of_whole_word(text: str, grams: Grams) -> _Match | None:
    begins, ends = text[0].isalnum(), text[-1].isalnum()
    if not (begins or ends):
        return _match_of_text(text, grams)
    if len(text) == 1:
        return _Match(_either(map(_quoted, grams.as_whole_word(text))))
    before = grams.before(text[:2]) if begins else [""]
    behind = grams.behind(text[-2:]) if ends else [""]
    if len(before) * len(behind) <= _MOST_PAIRS:
        return _Match(_either(_quoted(f"{one}{text}{two}") for one in before for two in behind))
    match = _match_of_text(text, grams)
    return match._replace(is_whole=False) if match else None


def _match_of_rating(condition: Between) -> _Match:
    low, high = condition.low or 0, condition.high
    found = [
        index_text.rating(stars)
        for stars in range(1, HIGHEST_RATING)
        if stars > low or (stars == low and not condition.open)
        if high is None or stars < high or (stars == high and not condition.open)
    ]
    is_whole = high is None or high < HIGHEST_RATING
    if not is_whole or high is None:
        found.append(index_text.rating(HIGHEST_RATING))
    return _Match(_either(map(_quoted, found)), is_whole and low < HIGHEST_RATING)


def _is_long(words: Words) -> bool:
    """Whether it takes several grams to find `words`, which then are all there is to find."""
    return words.place != "word" and len(marked(words)) > LENGTH


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _either(matches: Iterable[str]) -> str:
    return f"({' OR '.join(matches) or _NOTHING})"
