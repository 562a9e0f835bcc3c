"""The names of the faults, each with its one line.

A name without a prefix is played by POST /v1/images/generations; "list-", "content-", "delete-"
and "models-" by the other routes, "download-" by every route that sends a picture's bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Operation = Literal["generate", "list", "content", "download", "delete", "models"]

WIRE: Mapping[str, str] = {
    "reset": "The connection is reset",
    "close": "The connection is closed without an answer",
    "hang": "No answer comes, and the connection stays open",
    "cut-length": "Half of the body comes, less than its length says",
    "cut-chunk": "The connection is closed in the middle of a chunk",
    "cut-unsized": "Half of the body comes, and it has no length",
    "cut-reset": "The connection is reset in the middle of the body",
    "drip": "The body comes byte by byte and has no end",
    "drip-header": "The header comes byte by byte and has no end",
    "endless": "The body has no end",
    "large": "The body has 200 MB",
    "gzip-bomb": "The body is gzip that unpacks to 512 MiB",
    "gzip-broken": "The body is said to be gzip, and is not",
    "length-long": "The body is whole; its Content-Length says more",
    "length-short": "The body is whole; its Content-Length says less",
    "length-twice": "Two lines of Content-Length differ",
    "length-odd": "The Content-Length is no number",
    "chunk-odd": "The size of a chunk is no number",
    "chunk-huge": "A chunk says that it has 16 EiB",
    "header-long": "A line of the header has 1 MB",
    "not-http": "The answer is not HTTP",
}
"""What can become of an answer on its way; the operation has been carried out."""

_LISTING_WIRE = (
    "reset",
    "close",
    "hang",
    "cut-length",
    "drip",
    "endless",
    "large",
    "gzip-bomb",
    "not-http",
)

_SHAPES = {
    "ok-url": "Pictures come as URLs, whatever response_format says.",
    "ok-b64": "Pictures come as base64, whatever response_format says.",
    "b64-prefix": "The base64 begins as a data URL does.",
    "b64-lines": "The base64 is broken into lines.",
    "b64-no-padding": "The base64 has no padding.",
    "b64-garbage": "The base64 has characters that are none of base64's.",
    "url-is-base64": "`url` holds the picture itself as bare base64.",
    "url-data": "`url` holds the picture itself as a data URL.",
    "url-relative": "`url` is a path on the API's own origin, and needs the key.",
    "url-filepath": "`url` is the path of a file on the server's disk.",
    "url-and-b64": "Each item has both `url` and `b64_json`.",
    "url-empty": "`url` is an empty text.",
    "url-file": "`url` is file:///etc/passwd.",
    "url-javascript": "`url` is a script.",
    "url-schemeless": "`url` names a host, and no scheme.",
    "url-http": "`url` is plain http on another host.",
    "url-metadata": "`url` is a cloud's metadata address, 169.254.169.254.",
    "url-decimal": "`url` is the loopback address written as one number.",
    "url-userinfo": "`url` has a user name before another host.",
    "url-homograph": "`url` has a host in letters that look like others.",
    "url-long": "`url` has 3,000 characters.",
    "size-ignored": "The picture is 768×768, whatever size was asked for.",
    "count-ignored": "One picture comes, whatever number was asked for.",
    "extra-items": "Two pictures more than asked for come.",
    "partial": "The last picture failed: its item holds an error.",
    "partial-first": "The first picture failed: its item holds an error.",
    "item-empty": "The items have neither `url` nor `b64_json`.",
    "item-null": "The items are null.",
    "item-text": "The items are URLs themselves, not objects.",
    "images-key": "The pictures are in `images`, not in `data`.",
    "data-null": "`data` is null.",
    "data-missing": "There is no `data`.",
    "openai-extras": "OpenAI's further fields come, as revised_prompt.",
    "usage-odd": "`usage` holds texts, fractions and less than nothing.",
    "created-text": "`created` is a text.",
    "created-nan": "`created` is NaN, which JSON does not have.",
    "created-huge": "`created` is a number of 5,000 digits.",
    "escapes-200": "The model's name and the usage command the terminal.",
    "slow": "The generation takes two and a half minutes longer.",
}

_NOTHING_MADE = {
    "data-empty": "`data` is empty, as after a silent refusal; nothing is made.",
    "error-in-200": "The body is an error with status 200; nothing is made.",
    "async-task": "The body is a task to ask for later; nothing is made.",
    "async-202": "202: a task to ask for later; nothing is made.",
    "portal-200": "A captive portal's HTML page with status 200; nothing is made.",
    "redirect-301": "301 to the same path on another origin.",
    "redirect-302": "302 to the same path on another origin.",
    "redirect-303": "303 to the same path on another origin.",
    "redirect-307": "307 to the same path on another origin.",
    "redirect-308": "308 to the same path on another origin.",
    "reset-early": "The connection is reset before anything is made.",
    "close-early": "The connection is closed before anything is made.",
}

_REFUSALS = {
    "size-400": "400: the size is too small, as Ark says it.",
    "size-tier-400": "400: the model has no such size, as Ark says it.",
    "size-choice-400": "400: the size is none of those there are.",
    "moderation-400": "400: the content filter refuses, as OpenAI says it.",
    "moderation-422": "422: the content filter refuses, wrapped twice.",
    "ark-prompt-400": "400: the prompt is refused, as Ark says it.",
    "ark-reference-400": "400: the reference is refused, as Ark says it.",
    "ark-privacy-400": "400: the reference shows a person, as Ark says it.",
    "ark-picture-400": "400: the picture is refused, as Ark says it.",
    "ark-risk-400": "400: the prompt is a risk, as Ark says it.",
    "kling-1301-400": "400: the content filter refuses, as Kling says it.",
    "gemini-safety-400": "400: the content filter refuses, as Gemini says it.",
    "unknown-parameter-400": "400: the request's last parameter is unknown.",
    "litellm-400": "400: no such parameter, as LiteLLM says it.",
    "reference-400": "400: the reference's URL cannot be reached.",
    "billing-400": "400: the spending limit, as OpenAI says it.",
    "credits-400": "400: no credits; `error` is a text.",
    "message-400": "400: an object with `message` alone.",
    "msg-400": "400: an object with `msg` alone.",
    "detail-400": "400: an object with `detail` alone.",
    "code-400": "400: an object with `code` and `message`.",
    "success-400": "400: an object with `success` and `message`.",
    "plain-400": "400: plain text.",
    "empty-400": "400: no body.",
    "escapes-400": "400: the error's texts command the terminal.",
    "markup-400": "400: the error's texts look like markup.",
    "bidi-400": "400: the error's texts turn the way of writing.",
    "long-400": "400: the message is one line of 1 MB.",
    "lines-400": "400: the message has 10,000 lines.",
    "401": "401: the key is not good.",
    "402": "402: no balance.",
    "403-frozen": "403: the key is frozen.",
    "403-model": "403: the key may not use the model.",
    "403-overdue": "403: the account is overdue, as Ark says it.",
    "403-waf-html": "403: a firewall's HTML page.",
    "404-model": "404: no such model.",
    "413-html": "413: the body is too large, as a proxy's HTML page.",
    "413-text": "413: the body is too large, as plain text.",
    "422-detail": "422: what is wrong, by field, as FastAPI says it.",
    "500-model": "500: the model is not active.",
    "503-model": "503: no provider has the model; the API's envelope.",
    "503-detail": "503: no provider available, in FastAPI's shape.",
    "503-retry-after": "503: overloaded, come back in two seconds.",
}

_RATE_LIMITS = {
    "429": "429: too many requests; no word on when to retry.",
    "429-once": "429: once for each key or prompt; then it works.",
    "429-retry-after": "429: come back in two seconds.",
    "429-retry-after-date": "429: come back at a time, two seconds ahead.",
    "429-retry-after-past": "429: come back at a time that has gone by.",
    "429-retry-after-ms": "429: come back in two seconds, in retry-after-ms.",
    "429-retry-after-long": "429: come back in 200 seconds.",
    "429-retry-after-negative": "429: come back in -1 seconds.",
    "429-retry-after-nan": "429: come back in NaN seconds.",
    "429-retry-after-infinite": "429: come back in 1e400 seconds.",
    "429-retry-after-words": "429: come back soon.",
    "429-limit-0": "429: there is no quota at all, as Gemini says it.",
    "429-kling-1303": "429: too many requests, as Kling says it.",
    "429-zai-1305": "429: too busy, as Z.ai says it.",
    "429-no-credit": "429: no balance, in the clothes of a rate limit.",
    "429-kling-1102": "429: the balance is used up, as Kling says it.",
}

_LOST = {
    "500": "500: OpenAI's older shape; a failed record is kept.",
    "502": "502: the API's own envelope; the picture was made.",
    "502-html": "A gateway's HTML page; the picture was made.",
    "504-html": "A load balancer's HTML page; the picture was made.",
    "504-nginx": "nginx's HTML page; the picture was made.",
    "520-html": "Cloudflare's page for an odd answer; the picture was made.",
    "524-html": "A gateway's page after a timeout; the picture was made.",
    "524-late": "The same two and a half minutes later; the picture was made.",
    "truncated-json": "The JSON breaks off in the middle; the picture was made.",
    "garbage": "The body is text where JSON should be; the picture was made.",
    "empty-200": "The body is empty; the picture was made.",
    "nested": "The body is 100,000 nested arrays; the picture was made.",
    "utf-16": "The JSON is UTF-16; the picture was made.",
    "bom": "The JSON begins with a byte order mark.",
    "invalid-utf-8": "The JSON has bytes that are no UTF-8; the picture was made.",
}

_STREAMS = {
    "sse-openai": "Events are OpenAI's: previews, then the picture as base64.",
    "sse-unasked": "Events come although the request did not ask for a stream.",
    "sse-comment": "Comments, blank lines, CR LF, and data in several lines.",
    "sse-bare": "Events have no names, only the `type` in their data.",
    "sse-garbage": "The data of the events is no JSON.",
    "sse-cut": "The connection breaks after the first picture.",
    "sse-no-end": "The stream ends after the first picture, as if it were all.",
    "sse-stall": "Nothing comes after the first picture, and no end.",
    "sse-error": "An error event follows the first picture, and is the last.",
}

_BESIDES = {
    "forgets-idempotency": "Idempotency-Key means nothing.",
}

_LISTING = {
    "list-401": "The listing answers 401.",
    "list-404": "The listing does not exist.",
    "list-405": "The listing is not allowed.",
    "list-429": "The listing answers 429.",
    "list-500": "The listing answers 500.",
    "list-garbage": "The listing is text where JSON should be.",
    "list-three-pages": "The listing has 50 invented records, some of them failed.",
    "list-no-urls": "No record has a URL.",
    "list-odd": "Records lack fields, or have other types in them.",
    "list-forever": "The listing says that there is more, without end.",
}

_CONTENT = {
    "content-404": "The record is not found.",
    "content-not-ready": "The picture is not ready.",
    "content-cross-origin-302": "The link is on another origin, which refuses keys.",
    "content-metadata": "The link is a cloud's metadata address.",
    "content-file": "The link is file:///etc/passwd.",
}

_DELETE = {
    "delete-404": "The record to delete is not found.",
    "delete-405": "Records cannot be deleted.",
    "delete-500": "Deleting answers 500; the record stays.",
    "delete-kept": "The answer says that nothing was deleted.",
}

_MODELS = {
    "models-401": "The list of models answers 401.",
    "models-404": "The list of models does not exist.",
    "models-empty": "The list of models is empty.",
    "models-html": "The list of models is an HTML page.",
    "models-bare": "The models have nothing but their ids.",
}

_DOWNLOADS = {
    "download-403": "The picture's link has expired.",
    "download-403-once": "The first link has expired; a fresh one works.",
    "download-404": "The picture is gone.",
    "download-503-once": "503, once for each picture; then it comes.",
    "download-html": "An HTML login page comes with status 200.",
    "download-not-image": "JSON comes with the type of a picture.",
    "download-truncated": "Half of the picture comes, as if it were all.",
    "download-short": "The last bytes are missing; the Content-Length fits.",
    "download-wrong-type": "The picture comes as application/octet-stream.",
    "download-breaks": "It breaks off once in the middle; Range works.",
    "download-range-ignored": "The same; Range is answered with all of it.",
    "download-range-shifted": "The same; Range is answered with another range.",
    "download-range-changed": "The same; Range is answered from a changed picture.",
    "download-svg": "SVG comes with the type of a picture.",
    "download-eps": "EPS comes with the type of a picture.",
    "download-gif": "A GIF of 1,500 frames comes.",
    "download-huge-png": "A PNG of 30,000×30,000 pixels in a small file comes.",
    "download-escapes": "A PNG comes whose texts command the terminal.",
}

_REDIRECTS = {
    "download-redirect": "302 to the picture on another origin.",
    "download-redirect-chain": "Ten redirects lead to the picture.",
    "download-redirect-loop": "The redirect leads to itself.",
    "download-redirect-nowhere": "302 without a Location.",
    "download-redirect-http": "302 to plain http on another host.",
    "download-redirect-metadata": "302 to a cloud's metadata address.",
    "download-redirect-file": "302 to file:///etc/passwd.",
    "download-redirect-userinfo": "302 to a user name before another host.",
}


def _on(prefix: str, kinds: tuple[str, ...] = tuple(WIRE)) -> dict[str, str]:
    return {f"{prefix}-{kind}": f"{WIRE[kind]}." for kind in kinds}


GROUPS: Mapping[str, Mapping[str, str]] = {
    "Generations: shapes of a success": _SHAPES,
    "Generations: nothing is made": _NOTHING_MADE,
    "Generations: refusals, nothing is made": _REFUSALS,
    "Generations: rate limits, nothing is made": _RATE_LIMITS,
    "Generations: the picture is made, the answer is lost": _LOST,
    "Generations: the picture is made, the network fails": {
        kind: f"{meaning}." for kind, meaning in WIRE.items()
    },
    "Generations as streams of events": _STREAMS,
    "Generations: beside another fault": _BESIDES,
    "The listing of records": _LISTING | _on("list", _LISTING_WIRE),
    "A record's content": _CONTENT,
    "Deleting a record": _DELETE,
    "The list of models": _MODELS,
    "A picture's bytes": _DOWNLOADS,
    "A picture's bytes, the network fails": _on("download"),
    "A picture's link leads elsewhere": _REDIRECTS,
}
"""Headings, and under each the faults with what they are."""

KINDS: Mapping[str, str] = {
    kind: meaning for group in GROUPS.values() for kind, meaning in group.items()
}

ALONGSIDE = frozenset(_BESIDES)
"""Faults that are played as well as the one that the dice choose."""

NO_STREAMS = frozenset({*_LOST, *WIRE})
"""Faults of an answer that is whole: with them nothing is sent as a stream."""

STREAMS = frozenset(_STREAMS)
"""Faults of streams: with them every model takes `stream` and `partial_images`."""


def operation_of(kind: str) -> Operation:
    """The operation that plays the fault."""
    prefixes: tuple[Operation, ...] = ("list", "content", "download", "delete", "models")
    for prefix in prefixes:
        if kind.startswith(f"{prefix}-"):
            return prefix
    return "generate"
