"""A history of realistic entries: `python synthetic_history.py FOLDER [COUNT]` makes it there."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from tui.history.entry import (
    Cost,
    Entry,
    EntryImage,
    Failure,
    Response,
    Status,
    encode_entry,
)

ENTRIES = 100_000
SPAN = timedelta(days=730)
NEWEST = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

SEARCHES = (
    "lighthouse keeper oil", "old fox in deep snow", "seven paper lanterns", "gouache",
    "model:nano moss", "star: rating:>=4", "tag:client-a dragon", "date:7d", "'fox !snow",
    "violin | owl ukiyo-e", "status:failed tram", "'a 'of !fox", "^an old$", "no. 77", "灯笼",
)  # fmt: skip
"""To be typed letter by letter."""

_SUBJECTS = """a weathered lighthouse keeper|an old fox in deep snow|seven paper lanterns|a glass
teapot|two sisters on a night train|a clockwork owl|a red bicycle against a blue door|an astronaut
gardener|a stray cat on a warm car|a drowned cathedral|a street market after rain|a paper boat|the
last library|a fisherman's hands|a neon noodle bar|a field of sunflowers|a violin maker|a moth on a
lamp|a frozen waterfall|a girl with a kite|an abandoned observatory|a brass diving helmet|a bowl of
ripe figs|a tram in fog|a sleeping dragon of moss""".replace("\n", " ").split("|")
_DOINGS = """mending a net by lamplight|crossing a frozen river|waiting for the ferry|under a violet
sky|reflected in a puddle|carved from a single block|seen through a rain-streaked window|at the edge
of a cliff|in the style of a 1920s poster|half hidden by ferns|just before the storm|among drifting
petals|on a cluttered workbench|in a room without corners|at the end of a long corridor""".replace(
    "\n", " "
).split("|")
_STYLES = """oil painting|gouache on rough paper|35mm photograph, shallow depth of field|isometric
pixel art|charcoal sketch|ukiyo-e woodblock print|soft volumetric light|macro photograph|watercolour
wash|risograph in two colours|studio portrait, rim light|wide angle, low horizon|cinematic still|
cut paper collage|botanical illustration|long exposure|muted palette|high contrast""".replace(
    "\n", " "
).split("|")
_TAGS = ("portrait", "lighthouse", "poster", "client-a", "client-b", "keepers", "night")
_MODELS = (
    ("seedream-4.5", 0.04), ("seedream-4.0", 0.03), ("kling-image-o1", 0.028),
    ("nano-banana-pro", 0.134), ("glm-image", 0.015), ("gpt-image-2", None),
)  # fmt: skip
_SIZES = ((2048, 2048), (2304, 1728), (1728, 2304), (2560, 1440), (1440, 2560), (4096, 4096))
_STATUSES: tuple[Status, ...] = (
    ("done",) * 91 + ("failed",) * 6 + ("partial", "unknown", "cancelled")
)


def make_history(data: Path, count: int = ENTRIES, newest: datetime = NEWEST) -> list[str]:
    """Write `count` entries below `data`; their ids, newest first. Their pictures are not there."""
    random = Random(7)
    gap = SPAN / max(count, 1)
    ids: list[str] = []
    for number in range(count):
        entry = _entry(random, newest - number * gap)
        day = f"{entry.id[:4]}/{entry.id[4:6]}/{entry.id[6:8]}"
        path = data / "history" / day / f"{entry.id}.toml"
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        path.write_bytes(encode_entry(entry))
        ids.append(entry.id)
    return ids


def prompt_of(random: Random) -> str:
    """A prompt of about 24 words."""
    styles = ", ".join(random.sample(_STYLES, random.randint(2, 6)))
    words = f"{random.choice(_SUBJECTS)} {random.choice(_DOINGS)}, {styles}"
    return words if random.random() < 0.9 else f"{words}, no. {random.randint(1, 9999)} of a series"


def _entry(random: Random, created: datetime) -> Entry:
    created = created.replace(microsecond=created.microsecond // 1000 * 1000)
    stamp = f"{created:%Y%m%dT%H%M%S}{created.microsecond // 1000:03d}"
    entry_id = f"{stamp}-{random.getrandbits(24):06x}"
    model, price = random.choice(_MODELS)
    status = random.choice(_STATUSES)
    width, height = random.choice(_SIZES)
    day = f"{entry_id[:4]}/{entry_id[4:6]}/{entry_id[6:8]}"
    sent = created + timedelta(milliseconds=13)
    image = EntryImage(
        file=f"images/{day}/{entry_id}-1.jpg",
        sha256=sha256(entry_id.encode()).hexdigest(),
        bytes=random.randint(400_000, 4_000_000),
        width=width, height=height, format="jpeg",
    )  # fmt: skip
    has_image = status in ("done", "partial")
    return Entry(
        id=entry_id,
        created=created,
        status=status,
        endpoint="token360",
        model=model,
        prompt=prompt_of(random),
        starred=random.random() < 0.05,
        rating=random.choice((0, 0, 0, 0, 3, 4, 5)),
        tags=tuple(random.sample(_TAGS, random.choice((0, 0, 0, 1, 2)))),
        note="for the wall" if random.random() < 0.02 else "",
        parameters={
            "size": f"{width}x{height}", "seed": random.randrange(1_000_000), "watermark": False,
        },
        response=Response(
            sent=sent,
            received=sent + timedelta(seconds=random.uniform(7, 21)),
            served_by=f"{model}-251128",
            usage={"generated_images": 1, "output_tokens": width * height // 256},
        ),
        images=(image,) if has_image else (),
        cost=Cost(price, "card 2026-10") if price else None,
        error=None if has_image else Failure("server", "The server failed.", status=500),
    )  # fmt: skip


if __name__ == "__main__":
    os.umask(0o077)
    make_history(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ENTRIES)
