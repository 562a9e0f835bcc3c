"""Error answers as ApiError: our sentence, the server's words, the next step."""

from __future__ import annotations

import math
import re
from typing import Literal

from tui.api.addresses import BadAddress, read_address
from tui.api.classify import charge, classify, objected_parameter
from tui.api.complaint import Complaint, read_complaint
from tui.api.errors import LOOK_FIRST, ApiError, Charged, ErrorKind
from tui.api.reply import Reply
from tui.scrub import Scrubber

_JUDGED = 4000
"""Characters of what an error says that are looked at: some expressions take time in the square of
their number, and an answer may have millions."""
_QUOTE_LIMIT = 600
_NAME_LIMIT = 100

_SENTENCES: dict[ErrorKind, str] = {
    "invalid_request": "The endpoint does not accept the request",
    "auth": "The endpoint does not accept the key",
    "no_credit": "The account has no credit left at this endpoint",
    "forbidden": "The endpoint does not allow this with this key",
    "model_not_found": "The endpoint does not offer this model now",
    "content_filter": "The content filter refused the request",
    "rate_limited": "The endpoint asks for fewer requests",
    "too_large": "The request is larger than the endpoint accepts",
    "gateway": "A gateway before the endpoint gave up",
    "server": "The endpoint failed",
    "bad_response": "The endpoint answered with something that is no result",
}
_HINTS: dict[ErrorKind, str] = {
    "invalid_request": "Change the request, then send it again.",
    "auth": "Check where this endpoint's key comes from, then send again.",
    "no_credit": "Top up the account or choose another endpoint.",
    "forbidden": "Ask the provider to allow it, or choose another model or key.",
    "model_not_found": "Look at the models the endpoint lists, or choose another.",
    "content_filter": "Change the prompt or the references, then send again.",
    "rate_limited": "Wait a little, then send again.",
    "too_large": "Use fewer or smaller references, then send again.",
    "gateway": "Check the endpoint's address and what lies between, then send again.",
    "server": "Send again later, or choose another model.",
    "bad_response": "Check that the endpoint's base_url leads to an image API.",
}
_STAGES = (
    (re.compile(r"output_?(image|text)|\boutput\b", re.IGNORECASE), "the finished picture"),
    (re.compile(r"input_?image", re.IGNORECASE), "a reference"),
    (re.compile(r"input_?text|\binput\b|\bprompt\b", re.IGNORECASE), "the prompt"),
)
_VIOLATIONS = re.compile(r"safety_violations=\[([\w/, -]{1,100})\]")


def refusal(reply: Reply, scrubber: Scrubber, *, paid: bool) -> ApiError:
    """The error that `reply` stands for; `paid` when it answers a request that costs money."""
    return refusal_of(reply, read_complaint(reply), scrubber, paid=paid)


def refusal_of(reply: Reply, complaint: Complaint, scrubber: Scrubber, *, paid: bool) -> ApiError:
    """The error of `complaint`, which was found in `reply`."""
    complaint = complaint.scrubbed(scrubber).shortened(_JUDGED)
    kind = classify(reply.status, complaint, paced=reply.retry_after is not None)
    charged = charge(reply.status, kind, complaint) if paid else "no"
    parameter = objected_parameter(complaint) if kind == "invalid_request" else ""
    return ApiError(
        kind,
        _sentence(reply, kind, complaint),
        status=reply.status,
        request_id=reply.request_id or complaint.request_id[:_NAME_LIMIT] or None,
        hint=_hint(reply, kind, charged, parameter),
        charged=charged,
        body=scrubber.body(reply.body),
        retry_after=reply.retry_after,
        parameter=parameter or None,
    )


def misunderstood(
    reply: Reply,
    scrubber: Scrubber,
    reason: str,
    *,
    paid: bool,
    kind: Literal["bad_response", "unknown_outcome"] = "bad_response",
    hint: str = "",
) -> ApiError:
    """A successful status whose body is of no use; `reason` is the whole sentence."""
    return ApiError(
        kind,
        scrubber.text(reason),
        status=reply.status,
        request_id=reply.request_id,
        hint=hint or (LOOK_FIRST if paid else _HINTS["bad_response"]),
        charged="maybe" if paid else "no",
        body=scrubber.body(reply.body),
    )


def _sentence(reply: Reply, kind: ErrorKind, complaint: Complaint) -> str:
    status = reply.status
    sentence = _SENTENCES[kind]
    if kind == "content_filter":
        sentence = _filter_sentence(complaint)
    elif 300 <= status < 400:
        sentence = f"The endpoint redirects to {_redirect_host(reply)}, which is not followed"
    elif kind == "gateway" and status == 403:
        sentence = "A firewall before the endpoint blocked the request"
    elif kind == "gateway" and status == 407:
        sentence = "The proxy wants a user name and password"
    elif status in (404, 405) and kind == "invalid_request":
        sentence = "The endpoint does not have what was asked for"
    quote = complaint.message or complaint.type or complaint.code
    if len(quote) > _QUOTE_LIMIT:
        quote = quote[: _QUOTE_LIMIT - 1] + "…"
    return f"{sentence} ({status}): “{quote}”" if quote else f"{sentence} ({status})."


def _redirect_host(reply: Reply) -> str:
    try:
        return read_address(reply.headers.get("location", "")).host
    except BadAddress:
        return "another address"


def _filter_sentence(complaint: Complaint) -> str:
    evidence = f"{complaint.stage} {complaint.code}"
    what = next((what for pattern, what in _STAGES if pattern.search(evidence)), "the request")
    categories = ", ".join(complaint.categories)
    if not categories and (found := _VIOLATIONS.search(complaint.message)):
        categories = found[1]
    return f"The content filter refused {what}" + (f" as {categories}" if categories else "")


def _hint(reply: Reply, kind: ErrorKind, charged: Charged, parameter: str) -> str:
    status = reply.status
    if charged == "maybe":
        return LOOK_FIRST
    if parameter:
        return f"Change or clear {parameter}, then send again."
    if kind == "rate_limited" and reply.retry_after:
        return f"The endpoint asks to wait {_span(reply.retry_after)}; send again after that."
    if 300 <= status < 400:
        return "Set the endpoint's base_url to where it redirects, if you trust that."
    if kind == "gateway" and status == 403:
        return "The key is not the cause: try smaller references, or another network."
    if status in (404, 405) and kind == "invalid_request":
        return "It may be gone, or the endpoint does not offer this: check base_url."
    return _HINTS[kind]


def _span(seconds: float) -> str:
    """About so long, and no less."""
    for unit, length in (("seconds", 1), ("minutes", 60)):
        if (count := max(1, math.ceil(seconds / length))) <= 120:
            return f"{count} {unit if count > 1 else unit.removesuffix('s')}"
    return f"{math.ceil(seconds / 3600)} hours"
