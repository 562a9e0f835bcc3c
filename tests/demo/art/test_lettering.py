"""Lettering: legible on any ground, in its corner, in characters that the font has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tui.demo.art.lettering import drawable, mark, sign


@pytest.mark.parametrize("grey", [0, 90, 128, 200, 255])
def test_a_signature_stands_out_in_the_lower_left_corner(grey: int) -> None:
    image = Image.new("RGB", (640, 400), (grey, grey, grey))
    sign(image, "seedream-4.5", "fox in the snow")
    levels = np.asarray(image.convert("L"), np.int16)
    rows, columns = np.nonzero(np.abs(levels - grey) > 2)
    assert rows.min() > 350
    assert columns.max() < 400
    assert np.ptp(levels) > 100


def test_a_long_signature_leaves_room_for_the_mark() -> None:
    plain = Image.new("RGB", (640, 640), "gray")
    signed, marked = plain.copy(), plain.copy()
    sign(signed, "a model with quite a long name indeed", "a prompt that never ends " * 40)
    mark(marked)
    ground = np.asarray(plain)
    first = (np.asarray(signed) != ground).any(axis=-1)
    second = (np.asarray(marked) != ground).any(axis=-1)
    assert first.any()
    assert second.any()
    assert not (first & second).any()


def test_a_picture_too_small_to_read_is_not_signed() -> None:
    image = Image.new("RGB", (400, 100), "gray")
    sign(image, "seedream-4.5", "fox in the snow")
    assert image.tobytes() == Image.new("RGB", (400, 100), "gray").tobytes()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("fox in the snow", "fox in the snow"),
        ("Crème brûlée", "Creme brulee"),
        ("  a\n\tb  ", "a b"),
        ("fox 🦊 fire 🔥", "fox fire"),
        ("雪の中の狐 fox", "… fox"),
        ("лиса", ""),
        ("\x1b[31mred\u202e", "[31mred"),
        ("lone \ud83d surrogate", "lone surrogate"),
        ("one – two", "one - two"),
        ("", ""),
    ],
)
def test_what_the_font_lacks_is_replaced(text: str, drawn: str) -> None:
    assert drawable(text, 46) == drawn


def test_a_long_prompt_is_cut_between_words() -> None:
    short = drawable("a weathered lighthouse keeper mending a net by lamplight", 31)
    assert short == "a weathered lighthouse keeper…"
    assert len(drawable("x" * 100, 30)) == 30


@example(":{\r000", 5)
@settings(max_examples=200, deadline=None)
@given(st.text(st.characters()), st.integers(5, 60))
def test_drawable_text_is_short_and_printable(text: str, limit: int) -> None:
    line = drawable(text, limit)
    assert len(line) <= limit
    assert line.isprintable()
    assert drawable(line, limit) == line
