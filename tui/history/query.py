"""The query language of history: `lighthouse !dusk model:kling seed:100-200 date:7d`.

Terms with blanks or commas between them must all hold, those with a `|` between them at least one:
`a | b c` is (a or b) and c. `!` before a term turns it round. A word is looked for anywhere in
prompt, note, tags and model, in any letters; `'word` stands as a whole word, `^start` begins the
prompt, `end$` ends it, and `"several words"` belong together. Fields are listed in `FIELDS`.

What is wrong with a query is told in `Query.problems`; a term that cannot be meant is left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from tui.history.entry import Status
from tui.history.folding import fold

Place = Literal["anywhere", "start", "end", "word"]
Column = Literal[
    "model", "endpoint", "status", "tag", "parent", "id",
    "seed", "rating", "cost", "created", "width", "height", "aspect",
    "star", "image", "note", "reference", "error",
]  # fmt: skip
"""What a condition looks at. `created` is in milliseconds since 1970, `cost` in US dollars, `width`
and `height` are the pixels of the first picture, `aspect` is width over height."""


class Words(Struct, frozen=True):
    """Text that prompt, note, tags or model must hold."""

    text: str
    """In folded letters."""
    place: Place = "anywhere"


class Like(Struct, frozen=True):
    """A text of which the column must hold `pattern`; `*` in it stands for anything."""

    column: Column
    pattern: str
    """In folded letters. With a `*` it is the whole value, without it any part of it."""


class Between(Struct, frozen=True):
    """A number from `low` to `high`, both included unless `open`; None is no bound."""

    column: Column
    low: int | float | None = None
    high: int | float | None = None
    open: bool = False


class Present(Struct, frozen=True):
    """Whether there is anything in the column at all."""

    column: Column


class All(Struct, frozen=True):
    """Conditions that must hold together."""

    conditions: tuple[Condition, ...]


class Any(Struct, frozen=True):
    """Conditions of which one must hold."""

    conditions: tuple[Condition, ...]


class Not(Struct, frozen=True):
    """A condition turned round."""

    condition: Condition


Condition: TypeAlias = Words | Like | Between | Present | All | Any | Not


class Query(Struct, frozen=True):
    """What is looked for: all of `conditions`."""

    conditions: tuple[Condition, ...] = ()
    problems: tuple[str, ...] = ()
    """Sentences about terms that were left out, or may be meant otherwise."""


FIELDS = {
    "model": "kling, or with a star *pro",
    "endpoint": "token360",
    "seed": "42, 100-200, >7",
    "size": "2304x1728, 2048x?",
    "ratio": "16:9",
    "rating": "4, >=3, 2-4",
    "star": "yes or no",
    "tag": "portrait",
    "status": "done, failed, unknown",
    "cost": ">0.1, 0.04, unknown",
    "date": "today, yesterday, 7d, 2026-11, 2026-11-01..2026-11-20",
    "parent": "an entry's id, or a part of it",
    "id": "an entry's id, or a part of it",
    "has": "image, note, tag, reference, parent, error, seed, cost, rating, star",
}
"""The fields, each with examples of what may follow it."""

_PRESENT: dict[str, Column] = {
    "image": "image", "images": "image", "picture": "image",
    "note": "note", "tag": "tag", "tags": "tag",
    "reference": "reference", "references": "reference",
    "parent": "parent", "error": "error", "seed": "seed", "cost": "cost",
    "rating": "rating", "star": "star",
}  # fmt: skip
_YES = frozenset({"", "yes", "y", "true", "on", "1"})
_NO = frozenset({"no", "n", "false", "off", "0"})
# What SQLite takes in one statement has its limits, and so has patience.
LONGEST = 8000
"""Characters of a query that are looked at."""
MOST_TERMS = 200
"""Of one query, each alternative counted."""
_RATIO_TOLERANCE = 0.02
_DAY = timedelta(days=1)

_TERM = re.compile(
    r"(?P<blank>[\s,]+)|(?P<bar>\|)"
    r"|(?P<term>!*(?:[A-Za-z]+:)?(?:\"[^\"]*\"?|'?[^\s,|\"]+(?:\|(?=[^\s|])[^\s,|\"]+)*)|!+|\")"
)
_FIELD = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_NUMBER = r"-?\d{1,18}(?:\.\d{1,9})?"
_RANGE = re.compile(rf"({_NUMBER})?(?:-|\.\.)({_NUMBER})?")
_COMPARISON = re.compile(rf"(>=|<=|>|<|=)?({_NUMBER})")
_SIZE = re.compile(r"(\d{1,6}|\?)\s*[x×]\s*(\d{1,6}|\?)", re.IGNORECASE)
_RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)[:/](\d{1,5}(?:\.\d{1,4})?)")
_SPAN = re.compile(r"(\d{1,4})\s*([dwmy])", re.IGNORECASE)
_SPAN_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_CALENDAR = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


class _Problem(Exception):
    """A term cannot be meant; the text says why."""


def parse_query(text: str, now: datetime) -> Query:
    """The query that `text` means at the time `now`, whose zone decides when a day begins."""
    # What is not text at all, as a command line may hold, stands in no entry.
    text = text.encode(errors="replace").decode()
    problems: list[str] = []
    groups: list[list[Condition]] = []
    joined = False
    if len(text) > LONGEST:
        problems.append(f"Only the first {LONGEST:,} characters are looked for.")
    count = 0
    for kind, term in _terms(text[:LONGEST]):
        if kind == "bar":
            joined = bool(groups)
            continue
        try:
            condition = _condition(term, now, problems)
        except _Problem as problem:
            problems.append(str(problem))
            condition = None
        count += 1 if condition is None else _terms_in(condition)
        if count > MOST_TERMS:
            problems.append(f"Only the first {MOST_TERMS} terms are looked for.")
            break
        if condition is not None:
            if joined:
                groups[-1].append(condition)
            else:
                groups.append([condition])
        joined = False
    conditions = tuple(group[0] if len(group) == 1 else Any(tuple(group)) for group in groups)
    return Query(conditions, tuple(problems))


def _terms_in(condition: Condition) -> int:
    """How many conditions there are in `condition`, at least itself."""
    match condition:
        case Not(inner):
            return _terms_in(inner)
        case All(conditions) | Any(conditions):
            return sum(map(_terms_in, conditions))
    return 1


def _terms(text: str) -> Iterator[tuple[str, str]]:
    for match in _TERM.finditer(text):
        kind = match.lastgroup
        if kind in ("bar", "term"):
            yield kind, match[0]


def _condition(term: str, now: datetime, problems: list[str]) -> Condition | None:
    bare = term.lstrip("!")
    negated = (len(term) - len(bare)) % 2 == 1
    if not bare.strip('"'):
        return None
    condition = _field_condition(bare, now, problems) or _words(bare)
    return Not(condition) if negated else condition


def _field_condition(term: str, now: datetime, problems: list[str]) -> Condition | None:
    """What a term such as `seed:7` means; None for words."""
    match = _FIELD.fullmatch(term)
    if match is None:
        return None
    name, value = match[1].lower(), match[2]
    read = _READERS.get(name)
    if read is None:
        if near := difflib.get_close_matches(name, FIELDS, 1, 0.7):
            problems.append(f"There is no field {name}:, is {near[0]}: meant? Taken as words.")
        return None
    value = value.strip('"').strip()
    if not value and name != "star":
        raise _Problem(f"Write what {name}: shall be: {FIELDS[name]}.")
    alternatives = [part for part in value.split("|") if part] or [value]
    try:
        conditions = tuple(read(part, now) for part in alternatives)
    except (ValueError, OverflowError):
        raise _Problem(f"{name}:{value} cannot be read; write {FIELDS[name]}.") from None
    return conditions[0] if len(conditions) == 1 else Any(conditions)


def _words(term: str) -> Condition:
    """Words, each marked with where they shall stand; `a|b` is either."""
    if term.startswith('"'):
        return Words(fold(term.strip('"')))
    parts = tuple(_word(part) for part in term.split("|") if part)
    return parts[0] if len(parts) == 1 else Any(parts)


def _word(term: str) -> Condition:
    if len(term) > 1 and term.startswith("'"):
        return Words(fold(term[1:]), "word")
    if len(term) > 1 and term.startswith("^"):
        return Words(fold(term[1:]), "start")
    if len(term) > 1 and term.endswith("$"):
        return Words(fold(term[:-1]), "end")
    return Words(fold(term))


def _like(column: Column) -> Callable[[str, datetime], Condition]:
    return lambda value, _: Like(column, fold(value))


def _number(column: Column) -> Callable[[str, datetime], Condition]:
    return lambda value, _: _numbers(column, value)


def _numbers(column: Column, value: str) -> Condition:
    if match := _COMPARISON.fullmatch(value):
        number = _exact(match[2])
        match match[1]:
            case ">" | ">=":
                return Between(column, low=number, open=match[1] == ">")
            case "<" | "<=":
                return Between(column, high=number, open=match[1] == "<")
        return Between(column, number, number)
    match = _RANGE.fullmatch(value)
    if match is None or not (match[1] or match[2]):
        raise ValueError(value)
    low, high = (None if bound is None else _exact(bound) for bound in match.groups())
    return Between(column, low, high)


def _exact(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _cost(value: str, _: datetime) -> Condition:
    if value.casefold() in ("unknown", "?"):
        return Not(Present("cost"))
    return _numbers("cost", value.replace("$", ""))


def _size(value: str, _: datetime) -> Condition:
    match = _SIZE.fullmatch(value)
    if match is None:
        raise ValueError(value)
    sides: tuple[tuple[Column, str], ...] = (("width", match[1]), ("height", match[2]))
    return All(tuple(Between(c, int(side), int(side)) for c, side in sides if side != "?"))


def _ratio(value: str, _: datetime) -> Condition:
    match = _RATIO.fullmatch(value)
    if match is None or not float(match[2]):
        raise ValueError(value)
    aspect = float(match[1]) / float(match[2])
    return Between("aspect", aspect * (1 - _RATIO_TOLERANCE), aspect * (1 + _RATIO_TOLERANCE))


def _star(value: str, _: datetime) -> Condition:
    folded = value.casefold()
    if folded in _YES:
        return Present("star")
    if folded in _NO:
        return Not(Present("star"))
    raise ValueError(value)


def _status(value: str, _: datetime) -> Condition:
    if value.casefold() not in get_args(Status):
        raise ValueError(value)
    return Like("status", value.casefold())


def _has(value: str, _: datetime) -> Condition:
    return Present(_PRESENT[value.casefold()]) if value.casefold() in _PRESENT else _unreadable()


def _unreadable() -> Condition:
    raise ValueError


def _date(value: str, now: datetime) -> Condition:
    folded = value.casefold()
    begin, dots, end = folded.partition("..")
    if dots:
        return Between(
            "created",
            _moment(_day(begin, now)[0], now) if begin else None,
            _moment(_day(end, now)[1], now) - 1 if end else None,
        )
    for sign in (">=", "<=", ">", "<"):
        if folded.startswith(sign):
            first, past = _day(folded.removeprefix(sign), now)
            match sign:
                case ">=":
                    return Between("created", low=_moment(first, now))
                case ">":
                    return Between("created", low=_moment(past, now))
                case "<=":
                    return Between("created", high=_moment(past, now) - 1)
            return Between("created", high=_moment(first, now) - 1)
    first, past = _day(folded, now)
    return Between("created", _moment(first, now), _moment(past, now) - 1)


def _day(text: str, now: datetime) -> tuple[date, date]:
    """The first day that `text` names, and the first after it."""
    today = now.date()
    if text in ("today", "yesterday"):
        first = today if text == "today" else today - _DAY
        return first, first + _DAY
    if span := _SPAN.fullmatch(text):
        days = int(span[1]) * _SPAN_DAYS[span[2].lower()]
        return today - timedelta(days=max(0, days - 1)), today + _DAY
    match = _CALENDAR.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day = (None if part is None else int(part) for part in match.groups())
    assert year is not None
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    if day is None:
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    first = date(year, month, day)
    return first, first + _DAY


def _moment(day: date, now: datetime) -> int:
    """When `day` begins in the zone of `now`, in milliseconds since 1970."""
    begin = datetime(day.year, day.month, day.day)
    # The machine's own zone knows summer time, which a fixed offset does not.
    zoned = begin.astimezone() if _is_local(now) else begin.replace(tzinfo=now.tzinfo)
    return round(zoned.timestamp() * 1000)


def _is_local(now: datetime) -> bool:
    return now.replace(tzinfo=None).astimezone().utcoffset() == now.utcoffset()


_READERS: dict[str, Callable[[str, datetime], Condition]] = {
    "model": _like("model"),
    "endpoint": _like("endpoint"),
    "tag": _like("tag"),
    "parent": _like("parent"),
    "id": _like("id"),
    "seed": _number("seed"),
    "rating": _number("rating"),
    "cost": _cost,
    "size": _size,
    "ratio": _ratio,
    "star": _star,
    "status": _status,
    "date": _date,
    "has": _has,
}
