"""What an error body says, whichever of the many envelopes it comes in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tui.api.reading import Unreadable, parse, table, text
from tui.api.reply import Reply
from tui.config import JSON
from tui.scrub import Scrubber

_WINDOW = 64 * 1024
_MAX_NESTING = 4
_MAX_DETAILS = 10
_MESSAGE_KEYS = ("message", "msg", "error_message", "error_description", "status_msg", "reason")
_INNER_KEYS = ("error", "errors", "detail", "base_resp", "ResponseMetadata", "Error")
_CODE_KEYS = ("code", "Code", "status_code", "error_code")
_TITLE = re.compile(r"<(title|h1|message)\b[^>]{0,200}>([^<]{1,500})<", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error in the server's own words; every field may be empty.

    `stage` is the moderation stage, input or output, and `categories` what was objected to.
    `is_page` is set for an HTML page, which comes from a gateway rather than from the API.
    """

    message: str = ""
    type: str = ""
    code: str = ""
    parameter: str = ""
    stage: str = ""
    categories: tuple[str, ...] = ()
    request_id: str = ""
    is_page: bool = False

    def scrubbed(self, scrubber: Scrubber) -> Complaint:
        """The same without secrets; to be done before anything is shortened."""
        return replace(
            self,
            message=scrubber.text(self.message),
            type=scrubber.text(self.type),
            code=scrubber.text(self.code),
            parameter=scrubber.text(self.parameter),
            categories=tuple(map(scrubber.text, self.categories)),
            request_id=scrubber.text(self.request_id),
        )

    def shortened(self, limit: int) -> Complaint:
        """The same with `limit` characters of each text at most."""
        return replace(
            self,
            message=self.message[:limit],
            type=self.type[:limit],
            code=self.code[:limit],
            parameter=self.parameter[:limit],
            categories=tuple(category[:limit] for category in self.categories),
            request_id=self.request_id[:limit],
        )

    @property
    def says_something(self) -> bool:
        return bool(self.message or self.type or self.code)


def read_complaint(reply: Reply) -> Complaint:
    """The error that `reply` carries; an empty complaint when it says nothing."""
    window = reply.body[:_WINDOW]
    if reply.media_type in ("text/html", "application/xhtml+xml") or _is_page(window):
        return Complaint(message=_title(window.decode("utf-8", "replace")), is_page=True)
    try:
        document = parse(reply.body)
    except Unreadable:
        return Complaint(message=_folded(window.decode("utf-8", "replace")))
    return read_document(document)


def read_document(document: JSON, depth: int = 0) -> Complaint:
    """The error in a decoded JSON body, or in the `error` of one item."""
    if depth >= _MAX_NESTING:
        return Complaint()
    if isinstance(document, str):
        return _read_text(document, depth)
    if isinstance(document, list):
        return _read_list(document, depth)
    if isinstance(document, dict):
        return _read_object(document, depth)
    return Complaint(code=text(document))


def _read_object(document: Mapping[str, JSON], depth: int) -> Complaint:
    inner = Complaint()
    for key in _INNER_KEYS:
        if document.get(key):
            inner = read_document(document[key], depth + 1)
            break
    message = next((_folded(text(document[key])) for key in _MESSAGE_KEYS if document.get(key)), "")
    outer = _read_text(message, depth) if message else Complaint()
    if not outer.message and not inner.message:
        outer = replace(outer, message=_folded(text(document.get("title"))))
    elif outer.message and inner.message and not isinstance(document.get("error"), dict | list):
        # {"error": "server_error", "message": "…"}: the short word is a type.
        inner = replace(inner, type=inner.type or inner.message, message="")
    return _merged(inner, _merged(outer, _own_fields(document)))


def _own_fields(document: Mapping[str, JSON]) -> Complaint:
    details = table(document.get("moderation_details"))
    categories = details.get("categories")
    return Complaint(
        type=_folded(text(document.get("type"))),
        code=next((_folded(text(document[key])) for key in _CODE_KEYS if document.get(key)), ""),
        parameter=_folded(text(document.get("param") or document.get("parameter"))),
        stage=_folded(text(details.get("moderation_stage") or details.get("stage"))),
        categories=tuple(filter(None, map(text, categories[:_MAX_DETAILS])))
        if isinstance(categories, list)
        else (),
        request_id=text(document.get("request_id") or document.get("requestId")),
    )


def _read_list(items: list[JSON], depth: int) -> Complaint:
    """FastAPI's list of violations, or a list of errors."""
    if not items:
        return Complaint()
    located = [item for item in items[:_MAX_DETAILS] if isinstance(item, dict) and "loc" in item]
    if not located:
        return read_document(items[0], depth + 1)
    fields = [_field_of(item["loc"]) for item in located]
    sentences = [
        f"{field}: {_folded(text(item.get('msg')))}" if field else _folded(text(item.get("msg")))
        for field, item in zip(fields, located, strict=True)
    ]
    return Complaint(
        message="; ".join(sentences),
        type=_folded(text(located[0].get("type"))),
        parameter=fields[0],
    )


def _field_of(location: JSON) -> str:
    """The innermost name in a FastAPI location such as ["body", "size"]."""
    parts = location if isinstance(location, list) else [location]
    names = [part for part in parts if isinstance(part, str) and part != "body"]
    return _folded(names[-1]) if names else ""


def _read_text(message: str, depth: int) -> Complaint:
    """`message`, unless a gateway packed another error's JSON into it."""
    start = message.find("{")
    if start >= 0:
        try:
            packed, _ = json.JSONDecoder().raw_decode(message, start)
        except (ValueError, RecursionError):
            packed = None
        if packed:
            complaint = read_document(packed, depth + 1)
            if complaint.message:
                return complaint
    return Complaint(message=_folded(message))


def _merged(first: Complaint, second: Complaint) -> Complaint:
    """Each field from `first`, or from `second` where `first` says nothing."""
    return Complaint(
        message=first.message or second.message,
        type=first.type or second.type,
        code=first.code or second.code,
        parameter=first.parameter or second.parameter,
        stage=first.stage or second.stage,
        categories=first.categories or second.categories,
        request_id=first.request_id or second.request_id,
    )


def _is_page(window: bytes | bytearray) -> bool:
    return window.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _title(page: str) -> str:
    found = _TITLE.search(page)
    return _folded(html.unescape(found[2])) if found else ""


def _folded(message: str) -> str:
    return _BLANKS.sub(" ", message).strip()
