"""config.toml changed by program: only what is meant changes, and the result loads."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tui import config_edit
from tui.config import (
    BUILT_IN_ENDPOINTS,
    LOCAL,
    OPENAI,
    TOKEN360,
    ConfigError,
    EndpointSettings,
    KeySource,
    load_config,
)
from tui.config_edit import (
    EndpointExists,
    NoSuchEndpoint,
    UnfitSearch,
    remove_endpoint,
    remove_search,
    save_endpoint,
    save_search,
    use_endpoint,
)
from tui.toml_text import same_value

OWN = EndpointSettings(base_url="https://images.example/v1", key=KeySource(env="OWN_KEY"))
FULL = EndpointSettings(
    base_url="https://images.example/v1",
    key=KeySource(command=("pass", 'a "b" c')),
    model="mine",
    timeout=90.5,
    connect_timeout=3.0,
    download_timeout=60.0,
    references="edits",
    image_field="images",
    image_encoding="base64",
    image_always_array=True,
    response_format="url",
    native_params=True,
    headers={"X-Team": "art \\ 'x'", "odd name": "1"},
    extra={"a": [1, {"b": "c"}], "steps": 4, "half": 0.5, "on": False},
)

BY_HAND = """\
# Darkroom of the studio

theme = "safelight"  # for the night
future = { key = 1 }

# The one in the cellar
[endpoints.cellar]  # old
base_url = "http://cellar.local/v1"
timeout = 500 # it is slow
# model = "other"

# My keys
[keymap]
send = "ctrl+j"

[endpoints.attic]
base_url = "http://attic.local/v1"
[endpoints.attic.headers]
X-Team = "art"

# The end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "config.toml"


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    return file


# ---------------------------------------------------------------- what is written


def test_a_file_that_is_missing_is_made_for_its_owner_alone(file: Path) -> None:
    save_endpoint(file, "own", OWN, replace=False)
    assert file.read_text() == (
        "[endpoints.own]\n"
        'base_url = "https://images.example/v1"\n'
        'key = { env = "OWN_KEY" }\n'
    )  # fmt: skip
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("before", ["", "theme = 'paper'", BY_HAND, "\ufefftheme = 'a'\r\n"])
@pytest.mark.parametrize("name", ["own", "Own.2", "_x-y"])
def test_what_is_saved_is_what_is_loaded(file: Path, before: str, name: str) -> None:
    _written(file, before)
    save_endpoint(file, name, FULL, replace=False)
    assert load_config(file).endpoints[name] == FULL
    assert file.read_bytes().startswith(before.encode())


@pytest.mark.parametrize(
    ("name", "changes", "lines"),
    [
        (TOKEN360, {"timeout": 45.0}, ["timeout = 45"]),
        (TOKEN360, {"key": KeySource(file="~/k")}, ['key = { file = "~/k" }']),
        (TOKEN360, {"key": None}, ['key = "none"']),
        (LOCAL, {"key": KeySource()}, ["key = {}"]),
        (OPENAI, {"model": ""}, ['model = ""']),
    ],
)
def test_of_a_built_in_endpoint_only_what_differs_is_written(
    file: Path, name: str, changes: dict[str, object], lines: list[str]
) -> None:
    wanted = EndpointSettings(
        **{field: getattr(BUILT_IN_ENDPOINTS[name], field) for field in OWN.__struct_fields__}
        | changes
    )
    save_endpoint(file, name, wanted, replace=False)
    assert file.read_text().splitlines() == [f"[endpoints.{name}]", *lines]
    assert load_config(file).endpoints[name] == wanted
    save_endpoint(file, name, BUILT_IN_ENDPOINTS[name], replace=True)
    assert file.read_text() == ""


def test_a_value_that_is_back_at_its_default_is_taken_out(file: Path) -> None:
    save_endpoint(file, "own", FULL, replace=False)
    save_endpoint(file, "own", EndpointSettings(base_url="http://a/v1"), replace=True)
    assert file.read_text() == '[endpoints.own]\nbase_url = "http://a/v1"\n'


def test_what_is_written_by_hand_stays_as_it_is(file: Path) -> None:
    _written(file, BY_HAND)
    cellar = EndpointSettings(base_url="http://cellar.local/v1", timeout=500, model="new")
    save_endpoint(file, "cellar", cellar, replace=True)
    assert file.read_text() == BY_HAND.replace(
        "timeout = 500 # it is slow\n", 'timeout = 500 # it is slow\nmodel = "new"\n'
    )
    attic = EndpointSettings(base_url="http://attic.local/v1", headers={"X-Team": "letters"})
    save_endpoint(file, "attic", attic, replace=True)
    assert 'base_url = "http://attic.local/v1"\n[endpoints.attic.headers]\nX-Team = "letters"' in (
        file.read_text()
    )
    assert load_config(file).endpoints["attic"] == attic


def test_a_removed_endpoint_leaves_the_comment_of_what_follows_it(file: Path) -> None:
    _written(file, BY_HAND)
    remove_endpoint(file, "cellar")
    text = file.read_text()
    assert "cellar.local" not in text
    assert '\n\n# My keys\n[keymap]\nsend = "ctrl+j"\n' in text
    remove_endpoint(file, "attic")
    assert file.read_text().endswith('send = "ctrl+j"\n\n# The end\n')


@pytest.mark.parametrize(
    "before",
    [
        'endpoints = { own = { base_url = "http://a/v1" }, b = { base_url = "http://b/v1" } }\n',
        'endpoints.own.base_url = "http://a/v1"\nendpoints.b.base_url = "http://b/v1"\n',
        '[endpoints]\nown = { base_url = "http://a/v1" }\nb.base_url = "http://b/v1"\n',
        '[endpoints]\n[endpoints."own"]\nbase_url = "http://a/v1"\n[endpoints.b.key]\nenv = "B"\n',
        '[endpoints.own.headers]\nA = "1"\n[theme2]\n[endpoints.own.extra]\nb = 1\n',
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_way_to_write_a_table_can_be_changed(file: Path, before: str, line_end: str) -> None:
    _written(file, before.replace("\n", line_end))
    save_endpoint(file, "new", FULL, replace=False)
    save_endpoint(file, "own", FULL, replace=True)
    use_endpoint(file, "own")
    loaded = load_config(file)
    assert (loaded.endpoint, loaded.endpoints["own"], loaded.endpoints["new"]) == (
        "own", FULL, FULL,
    )  # fmt: skip
    remove_endpoint(file, "own")
    remove_endpoint(file, "new")
    expected = tomllib.loads(before)
    del expected["endpoints"]["own"]
    after = tomllib.loads(file.read_text())
    assert {"endpoints": {}, **after} == expected


# ---------------------------------------------------------------- the chosen one


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, 'endpoint = "local"\n'),
        ("theme = 'a'\n", "endpoint = \"local\"\ntheme = 'a'\n"),
        ("# mine\n\n# keys\n[keymap]\n", '# mine\n\nendpoint = "local"\n\n# keys\n[keymap]\n'),
        ("endpoint = 'demo' # now\n[keymap]\n", 'endpoint = "local" # now\n[keymap]\n'),
        ("[endpoint_of]\r\na = 1\r\n", 'endpoint = "local"\r\n\r\n[endpoint_of]\r\na = 1\r\n'),
    ],
)
def test_an_endpoint_is_chosen_above_all_tables(file: Path, before: str | None, after: str) -> None:
    if before is not None:
        _written(file, before)
    use_endpoint(file, LOCAL)
    assert file.read_bytes().decode() == after
    assert load_config(file).endpoint == LOCAL


def test_a_removed_endpoint_is_no_longer_chosen(file: Path) -> None:
    for name in ("own", OPENAI):
        save_endpoint(file, name, OWN, replace=False)
        use_endpoint(file, name)
        remove_endpoint(file, name)
        assert file.read_text() == ""


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("edit", "error", "reason"),
    [
        (lambda f: save_endpoint(f, "cellar", OWN, replace=False), EndpointExists, "already"),
        (lambda f: save_endpoint(f, "demo", OWN, replace=True), ConfigError, "rehearsal"),
        (lambda f: save_endpoint(f, "", OWN, replace=True), ConfigError, "name is of"),
        (lambda f: save_endpoint(f, ".x", OWN, replace=True), ConfigError, "name is of"),
        (lambda f: save_endpoint(f, "-x", OWN, replace=True), ConfigError, "name is of"),
        (lambda f: save_endpoint(f, "a b", OWN, replace=True), ConfigError, "name is of"),
        (lambda f: save_endpoint(f, "x" * 61, OWN, replace=True), ConfigError, "name is of"),
        (lambda f: remove_endpoint(f, "nobody"), NoSuchEndpoint, "'nobody'"),
        (lambda f: remove_endpoint(f, OPENAI), NoSuchEndpoint, "is built in"),
        (lambda f: use_endpoint(f, "nobody"), NoSuchEndpoint, "'nobody'"),
        (
            lambda f: save_endpoint(
                f, "x", EndpointSettings(base_url="a", extra={"seed": [None]}), replace=True
            ),
            ConfigError,
            "extra holds null",
        ),
        (
            lambda f: save_endpoint(
                f, "x", EndpointSettings(base_url="a", headers={"a": "\udc80"}), replace=True
            ),
            ConfigError,
            "headers holds what is no UTF-8",
        ),
        (
            lambda f: save_endpoint(
                f, "x", EndpointSettings(base_url="a", timeout=-1.0), replace=True
            ),
            ConfigError,
            "timeout",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_the_file_is_untouched(
    file: Path, edit: Callable[[Path], None], error: type[ConfigError], reason: str
) -> None:
    _written(file, BY_HAND)
    with pytest.raises(error, match=re.escape(reason)) as raised:
        edit(file)
    assert len(str(raised.value).splitlines()) == 1
    assert file.read_text() == BY_HAND


@pytest.mark.parametrize(
    "text", ["theme = ", "a = 1\na = 2\n", "\x00", "endpoints = 5\n", "theme = 5\n"]
)
def test_a_file_that_means_nothing_is_not_touched(file: Path, text: str) -> None:
    _written(file, text)
    with pytest.raises(ConfigError, match=r"config\.toml: "):
        save_endpoint(file, "own", OWN, replace=True)
    assert file.read_text() == text


def test_a_table_that_keeps_the_file_from_loading_can_be_removed(file: Path) -> None:
    _written(file, "[endpoints.bad]\ntimeout = 0\n[keymap]\n")
    remove_endpoint(file, "bad")
    assert load_config(file).endpoints == BUILT_IN_ENDPOINTS


def test_a_result_that_means_something_else_is_not_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(file, BY_HAND)
    monkeypatch.setattr(config_edit, "with_table", lambda text, path, values: text + "[x]\n")
    with pytest.raises(ConfigError, match="cannot be changed safely"):
        save_endpoint(file, "own", OWN, replace=False)
    assert file.read_text() == BY_HAND


def test_a_folder_in_the_place_of_the_file_is_one_sentence(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"config\.toml: it cannot be changed: "):
        use_endpoint(file, LOCAL)


# ---------------------------------------------------------------- links, other processes


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "darkroom.toml"
    kept.parent.mkdir()
    kept.write_text(BY_HAND)
    file.parent.mkdir()
    file.symlink_to(kept)
    use_endpoint(file, LOCAL)
    assert file.is_symlink()
    assert load_config(kept).endpoint == LOCAL
    assert [path.name for path in kept.parent.iterdir()] == ["darkroom.toml"]


EDITOR = """
import sys
from pathlib import Path
from tui.config import EndpointSettings
from tui.config_edit import save_endpoint
sys.stdin.read()
for number in range(8):
    settings = EndpointSettings(base_url=f"http://a{number}/v1")
    save_endpoint(Path(sys.argv[1]), f"{sys.argv[2]}-{number}", settings, replace=False)
"""
"""Waits for its input to end, then adds eight endpoints."""


def test_of_two_processes_none_loses_what_the_other_wrote(file: Path) -> None:
    _written(file, BY_HAND)
    editors = [
        subprocess.Popen(
            [sys.executable, "-c", EDITOR, str(file), name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    for editor in editors:
        assert editor.stdin is not None
        editor.stdin.close()
    for editor in editors:
        assert editor.stderr is not None
        assert editor.stderr.read() == b""
        assert editor.wait() == 0
    added = {f"{name}-{number}" for name in ("one", "two") for number in range(8)}
    assert added <= set(load_config(file).endpoints)
    assert file.read_text().startswith(BY_HAND)


def test_who_holds_the_file_for_too_long_is_told_of(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    _written(file, BY_HAND)
    monkeypatch.setattr(config_edit, "PATIENCE", 0.0)
    with (file.parent / ".config.toml.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match="another process is changing it"):
            use_endpoint(file, LOCAL)
    use_endpoint(file, LOCAL)
    assert load_config(file).endpoint == LOCAL


def test_tomlkit_is_loaded_by_an_edit_and_not_before() -> None:
    program = "import sys, tui.config_edit; print('tomlkit' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert printed.stdout == "False\n"


# ---------------------------------------------------------------- searches


def test_searches_come_and_go_and_comments_stay(file: Path) -> None:
    text = "theme = 'paper'  # mine\n\n[searches]  # by name\nbest = 'star:'  # the best\n\n# End\n"
    _written(file, text)
    save_search(file, "this week", "date:7d")
    save_search(file, "finest", "star: rating:5", was="best")
    assert load_config(file).searches == {"finest": "star: rating:5", "this week": "date:7d"}
    written = file.read_text()
    for comment in ("# mine", "# by name", "# End"):
        assert comment in written
    remove_search(file, "finest")
    remove_search(file, "this week")
    remove_search(file, "never there")
    assert file.read_text() == "theme = 'paper'  # mine\n\n# End\n"


def test_a_search_takes_no_other_ones_name(file: Path) -> None:
    save_search(file, "best", "star:")
    before = file.read_bytes()
    for name, query in (("best", "rating:5"), ("", "star:"), ("  ", "star:"), ("new", " ")):
        with pytest.raises(UnfitSearch):
            save_search(file, name, query)
    save_search(file, "best", "star:")
    assert file.read_bytes() == before


# ---------------------------------------------------------------- any document, any edits

_words = st.text(st.sampled_from("abü é#\"'\\[]=.\t☃"), max_size=8)
_names = st.sampled_from(["a", "b", "Sea.Port", "x-1", OPENAI, LOCAL])
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_leaves = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    _texts,
)
_values = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)
    ),
    max_leaves=6,
)
_settings = st.builds(
    EndpointSettings,
    base_url=_texts.filter(bool),
    key=st.one_of(
        st.none(),
        st.just(KeySource()),
        st.builds(KeySource, file=_texts, command=st.lists(_texts, max_size=3).map(tuple)),
    ),
    model=_texts,
    timeout=st.one_of(st.integers(1, 86_400).map(float), st.floats(0.1, 86_400)),
    image_field=st.sampled_from(["image", "images"]),
    image_always_array=st.booleans(),
    references=st.sampled_from(["field", "edits"]),
    headers=st.dictionaries(_texts, _texts, max_size=3),
    extra=st.dictionaries(_texts, _values, max_size=3),
)
_edits = st.one_of(
    st.tuples(st.just("save"), _names, _settings),
    st.tuples(st.just("remove"), _names, st.none()),
    st.tuples(st.just("use"), _names, st.none()),
    st.tuples(st.just("search"), _names, _texts),
    st.tuples(st.just("no search"), _names, st.none()),
)


@st.composite
def _documents(draw: st.DrawFn) -> tuple[str, set[str]]:
    """A config.toml as people write them, and the comments that no edit of endpoints may lose."""
    numbers = iter(range(1000))
    comments: set[str] = set()

    def comment() -> str:
        if not draw(st.booleans()):
            return ""
        text = f"# {next(numbers)} {draw(_words)}".rstrip().replace("\t", " ")
        comments.add(text)
        return f"{text}\n"

    def blank() -> str:
        return "\n" * draw(st.integers(0, 2))

    def pair(name: str, value: object) -> str:
        return f"{tomlkit.key(name).as_string()}{draw(st.sampled_from([' = ', '=']))}" + (
            tomlkit.item(value).as_string()
        )

    text = comment() + blank()
    for name, value in draw(st.dictionaries(st.sampled_from(["later", "q r"]), _leaves)).items():
        text += f"{pair(name, value)}\n{comment()}"
    if draw(st.booleans()):
        text += "endpoint = 'a'" + draw(st.sampled_from(["\n", "  # chosen\n"]))
    tables = []
    for name in draw(st.lists(_names, unique=True, max_size=4)):
        heading = f"endpoints.{tomlkit.key(name).as_string()}"
        table = f"[{heading}]{draw(st.sampled_from(['', ' # its own']))}\n"
        table += f"{pair('base_url', draw(_texts))}\n"
        if draw(st.booleans()):
            table += "timeout = 5_0.0 # its own\n"
        if draw(st.booleans()):
            table += f"[{heading}.headers]\nX = 'y'\n"
        tables.append(table)
    tables += [
        f"[{name}]\n" + "".join(f"{pair(k, v)}\n{comment()}" for k, v in values.items())
        for name, values in draw(
            st.dictionaries(
                st.sampled_from(["future", "later2"]),
                st.dictionaries(st.sampled_from(["k", "l m"]), _leaves, max_size=2),
            )
        ).items()
    ]
    if searches := draw(st.dictionaries(_names, _texts, max_size=3)):
        lines = "".join(f"{pair(name, query)}\n" for name, query in searches.items())
        tables.append(f"[searches]\n{lines}")
    for table in draw(st.permutations(tables)):
        text += blank() + comment() + table
    return text + comment(), comments


@settings(max_examples=150)
@given(document=_documents(), edits=st.lists(_edits, min_size=1, max_size=4))
def test_what_is_not_edited_survives_whatever_the_document_and_the_edits(
    tmp_path_factory: pytest.TempPathFactory,
    document: tuple[str, set[str]],
    edits: list[tuple[str, str, Any]],
) -> None:
    text, comments = document
    file = tmp_path_factory.mktemp("edited") / "config.toml"
    file.write_bytes(text.encode())
    expected = tomllib.loads(text)
    expected.setdefault("endpoints", {})
    expected.setdefault("searches", {})
    for kind, name, wanted in edits:
        before = file.read_bytes()
        try:
            if kind == "save":
                save_endpoint(file, name, wanted, replace=True)
                assert load_config(file).endpoints[name] == wanted
                own = tomllib.loads(file.read_text("utf-8")).get("endpoints", {})
                expected["endpoints"].pop(name, None)
                expected["endpoints"] |= {name: own[name]} if name in own else {}
            elif kind == "remove":
                remove_endpoint(file, name)
                expected["endpoints"].pop(name, None)
                if expected.get("endpoint") == name:
                    del expected["endpoint"]
            elif kind == "search":
                save_search(file, name, wanted, was=name)
                expected["searches"][name] = wanted
            elif kind == "no search":
                remove_search(file, name)
                expected["searches"].pop(name, None)
            else:
                use_endpoint(file, name)
                expected["endpoint"] = name
        except (NoSuchEndpoint, UnfitSearch):
            assert file.read_bytes() == before
    after = file.read_bytes().decode()
    assert same_value({"endpoints": {}, "searches": {}, **tomllib.loads(after)}, expected)
    lines = {line.strip() for line in after.splitlines()}
    assert comments <= lines
    load_config(file)
