"""What faults answer with: JSON, pages of HTML, and the XML of an object store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

Content = Mapping[str, Any] | str
"""A JSON object, or the title of an HTML page."""


def error(message: str, kind: str, **more: Any) -> dict[str, Any]:
    """An error in the API's own envelope."""
    return {"error": {"message": message, "type": kind, "param": None, **more}}


BAD_KEY = error("Invalid API key or token provided", "invalid_api_key", code="401")
TOO_MANY = error("Rate limit reached. Please slow down.", "rate_limit_error", code="429")
NOT_FOUND = error("Not found", "not_found_error", code="404")
NOT_ALLOWED = {"detail": "Method Not Allowed"}
SERVER_ERROR = {"error": "server_error", "message": "The server had an error. Try again later."}


def listed(answers: Mapping[str, tuple[int, Content]], kind: str) -> Response | None:
    """The answer that a table has for `kind`, if it has one."""
    if kind not in answers:
        return None
    status, content = answers[kind]
    return page(status, content) if isinstance(content, str) else JSONResponse(content, status)


def page(status: int, title: str, *, server: str = "") -> Response:
    """A page of HTML; `server` signs it, as nginx does."""
    html = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title>"
        "<style>body { font-family: sans-serif }</style></head>\n"
        f"<body><center><h1>{title}</h1></center><hr><center>{server}</center></body></html>\n"
    )
    return Response(html, status, media_type="text/html")


def plain_text(text: str, status: int = 200) -> Response:
    """Plain text."""
    return PlainTextResponse(text, status)


def object_store_error(status: int, code: str, message: str) -> Response:
    """An error in the XML of an object store."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Response(xml, status, media_type="application/xml")
