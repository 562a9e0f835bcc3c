"""Strips that are let go of go away at once."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.strip import Strip

from tui.widgets.whole_strips import install_whole_strips


class Line(Strip):
    """A strip that one can look for."""

    __slots__ = ("__weakref__",)


@pytest.fixture(autouse=True)
def nothing_looks_for_garbage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Strip, "divide", Strip.divide)
    install_whole_strips()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("cuts", [[8], [8, 9], [3, 8], [3], [], [2, 4]])
def test_a_strip_that_was_divided_is_let_go(cuts: list[int]) -> None:
    line = Line([Segment("a fox, an owl"[:8])])
    seen = weakref.ref(line)
    parts = [part.text for part in line.divide(cuts)]
    assert "".join(parts) == "a fox, an owl"[: max([cut for cut in cuts if cut <= 8], default=0)]
    del line
    assert seen() is None
