"""All that an entry says of itself but its prompt, as names and values in words."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec import Struct

from tui.history.entry import Entry, EntryImage, Response
from tui.history.wording import advice, dollars, file_size, outcome

_GONE = ", marked as missing"


class Fact(Struct, frozen=True):
    """Something an entry says; it holds outside text."""

    name: str
    value: str
    is_request: bool = False
    """Whether it was asked for; what came of it otherwise."""


def entry_facts(entry: Entry) -> tuple[Fact, ...]:
    """The facts of `entry`, those of the request first; what it says nothing of is left out."""
    return tuple(fact for fact in (*_request(entry), *_outcome(entry)) if fact.value)


def _request(entry: Entry) -> Iterator[Fact]:
    yield Fact("model", entry.model, is_request=True)
    yield Fact("endpoint", entry.endpoint, is_request=True)
    for name, value in entry.parameters.items():
        yield Fact(name, _written(value), is_request=True)
    for number, reference in enumerate(entry.references, 1):
        name = f"{reference.name or reference.file}{_GONE if reference.missing else ''}"
        what = "mask" if reference.is_mask else f"reference {number}"
        yield Fact(what, name, is_request=True)


def _outcome(entry: Entry) -> Iterator[Fact]:
    yield Fact("state", outcome(entry) or entry.status)
    if entry.error is not None:
        yield Fact("error", f"{entry.error.message} {advice(entry.error)}".strip())
    yield Fact("created", f"{entry.created.astimezone():%Y-%m-%d %H:%M:%S}")
    yield Fact("seconds", "" if entry.seconds is None else f"{entry.seconds:.1f}")
    yield Fact("cost", _cost(entry))
    if response := entry.response:
        yield Fact("served by", response.served_by)
        yield Fact("request id", response.request_id)
        usage = (f"{name} {count:,}" for name, count in response.usage.items())
        yield Fact("usage", ", ".join(usage))
        yield Fact("notes", " ".join(response.notes))
    yield Fact("record", ", ".join(_records(entry)))
    for number, image in enumerate(entry.images, 1):
        yield Fact(f"picture {number}", _picture(image))
        yield Fact(f"file {number}", image.file)
        yield Fact(f"revised prompt {number}", image.revised_prompt)
    yield Fact("star", "yes" if entry.starred else "")
    yield Fact("rating", f"{entry.rating} of 5" if entry.rating else "")
    yield Fact("tags", ", ".join(entry.tags))
    yield Fact("note", entry.note)
    yield Fact("made from", entry.parent)
    yield Fact("id", entry.id)


def _records(entry: Entry) -> Iterator[str]:
    """The endpoint's records of the entry, as far as they are known."""
    response = entry.response or Response()
    known = [image.record for image in entry.images if image.record]
    for record in dict.fromkeys([*known, *response.records]):
        yield f"{record}{' (deleted there)' if record in response.removed else ''}"


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _cost(entry: Entry) -> str:
    if entry.cost is None:
        return dollars(None)
    basis = f" by {entry.cost.basis}" if entry.cost.basis else ""
    return f"{dollars(entry.cost.estimate_usd)}{basis}"


def _picture(image: EntryImage) -> str:
    size = f"{image.width}×{image.height} {image.format}, {file_size(image.bytes)}"
    seed = "" if image.seed is None else f", seed {image.seed}"
    return f"{size}{seed}{_GONE if image.missing else ''}"
