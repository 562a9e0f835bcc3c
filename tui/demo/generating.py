"""POST /v1/images/generations and /edits: from the request to what the client gets of it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import PurePath
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tui.demo import answers, streaming
from tui.demo.bodies import Asked, asked_in_form, asked_in_json
from tui.demo.errors import Refusal, folder_failed, server_failed
from tui.demo.faults import Faults
from tui.demo.faults.bodies import JSON, changed_body
from tui.demo.faults.kinds import NO_STREAMS, STREAMS
from tui.demo.faults.pages import SERVER_ERROR
from tui.demo.faults.refusals import refusal
from tui.demo.faults.shapes import (
    Made,
    changed_answer,
    changed_item,
    changed_order,
    lost_pictures,
)
from tui.demo.faults.streams import UNASKED_PREVIEWS, played
from tui.demo.faults.wire import Answer, befallen, cut_stream
from tui.demo.generation import Outcome, Ticket, carry_out, fail
from tui.demo.incoming import bearer_key, faults_met, is_native, read_body
from tui.demo.jobs import Job, Jobs, Progress
from tui.demo.media import LINK_SECONDS, MEDIA_TYPES, Media, other_origin
from tui.demo.records import RecordError, Records
from tui.demo.requests import Generation
from tui.demo.traffic import Traffic
from tui.demo.work import Workshop

_SERVER_ERROR = RecordError("The server had an error.", "api_error")

Kinds = tuple[str, ...]


class Generations:
    """Takes requests, makes their pictures and answers; `latency` is in seconds."""

    def __init__(
        self,
        records: Records,
        media: Media,
        workshop: Workshop,
        *,
        faults: Faults,
        traffic: Traffic,
        latency: float,
    ) -> None:
        self._records = records
        self._media = media
        self._workshop = workshop
        self._jobs = Jobs(workshop)
        self._faults = faults
        self._traffic = traffic
        self._latency = latency

    async def answer(self, request: Request) -> Response:
        """What the client gets of a generation. Raises Refusal."""
        return await self._answer(request, partial(asked_in_json, native=is_native(request)))

    async def answer_edit(self, request: Request) -> Response:
        """What the client gets of an edit. Raises Refusal."""
        content_type = request.headers.get("content-type", "")
        return await self._answer(request, partial(asked_in_form, content_type))

    async def _answer(self, request: Request, asked_in: Callable[[bytes], Asked]) -> Response:
        key = bearer_key(request)
        body = await read_body(request)
        faults = faults_met(request, self._faults, "generate")
        asked = await asyncio.to_thread(asked_in, body)
        if asked.prompt:
            self._traffic.posts_by_prompt[asked.prompt] += 1
        idempotency_key = request.headers.get("idempotency-key", "")
        once_for = idempotency_key or (asked.model, asked.prompt)
        if refused := await self._refused(request, faults, asked.content, once_for):
            return refused
        order = await asyncio.to_thread(asked.read, not STREAMS.isdisjoint(faults))
        for kind in faults:
            order = changed_order(kind, order)
        job = self._job(key, idempotency_key, asked.content, order, faults)
        if (order.stream or "sse-unasked" in faults) and NO_STREAMS.isdisjoint(faults):
            return await self._stream(request, job, order, faults)
        outcome = await job.outcome()
        if isinstance(outcome, Refusal):
            if "500" in faults:
                return JSONResponse(SERVER_ERROR, 500)
            raise outcome
        if "524-late" in faults:
            await asyncio.sleep(self._faults.slow_seconds)
        return await asyncio.to_thread(self._whole, request, outcome, order, faults)

    async def _refused(
        self, request: Request, faults: Kinds, body: bytes, once_for: object
    ) -> Response | None:
        elsewhere = other_origin(str(request.base_url)) + request.url.path
        answer = partial(
            refusal, body=body, retry_seconds=self._faults.retry_seconds, elsewhere=elsewhere
        )
        for kind in faults:
            if kind == "429-once" and not self._faults.first_time(kind, once_for):
                continue
            if refused := await asyncio.to_thread(answer, kind):
                return refused
        return None

    def _job(
        self, key: str, idempotency_key: str, body: bytes, order: Generation, faults: Kinds
    ) -> Job:
        """The job of the request: a new one, or the one that its Idempotency-Key began."""
        remembers = bool(idempotency_key) and "forgets-idempotency" not in faults
        if remembers and (job := self._jobs.find(key, idempotency_key, body)):
            return job
        ticket = Ticket.issue(key, order, self._records)
        job = self._jobs.begin(ticket, partial(self._make, ticket, faults))
        if remembers:
            self._jobs.remember(idempotency_key, body, job)
        return job

    async def _make(self, ticket: Ticket, faults: Kinds, progress: Progress) -> Outcome | Refusal:
        slow = self._faults.slow_seconds if "slow" in faults else 0
        await asyncio.sleep(self._wait(ticket.generation, faults) + slow)
        count = ticket.generation.count
        lost = frozenset[int]().union(*(lost_pictures(kind, count) for kind in faults))
        try:
            if "500" in faults:
                await fail(ticket, self._records, self._workshop, _SERVER_ERROR)
                return server_failed()
            outcome = await carry_out(
                ticket, self._records, self._workshop, lost=lost, tell=progress.tell
            )
        except Refusal as refused:
            return refused
        except OSError as error:
            return folder_failed(error)
        if made := len(outcome.record.pictures):
            self._traffic.made(ticket.generation.prompt, made)
        return outcome

    def _whole(
        self, request: Request, outcome: Outcome, order: Generation, faults: Kinds
    ) -> Response:
        record = outcome.record
        expires = record.created_at + LINK_SECONDS

        def item(name: str) -> dict[str, Any]:
            if order.response_format == "url":
                return {"url": self._media.link(request, name, expires)}
            content = self._media.read(record.id, name)
            return {"b64_json": base64.b64encode(content).decode("ascii")}

        answer = answers.generation(outcome, item)
        if not faults:
            return json_answer(answer)
        kept = [place for place in range(len(answer["data"])) if place not in outcome.lost]
        for number, (place, name) in enumerate(zip(kept, record.pictures, strict=True)):
            path = f"/v1/images/{record.id}/content" + (f"?variant={number}" if number else "")
            media_type = MEDIA_TYPES[PurePath(name).suffix]
            made = Made(self._media.read(record.id, name), media_type, path)
            for kind in faults:
                answer["data"][place] = changed_item(kind, answer["data"][place], made)
        for kind in faults:
            answer = changed_answer(kind, answer)
        return self._befallen(json_answer(answer), faults)

    def _befallen(self, response: Response, faults: Kinds) -> Response:
        for kind in faults:
            response = changed_body(kind, bytes(response.body)) or response
        for kind in faults:
            answer = Answer(bytes(response.body), JSON, b" ", self._faults.drip_seconds)
            response = befallen(kind, answer) or response
        return response

    async def _stream(
        self, request: Request, job: Job, order: Generation, faults: Kinds
    ) -> Response:
        record_id, expires = job.ticket.id, job.ticket.created_at + LINK_SECONDS
        source = streaming.Source(
            job=job,
            order=order,
            request_id=request.state.request_id,
            link=lambda name: self._media.link(request, name, expires),
            read=partial(self._media.read, record_id),
        )
        previews = _previews(order, faults)
        if previews is None:
            events = streaming.ark_events(source)
        else:
            pause = self._wait(order, faults)
            events = streaming.openai_events(source, most_previews=previews, pause=pause)
        sent = played(faults, events)
        # A refusal is an answer of its own as long as nothing has been sent.
        first = await anext(sent)

        async def everything() -> AsyncIterator[bytes]:
            yield first
            async for event in sent:
                yield event

        if "sse-cut" in faults:
            return cut_stream(streaming.MEDIA_TYPE, everything())
        return StreamingResponse(everything(), media_type=streaming.MEDIA_TYPE)

    def _wait(self, order: Generation, faults: Kinds) -> float:
        """How long a picture takes to begin; where previews come, the time is divided."""
        previews = _previews(order, faults) if order.stream or "sse-unasked" in faults else None
        return self._latency / (1 + (previews or 0))


def json_answer(content: object, status: int = 200) -> Response:
    """`content` as JSON."""
    return Response(msgspec.json.encode(content), status, media_type=JSON)


def _previews(order: Generation, faults: Kinds) -> int | None:
    """How many previews a picture of a stream has; None where the events are Ark's."""
    if "sse-openai" in faults and order.previews is None:
        return UNASKED_PREVIEWS
    return order.previews
