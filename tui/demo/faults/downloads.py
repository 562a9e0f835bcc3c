"""What comes instead of a picture's bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from tui.demo.faults import hostile_pictures, wire
from tui.demo.faults.dice import Faults
from tui.demo.faults.pages import error, object_store_error, page
from tui.demo.faults.shapes import FILE_URL, METADATA_URL, PLAIN_URL, USERINFO_URL

HOPS = 10
MISSING_BYTES = 12
SHIFT = 100

_HOP = "hop"
_BREAKS = "download-breaks"
_WRONG_RANGES = frozenset(
    {"download-range-ignored", "download-range-shifted", "download-range-changed"}
)
_LINKS: Mapping[str, str] = {
    "download-redirect-http": PLAIN_URL,
    "download-redirect-metadata": METADATA_URL,
    "download-redirect-file": FILE_URL,
    "download-redirect-userinfo": USERINFO_URL,
}
_RANGE = re.compile(r"bytes=(\d{1,12})-\d{0,12}")


@dataclass(frozen=True, slots=True)
class Download:
    """A request for the picture in the file `path`; `elsewhere` is its link on another origin."""

    request: Request
    path: Path
    media_type: str
    elsewhere: str


def changed_download(kind: str, download: Download, faults: Faults) -> Response | None:
    """The answer of a download's fault; None where the picture comes as it is.

    It reads the file: call it in a thread. Raises OSError.
    """
    return (
        _redirect(kind, download)
        or _error(kind, download, faults)
        or _broken(kind, download, faults)
        or _content(kind, download, faults)
    )


def _redirect(kind: str, download: Download) -> Response | None:
    url = download.request.url
    hops = download.request.query_params.get(_HOP, "0")
    if kind in _LINKS:
        return RedirectResponse(_LINKS[kind])
    match kind:
        case "download-redirect-nowhere":
            return Response(status_code=302)
        case "download-redirect-loop":
            return RedirectResponse(url, 302)
        case "download-redirect" if hops == "0":
            target = URL(download.elsewhere).include_query_params(**{_HOP: 1})
            return RedirectResponse(target, 302)
        case "download-redirect-chain" if hops.isdecimal() and int(hops) < HOPS:
            return RedirectResponse(url.include_query_params(**{_HOP: int(hops) + 1}), 302)
    return None


def _error(kind: str, download: Download, faults: Faults) -> Response | None:
    match kind:
        case "download-403":
            return _expired()
        case "download-403-once":
            # It is the link that has expired, not the picture.
            expires = download.request.query_params.get("expires")
            name = download.path.name
            return _expired() if faults.first_seen(kind, name, expires) == expires else None
        case "download-404":
            return object_store_error(404, "NoSuchKey", "The specified key does not exist.")
        case "download-503-once" if faults.first_time(kind, download.path.name):
            return JSONResponse(error("Please slow down", "api_error", code="503"), 503)
        case "download-html":
            return page(200, "Sign in to continue")
    return None


def _expired() -> Response:
    return object_store_error(403, "AccessDenied", "Request has expired")


def _broken(kind: str, download: Download, faults: Faults) -> Response | None:
    if kind != _BREAKS and kind not in _WRONG_RANGES:
        return None
    path = download.path
    whole = FileResponse(path, media_type=download.media_type, stat_result=path.stat())
    picture = path.read_bytes()
    if asked := _RANGE.fullmatch(download.request.headers.get("range", "")):
        return _wrong_range(kind, picture, int(asked[1]), whole)
    if not faults.first_time(kind, path.name):
        return None
    return wire.cut_file(whole.raw_headers, picture[: len(picture) // 2])


def _wrong_range(kind: str, picture: bytes, start: int, whole: FileResponse) -> Response | None:
    etag = whole.headers["etag"]
    content = picture[start:]
    match kind:
        case "download-range-ignored":
            return Response(picture, headers={"etag": etag}, media_type=whole.media_type)
        case "download-range-shifted":
            start += SHIFT
            content = picture[start:]
        case "download-range-changed":
            etag = '"changed"'
            content = bytes(255 - byte for byte in content)
        case _:
            return None
    told = f"bytes {start}-{len(picture) - 1}/{len(picture)}"
    headers = {"etag": etag, "content-range": told}
    return Response(content, 206, headers, whole.media_type)


def _content(kind: str, download: Download, faults: Faults) -> Response | None:
    media_type = download.media_type
    match kind:
        case "download-not-image":
            return Response(b'{"status":"ok"}', media_type=media_type)
        case "download-svg":
            return Response(hostile_pictures.SVG, media_type=media_type)
        case "download-eps":
            return Response(hostile_pictures.EPS, media_type=media_type)
        case "download-gif":
            return Response(hostile_pictures.gif(), media_type="image/gif")
        case "download-huge-png":
            return Response(hostile_pictures.huge_png(), media_type="image/png")
        case "download-escapes":
            return Response(hostile_pictures.telling_png(), media_type="image/png")
    picture = download.path.read_bytes()
    match kind:
        case "download-truncated":
            return Response(picture[: len(picture) // 2], media_type=media_type)
        case "download-short":
            return Response(picture[:-MISSING_BYTES], media_type=media_type)
        case "download-wrong-type":
            return Response(picture, media_type="application/octet-stream")
    answer = wire.Answer(picture, media_type, b"\0", faults.drip_seconds)
    return wire.befallen(kind.removeprefix("download-"), answer)
