"""The demo endpoint for a soak: pictures that are made at once, and faults by the dice.

`python -m tests.faults.soak_server FOLDER LATENCY` prints its base URL. For each line that comes
on standard input it prints one of JSON, the Books.
"""

from __future__ import annotations

import random
import socket
import sys
import threading
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import msgspec
from msgspec import Struct
from PIL import Image

from tui.demo.faults import Faults
from tui.demo.faults.kinds import Operation
from tui.demo.painter import Painting
from tui.demo.server import demo_app, http_server
from tui.demo.traffic import Traffic

LOST = (
    "reset", "close", "cut-length", "cut-chunk", "cut-reset", "gzip-broken", "not-http", "hang",
    "truncated-json", "garbage", "empty-200", "502-html", "504-nginx", "500", "invalid-utf-8",
)  # fmt: skip
"""The picture is made, and the answer lost, or nearly."""
OTHER_ANSWERS = (
    "ok-b64", "b64-lines", "url-relative", "escapes-200", "openai-extras", "usage-odd",
    "reset-early", "close-early", "data-empty", "moderation-400", "escapes-400", "bidi-400",
    "markup-400", "size-400", "429-once", "429-retry-after",
)  # fmt: skip
DOWNLOADS = (
    "download-403-once", "download-503-once", "download-breaks", "download-range-ignored",
    "download-wrong-type", "download-html", "download-short", "download-truncated",
    "download-reset", "download-close", "download-cut-length", "download-404",
)  # fmt: skip
"""Of the pictures themselves: who asks once more may well get them."""
RATE = 0.05
"""How many of a hundred requests fail, and downloads."""
SIDE = 512
"""Pixels of a picture, squared."""
_WAITING = 1000


class Books(Struct):
    """What the endpoint was asked, and what it did."""

    posts: dict[str, int]
    """How often each prompt came."""
    made: dict[str, int]
    """How often pictures were made of it."""
    faults: dict[str, int]
    """How often each was met."""
    without_a_key: int
    """Requests without an Idempotency-Key."""
    most_of_a_key: int
    """The most that came with the same one."""


class CountedFaults(Faults):
    """Counts those that were met."""

    def __init__(self) -> None:
        rates = dict.fromkeys(LOST + OTHER_ANSWERS, RATE / len(LOST + OTHER_ANSWERS))
        rates |= dict.fromkeys(DOWNLOADS, RATE / len(DOWNLOADS))
        super().__init__(rates, retry_seconds=1.0)
        self.met: Counter[str] = Counter()

    def draw(self, operation: Operation) -> tuple[str, ...]:
        drawn = super().draw(operation)
        self.met.update(drawn)
        return drawn


def picture(painting: Painting) -> Image.Image:
    """A picture that is made at once; others for another painting."""
    noise = random.Random(repr(painting)).randbytes(16 * 16 * 3)
    return Image.frombytes("RGB", (16, 16), noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def books(traffic: Traffic, faults: CountedFaults) -> Books:
    """As they are now."""
    keys = dict(traffic.posts_by_idempotency_key)
    return Books(
        posts=dict(traffic.posts_by_prompt),
        made=dict(traffic.carried_out),
        faults=dict(faults.met),
        without_a_key=keys.pop("", 0),
        most_of_a_key=max(keys.values(), default=0),
    )


def main(folder: Path, latency: float) -> None:
    """Serve until standard input ends."""
    faults = CountedFaults()
    app = demo_app(folder, latency=latency, faults=faults)
    server = http_server(app)

    def tell() -> None:
        for _ in sys.stdin:
            told = books(app.state.traffic, faults)
            print(msgspec.json.encode(told).decode(), flush=True)
        server.should_exit = True

    with (
        patch("tui.demo.generation.paint", picture),
        socket.create_server(("127.0.0.1", 0), backlog=_WAITING) as listener,
    ):
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", flush=True)
        threading.Thread(target=tell, daemon=True).start()
        server.run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
