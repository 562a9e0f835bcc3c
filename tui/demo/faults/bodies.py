"""What comes instead of the body of an answer to a generation that was carried out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from tui.demo.faults.pages import Content, error, listed, page, plain_text

JSON = "application/json"
NESTED = 100_000
DIGITS = 5_000

_CREATED = re.compile(rb'"created": ?\d+')
_LATE = "api.example | 524: A timeout occurred"
_ANSWERS: Mapping[str, tuple[int, Content]] = {
    "502": (502, error("The upstream is unavailable", "api_error", code="502")),
    "502-html": (502, "502 Bad Gateway"),
    "504-html": (504, "504 Gateway Time-out"),
    "520-html": (520, "api.example | 520: Web server is returning an unknown error"),
    "524-html": (524, _LATE),
    "524-late": (524, _LATE),
}


def changed_body(kind: str, body: bytes) -> Response | None:
    """The answer instead of the one whose JSON is `body`; None for the other faults."""
    match kind:
        case "truncated-json":
            return Response(body[: len(body) * 2 // 3], media_type=JSON)
        case "garbage":
            return plain_text("upstream said nothing that this gateway understands")
        case "empty-200":
            return Response(media_type=JSON)
        case "504-nginx":
            return page(504, "504 Gateway Time-out", server="nginx/1.27.5")
        case "nested":
            return Response(b"[" * NESTED + b"]" * NESTED, media_type=JSON)
        case "utf-16":
            return Response(body.decode().encode("utf-16"), media_type=JSON)
        case "bom":
            return Response(b"\xef\xbb\xbf" + body, media_type=JSON)
        case "invalid-utf-8":
            odd = b'{"note":"\xff\xfe\xc3(",' + body.removeprefix(b"{")
            return Response(odd, media_type=JSON)
        case "created-nan":
            return Response(_CREATED.sub(b'"created":NaN', body), media_type=JSON)
        case "created-huge":
            digits = b"9" * DIGITS
            return Response(_CREATED.sub(b'"created":' + digits, body), media_type=JSON)
    return listed(_ANSWERS, kind)
