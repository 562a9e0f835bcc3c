"""Typed decoding, by several threads at once too."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from tui.decoding import convert, from_json

# Types not met before, met by two threads at once, switched as often as can be.
RACE = """
import sys
import threading

import msgspec

from tui.decoding import {name}

sys.setswitchinterval(1e-6)
TYPES = '''
from __future__ import annotations
import msgspec
class Outer(msgspec.Struct):
    number: int
    inner: list[Inner] = []
class Inner(msgspec.Struct):
    text: str
    table: dict[str, int] | None = None
'''
VALUE = {{"number": 1, "inner": [{{"text": "a", "table": {{"b": 2}}}}]}}
for _ in range(200):
    exec(TYPES, globals())
    start = threading.Barrier(2)
    results = []

    def decode(wanted=Outer):
        start.wait()
        results.append({call})

    threads = [threading.Thread(target=decode) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [msgspec.to_builtins(result) for result in results] == [VALUE] * 2
"""
CALLS = {
    "convert": "convert(VALUE, wanted)",
    "from_json": "from_json(msgspec.json.encode(VALUE), wanted)",
}


@pytest.mark.parametrize("name", CALLS)
def test_threads_that_meet_a_type_first_at_the_same_time_get_on(name: str) -> None:
    program = RACE.format(name=name, call=CALLS[name])
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


class Point(msgspec.Struct):
    x: int


def test_what_does_not_fit_is_refused() -> None:
    assert convert({"x": 1}, Point) == from_json(b'{"x": 1}', Point) == Point(1)
    with pytest.raises(msgspec.ValidationError):
        convert({"x": "1"}, Point)
    with pytest.raises(msgspec.ValidationError):
        from_json(b'{"x": "1"}', Point)
    with pytest.raises(msgspec.DecodeError):
        from_json(b"{")
    assert from_json('{"x": [1, null]}') == {"x": [1, None]}
