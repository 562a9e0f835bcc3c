"""Generations in answers of status 2xx: pictures, tasks, silent refusals.

Read field by field rather than into one strict type: a picture that was paid for must not be lost
because `created` came as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui.api.complaint import read_document
from tui.api.errors import ApiError
from tui.api.pictures import PictureReader, error_words, revised_prompt
from tui.api.reading import integer, moment, table, text
from tui.api.refusals import misunderstood, refusal_of
from tui.api.reply import Reply
from tui.api.results import GeneratedImage, Generation
from tui.api.wire import read_json
from tui.config import JSON
from tui.scrub import Scrubber

MAX_IMAGES = 64
_TASK_KEYS = ("task_id", "taskId", "job_id", "request_id", "id")
_TASK_STATES = frozenset(
    "accepted created in_progress in_queue pending processing queued running starting submitted"
    " throttled".split()
)


def read_generation(reply: Reply, pictures: PictureReader) -> Generation:
    """The generation in a reply of status 2xx. Raises ApiError when it holds no picture.

    Pictures that came whole in an answer which then broke off are a generation, too.
    """
    scrubber = pictures.scrubber
    try:
        document = read_json(reply, scrubber, paid=True)
    except ApiError as error:
        rescued = pictures.lifted()
        if not rescued:
            raise
        images = (*rescued, GeneratedImage(error=error.message))
        return Generation(None, None, images, {}, reply.request_id)
    body = table(document)
    items = _items(body)
    images = tuple(_with_facts(pictures.read(item), body, scrubber) for item in items[:MAX_IMAGES])
    if not any(image.exists for image in images):
        raise without_picture(reply, document, items, images, scrubber)
    if body.get("error"):
        images = (*images, GeneratedImage(error=error_words(body["error"], scrubber)))
    return Generation(
        created=moment(body.get("created")),
        served_by=text(body.get("model")) or None,
        images=images,
        usage=read_usage(body.get("usage")),
        request_id=reply.request_id or scrubber.text(text(body.get("request_id")))[:200] or None,
    )


def _items(body: Mapping[str, JSON]) -> list[JSON]:
    for key in ("data", "images"):
        value = body.get(key)
        if isinstance(value, list) and value:
            return value
        if isinstance(value, dict) and (value.get("url") or value.get("b64_json")):
            return [value]
    return []


def _with_facts(
    image: GeneratedImage, body: Mapping[str, JSON], scrubber: Scrubber
) -> GeneratedImage:
    """`image` with what some endpoints say once for all pictures."""
    return replace(
        image,
        revised_prompt=image.revised_prompt or revised_prompt(body, scrubber),
        seed=integer(body.get("seed")) if image.seed is None else image.seed,
    )


def read_usage(value: JSON) -> dict[str, int]:
    """The counters of a `usage` object that a file can hold."""
    counters = ((text(name), integer(count)) for name, count in table(value).items())
    return {name[:100]: count for name, count in counters if name and count is not None}


def without_picture(
    reply: Reply,
    document: JSON,
    items: Sequence[JSON],
    images: Sequence[GeneratedImage],
    scrubber: Scrubber,
) -> ApiError:
    """Why an answer of status 2xx, `document`, holds no picture."""
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
