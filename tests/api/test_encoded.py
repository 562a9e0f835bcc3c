"""Base64 in pieces: whatever servers do to it, cut anywhere."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.api.encoded import BadEncoding, Decoder

HEADS = (b"", b"data:image/png;base64,", b" DATA:image/jpeg;charset=x;BASE64,", b"data:;base64,")


def decoded(*pieces: bytes) -> bytes:
    decoder = Decoder()
    return b"".join([*map(decoder.feed, pieces), decoder.finish()])


def cut(text: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[begin:end] for begin, end in pairwise(edges)]


@st.composite
def written(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Bytes, and base64 of them as some server would write it."""
    data = draw(st.binary(max_size=40) | st.binary(min_size=250, max_size=700))
    text = base64.b64encode(data)
    if draw(st.booleans()):
        text = text.rstrip(b"=")
    if draw(st.booleans()):
        text = text.translate(bytes.maketrans(b"+/", b"-_"))
    if width := draw(st.sampled_from((0, 4, 60, 76))):
        line_end = draw(st.sampled_from((b"\n", b"\r\n", b" ")))
        text = line_end.join(text[i : i + width] for i in range(0, len(text), width))
    text = draw(st.sampled_from(HEADS)) + text + draw(st.sampled_from((b"", b"\n", b" \r\n")))
    return data, text


@given(written(), st.lists(st.integers(0, 2000), max_size=6))
@settings(max_examples=1000, deadline=None)
def test_what_was_encoded_comes_back_wherever_it_is_cut(pair, places):
    data, text = pair
    assert decoded(*cut(text, places)) == data


@given(st.binary(max_size=600), st.lists(st.integers(0, 600), max_size=4))
@settings(max_examples=1000, deadline=None)
def test_any_bytes_are_decoded_or_refused(text, places):
    try:
        decoded(*cut(text, places))
    except BadEncoding as error:
        assert str(error)


@pytest.mark.parametrize(
    "text",
    [
        b"A" * 300 + b"!" + b"A" * 300,
        b"QUJD" * 100 + b"=" + b"QUJD" * 100,
        b"QQ==QUJD",
        b"A" * 401,
        b"data:image/png," + b"A" * 400,
        b"data:image/png;charset=utf-8," + b"A" * 40,
        "ÄÖÜ".encode() * 200,
    ],
)
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(BadEncoding):
        decoded(*cut(text, [100, 301, 450]))


def test_single_characters_are_enough():
    data = bytes(range(256)) * 2
    text = base64.b64encode(data)
    assert decoded(*cut(text, list(range(len(text))))) == data


def test_nothing_but_blanks_follows_the_padding():
    text = base64.b64encode(bytes(400))
    assert text.endswith(b"=")
    assert decoded(text, b"\n", b" =\n") == bytes(400)
    with pytest.raises(BadEncoding):
        decoded(text, b"QUJD")
