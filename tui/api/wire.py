"""The wire format: request bodies written, response bodies read.

Bodies are read field by field rather than into one strict type: a picture that was paid for must
not be lost because `created` came as text.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

import msgspec

from tui.api.complaint import read_complaint, read_document
from tui.api.errors import ApiError
from tui.api.pictures import BadPicture, absolute_url, error_words, read_picture
from tui.api.reading import Unreadable, integer, moment, parse, table, text
from tui.api.refusals import misunderstood, refusal_of
from tui.api.reply import Reply
from tui.api.results import (
    GeneratedImage,
    Generation,
    Record,
    RecordPage,
    ReferenceImage,
    RemoteModel,
)
from tui.config import JSON, EndpointSettings
from tui.scrub import Scrubber
from tui.text import storable

MAX_IMAGES = 64
_MAX_RECORDS = 1000
_MAX_MODELS = 10_000
_TASK_KEYS = ("task_id", "taskId", "job_id", "request_id", "id")
_TASK_STATES = frozenset(
    "accepted created in_progress in_queue pending processing queued running starting submitted"
    " throttled".split()
)


class UnfitRequest(Exception):
    """A request that cannot be written for this endpoint; the text is a sentence."""


def request_body(
    settings: EndpointSettings,
    model: str,
    prompt: str,
    parameters: Mapping[str, JSON],
    references: Sequence[ReferenceImage],
) -> bytes:
    """The JSON body of POST /images/generations. Raises UnfitRequest.

    What the endpoint's settings add gives way to `parameters`, which are what the user chose.
    """
    body: dict[str, object] = {"model": model, "prompt": prompt}
    if settings.response_format != "omit":
        body["response_format"] = settings.response_format
    body |= settings.extra
    body |= parameters
    if references:
        written = [_reference(reference, settings) for reference in references]
        body[settings.image_field] = written[0] if len(written) == 1 else written
    body |= {"model": model, "prompt": prompt}
    try:
        return msgspec.json.encode(_storable(body))
    except (TypeError, ValueError, RecursionError) as error:
        raise UnfitRequest(
            f"A parameter cannot be written as JSON ({type(error).__name__})."
        ) from None


def _reference(reference: ReferenceImage, settings: EndpointSettings) -> str:
    if reference.data is None:
        return reference.url or ""
    if settings.image_encoding == "url":
        raise UnfitRequest("This endpoint takes references by address only, not from a file.")
    encoded = base64.b64encode(reference.data).decode("ascii")
    if settings.image_encoding == "base64":
        return encoded
    return f"data:{reference.media_type or 'image/png'};base64,{encoded}"


def _storable(value: object) -> object:
    """`value` without lone surrogates, which UTF-8 cannot carry."""
    if isinstance(value, str):
        # A reference is megabytes of ASCII, which the check answers at once.
        return value if value.isascii() else storable(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value


def record_path(record_id: str) -> str:
    """`record_id` as one segment of a path. Raises UnfitRequest for one that is none."""
    if not record_id.strip(".") or len(record_id) > 512:
        raise UnfitRequest("This is not the id of a record.")
    return quote(storable(record_id), safe="")


def read_generation(reply: Reply, base_url: str, scrubber: Scrubber) -> Generation:
    """The generation in a reply of status 2xx. Raises ApiError when it holds no picture.

    `base_url` is what relative addresses are relative to.
    """
    document = _document(reply, scrubber, paid=True)
    body = table(document)
    items = _items(body)
    images = tuple(read_picture(item, base_url, scrubber) for item in items[:MAX_IMAGES])
    if not any(image.url or image.data for image in images):
        raise _without_picture(reply, document, items, images, scrubber)
    if body.get("error"):
        images = (*images, GeneratedImage(error=error_words(body["error"], scrubber)))
    return Generation(
        created=moment(body.get("created")),
        served_by=text(body.get("model")) or None,
        images=images,
        usage=_usage(body.get("usage")),
        request_id=reply.request_id or scrubber.text(text(body.get("request_id")))[:200] or None,
    )


def _document(reply: Reply, scrubber: Scrubber, *, paid: bool) -> JSON:
    """The body as JSON. A document that parses is whole, whatever became of the connection."""
    with suppress(Unreadable):
        return parse(reply.body)
    kind: Literal["bad_response", "unknown_outcome"] = "bad_response"
    complaint = read_complaint(reply)
    if reply.ending == "oversized":
        reason = "The answer is larger than any answer should be."
    elif reply.ending == "cut":
        reason = "The connection broke in the middle of the answer."
    elif reply.ending == "late":
        reason = "The answer did not end in the time allowed."
    elif complaint.is_page:
        title = f" titled “{complaint.message}”" if complaint.message else ""
        reason = f"The endpoint answered with a web page{title} instead of a result."
    else:
        reason = "The endpoint's answer cannot be read: it is not JSON."
    if paid and reply.ending in ("cut", "late"):
        kind = "unknown_outcome"
    raise misunderstood(reply, scrubber, reason, paid=paid, kind=kind)


def _items(body: Mapping[str, JSON]) -> list[JSON]:
    for key in ("data", "images"):
        value = body.get(key)
        if isinstance(value, list) and value:
            return value
        if isinstance(value, dict) and (value.get("url") or value.get("b64_json")):
            return [value]
    return []


def _usage(value: JSON) -> dict[str, int]:
    counters = ((text(name), integer(count)) for name, count in table(value).items())
    return {name[:100]: count for name, count in counters if name and count is not None}


def _without_picture(
    reply: Reply,
    document: JSON,
    items: Sequence[JSON],
    images: Sequence[GeneratedImage],
    scrubber: Scrubber,
) -> ApiError:
    body = table(document)
    for holder in (body, *map(table, items)):
        if holder.get("error"):
            return refusal_of(reply, read_document(dict(holder)), scrubber, paid=True)
    if task := _task(body):
        return misunderstood(
            reply,
            scrubber,
            f"This endpoint answers with a task ({scrubber.text(task)[:100]}) to ask about later,"
            " which Darkroom does not do.",
            paid=True,
            hint="The task may still be charged; choose an endpoint that answers with pictures.",
        )
    if images:
        return misunderstood(
            reply, scrubber, f"No picture can be used: {images[0].error}.", paid=True
        )
    if "data" in body or "images" in body:
        return misunderstood(
            reply, scrubber, "The endpoint answered without a picture.", paid=True,
            hint="Often a silent refusal. It may be charged: look in the library, then change"
            " the prompt.",
        )  # fmt: skip
    complaint = read_document(document) if body else None
    if complaint is not None and complaint.says_something:
        return refusal_of(reply, complaint, scrubber, paid=True)
    return misunderstood(reply, scrubber, "The endpoint's answer holds no pictures.", paid=True)


def _task(body: Mapping[str, JSON]) -> str:
    """The id of the task that an asynchronous endpoint answers with; empty when there is none."""
    data = body.get("data")
    first = data[0] if isinstance(data, list) and data else data
    for holder in (body, table(first), table(body.get("output"))):
        waits = text(holder.get("status") or holder.get("state")).lower() in _TASK_STATES
        for key in _TASK_KEYS if waits else _TASK_KEYS[:3]:
            if task := text(holder.get(key)):
                return task
    return ""


def read_records(reply: Reply, base_url: str, scrubber: Scrubber) -> RecordPage:
    """The page in the reply to GET /images. Raises ApiError."""
    body = table(_document(reply, scrubber, paid=False))
    data = body.get("data")
    if not isinstance(data, list):
        raise misunderstood(
            reply, scrubber, "The endpoint's list of records cannot be read.", paid=False
        )
    records = tuple(_records(data[:_MAX_RECORDS], base_url, scrubber))
    return RecordPage(
        records=records,
        has_more=body.get("has_more") is True and bool(records),
        first_id=text(body.get("first_id")) or (records[0].id if records else None),
        last_id=text(body.get("last_id")) or (records[-1].id if records else None),
    )


def _records(items: Sequence[JSON], base_url: str, scrubber: Scrubber) -> Iterator[Record]:
    for item in map(table, items):
        if not (record_id := text(item.get("id"))):
            continue
        try:
            url = text(item.get("url")).strip()
            absolute = absolute_url(url, base_url) if url else None
        except BadPicture:
            absolute = None
        yield Record(
            id=record_id,
            status=text(item.get("status")),
            model=text(item.get("model")),
            prompt=text(item.get("prompt")),
            created=moment(item.get("created_at", item.get("created"))) or _UNKNOWN_TIME,
            url=absolute,
            error=error_words(item["error"], scrubber) if item.get("error") else None,
        )


_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)


def read_content_url(reply: Reply, base_url: str, scrubber: Scrubber) -> str:
    """The address in the reply to GET /images/{id}/content: in JSON, or as a redirect.

    Raises ApiError.
    """
    url = reply.headers.get("location", "")
    if reply.status < 300:
        url = text(table(_document(reply, scrubber, paid=False)).get("url"))
    reason = "it names none"
    if url.strip():
        try:
            return absolute_url(url.strip(), base_url)
        except BadPicture as error:
            reason = str(error)
    raise misunderstood(
        reply, scrubber, f"The record's picture has no usable address: {reason}.", paid=False
    )


def read_models(reply: Reply, scrubber: Scrubber) -> tuple[RemoteModel, ...]:
    """The models in the reply to GET /models. Raises ApiError."""
    document = _document(reply, scrubber, paid=False)
    data = document if isinstance(document, list) else table(document).get("data")
    if not isinstance(data, list):
        raise misunderstood(
            reply, scrubber, "The endpoint's list of models cannot be read.", paid=False
        )
    models = (
        RemoteModel(text(item.get("id")), text(item.get("owned_by")))
        for item in map(table, data[:_MAX_MODELS])
    )
    return tuple(model for model in models if model.id)


def read_deleted(reply: Reply) -> bool:
    """Whether the reply to DELETE leaves room for the belief that the record is gone."""
    try:
        return table(parse(reply.body)).get("deleted") is not False
    except Unreadable:
        return True
