"""Entries as TOML: nothing is lost on the way to the disk and back."""

from __future__ import annotations

import math
import tomllib
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.entries import CREATED, DONE, EXAMPLE, FAILED, ID
from tui.history.entry import (
    Charged,
    Cost,
    Entry,
    EntryImage,
    EntryReference,
    Failure,
    Response,
    Status,
    UnreadableEntry,
    decode_entry,
    encode_entry,
    is_id,
    new_id,
    now,
)
from tui.text import storable

HOSTILE = [
    "a\r\nb\rc\n",
    "\x00\x08\x1b[31m\x7f",
    "\x80\x9b\x85",
    "\ud83d",
    "\udc00\ud800",
    "👩\u200d🎤 🏳️\u200d🌈",
    "\u202egnp.exe\u2066",
    "\"\"\" \\ \\u0041 '''",
    "# [x] = y",
    "  \t  ",
    "\ufeff\u2028\uffff",
    "",
]

any_text = st.one_of(
    st.text(st.characters(), max_size=30),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join),
)
integers = st.integers(-(2**63), 2**63 - 1)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), integers, st.floats(allow_nan=False), any_text),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(any_text, inner, max_size=4)
    ),
    max_leaves=20,
)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
ids = st.builds(
    lambda created, number: f"{created:%Y%m%dT%H%M%S}{number % 1000:03d}-{number:06x}",
    moments,
    st.integers(0, 0xFFFFFF),
)
responses = st.builds(
    Response,
    sent=st.none() | moments,
    received=st.none() | moments,
    served_by=any_text,
    request_id=any_text,
    usage=st.dictionaries(any_text, integers, max_size=3),
    urls=st.lists(any_text, max_size=3).map(tuple),
    notes=st.lists(any_text, max_size=3).map(tuple),
)
images = st.builds(
    EntryImage, any_text, any_text, integers, integers, integers, any_text, record=any_text
)
failures = st.builds(
    Failure,
    kind=any_text,
    message=any_text,
    hint=any_text,
    status=st.none() | integers,
    charged=st.sampled_from(get_args(Charged)),
    body=any_text,
)
entries = st.builds(
    Entry,
    id=ids,
    created=moments,
    status=st.sampled_from(get_args(Status)),
    endpoint=any_text,
    model=any_text,
    prompt=any_text,
    parent=any_text,
    starred=st.booleans(),
    rating=integers,
    tags=st.lists(any_text, max_size=4).map(tuple),
    note=any_text,
    parameters=st.dictionaries(any_text, values, max_size=5),
    references=st.lists(st.builds(EntryReference, any_text, any_text, any_text), max_size=3).map(
        tuple
    ),
    response=st.none() | responses,
    images=st.lists(images, max_size=3).map(tuple),
    cost=st.none() | st.builds(Cost, st.none() | st.floats(allow_nan=False), any_text),
    error=st.none() | failures,
)


def _stored(value: Any) -> Any:
    """`value` as TOML and UTF-8 can hold it."""
    if isinstance(value, dict):
        return {storable(key): _stored(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_stored(item) for item in value if item is not None]
    return storable(value) if isinstance(value, str) else value


def _stored_entry(entry: Entry) -> Entry:
    fields = msgspec.to_builtins(entry, builtin_types=(datetime,))
    return msgspec.convert(_stored(fields), Entry)


def _with_parameters(**parameters: Any) -> dict[str, Any]:
    return decode_entry(encode_entry(replace(DONE, parameters=parameters))).parameters


@settings(deadline=None)
@given(entries)
def test_every_entry_comes_back_as_it_was_but_for_nulls_and_lone_surrogates(entry: Entry) -> None:
    assert decode_entry(encode_entry(entry)) == _stored_entry(entry)


@settings(deadline=None)
@given(entries)
def test_an_entry_that_nobody_changed_is_written_as_the_same_bytes(entry: Entry) -> None:
    data = encode_entry(_stored_entry(entry))
    assert encode_entry(decode_entry(data)) == data


def test_the_documented_example_means_what_it_says() -> None:
    entry = decode_entry(EXAMPLE.encode())
    assert entry == Entry(
        id=ID,
        created=CREATED,
        status="done",
        endpoint="token360",
        model="seedream-4.5",
        prompt="A weathered lighthouse keeper mending a net by lamplight",
        parent="20261122T065958001-77aa01",
        tags=("lighthouse",),
        parameters={"size": "2304x1728", "watermark": False},
        references=(EntryReference("sketch.png", "…", "images/…"),),
        response=Response(
            sent=CREATED + timedelta(milliseconds=13),
            received=CREATED + timedelta(seconds=12.484),
            served_by="seedream-4-5-251128",
            request_id="…",
            usage={"generated_images": 1, "output_tokens": 15552, "total_tokens": 15552},
        ),
        images=(
            EntryImage(
                file="images/2026/11/22/20261122T070312418-4f2a9c-1.jpg",
                sha256="…",
                bytes=1843112,
                width=2304,
                height=1728,
                format="jpeg",
                record="img_…",
            ),
        ),
        cost=Cost(0.04, "card 2026-10"),
        error=Failure("content_filter", "…", status=400),
    )
    assert entry.seconds == pytest.approx(12.471)
    assert not entry.read_only


def test_the_documented_example_survives_a_rewrite_with_equal_values() -> None:
    rewritten = encode_entry(decode_entry(EXAMPLE.encode()))
    before, after = tomllib.loads(EXAMPLE), tomllib.loads(rewritten.decode())
    defaults = {"starred": False, "rating": 0, "note": ""}
    assert {**defaults, **after} == before
    assert decode_entry(rewritten) == decode_entry(EXAMPLE.encode())


def test_what_a_picture_was_made_from_survives_a_rewrite() -> None:
    image = replace(DONE.images[0], seed=0, revised_prompt="a red fox\n\x1b")
    entry = replace(DONE, images=(image, DONE.images[0]))
    assert decode_entry(encode_entry(entry)) == entry


def test_times_are_written_in_utc_to_the_millisecond() -> None:
    lines = encode_entry(DONE).decode().splitlines()
    assert "created = 2026-11-22T07:03:12.418Z" in lines
    assert "sent = 2026-11-22T07:03:12.418Z" in lines
    assert "received = 2026-11-22T07:03:24.889Z" in lines


def test_an_entry_starts_with_its_format_and_its_id() -> None:
    assert encode_entry(DONE).decode().splitlines()[:2] == ["format = 1", f'id = "{ID}"']


def test_an_unknown_price_is_absent_and_a_price_of_nothing_is_there() -> None:
    unknown = encode_entry(replace(DONE, cost=Cost(None, "card")))
    assert b"estimate_usd" not in unknown
    assert decode_entry(unknown).cost == Cost(None, "card")
    assert b"estimate_usd = 0.0" in encode_entry(replace(DONE, cost=Cost(0.0)))


def test_floats_that_json_lacks_come_back() -> None:
    parameters = _with_parameters(a=math.inf, b=-math.inf, c=[math.nan])
    assert parameters["a"] == math.inf
    assert parameters["b"] == -math.inf
    assert math.isnan(parameters["c"][0])


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**400, -(10**4000)])
def test_integers_beyond_64_bits_come_back(number: int) -> None:
    assert _with_parameters(seed=number, all=[number]) == {"seed": number, "all": [number]}


def test_nulls_are_left_out() -> None:
    assert _with_parameters(a=None, b=[1, None, 2], c={"d": None}) == {"b": [1, 2], "c": {}}


# What TOML knows and JSON does not; a later version might use it.
foreign = st.one_of(
    values.filter(lambda value: value is not None).map(_stored),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(
        datetime(2, 1, 1),
        datetime(9998, 1, 1),
        timezones=st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m))),
    ),
)
foreign_tables = st.dictionaries(
    st.text(max_size=10).map(lambda name: f"later {name}") | st.just("unknown"),
    foreign,
    max_size=3,
)


@settings(deadline=None)
@given(st.lists(foreign_tables, min_size=6, max_size=6))
def test_unknown_keys_on_every_level_survive_a_change(tables: list[dict[str, Any]]) -> None:
    document = tomllib.loads(EXAMPLE)
    document["images"].append({**document["images"][0], "file": "images/second.jpg"})
    places = [
        document,
        document["response"],
        document["cost"],
        document["error"],
        document["references"][0],
        document["images"][1],
    ]
    for place, table in zip(places, tables, strict=True):
        place.update(table)
    entry = decode_entry(tomli_w.dumps(document).encode())
    third = EntryImage("images/third.jpg", "…", 1, 2, 3, "png")
    changed = replace(entry, starred=True, note="seen", images=(*entry.images, third))
    document["starred"], document["note"] = True, "seen"
    document["images"].append(
        {"file": third.file, "sha256": "…", "bytes": 1, "width": 2, "height": 3, "format": "png"}
    )
    del document["rating"]  # It is what an entry without one has.
    assert tomllib.loads(encode_entry(changed).decode()) == document


@pytest.mark.parametrize("name", ["response", "cost", "error", "images", "references"])
def test_unknown_keys_of_a_part_go_with_the_part(name: str) -> None:
    document = tomllib.loads(EXAMPLE)
    part = document[name]
    (part[0] if isinstance(part, list) else part)["later"] = True
    entry = decode_entry(tomli_w.dumps(document).encode())
    without = replace(entry, **{name: () if isinstance(part, list) else None})
    assert decode_entry(encode_entry(without)) == replace(without, unknown={})


def test_other_dates_and_times_keep_their_kind_and_zone() -> None:
    times = {
        "zoned": datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        "fine": datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC),
        "local": datetime(2026, 1, 1, 12),
        "day": date(2026, 1, 1),
        "clock": time(12, 30),
    }
    document = {**tomllib.loads(EXAMPLE), "later": times, "parameters": times}
    entry = decode_entry(tomli_w.dumps(document).encode())
    again = tomllib.loads(encode_entry(entry).decode())
    assert again["later"] == times
    assert again["parameters"] == times
    assert again["later"]["zoned"].utcoffset() == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(("number", "read_only"), [(0, False), (1, False), (2, True), (9, True)])
def test_an_entry_of_a_later_format_is_read_only(number: int, read_only: bool) -> None:
    entry = decode_entry(EXAMPLE.replace("format = 1\n", f"format = {number}\n").encode())
    assert entry.format == number
    assert entry.read_only is read_only


WRONG = {
    "empty": b"",
    "zeros": bytes(4096),
    "invalid UTF-8": EXAMPLE.encode().replace(b"lamplight", b"\xff\xfe"),
    "UTF-16": EXAMPLE.encode("utf-16"),
    "latin-1": EXAMPLE.replace("…", "é").encode("latin-1"),
    "brackets": b"a = " + b"[" * 100_000,
    "braces": b"a = " + b"{a=" * 100_000,
    "five thousand digits": f"{EXAMPLE}later = {'9' * 5000}".encode(),
    "no id": EXAMPLE.replace(f'id = "{ID}"', "").encode(),
    "no image file": EXAMPLE.replace("file = ", "fil = ").encode(),
    "no error kind": EXAMPLE.replace("kind = ", "kin = ").encode(),
    **{
        f"{old} as {new}": EXAMPLE.replace(old, new, 1).encode()
        for old, new in [
            (ID, "4f2a9c"),
            (ID, f"../{ID}"),
            (ID, ID.upper()),
            (ID, f"{ID}\\n"),
            (ID, ID.replace("2", "\N{ARABIC-INDIC DIGIT TWO}")),
            ("2026-11-22T07:03:12.418Z", "2026-11-22T07:03:12.418"),
            ("2026-11-22T07:03:12.418Z", "2026-11-22"),
            ("2026-11-22T07:03:12.418Z", "07:03:12"),
            ("2026-11-22T07:03:12.418Z", "1795244592"),
            ("2026-11-22T07:03:12.418Z", "0001-01-01T00:00:00Z"),
            ("2026-11-22T07:03:12.418Z", "9999-12-31T23:59:59Z"),
            ("07:03:12.431Z", "07:03:12.431"),
            ("07:03:24.902Z", "07:03:24.902"),
            ("2026-11-22T07:03:12.431Z", "0001-01-01T00:00:00Z"),
            ("2026-11-22T07:03:24.902Z", "9999-12-31T23:59:59Z"),
            ('status = "done"', 'status = "finished"'),
            ('status = "done"', "status = 1"),
            ("format = 1", "format = '1'"),
            ("starred = false", "starred = 0"),
            ("rating = 0", "rating = 0.5"),
            ('tags = ["lighthouse"]', "tags = 'lighthouse'"),
            ('tags = ["lighthouse"]', "tags = [1]"),
            ("[parameters]", "[[parameters]]"),
            ("[[references]]", "[references]"),
            ("[[images]]", "[images]"),
            ("bytes = 1843112", 'bytes = "1843112"'),
            ("usage = {", "usage = { a = 'b',"),
            ("estimate_usd = 0.04", 'estimate_usd = "0.04"'),
            ('kind = "content_filter"', "kind = 400"),
        ]
    },
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_entry_is_unreadable_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(UnreadableEntry):
        decode_entry(data)


def test_an_entry_cut_off_within_a_line_is_unreadable() -> None:
    data = encode_entry(FAILED)
    for length in range(len(data)):
        if not data[:length].endswith(b"\n"):
            with pytest.raises(UnreadableEntry):
                decode_entry(data[:length])


def test_an_entry_cut_off_between_lines_is_an_entry_or_unreadable() -> None:
    lines = EXAMPLE.splitlines(keepends=True)
    for count in range(len(lines)):
        try:
            assert decode_entry("".join(lines[:count]).encode()).id == ID
        except UnreadableEntry:
            continue


@settings(deadline=None)
@given(st.integers(0, len(EXAMPLE) - 1), st.integers(0, 60), st.binary(max_size=40))
def test_an_entry_damaged_anywhere_is_an_entry_or_unreadable(
    start: int, length: int, damage: bytes
) -> None:
    data = EXAMPLE.encode()
    try:
        entry = decode_entry(data[:start] + damage + data[start + length :])
    except UnreadableEntry:
        return
    assert decode_entry(encode_entry(entry)) == entry


@settings(deadline=None)
@given(moments, moments)
def test_ids_sort_by_time_and_are_safe_in_file_names(one: datetime, other: datetime) -> None:
    first, second = new_id(one), new_id(other)
    assert is_id(first)
    assert first.isascii()
    assert len(first) == len(ID)
    if abs(one - other) >= timedelta(milliseconds=1):
        assert (first < second) == (one < other)


def test_an_id_holds_the_moment_in_utc() -> None:
    local = CREATED.astimezone(timezone(timedelta(hours=-8)))
    assert new_id(local).startswith("20261122T070312418-")


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id(CREATED) for _ in range(100)}) == 100


def test_now_is_what_an_entry_keeps_of_it() -> None:
    moment = now()
    assert moment.utcoffset() == timedelta(0)
    assert decode_entry(encode_entry(replace(DONE, created=moment))).created == moment
    assert moment.microsecond % 1000 == 0


@pytest.mark.parametrize(
    "response", [None, Response(), Response(sent=CREATED), Response(received=CREATED)]
)
def test_an_entry_without_an_answer_took_no_time(response: Response | None) -> None:
    assert replace(FAILED, response=response).seconds is None
