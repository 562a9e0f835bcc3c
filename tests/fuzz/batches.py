"""Batches: files of prompts, flags and objects, a request a line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api.wire import UnfitRequest, request_body
from tui.catalog.loading import Catalogue, load_catalogue
from tui.catalog.price import estimate
from tui.catalog.validation import request_fields
from tui.config import EndpointSettings
from tui.generation.batch_file import read_batch
from tui.generation.batch_marks import line_keys
from tui.generation.draft import Draft
from tui.text import storable

_SETTINGS = EndpointSettings(base_url="https://a.example/v1")
_BASE = Draft("seedream-4.5", values={"seedream-4.5": {"watermark": False}})
_MUTATOR = Mutator(
    [
        b"a fox in the snow\na lighthouse --ar 16:9 --seed 7\n\n# later\nan owl\n",
        b'{"prompt": "a fox", "model": "kling-image-o1", "n": 4, "size": "1024x1024"}\n',
        b'{"prompt": "a fox", "parameters": {"seed": 7, "size": "2k", "watermark": true}}\r\n',
        b'--prompt "a fox" --ar 3:2 --m nano-banana-pro --no "red cars"\n',
        '{"prompt": "灯笼"}\n灯笼 --size 4K\n'.encode(),
    ],
    [
        b"\n", b"\r\n", b"#", b"--", b"--prompt ", b"--seed ", b"--m ", b'"', b"'", b"\\", b"{",
        b"}",
        b'{"prompt": ', b'"model": ', b'"parameters": ', b'"references": []', b'"n": ', b"[1, ",
        b"null", b"true", b"1e5", b"\xc2\xa0", b"\xe3\x80\x80", b"\x1c", b"\xef\xbb\xbf",
        b"\\ud800",
        b'"size": "16:9"', b'"seed": "random"', b'"prompt": "x"', b", ", b'{"a": {"b": [',
    ],
)  # fmt: skip


@cache
def _catalogue() -> Catalogue:
    return load_catalogue(Path("/nonexistent"))


def _example(dice: Random) -> Parts:
    return (_MUTATOR.example(dice),)


def _attempt(parts: Parts) -> str:
    batch = read_batch(parts[0], _BASE, _catalogue())
    numbers = [line.number for line in batch.lines]
    assert numbers == sorted(set(numbers))
    for problem in batch.problems:
        assert problem.number <= parts[0].count(b"\n") + 1
        assert str(problem) == storable(str(problem))
    keys = line_keys(batch.lines)
    assert len(set(keys)) == len(batch.lines)
    for line in batch.lines:
        values = line.draft.own_values
        assert not line.draft.violations(line.card)
        price = estimate(line.card, values)
        assert price is None or price >= 0
        try:
            fields = request_fields(line.card, values)
            request_body(_SETTINGS, line.card.id, line.draft.prompt, fields, ())
        except UnfitRequest as error:
            raise AssertionError(error) from error
    if batch.problems:
        return "problems"
    return ACCEPTED if batch.lines else "nothing"


TARGET = Target("batches", _example, _attempt)
