"""The settings of an endpoint as a form has them: there and back, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config import (
    BUILT_IN_ENDPOINTS,
    Config,
    EndpointSettings,
    KeySource,
    load_config,
)
from tui.generation.endpoint_desk import BLANK, EndpointDesk, host_of
from tui.generation.endpoint_draft import Draft
from tui.generation.endpoint_file import EndpointFile
from tui.generation.endpoint_troubles import troubles
from tui.generation.endpoint_values import PLACE, shown_values
from tui.keys import Finding
from tui.paths import Paths

GOOD = EndpointSettings(base_url="https://images.example/v1", key=KeySource(env="IMAGES_KEY"))
FOLDER = Path("/nowhere")

words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
json_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
sources = st.one_of(
    st.none(),
    st.builds(KeySource, env=words.map(lambda word: f"K{word}")),
    st.builds(KeySource, file=words.map(lambda word: f"/keys/{word}")),
    st.builds(KeySource, keyring=words),
    st.builds(KeySource, command=st.lists(st.text(min_size=1), min_size=1).map(tuple)),
    st.builds(KeySource, env=words.map(lambda word: f"K{word}"), keyring=words),
    st.just(KeySource()),
)
usable = st.builds(
    EndpointSettings,
    base_url=st.sampled_from(["https://a.example/v1", "http://127.0.0.1:8080/v1"]),
    key=sources,
    model=words,
    timeout=st.floats(0.001, 86_400),
    connect_timeout=st.integers(1, 100).map(float),
    image_field=st.sampled_from(["image", "images"]),
    response_format=st.sampled_from(["omit", "url"]),
    image_always_array=st.booleans(),
    references=st.sampled_from(["field", "edits"]),
    headers=st.dictionaries(words.map(str.title), words, max_size=3),
    extra=st.dictionaries(words, json_values, max_size=3),
)


@given(usable, usable)
def test_what_a_form_shows_of_settings_amounts_to_them(
    one: EndpointSettings, other: EndpointSettings
) -> None:
    draft = Draft("x", one)
    assert draft.settings() == one
    for field, value in shown_values(other).items():
        draft = draft.with_value(field, value)
    if shown_values(other)["key"] != "several places":  # Which no form can make of another.
        assert draft.settings() == other


@given(usable, usable)
def test_what_was_typed_stays_on_top_of_other_settings(
    one: EndpointSettings, other: EndpointSettings
) -> None:
    draft = Draft("x", one).with_value("timeout", "77").on(other)
    assert draft.settings().timeout == 77
    assert Draft("x", other).with_value("timeout", "77") == draft


def test_a_value_typed_back_is_no_change() -> None:
    draft = Draft("x", GOOD).with_value("timeout", "30")
    assert draft.is_changed
    assert not draft.with_value("timeout", "300").is_changed


def test_the_place_is_kept_for_each_kind_of_source() -> None:
    draft = Draft("x", GOOD).with_value("key", "command").with_value(PLACE, "pass show 'a b'")
    assert draft.settings().key == KeySource(command=("pass", "show", "a b"))
    draft = draft.with_value("key", "keyring")
    assert draft.value(PLACE) == ""
    assert draft.with_value("key", "command").value(PLACE) == "pass show 'a b'"
    assert draft.with_value("key", "variable").value(PLACE) == "IMAGES_KEY"


def test_no_repr_shows_what_was_typed() -> None:
    draft = Draft("x", GOOD).with_value("headers", "X-Api-Key: sk-CANARY-0123456789")
    assert "CANARY" not in repr(draft)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("base_url", "images.example/v1", "neither http nor https"),
        ("base_url", "http://images.example/v1", "must not travel over plain http"),
        ("base_url", "https://me:secret@images.example/v1", "holds a user name"),
        ("base_url", "", "Write its address"),
        ("timeout", "0", "Write seconds above 0, a day (86400) at most."),
        ("timeout", "86401", "a day"),
        ("timeout", "nan", "a day"),
        ("connect_timeout", "soon", "a day"),
        ("download_timeout", "", "a day"),
        (PLACE, "", "Name the environment variable"),
        (PLACE, "sk-CANARY-0123456789", "never the key itself"),
        (PLACE, "abcdefgh0123456789abcdefgh", "never the key itself"),
        ("headers", "no header", "Line 1 is not a header"),
        ("headers", "A: 1\n\nb: 2\na: 3", "Line 4 names a header a second time"),
        ("headers", "Host: elsewhere", "is not for the configuration to set"),
        ("headers", "X-Name: café", "holds characters that no header can carry"),
        ("extra", "{", "Line 1 is not JSON"),
        ("extra", "[1]", "Write a JSON object"),
        ("extra", '{"a": [{"b": null}]}', "holds null"),
        ("extra", '{"a": NaN}', "not JSON"),
    ],
)
def test_what_cannot_be_used_is_told_of_its_field(field: str, value: str, told: str) -> None:
    found = troubles(Draft("x", GOOD).with_value(field, value), [], FOLDER)
    assert list(found) == [field]
    assert told in found[field].text
    assert "CANARY" not in found[field].text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "Give it a name"),
        ("openai", "There is one of that name"),
        ("demo", "the rehearsal"),
        ("My Server", "letters, digits"),
        ("sk-CANARY-0123456789", "looks like a key"),
    ],
)
def test_a_new_endpoint_needs_a_name_that_fits(name: str, told: str) -> None:
    draft = Draft(1, GOOD).with_value("name", name)
    found = troubles(draft, ["openai"], FOLDER)
    assert list(found) == ["name"]
    assert told in found["name"].text


def test_a_key_cannot_be_stored_under_a_name_with_capitals() -> None:
    draft = Draft(1, EndpointSettings(base_url=GOOD.base_url, key=KeySource()))
    assert "capitals" in troubles(draft.with_value("name", "Studio"), [], FOLDER)["key"].text
    assert not troubles(draft.with_value("name", "studio"), [], FOLDER)


def test_an_endpoint_that_is_gone_from_the_file_keeps_what_was_typed_as_a_new_one() -> None:
    desk = EndpointDesk(Config(endpoints={**BUILT_IN_ENDPOINTS, "mine": GOOD}), FOLDER)
    desk.keep(desk.draft("mine").with_value("timeout", "7"))
    desk.follow(Config(endpoints=BUILT_IN_ENDPOINTS))
    (draft,) = desk.unsaved
    assert (draft.is_new, draft.name, draft.settings().timeout) == (True, "mine", 7)


def test_what_is_typed_while_it_is_saved_stays_unsaved() -> None:
    desk = EndpointDesk(Config(endpoints=BUILT_IN_ENDPOINTS), FOLDER)
    saved = desk.begin(BLANK)
    for field, value in (("name", "mine"), ("base_url", GOOD.base_url)):
        saved = saved.with_value(field, value)
    desk.keep(saved.with_value("timeout", "7"))
    desk.saved(saved)
    desk.follow(Config(endpoints={**BUILT_IN_ENDPOINTS, "mine": saved.settings()}))
    assert desk.unsaved == [Draft("mine", saved.settings(), {"timeout": "7"})]


@pytest.mark.parametrize(
    ("state", "words"),
    [("found", "key found"), ("absent", "no key"), ("unusable", "key unusable")],
)
def test_a_row_says_how_its_key_stands(state: Any, words: str) -> None:
    desk = EndpointDesk(Config(endpoints={"mine": GOOD}), FOLDER)
    (row,) = desk.rows("mine", {"mine": Finding("$IMAGES_KEY", state)})
    assert (row.key, row.where, row.is_used) == (words, "images.example", True)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://api.example/v1", "api.example"),
        ("http://127.0.0.1:8080/v1/", "127.0.0.1:8080"),
        ("http://[::1]:8080/v1", "[::1]:8080"),
        ("https://me:secret@api.example/v1", "https://[user]@api.example/v1"),
        ("", ""),
    ],
)
def test_of_an_address_the_host_is_shown_and_no_secret(address: str, host: str) -> None:
    assert host_of(address) == host


def test_a_change_is_saved_on_top_of_what_the_file_says_by_now(paths: Paths) -> None:
    file = EndpointFile(paths)
    paths.config_file.write_text('[endpoints.mine]\nbase_url = "https://a.example/v1"\n')
    draft = Draft("mine", file.read("demo").config.endpoints["mine"]).with_value("timeout", "7")
    paths.config_file.write_text(
        '[endpoints.mine]\nbase_url = "https://b.example/v1" # moved\nmodel = "m"\n'
    )
    file.save(draft)
    settings = load_config(paths.config_file).endpoints["mine"]
    assert (settings.base_url, settings.model, settings.timeout) == ("https://b.example/v1", "m", 7)
    assert "# moved" in paths.config_file.read_text()
