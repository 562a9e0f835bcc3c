"""A download that breaks off goes on where it was, if it is certain that the file is the same."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.fetching import PICTURE, client_of, downloader_of, fails
from tests.api.origins import (
    CANARY,
    PNG,
    Answer,
    Origin,
    Shelf,
    close,
    cut,
    in_turn,
    raw,
    reply,
    route,
    serving,
    then_hang,
)
from tui.api.patience import MOST_ATTEMPTS
from tui.api.results import Download
from tui.api.resume import Span, Version, read_span, read_version
from tui.api.spool import IMAGE_LIMIT

TOTAL = len(PNG)
ETAG = '"v1"'
OLD = "Wed, 01 Oct 2025 07:00:00 GMT"
LATER = "Wed, 01 Oct 2025 09:00:00 GMT"
UNTOLD = (
    f"HTTP/1.1 200 OK\r\nETag: {ETAG}\r\nTransfer-Encoding: chunked\r\n\r\n190\r\n".encode()
    + PNG[:400]
)
"""The first 400 bytes, without the size of the file."""


@pytest.fixture(autouse=True)
def attempts_follow_at_once(monkeypatch):
    monkeypatch.setattr("tui.api.downloads.PAUSES", (0.0, 0.0))


def ranges(origin: Origin) -> list[str | None]:
    """What each request wanted of the file; None for all of it."""
    return [request.headers.get("range") for request in origin.requests]


def rest(start: int = 400, **changes: str) -> Answer:
    """The answer of status 206 that goes on at `start`, with these headers changed."""
    headers = {"ETag": ETAG, "Content_Range": f"bytes {start}-{TOTAL - 1}/{TOTAL}", **changes}
    headers = {name: value for name, value in headers.items() if value}
    return reply(206, PNG[start:], "image/png", **headers)


async def test_a_broken_download_goes_on_where_it_was(serve, tmp_path):
    origin = await serve(Shelf(PNG, [400]))
    download = await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert (download.bytes, download.sha256) == (TOTAL, hashlib.sha256(PNG).hexdigest())
    assert ranges(origin) == [None, "bytes=400-"]
    assert origin.requests[1].headers["if-range"] == ETAG
    assert origin.requests[1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": ETAG}, ETAG),
        ({"ETag": ETAG, "Last_Modified": OLD, "Date": OLD}, ETAG),
        ({"ETag": ETAG, "Content_Encoding": "identity"}, ETAG),
        ({"Last_Modified": OLD, "Date": LATER}, OLD),
        ({"ETag": 'W/"v1"'}, None),
        ({"ETag": 'W/"v1"', "Last_Modified": OLD, "Date": LATER}, None),
        ({"ETag": "v1"}, None),
        ({"ETag": '"v1", "v2"'}, None),
        ({"Last_Modified": OLD, "Date": OLD}, None),
        ({"Last_Modified": OLD}, None),
        ({"Last_Modified": "yesterday", "Date": LATER}, None),
        ({"Last_Modified": "Wed, 99 Oct 2025 07:00:00 GMT", "Date": LATER}, None),
        ({"ETag": ETAG, "Accept_Ranges": "none"}, None),
        ({"ETag": ETAG, "Content_Encoding": "gzip"}, None),
        ({}, None),
    ],
)
async def test_only_a_strong_validator_is_trusted(serve, tmp_path, headers, validator):
    origin = await serve(in_turn(cut(PNG, 400, **headers), PICTURE))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert origin.requests[1].headers.get("if-range") == validator
    assert ranges(origin)[1] == ("bytes=400-" if validator else None)
    assert (tmp_path / "a").read_bytes() == PNG


DATED = cut(PNG, 400, Last_Modified=OLD, Date=LATER)


@pytest.mark.parametrize("date", ["", OLD], ids=["silent", "the same"])
async def test_a_date_is_compared_where_it_is_told(serve, tmp_path, date):
    origin = await serve(in_turn(DATED, rest(ETag="", Last_Modified=date), close))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG


@pytest.mark.parametrize("changes", [{"ETag": "", "Last_Modified": LATER}, {"Last_Modified": OLD}])
async def test_another_date_is_another_version(serve, tmp_path, changes):
    origin = await serve(in_turn(DATED, rest(**changes), PICTURE))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert ranges(origin) == [None, "bytes=400-", None]


ODD = {
    "begins elsewhere": rest(399),
    "begins at 0": rest(0),
    "leaves a gap": rest(401),
    "another size": rest(Content_Range=f"bytes 400-{TOTAL - 1}/{TOTAL + 1}"),
    "no size": rest(Content_Range=f"bytes 400-{TOTAL - 1}/*"),
    "ends after the end": rest(Content_Range=f"bytes 400-{TOTAL}/{TOTAL}"),
    "ends before it begins": rest(Content_Range=f"bytes 400-399/{TOTAL}"),
    "no place": rest(Content_Range=""),
    "other units": rest(Content_Range=f"pages 400-{TOTAL - 1}/{TOTAL}"),
    "nonsense": rest(Content_Range="bytes all"),
    "another version": rest(ETag='"v2"'),
    "a weak version": rest(ETag='W/"v1"'),
    "no version": rest(ETag=""),
    "compressed": rest(Content_Encoding="gzip"),
    "more than told": rest(Content_Range=f"bytes 400-900/{TOTAL}"),
    "400": reply(400),
    "412": reply(412),
    "416": reply(416, b"", Content_Range=f"bytes */{TOTAL}"),
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
async def test_after_an_odd_answer_the_file_is_fetched_anew(serve, tmp_path, answer):
    origin = await serve(in_turn(Shelf(PNG, [400]), answer, PICTURE))
    download = await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert download.sha256 == hashlib.sha256(PNG).hexdigest()
    assert ranges(origin) == [None, "bytes=400-", None]


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
async def test_a_server_that_stays_odd_is_given_up(serve, tmp_path, answer):
    origin = await serve(in_turn(Shelf(PNG, [400]), answer))
    target = tmp_path / "a"
    await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert ranges(origin) == [None, "bytes=400-", None]


async def test_a_part_that_nobody_asked_for_is_not_taken_for_the_file(serve, tmp_path):
    origin = await serve(in_turn(rest(0), PICTURE))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert ranges(origin) == [None, None]


async def test_a_file_that_changed_is_fetched_from_its_beginning(serve, tmp_path):
    newer = b"\xff\xd8\xff" + bytes(900)
    later = Shelf(newer, [500], '"v2"')
    origin = await serve(in_turn(Shelf(PNG, [400]), later, later))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == newer
    assert ranges(origin) == [None, "bytes=400-", "bytes=500-"]
    assert origin.requests[2].headers["if-range"] == '"v2"'


async def test_ranges_shorter_than_the_rest_are_added_up(serve, tmp_path):
    origin = await serve(Shelf(PNG, [400], longest=100))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert ranges(origin)[1:3] == ["bytes=400-", "bytes=500-"]


async def test_the_size_may_be_told_by_the_second_answer(serve, tmp_path):
    origin = await serve(in_turn(raw(UNTOLD), rest()))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG


async def test_a_size_above_the_limit_is_refused_whenever_it_is_told(serve, tmp_path):
    place = f"bytes 400-{IMAGE_LIMIT}/{IMAGE_LIMIT + 1}"
    head = f"HTTP/1.1 206 OK\r\nETag: {ETAG}\r\nContent-Range: {place}\r\n\r\n"
    origin = await serve(in_turn(raw(UNTOLD), then_hang(head.encode())))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert "larger than 64 MiB" in error.message


async def test_progress_is_worth_more_attempts(serve, tmp_path):
    origin = await serve(Shelf(PNG, [80] * 12))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert len(origin.requests) == 13


async def test_progress_without_end_has_one(serve, tmp_path):
    origin = await serve(Shelf(PNG, [1] * 99))
    target = tmp_path / "a"
    await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert len(origin.requests) == MOST_ATTEMPTS


async def test_attempts_that_bring_nothing_end_it(serve, tmp_path):
    origin = await serve(Shelf(PNG, [400, 0, 100, 0, 0]))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert "connection was closed" in error.message
    assert ranges(origin)[1:] == ["bytes=400-"] * 2 + ["bytes=500-"] * 2


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_in_trouble_does_not_lose_what_came(serve, tmp_path, status):
    shelf = Shelf(PNG, [400])
    origin = await serve(in_turn(shelf, reply(status), shelf))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert ranges(origin) == [None, "bytes=400-", "bytes=400-"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_an_address_that_dies_halfway_is_dead(serve, tmp_path, status):
    origin = await serve(in_turn(Shelf(PNG, [400]), reply(status), PICTURE))
    target = tmp_path / "a"
    error = await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target), target)
    assert error.status == status
    assert len(origin.requests) == 2


def signed(bucket: Origin, *paths: str) -> Answer:
    """Redirects to `paths` of `bucket`, each with another signature."""
    urls = [f"{bucket.url}{path}?sig={number}" for number, path in enumerate(paths)]
    return in_turn(*(reply(302, b"", Location=url) for url in urls))


async def test_a_fresh_signature_is_no_other_file_and_the_key_stays_at_home(serve, tmp_path):
    bucket = await serve(Shelf(PNG, [400]))
    origin = await serve(signed(bucket, "/1.png", "/1.png"))
    client = client_of(origin, headers={"X-Api-Key": CANARY})
    await client.download_record("img_1", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert [request.target for request in bucket.requests] == ["/1.png?sig=0", "/1.png?sig=1"]
    assert ranges(bucket) == [None, "bytes=400-"]
    assert CANARY not in repr(bucket.requests)
    assert all(CANARY in repr(request) for request in origin.requests)


async def test_content_sent_by_the_endpoint_itself_is_resumed_with_the_key(serve, tmp_path):
    origin = await serve(Shelf(PNG, [400]))
    await client_of(origin).download_record("img_1", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG
    assert ranges(origin) == [None, "bytes=400-"]
    assert all(CANARY in repr(request) for request in origin.requests)


async def test_a_part_of_the_same_name_from_another_place_is_not_joined(serve, tmp_path):
    other = PNG[:8] + bytes(TOTAL - 8)
    bucket = await serve(route(**{"1": Shelf(PNG, [400]), "2": Shelf(other)}))
    origin = await serve(signed(bucket, "/1.png", "/2.png", "/2.png"))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == other
    assert ranges(bucket) == [None, "bytes=400-", None]


@settings(max_examples=40)
@given(
    data=st.binary(max_size=300).map(lambda tail: PNG[:8] + tail),
    breaks=st.lists(st.integers(0, 120), max_size=8),
)
def test_however_it_breaks_the_file_comes_whole(data, breaks):
    async def fetch(target: Path) -> Download:
        async with serving(Shelf(data, list(breaks))) as origin:
            downloader = downloader_of(origin, pauses=(0.0,) * 8)
            return await downloader.fetch(f"{origin.url}/a", target)

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "a")
        download = asyncio.run(fetch(target))
        assert target.read_bytes() == data
    assert download.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("bytes 0-0/1", Span(0, 1, 1)),
        (" BYTES 5-9/20 ", Span(5, 10, 20)),
        ("bytes 5-20/20", None),
        ("bytes 9-5/20", None),
        ("bytes 5-9/*", None),
        ("bytes */20", None),
        ("bytes -5-9/20", None),
        ("bytes ٥-٩/20", None),
        (f"bytes 0-1/{'9' * 19}", None),
        ("", None),
    ],
)
def test_a_place_in_the_file_is_read_strictly(text, span):
    assert read_span(text) == span


HEADERS = st.sampled_from(
    [ETAG, 'W/"v1"', '""', "bytes 4-9/10", "bytes 4-9/*", OLD, LATER, "gzip", "none", "6", "10"]
)
NAMES = st.sampled_from(
    "etag last-modified date content-range content-length content-encoding accept-ranges".split()
)


@settings(max_examples=500)
@given(
    first=st.dictionaries(NAMES, HEADERS | st.text(max_size=30)),
    second=st.dictionaries(NAMES, HEADERS | st.text(max_size=30)),
    start=st.integers(0, 12),
)
def test_a_part_is_joined_only_to_its_own_file(first, second, start):
    version = read_version(first)
    if version is None:
        return
    assert version.request(start)["If-Range"] in (first.get("etag"), first.get("last-modified"))
    span = version.continued(second, start)
    if span is not None:
        assert span.start == start < span.stop <= span.total
        assert second.get("etag") == first.get("etag")
        assert version.total in (None, span.total)


def test_a_version_is_asked_for_by_its_validator():
    assert Version(ETAG, 9).request(4) == {"Range": "bytes=4-", "If-Range": ETAG}
