"""Answers to a generation, whole or as a stream, and to all other questions."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.api.test_fuzzed_answers import (
    BASE,
    BYTES,
    CANARY,
    ERRORS,
    EVENT_TYPES,
    EVENTS,
    GENERATIONS,
    JSON_TYPES,
    LISTS,
    SCRUBBER,
    STATUSES,
    Answer,
    Choices,
    answer_of,
    document,
    generated,
    judge,
    judge_generation,
    judge_record,
    stream,
    whole,
    written,
)
from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api import wire
from tui.api.errors import ApiError
from tui.api.public_models import read_public_models
from tui.api.reading import Unreadable, parse
from tui.api.refusals import refusal
from tui.api.results import Arrival, Record
from tui.api.spool import Spool
from tui.catalog.legality import fault_of
from tui.catalog.loading import free_form_card
from tui.catalog.validation import options
from tui.generation.public_cards import described_card, enriched

_PUBLIC = {
    "code": 0,
    "data": {
        "total": 1,
        "list": [
            {
                "name": "seedream-4.5", "displayName": "Seedream 4.5", "modelType": "IMAGE",
                "modelInputTypes": "TEXT,IMAGE", "modelOutputTypes": ["IMAGE"],
                "supported_parameters": "size, seed n",
                "effectiveDefaultParams": {"size": "2048x2048", "watermark": True},
                "normalizedApiParameterSchema": {
                    "fields": [
                        {"name": "size", "type": "string", "enum": ["2K", "2048x2048"],
                         "request_role": "model_parameter", "description": "How large."},
                        {"name": "n", "type": "integer", "min": 1, "max": 10, "default": 1},
                        {"name": "guidance", "type": "number", "min": 0.5, "max": 20, "step": 0.5},
                        {"name": "watermark", "type": "boolean", "default": "true"},
                        {"name": "image", "type": "array", "max_items": 14},
                        {"name": "mode", "enum": [1, True, "x", None, 2.5],
                        "transport_only": False},
                    ]
                },
            }
        ],
    },
}  # fmt: skip
_JSON = Mutator(
    [written(each).encode() for each in (*GENERATIONS, *ERRORS, *LISTS, _PUBLIC, _PUBLIC)],
    [
        *(each for each in BYTES if len(each) < 100), b'"data": ', b'"url": ', b'"b64_json": ',
        b'"error": ', b'"message": ', b'"usage": ', b'"created": ', b'"id": "t1"',
        b'"status": "queued"',
        b'"9999-12-31T23:59:59Z"', b'"0001-01-01T00:00:00+09:00"', b'"has_more": true',
        b'"location": ', b"null", b"true", b"[]", b"{}", b"[[", b'{"a":', b",",
        b'"https://a.example/x"', b'"/v1/a"', b'"data:image/png;base64,AAAA"', b'"iVBORw0KGgo="',
        b"<html><title>x</title>", b"\\ud800", b"\\u0000", b"1e999", b"-1", b"0.5", b'"min": ',
        b'"max": ', b'"enum": ', b'"default": ', b'"type": "integer"', b'"name": "n"',
    ],
)  # fmt: skip
_STREAM = Mutator(
    [b"".join(b"data: " + written(each).encode() + b"\n\n" for each in EVENTS[i : i + 4])
     for i in range(0, len(EVENTS), 2)],
    [b"\n\n", b"\r\n", b"data: ", b"data: [DONE]\n\n", b"event: error\n", b'"type": ', b"null",
     b'"image_index": ', b"-1", b"63", b"64", b"[]", b"{}", b'"error": {}', b'"usage": 1'],
)  # fmt: skip
_OTHERS = 3
"""Of so many examples one is no answer to a generation, but about records and models."""


class _Desk:
    """What answers are read with."""

    runner: asyncio.Runner
    folder: Path


@contextmanager
def _desk() -> Iterator[None]:
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner() as runner,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("tui.api.lifting.LIFTED_FROM", 64)
        _Desk.runner, _Desk.folder = runner, Path(folder)
        yield


def _example(dice: Random) -> Parts:
    choices = Choices(dice.randbytes(80))
    is_stream = dice.random() < 0.25
    types = EVENT_TYPES if is_stream else JSON_TYPES
    statuses = (200, 200, 200, 201) if dice.random() < 0.7 else STATUSES
    if is_stream:
        body = _STREAM.example(dice) if dice.random() < 0.7 else stream(choices).encode()
    elif dice.random() < 0.3:
        text = document(choices, (*GENERATIONS, *ERRORS, *LISTS))
        body = text.encode("utf-8", "replace")
    else:
        body = _JSON.example(dice)
    around = answer_of(choices, "", types, statuses)
    return body, around, dice.randrange(_OTHERS)


def _attempt(parts: Parts) -> str:
    body, around, which = parts
    answer = Answer(around.status, around.headers, body, around.places, around.ending)
    return _attempt_other(answer) if which == 0 else _attempt_generation(answer)


def _attempt_generation(answer: Answer) -> str:
    spool = Spool(lambda number: _Desk.folder / f"{number}.part")
    arrivals: list[Arrival] = []
    try:
        generation = _Desk.runner.run(generated(answer, spool, arrivals))
    except ApiError as error:
        judge(error)
        return error.kind
    else:
        judge_generation(generation, arrivals)
        assert len(generation.images) <= 65
    finally:
        spool.discard()
        assert spool.error is None
        assert not any(_Desk.folder.iterdir())
    return ACCEPTED


def _attempt_other(answer: Answer) -> str:
    reply = _Desk.runner.run(whole(answer))
    read = 0
    for reader in (
        lambda: wire.read_records(reply, BASE, SCRUBBER).records,
        lambda: wire.read_models(reply, SCRUBBER),
        lambda: wire.read_content_url(reply, BASE, SCRUBBER),
    ):
        try:
            found = reader()
        except ApiError as error:
            judge(error)
            continue
        read += 1
        if isinstance(found, str):
            assert found.startswith(("https://", "http://"))
            continue
        for each in found:
            if isinstance(each, Record):
                judge_record(each)
    wire.read_deleted(reply)
    judge(refusal(reply, SCRUBBER, paid=False))
    assert reply.request_id is None or CANARY not in reply.request_id
    try:
        models = read_public_models(parse(reply.body))
    except Unreadable:
        return "nothing of records"
    for model in models or ():
        for card in (described_card(model.id, model), enriched(free_form_card("x"), model)):
            msgspec.json.encode(card)
            for parameter in card.parameters:
                assert len(options(parameter)) <= 200
                assert fault_of(parameter, parameter.default) is None
    return "of records" if read else "nothing of records"


TARGET = Target("answers", _example, _attempt, around=_desk)
