"""Which records are a lost job's: those that both sides know of and nobody else may claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.api.results import Record
from tui.catalog.card import ModelCard
from tui.catalog.price import images_expected
from tui.generation.lost import LONGEST
from tui.generation.matching import CLOCKS_DIFFER
from tui.history.entry import Entry
from tui.history.traces import bare_address
from tui.text import storable

NEAR = timedelta(days=1)
"""A record that is off by no more may still be meant, if a clock is wrong; a person decides."""
COMPLETED, FAILED = "completed", "failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an entry asked for: the model, by all its names, and how many pictures at most."""

    names: frozenset[str]
    images: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Records that are an entry's beyond doubt, or else those that may be.

    `is_being_made` is set where one is not finished yet.
    """

    chosen: tuple[Record, ...] = ()
    candidates: tuple[Record, ...] = ()
    is_being_made: bool = False


class Claims:
    """Which records entries know to be theirs."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._ids: set[str] = set()
        self._addresses: set[tuple[str, str]] = set()
        for entry in entries:
            self._ids.update(image.record for image in entry.images if image.record)
            if entry.response is not None:
                self._ids.update(entry.response.records)
                self._addresses.update(map(bare_address, entry.response.urls))

    def covers(self, record: Record) -> bool:
        """Whether somebody has `record`."""
        if record.id in self._ids:
            return True
        return record.url is not None and bare_address(record.url) in self._addresses


def asked_for(entry: Entry) -> Asked:
    """What can be said of it from the entry alone."""
    count = entry.parameters.get("n")
    is_count = isinstance(count, int) and not isinstance(count, bool) and count > 0
    names = {entry.model}
    if entry.response is not None and entry.response.served_by:
        names.add(entry.response.served_by)
    return Asked(frozenset(names), count if is_count and isinstance(count, int) else 1)


def asked_by_card(entry: Entry, card: ModelCard) -> Asked:
    """What the card of its model adds to that: other names, and pictures in groups."""
    plain = asked_for(entry)
    images = max(plain.images, images_expected(card, entry.parameters))
    return Asked(plain.names | {card.id, *card.aliases}, images)


def concerns(record: Record, entry: Entry) -> bool:
    """Whether a record can matter for which of them `entry` made.

    That is, whether it is of the same prompt, or lies where an answer to `entry` said.
    """
    urls = entry.response.urls if entry.response else ()
    if record.url and bare_address(record.url) in map(bare_address, urls):
        return True
    return _plain(record.prompt) == _plain(entry.prompt)


def choose(
    entry: Entry, asked: Asked, records: Iterable[Record], others: Sequence[Entry]
) -> Choice:
    """Which of `records` the lost `entry` made; `others` are the entries that may claim some.

    Both may be left out where they do not concern the entry.

    Where entries that are the same to the letter were all lost, and each must have one of the
    records, the oldest gets the oldest.
    """
    response = entry.response
    if response is None or response.sent is None:
        return Choice()
    others = [other for other in others if other.id != entry.id]
    claims = Claims(others)
    free = [record for record in records if not claims.covers(record)]
    addresses = set(map(bare_address, response.urls))
    wanted = max(1, asked.images - len(entry.images))
    own = {image.record for image in entry.images}
    free = [record for record in free if record.id not in own]
    by_address = [record for record in free if record.url and bare_address(record.url) in addresses]
    if by_address:
        return _sure(by_address, wanted)
    alike = [record for record in free if _is_request(record, entry, asked.names)]
    timely = [record for record in alike if _is_timely(record, entry)]
    if any(record.status not in (COMPLETED, FAILED) for record in timely):
        return Choice(is_being_made=True)
    if not timely:
        return Choice(candidates=tuple(r for r in alike if _is_near(r, response.sent)))
    rivals = [
        other
        for other in others
        if any(_may_be_of(record, other, asked.names) for record in timely)
        or _is_unexplained(other, timely, free, asked.names)
    ]
    if not rivals:
        return _sure(timely, wanted)
    return _shared(entry, wanted, timely, rivals) or Choice(candidates=_in_order(timely))


def _sure(records: Sequence[Record], wanted: int) -> Choice:
    records = _in_order(records)
    if len(records) > wanted:
        return Choice(candidates=tuple(records))
    return Choice(chosen=tuple(records))


def _shared(
    entry: Entry, wanted: int, records: Sequence[Record], rivals: Sequence[Entry]
) -> Choice | None:
    """The part of `entry`, where it makes no difference who of equals gets which record."""
    equals = [entry, *rivals]
    is_even = (
        len(records) == wanted * len(equals)
        and all(record.status == COMPLETED for record in records)
        and all(_is_equal(entry, rival) for rival in rivals)
        and all(_is_timely(record, each) for record in records for each in equals)
    )
    if not is_even:
        return None
    equals.sort(key=lambda each: (each.response and each.response.sent, each.id))
    first = equals.index(entry) * wanted
    return Choice(chosen=tuple(_in_order(records)[first : first + wanted]))


def _is_equal(entry: Entry, other: Entry) -> bool:
    """Whether both asked for the same, and both are lost without a trace."""
    return (
        other.status == "unknown"
        and not other.images
        and not entry.images
        and (other.endpoint, other.model, other.prompt)
        == (entry.endpoint, entry.model, entry.prompt)
        and other.parameters == entry.parameters
        and other.references == entry.references
    )


def _may_be_of(record: Record, other: Entry, names: frozenset[str]) -> bool:
    """Whether another entry, which knows no record, may have made this one."""
    response = other.response
    if response is None or response.sent is None or response.urls or response.records:
        return False
    if any(image.record for image in other.images):
        return False
    return may_have_made(record, other, names)


def may_have_made(record: Record, other: Entry, names: frozenset[str]) -> bool:
    """Whether `other` asked for what `record` is of, at about that time; whatever else it knows.

    `names` are those of its model.
    """
    refused = other.status == "failed" and (other.error is None or other.error.charged == "no")
    if refused and record.status == COMPLETED:
        return False
    return _is_request(record, other, names) and _is_timely(record, other)


def _is_unexplained(
    other: Entry, records: Sequence[Record], free: Sequence[Record], names: frozenset[str]
) -> bool:
    """Whether another entry has pictures, and no free record is of its time.

    The clock that it was made by was wrong then, and any of `records` may be its.
    """
    response = other.response
    if not other.images or response is None or response.sent is None:
        return False
    if response.urls or response.records or any(image.record for image in other.images):
        return False
    if any(_is_request(each, other, names) and _is_timely(each, other) for each in free):
        return False
    sent = response.sent
    return any(_is_request(each, other, names) and _is_near(each, sent) for each in records)


def _is_request(record: Record, entry: Entry, names: frozenset[str]) -> bool:
    is_model = record.model in names and (entry.model in names)
    return is_model and _plain(record.prompt) == _plain(entry.prompt)


def _is_timely(record: Record, entry: Entry) -> bool:
    response = entry.response
    if response is None or response.sent is None:
        return False
    latest = response.received or response.sent + LONGEST
    return response.sent - CLOCKS_DIFFER <= record.created <= latest + CLOCKS_DIFFER


def _is_near(record: Record, sent: datetime) -> bool:
    return record.created.year <= 1970 or abs(record.created - sent) <= NEAR


def _in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=lambda record: (record.created, record.id)))


def _plain(prompt: str) -> str:
    return storable(prompt).strip()
