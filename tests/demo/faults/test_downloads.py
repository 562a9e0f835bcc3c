"""A picture's bytes, and what comes instead of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.demo.faults.conftest import Demo, noise
from tests.demo.faults.exchange import Came, came
from tui.demo.faults import KINDS
from tui.demo.faults.kinds import WIRE
from tui.demo.records import Record

Check = Callable[["Picture"], None]


class Picture:
    """A kept picture, asked for with a fault."""

    def __init__(self, demo: Demo, kind: str) -> None:
        self.demo = demo
        self.kind = kind
        self.content = noise()
        self.record: Record = demo.keep(self.content)
        self.link = demo.link(self.record)

    def get(self, url: str | None = None, **headers: str) -> httpx.Response:
        return httpx.get(url or self.link, headers={"X-Fault": self.kind, **headers})

    def came(self) -> Came:
        return came(self.link, headers={"X-Fault": self.kind})


def store_error(status: int, code: str) -> Check:
    def check(picture: Picture) -> None:
        for _ in range(2):
            answer = picture.get()
            assert answer.status_code == status
            assert f"<Error><Code>{code}</Code>" in answer.text

    return check


def first_link_expired(picture: Picture) -> None:
    assert [picture.get().status_code for _ in range(2)] == [403, 403]
    about = picture.demo.get(f"/v1/images/{picture.record.id}/content", format="url").json()
    assert picture.get(about["url"]).content == picture.content


def once_busy(picture: Picture) -> None:
    assert [picture.get().status_code for _ in range(3)] == [503, 200, 200]


def login_page(picture: Picture) -> None:
    answer = picture.get()
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


def as_png(begin: bytes) -> Check:
    """Something else comes, and is said to be a picture."""

    def check(picture: Picture) -> None:
        answer = picture.get()
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(begin)

    return check


def shortened(to: Callable[[int], int]) -> Check:
    """Not all comes, and its length says that it is all."""

    def check(picture: Picture) -> None:
        answer = picture.came()
        assert answer.body == picture.content[: to(len(picture.content))]
        assert int(answer.one("content-length")) == len(answer.body)

    return check


def another_type(picture: Picture) -> None:
    answer = picture.get()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content == picture.content


def broken_off(picture: Picture) -> tuple[int, str]:
    """How much came before it broke off, and the ETag."""
    half = picture.came()
    assert int(half.one("content-length")) == len(picture.content)
    assert half.body == picture.content[: len(picture.content) // 2]
    assert half.one("accept-ranges") == "bytes"
    # It breaks off only once.
    assert picture.get().content == picture.content
    return len(half.body), half.one("etag")


def resumed(picture: Picture) -> None:
    start, etag = broken_off(picture)
    rest = picture.get(**{"Range": f"bytes={start}-", "If-Range": etag})
    assert (rest.status_code, rest.content) == (206, picture.content[start:])
    size = len(picture.content)
    assert rest.headers["content-range"] == f"bytes {start}-{size - 1}/{size}"
    assert rest.headers["etag"] == etag


def range_ignored(picture: Picture) -> None:
    start, etag = broken_off(picture)
    answer = picture.get(Range=f"bytes={start}-")
    assert (answer.status_code, answer.content) == (200, picture.content)
    assert answer.headers["etag"] == etag


def range_shifted(picture: Picture) -> None:
    start, etag = broken_off(picture)
    answer = picture.get(Range=f"bytes={start}-")
    assert answer.status_code == 206
    assert answer.headers["content-range"].startswith(f"bytes {start + 100}-")
    assert answer.content == picture.content[start + 100 :]
    assert answer.headers["etag"] == etag


def range_changed(picture: Picture) -> None:
    start, etag = broken_off(picture)
    answer = picture.get(Range=f"bytes={start}-")
    assert answer.status_code == 206
    assert answer.headers["content-range"].startswith(f"bytes {start}-")
    assert answer.headers["etag"] != etag
    assert len(answer.content) == len(picture.content) - start
    assert answer.content != picture.content[start:]


def other_origin(picture: Picture) -> None:
    answer = picture.get()
    target = httpx.URL(answer.headers["location"])
    assert (answer.status_code, target.host) == (302, "localhost")
    assert picture.get(str(target)).content == picture.content


def chain(picture: Picture) -> None:
    with httpx.Client(headers={"X-Fault": picture.kind}, follow_redirects=True) as client:
        answer = client.get(picture.link)
    assert len(answer.history) == 10
    assert answer.content == picture.content


def loop(picture: Picture) -> None:
    answer = picture.get()
    assert (answer.status_code, answer.headers["location"]) == (302, picture.link)


def nowhere(picture: Picture) -> None:
    answer = picture.get()
    assert answer.status_code == 302
    assert "location" not in answer.headers


def to(target: str) -> Check:
    def check(picture: Picture) -> None:
        answer = picture.get()
        assert answer.is_redirect
        assert answer.headers["location"].startswith(target)

    return check


def animation(picture: Picture) -> None:
    with Image.open(BytesIO(picture.get().content)) as image:
        assert (image.format, getattr(image, "n_frames", 1)) == ("GIF", 1_500)


def huge(picture: Picture) -> None:
    content = picture.get().content
    assert len(content) < 200_000
    # Width and height stand behind the signature and the name of the first chunk.
    assert struct.unpack(">II", content[16:24]) == (30_000, 30_000)
    with pytest.raises(Image.DecompressionBombError), Image.open(BytesIO(content)):
        pass


def telling(picture: Picture) -> None:
    with Image.open(BytesIO(picture.get().content)) as image:
        image.load()
        assert "\x1b]52;" in image.info["parameters"]
        assert "[@click=app.quit]" in image.info["prompt"]


CHECKS: dict[str, Check] = {
    "download-403": store_error(403, "AccessDenied"),
    "download-403-once": first_link_expired,
    "download-404": store_error(404, "NoSuchKey"),
    "download-503-once": once_busy,
    "download-html": login_page,
    "download-not-image": as_png(b'{"status"'),
    "download-truncated": shortened(lambda length: length // 2),
    "download-short": shortened(lambda length: length - 12),
    "download-wrong-type": another_type,
    "download-breaks": resumed,
    "download-range-ignored": range_ignored,
    "download-range-shifted": range_shifted,
    "download-range-changed": range_changed,
    "download-redirect": other_origin,
    "download-redirect-chain": chain,
    "download-redirect-loop": loop,
    "download-redirect-nowhere": nowhere,
    "download-redirect-http": to("http://images.invalid/"),
    "download-redirect-metadata": to("http://169.254.169.254/"),
    "download-redirect-file": to("file:///etc/passwd"),
    "download-redirect-userinfo": to("https://user@images.invalid/"),
    "download-svg": as_png(b"<svg"),
    "download-eps": as_png(b"%!PS"),
    "download-gif": animation,
    "download-huge-png": huge,
    "download-escapes": telling,
}


@pytest.mark.parametrize("kind", CHECKS)
def test_a_download_is_not_what_it_should_be(demo: Demo, kind: str) -> None:
    CHECKS[kind](Picture(demo, kind))


def test_all_that_downloads_can_meet_is_shown() -> None:
    downloads = {kind for kind in KINDS if kind.startswith("download-")}
    assert downloads == {*CHECKS, *(f"download-{kind}" for kind in WIRE)}


def test_content_as_binary_is_a_download_too(demo: Demo) -> None:
    path = f"/v1/images/{demo.keep().id}/content"
    answer = demo.get(path, "download-html", format="binary")
    assert answer.headers["content-type"].startswith("text/html")


def test_a_link_plays_the_downloads_of_the_request_that_it_came_with(demo: Demo) -> None:
    (item,) = demo.generate("ok-url", "download-html").json()["data"]
    assert httpx.get(item["url"]).headers["content-type"].startswith("text/html")
    (item,) = demo.generate("ok-url").json()["data"]
    assert httpx.get(item["url"]).headers["content-type"] == "image/png"
