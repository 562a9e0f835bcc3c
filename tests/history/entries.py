"""Entries to test with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tui.history.entry import Cost, Entry, EntryImage, EntryReference, Failure, Response

CREATED = datetime(2026, 11, 22, 7, 3, 12, 418_000, tzinfo=UTC)
ID = "20261122T070312418-4f2a9c"

EXAMPLE = """\
format = 1
id = "20261122T070312418-4f2a9c"
created = 2026-11-22T07:03:12.418Z
status = "done"                 # queued running done partial failed cancelled unknown
endpoint = "token360"
model = "seedream-4.5"
prompt = "A weathered lighthouse keeper mending a net by lamplight"
parent = "20261122T065958001-77aa01"   # the entry this one was made from; absent if none
starred = false
rating = 0
tags = ["lighthouse"]
note = ""

[parameters]                    # exactly what was sent
size = "2304x1728"
watermark = false

[[references]]
name = "sketch.png"
sha256 = "…"
file = "images/…"               # the copy kept beside the images

[response]
sent = 2026-11-22T07:03:12.431Z
received = 2026-11-22T07:03:24.902Z
served_by = "seedream-4-5-251128"
request_id = "…"
usage = { generated_images = 1, output_tokens = 15552, total_tokens = 15552 }

[[images]]
file = "images/2026/11/22/20261122T070312418-4f2a9c-1.jpg"
sha256 = "…"
bytes = 1843112
width = 2304
height = 1728
format = "jpeg"
record = "img_…"                # the endpoint's record, once known

[cost]
estimate_usd = 0.04
basis = "card 2026-10"          # absent when the price is unknown; never 0 for unknown

[error]                         # only when there is one
kind = "content_filter"
message = "…"
status = 400
"""
"""The entry of the design, as a user may find it on the disk."""

DONE = Entry(
    id=ID,
    created=CREATED,
    status="done",
    endpoint="token360",
    model="seedream-4.5",
    prompt="A weathered lighthouse keeper mending a net by lamplight",
    parameters={"size": "2304x1728", "watermark": False},
    references=(EntryReference(name="sketch.png", sha256="…", file="images/sketch.png"),),
    response=Response(
        sent=CREATED,
        received=CREATED + timedelta(seconds=12.471),
        served_by="seedream-4-5-251128",
        usage={"generated_images": 1},
    ),
    images=(EntryImage("images/a.jpg", "…", 1_843_112, 2304, 1728, "jpeg"),),
    cost=Cost(0.04, "card 2026-10"),
)
FAILED = replace(
    DONE,
    status="failed",
    images=(),
    error=Failure(kind="content_filter", message="It was refused.", status=400),
)


def entry_id(created: datetime, number: int = 0) -> str:
    """The id that entry `number` of that moment has."""
    return f"{created:%Y%m%dT%H%M%S}{created.microsecond // 1000:03d}-{number:06x}"


def at(created: datetime, number: int = 0) -> Entry:
    """An entry of that moment."""
    return replace(DONE, id=entry_id(created, number), created=created)
