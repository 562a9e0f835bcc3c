"""A generation as a stream of events: what they say, in Ark's words or in OpenAI's."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tui.demo import answers
from tui.demo.errors import Refusal
from tui.demo.jobs import Job
from tui.demo.previews import previews
from tui.demo.requests import Generation

MEDIA_TYPE = "text/event-stream"
END = "[DONE]"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `shows` tells that its data holds a picture, or leads to one."""

    name: str | None
    data: str
    shows: bool = False

    def encoded(self) -> bytes:
        """The event as it is sent."""
        lines = [f"data: {self.data}", "", ""]
        return "\n".join(lines if self.name is None else [f"event: {self.name}", *lines]).encode()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream's events come from: the job, the request that listens, and its pictures.

    `link` gives the URL of a picture, `read` its bytes; both are called in a thread.
    """

    job: Job
    order: Generation
    request_id: str
    link: Callable[[str], str]
    read: Callable[[str], bytes]


async def ark_events(source: Source) -> AsyncIterator[Event]:
    """An event for each picture as it is done, then the usage and the end.

    Raises Refusal where nothing was made.
    """
    ticket, order = source.job.ticket, source.order
    size = f"{order.width}x{order.height}"
    about = {"model": order.limits.served_by, "created": ticket.created_at}
    begun = False
    async for painted in source.job.painted():
        begun = True
        place = {**about, "image_index": painted.index}
        if painted.name is None:
            yield _event("image_generation.partial_failed", {**place, **answers.lost_item()})
            continue
        item = await _item(source, painted.name)
        event = {**place, **item, "size": size}
        yield _event("image_generation.partial_succeeded", event, shows=True)
    outcome = await source.job.outcome()
    if isinstance(outcome, Refusal):
        if not begun:
            raise outcome
        yield error_event(outcome.error(source.request_id))
        return
    usage = answers.usage(outcome)
    yield _event("image_generation.completed", {**about, "usage": usage})
    yield Event(None, END)


async def openai_events(
    source: Source, *, most_previews: int, pause: float
) -> AsyncIterator[Event]:
    """For each picture its previews, each sharper than the last, then the picture; all as base64.

    `pause` lies before each event but the first, in seconds. Raises Refusal where nothing was
    made.
    """
    shown = 0
    async for name, content in _openai_contents(source, most_previews):
        if shown:
            await asyncio.sleep(pause)
        shown += 1
        yield _event(name, content, shows=True)
    outcome = await source.job.outcome()
    if isinstance(outcome, Refusal):
        if not shown:
            raise outcome
        yield error_event(outcome.error(source.request_id))
    elif not shown:
        yield error_event(answers.lost_item()["error"])


async def _openai_contents(
    source: Source, most_previews: int
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    order = source.order
    about = {
        "created_at": source.job.ticket.created_at,
        "size": f"{order.width}x{order.height}",
        "quality": "high",
        "background": "opaque",
        "output_format": order.format,
    }
    what = "image_edit" if order.is_edit else "image_generation"
    usage = answers.openai_usage(answers.tokens(order, pictures=1))
    async for painted in source.job.painted():
        if painted.name is None:
            continue
        picture = await asyncio.to_thread(source.read, painted.name)
        sketches = await asyncio.to_thread(previews, picture, most_previews, order.format)
        for number, sketch in enumerate(sketches):
            content = {"b64_json": _base64(sketch), "partial_image_index": number, **about}
            yield f"{what}.partial_image", content
        yield f"{what}.completed", {"b64_json": _base64(picture), "usage": usage, **about}


def error_event(error: Mapping[str, Any]) -> Event:
    """The event that says why no more comes."""
    return _event("error", {"error": dict(error)})


def _event(name: str, content: Mapping[str, Any], *, shows: bool = False) -> Event:
    data = msgspec.json.encode({"type": name, **content}).decode()
    return Event(name, data, shows)


async def _item(source: Source, name: str) -> dict[str, Any]:
    if source.order.response_format == "url":
        return {"url": await asyncio.to_thread(source.link, name)}
    return {"b64_json": _base64(await asyncio.to_thread(source.read, name))}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
