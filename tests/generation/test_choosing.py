"""What is left out of a choice, since it does not concern the entry, makes no difference to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.history.entries import entry_id
from tui.api.results import Record
from tui.generation.choosing import Choice, Claims, asked_for, choose, concerns
from tui.history.entry import Entry, EntryImage, Failure, Response

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MODELS = ("kling", "seedream")
PROMPTS = ("a fox", " a fox ", "an owl", "")
NAMES = [f"r{number}" for number in range(4)]

times = st.sampled_from([NOON + timedelta(minutes=n) for n in (-3000, -20, -1, 0, 1, 2, 20)])
urls = st.sampled_from([None, *(f"https://cdn.example/{name}.png?t=1" for name in NAMES[:2])])
some_names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)


@st.composite
def record_lists(draw: st.DrawFn) -> list[Record]:
    ids = draw(st.lists(st.sampled_from(NAMES), unique=True))
    statuses = st.sampled_from(["completed", "completed", "completed", "failed", "in_progress"])
    return [
        Record(
            id,
            draw(statuses),
            draw(st.sampled_from(MODELS)),
            draw(st.sampled_from(PROMPTS)),
            draw(times),
            draw(urls),
            None,
        )
        for id in ids
    ]


@st.composite
def entries(draw: st.DrawFn, number: int) -> Entry:
    sent = draw(times)
    response = Response(
        sent=sent,
        received=draw(st.sampled_from([None, sent + timedelta(seconds=30)])),
        urls=tuple(url for url in (draw(urls),) if url),
        records=draw(some_names),
    )
    record = draw(st.sampled_from(["", *NAMES]))
    image = EntryImage(f"images/{number}-1.png", "0" * 64, 1, 1, 1, "png", record=record)
    failure = Failure("server", "no", "", charged=draw(st.sampled_from(["no", "maybe"])))
    return Entry(
        id=entry_id(sent, number),
        created=sent,
        endpoint="demo",
        model=draw(st.sampled_from(MODELS)),
        prompt=draw(st.sampled_from(PROMPTS)),
        status=draw(st.sampled_from(["unknown", "unknown", "done", "failed"])),
        parameters={"n": draw(st.integers(1, 2))},
        response=draw(st.sampled_from([response, response, None])),
        images=draw(st.sampled_from([(), (image,)])),
        error=draw(st.sampled_from([None, failure])),
    )


@st.composite
def searches(draw: st.DrawFn) -> Any:
    others = [draw(entries(number)) for number in range(1, draw(st.integers(1, 5)))]
    return draw(entries(0)), draw(record_lists()), others


@given(searches())
def test_what_does_not_concern_an_entry_makes_no_difference(search: Any) -> None:
    entry, records, others = search
    asked = asked_for(entry)
    near = [each for each in records if concerns(each, entry)]
    speak = [
        other
        for other in others
        if other.prompt.strip() == entry.prompt.strip() or any(map(Claims([other]).covers, near))
    ]
    assert choose(entry, asked, near, speak) == choose(entry, asked, records, others)


def test_a_record_of_another_prompt_concerns_an_entry_where_its_answer_said_so() -> None:
    record = Record("r1", "completed", "kling", "an owl", NOON, "https://cdn.example/1.png", None)
    entry = Entry(
        id=entry_id(NOON), created=NOON, endpoint="demo", model="kling", prompt="a fox",
        status="unknown", response=Response(sent=NOON, urls=("https://cdn.example/1.png?key=2",)),
    )  # fmt: skip
    assert concerns(record, entry)
    assert choose(entry, asked_for(entry), [record], []) == Choice(chosen=(record,))
    assert not concerns(record, Entry(**{**_fields(entry), "response": None}))


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}
