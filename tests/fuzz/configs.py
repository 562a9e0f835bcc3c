"""Configurations, what is made of their settings, and what editing a broken one does to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import tomli

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api.errors import ApiError
from tui.api.settings_check import check_settings
from tui.api.wire import UnfitRequest, request_body
from tui.catalog.loading import free_form_card
from tui.catalog.validation import check, request_fields, written
from tui.config import ConfigError, decode_config, opening_model, parse_config
from tui.config_edit import remove_endpoint, save_graphics, save_search, use_endpoint
from tui.text import one_line
from tui.toml_text import same_value

_PATH = Path("/home/somebody/config.toml")
_SECRET = "sk-canary-0123456789"
_WHOLE = f"""\
# Mine.
endpoint = "token360"           # the one used when none is named
model = "seedream-4.5"
theme = "safelight"
graphics = "auto"
thumbnails = true
log = "off"
trash_days = 30

[defaults."seedream-4.5"]       # the form's starting values for a model
size = "2304x1728"
watermark = false

[endpoints.token360]
timeout = 300
key = {{ env = "TOKEN360_API_KEY" }}

# My own.
[endpoints.mine]
base_url = "https://api.example/v1"
key = {{ command = ["pass", "show", "mine"] }}
references = "edits"
image_field = "images"
image_encoding = "base64"
response_format = "b64_json"
headers = {{ "X-Key" = "{_SECRET}" }}
extra = {{ style = "vivid", when = 2026-10-01 }}

[endpoints.local]
key = "none"

[searches]
foxes = "fox !dusk"

[budget]
day_usd = 5.00
job_usd = 1

[queue]
at_once = 4
order = "oldest"
endpoints = {{ mine = 2 }}

[notices]
bell = false
desktop = "auto"
command = ["say", "done"]
after = 10

[keymap]
send = "ctrl+j,alt+enter,ctrl+enter"
""".encode()
_MUTATOR = Mutator(
    [_WHOLE, _WHOLE, b"", b'endpoint = "demo"\r\n[endpoints.demo]\r\ntimeout = 5\r\n',
     b'endpoints.mine.base_url = "https://a.example/v1"\nendpoints.mine.key.env = "A"\n'],
    [
        b"[endpoints.mine]\n", b"[endpoints]\n", b"[[endpoints]]\n", b"[searches]\n", b"[budget]\n",
        b"endpoints = {}\n", b"endpoints = 1\n", b'endpoints.a = "x"\n', b"key = ", b'"none"',
        b"{}",
        b'{ env = "sk-1" }', b'{ file = "~/key" }', b"base_url = ", b'"ftp://x"', b"timeout = ",
        b"0", b"-1", b"inf", b"nan", b"1e308", b"true", b"[]", b'["a"]', b"2026-10-01",
        b"headers = ",
        b"extra = ", b"defaults = ", b"keymap = ", b'"\\r\\n"', b'"\\u0000"',
        b'graphics = "kitty"\n',
        b"\n", b"\r\n", b"\r", b"#", b"'''", b'"""', b" = ", b".", b'"a.b"', b"[a.b.c]\n", b"\t",
    ],
)  # fmt: skip


class _Folder:
    """Where configurations lie that are edited."""

    path: Path


@contextmanager
def _folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        _Folder.path = Path(folder)
        yield


def _example(dice: Random) -> Parts:
    # To edit a file takes as long as to read a hundred of them.
    return _MUTATOR.example(dice), dice.randrange(4) if dice.random() < 0.02 else -1


def _attempt(parts: Parts) -> str:
    data, edit = parts
    try:
        document = parse_config(data, _PATH)
        config = decode_config(document, _PATH)
    except ConfigError as error:
        said = str(error)
        assert said.startswith(str(_PATH))
        assert said == one_line(said)
        assert _SECRET not in said
        if edit >= 0:
            _edit(data, edit)
        return "refused"
    for name, settings in config.endpoints.items():
        assert _SECRET not in repr(settings)
        opening_model(config, name)
        assert 1 <= config.queue.limit_of(name) <= 64
        try:
            check_settings(settings)
            request_body(settings, "m", "p", {}, ())
        except (ApiError, UnfitRequest) as error:
            assert _SECRET not in repr(error.args)
    for model, values in config.defaults.items():
        card = free_form_card(model or "x")
        check(card, "x", values)
        request_fields(card, values)
        for name, value in values.items():
            written(card.parameter(name), value)
    if edit >= 0:
        _edit(data, edit)
    return ACCEPTED


def _edit(data: bytes, edit: int) -> None:
    """The file is changed as it shall be and nothing else in it, or it stays as it is."""
    path = _Folder.path / "config.toml"
    path.write_bytes(data)
    try:
        match edit:
            case 0:
                use_endpoint(path, "token360")
            case 1:
                save_graphics(path, "off")
            case 2:
                save_search(path, "new", "tag:fox")
            case 3:
                remove_endpoint(path, "mine")
    except ConfigError as error:
        assert str(error)
        assert path.read_bytes() == data
        return
    before, after = (_meaning(bytes_) for bytes_ in (data, path.read_bytes()))
    for document in (before, after):
        match edit:
            case 0 | 3:
                document.pop("endpoint", None)
                if edit == 3:
                    _drop(document, "endpoints", "mine")
            case 1:
                document.pop("graphics", None)
            case 2:
                _drop(document, "searches", "new")
    assert same_value(before, after), (before, after)


def _meaning(data: bytes) -> dict[str, Any]:
    return tomli.loads(data.decode("utf-8-sig"))


def _drop(document: dict[str, Any], table: str, name: str) -> None:
    inner = document.get(table)
    if isinstance(inner, dict):
        inner.pop(name, None)
        if not inner:
            del document[table]


TARGET = Target("configs", _example, _attempt, around=_folder)
