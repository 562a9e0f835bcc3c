"""Sessions as TOML: a draft comes back exactly as it was left."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.generation.counts import SPREADS
from tui.generation.draft import Draft
from tui.generation.references import DraftReference
from tui.generation.session import (
    PaneSizes,
    Session,
    UnreadableSession,
    decode_session,
    encode_session,
    resumed,
)
from tui.images.prepared import TREATMENTS

any_text = st.one_of(
    st.text(st.characters(codec=None), max_size=20),
    st.lists(
        st.sampled_from(
            ["a\r\nb\rc\n", "\x00\x1b[31m\x7f", "\x80\x85\u2028", "\ud83d", "\ude00", "\ufffd",
             "\ufffdd83d", "\\u0041 \"\"\" '''", "# The end.\n", "\ufeff\uffff", "👩\u200d🎤"]
        ),
        max_size=4,
    ).map("".join),
)  # fmt: skip
integers = st.one_of(st.integers(), st.sampled_from([2**63, -(2**64), 10**4000]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), integers, st.floats(allow_nan=False), any_text),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(any_text, inner, max_size=3)
    ),
    max_leaves=10,
)
cells = st.integers(0, 10_000)
by_model = st.dictionaries(any_text, st.dictionaries(any_text, values, max_size=3), max_size=3)
drafts = st.builds(
    Draft,
    model=any_text,
    prompt=any_text,
    values=by_model,
    followed=by_model,
    counting=st.frozensets(any_text, max_size=3),
    sent_seeds=st.dictionaries(any_text, integers, max_size=3),
    next_seeds=st.dictionaries(any_text, integers, max_size=3),
    images=st.dictionaries(any_text, integers, max_size=3),
    spread=st.sampled_from(SPREADS),
    references=st.lists(
        st.builds(DraftReference, any_text, any_text, st.sampled_from(TREATMENTS)), max_size=3
    ).map(tuple),
    parent=any_text,
)
sessions = st.builds(
    Session,
    draft=drafts,
    pane=any_text,
    shown=any_text,
    cursor=any_text,
    query=any_text,
    details=st.booleans(),
    sizes=st.builds(PaneSizes, cells, cells, cells, cells),
)

SESSION = Session(
    Draft(
        model="seedream-4.5",
        prompt="a fox\nin the snow",
        values={"glm-image": {"size": None}, "seedream-4.5": {"size": "4K", "extra": [1, {}]}},
        followed={"seedream-4.5": {"seed": 7}},
        counting=frozenset({"seedream-4.5"}),
        sent_seeds={"seedream-4.5": 7},
        next_seeds={"seedream-4.5": 10},
        images={"seedream-4.5": 3},
        spread="apart",
        references=(DraftReference("sketch.png", "images/ab.png", "small"),),
        parent="20261122T070312418-4f2a9c",
    ),
    pane="history",
    shown="20261122T070312418-4f2a9c",
    cursor="20261122T070312418-4f2a9c",
    query="star: fox",
    details=True,
    sizes=PaneSizes(history=31, form=40, prompt=12, details=9),
)
"""In which nothing is as it is at first."""


def _exactly(value: Any) -> str:
    """`value` so that the order of its keys counts, and 1, 1.0 and true are three."""
    if isinstance(value, frozenset):
        return repr(sorted(value))
    if isinstance(value, Session | Draft):
        return repr([_exactly(getattr(value, name)) for name in value.__struct_fields__])
    return repr(value)


@given(sessions)
def test_every_session_comes_back_exactly(session: Session) -> None:
    again = decode_session(encode_session(session))
    assert _exactly(again) == _exactly(session)


def test_nothing_of_a_session_or_a_draft_is_forgotten() -> None:
    again = decode_session(encode_session(SESSION))
    for struct, fresh in ((again, Session(Draft("m"))), (again.draft, Draft("m"))):
        for name in struct.__struct_fields__:
            assert getattr(struct, name) != getattr(fresh, name), name


def test_a_session_of_before_there_were_sizes_is_one_still() -> None:
    text, _, rest = encode_session(SESSION).decode().partition("[sizes]")
    older = text.replace("details = true\n", "") + rest[rest.index("# The end.") :]
    assert decode_session(older.encode()) == replace(SESSION, details=False, sizes=PaneSizes())


def test_a_session_of_before_one_press_sent_several_requests_is_one_still() -> None:
    later = ("next_seeds", "images", "spread")
    lines = encode_session(SESSION).decode().splitlines(keepends=True)
    older = "".join(line for line in lines if not line.startswith(later))
    draft = replace(SESSION.draft, next_seeds={}, images={}, spread="together")
    assert decode_session(older.encode()) == replace(SESSION, draft=draft)


def test_a_way_to_share_out_images_that_this_version_does_not_know_is_none() -> None:
    newer = encode_session(SESSION).decode().replace('spread = "apart"', 'spread = "woven"')
    assert decode_session(newer.encode()).draft.spread == "together"


@given(st.integers(0, len(encode_session(SESSION)) - 1))
def test_what_was_cut_off_anywhere_is_no_session(length: int) -> None:
    with pytest.raises(UnreadableSession):
        decode_session(encode_session(SESSION)[:length])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ("format = 1\n", ""),
        ('model = "seedream-4.5"\n', ""),
        ("details = true", 'details = "yes"'),
        ('"{\\"seedream-4.5\\": 7}"', '"{\\"seedream-4.5\\": \\"7\\"}"'),
        ('"{\\"seedream-4.5\\": 7}"', '"[]"'),
        ('"{\\"seedream-4.5\\": 7}"', f'"{"[" * 100_000}"'),
        ('"{\\"seedream-4.5\\": 7}"', f'"{{\\"a\\": {"9" * 5000}}}"'),
        ("[draft]", "draft = 3\n[other]"),
        ('treatment = "small"', "treatment = 3"),
    ],
)
def test_what_is_otherwise_than_this_version_writes_is_no_session(old: str, new: str) -> None:
    text = encode_session(SESSION).decode()
    assert old in text
    with pytest.raises(UnreadableSession):
        decode_session(text.replace(old, new).encode())


@given(st.binary(max_size=100))
def test_bytes_of_something_else_are_no_session(data: bytes) -> None:
    for document in (data, data + b"\n# The end.\n"):
        with pytest.raises(UnreadableSession):
            decode_session(document)


def test_keys_that_this_version_does_not_know_do_not_hinder_it() -> None:
    text = encode_session(SESSION).decode().replace("[draft]", "zoom = 2\n[draft]\nmood = 'blue'")
    assert decode_session(text.encode()) == SESSION


def test_a_prompt_can_be_read_in_the_file() -> None:
    assert 'prompt = "a fox\\nin the snow"' in encode_session(SESSION).decode().splitlines()


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    draft = Draft(model="m", values={"m": {"a": deep}})
    with pytest.raises(RecursionError):
        encode_session(Session(draft))


def test_models_without_values_begin_as_configured() -> None:
    first = Draft(model="a", values={"a": {"size": "2K"}, "b": {"n": 2}})
    left = Draft(model="c", prompt="fox", values={"c": {"n": 1}, "a": {}})
    draft = resumed(left, first)
    assert replace(draft, values={}) == replace(left, values={})
    assert list(draft.values.items()) == [("b", {"n": 2}), ("c", {"n": 1}), ("a", {})]


def test_a_session_is_read_without_what_the_first_frame_can_do_without() -> None:
    code = (
        "import sys, tui.generation.session_keeper\n"
        "heavy = ('textual', 'httpx', 'PIL', 'numpy', 'starlette', 'sqlite3', 'tomlkit')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stdout == "[]\n"
