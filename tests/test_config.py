"""config.toml: what it may hold, and how it is complained of."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from tui.config import (
    BUILT_IN_ENDPOINTS,
    DEMO,
    OPENAI,
    TOKEN360,
    BudgetCaps,
    Config,
    ConfigError,
    EndpointSettings,
    KeySource,
    NoticeSettings,
    load_config,
    opening_model,
)

CANARY = "sk-CANARY-3f9a"

EXAMPLE = """\
endpoint = "token360"
model = "seedream-4.5"
theme = "safelight"
graphics = "auto"

[defaults."seedream-4.5"]
size = "2304x1728"
watermark = false

[endpoints.token360]
base_url = "https://api.token360.ai/v1"
key = { env = "TOKEN360_API_KEY" }
timeout = 300
image_field = "image"
image_encoding = "data-url"
response_format = "omit"
headers = {}
extra = {}

[budget]
day_usd = 5.00

[keymap]
send = "ctrl+j,alt+enter,ctrl+enter"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def _load(file: Path, text: str) -> Config:
    file.write_text(text, "utf-8")
    return load_config(file)


def _complaint(file: Path, data: str | bytes) -> str:
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(ConfigError) as raised:
        load_config(file)
    return str(raised.value)


def test_the_documented_example_means_what_it_says(file: Path) -> None:
    config = _load(file, EXAMPLE)
    assert config.endpoint == TOKEN360
    assert config.model == "seedream-4.5"
    assert config.theme == "safelight"
    assert config.graphics == "auto"
    assert config.defaults == {"seedream-4.5": {"size": "2304x1728", "watermark": False}}
    assert config.keymap == {"send": "ctrl+j,alt+enter,ctrl+enter"}
    assert config.endpoints == BUILT_IN_ENDPOINTS


@pytest.mark.parametrize("text", [None, "", "# nothing set\n", "\ufeff# by Notepad\r\n"])
def test_nothing_configured_is_the_built_in_configuration(file: Path, text: str | None) -> None:
    config = load_config(file) if text is None else _load(file, text)
    assert config == Config(endpoints=BUILT_IN_ENDPOINTS)


@pytest.mark.parametrize(
    ("text", "wanted"), [("", None), ("thumbnails = true", True), ("thumbnails = false", False)]
)
def test_thumbnails_are_wanted_or_not_or_left_open(
    file: Path, text: str, wanted: bool | None
) -> None:
    assert _load(file, text).thumbnails is wanted


@pytest.mark.parametrize("text", ['thumbnails = "yes"', "thumbnails = 1"])
def test_thumbnails_are_either_wanted_or_not(file: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="thumbnails"):
        _load(file, text)


def test_a_key_of_a_built_in_endpoint_overrides_that_key_alone(file: Path) -> None:
    config = _load(
        file,
        """\
        [endpoints.token360]
        timeout = 45.5
        key = { file = "~/key" }
        headers = { X-Team = "art" }
        [endpoints.demo]
        timeout = 5
        """,
    )
    token360 = config.endpoints[TOKEN360]
    assert token360.base_url == BUILT_IN_ENDPOINTS[TOKEN360].base_url
    assert token360.timeout == 45.5
    assert token360.key == KeySource(file="~/key")
    assert token360.headers == {"X-Team": "art"}
    assert config.endpoints[DEMO] == msgspec.structs.replace(BUILT_IN_ENDPOINTS[DEMO], timeout=5.0)


def test_an_endpoint_of_the_user_joins_the_built_in_ones(file: Path) -> None:
    config = _load(
        file,
        """\
        [endpoints.mine]
        base_url = "http://127.0.0.1:8360/v1"
        references = "edits"
        image_field = "image_urls"
        image_encoding = "url"
        response_format = "b64_json"
        key = { command = ["pass", "show", "mine"] }
        extra = { user = "me", nested = { a = [1, 2.5, true] } }
        """,
    )
    assert config.endpoints == {
        **BUILT_IN_ENDPOINTS,
        "mine": EndpointSettings(
            base_url="http://127.0.0.1:8360/v1",
            references="edits",
            image_field="image_urls",
            image_encoding="url",
            response_format="b64_json",
            key=KeySource(command=("pass", "show", "mine")),
            extra={"user": "me", "nested": {"a": [1, 2.5, True]}},
        ),
    }


def test_an_endpoint_without_a_key_wants_none(file: Path) -> None:
    config = _load(file, '[endpoints.mine]\nbase_url = "http://127.0.0.1/v1"')
    assert config.endpoints["mine"].key is None


@pytest.mark.parametrize(
    ("endpoint", "named", "model"),
    [
        ("mine", None, "of mine"),
        ("mine", "named", "named"),
        ("other", None, "of all"),
        ("other", "", "of all"),
        (OPENAI, None, "gpt-image-2"),
        ("no such endpoint", None, "of all"),
    ],
)
def test_the_model_to_begin_with_is_the_named_the_endpoints_or_that_of_all(
    file: Path, endpoint: str, named: str | None, model: str
) -> None:
    config = _load(
        file, 'model = "of all"\n[endpoints.mine]\nmodel = "of mine"\n[endpoints.other]\n'
    )
    assert opening_model(config, endpoint, named) == model
    assert opening_model(Config(model="of all"), OPENAI) == "gpt-image-2"


def test_a_built_in_endpoint_can_be_told_to_want_no_key(file: Path) -> None:
    config = _load(file, '[endpoints.token360]\nkey = "none"')
    assert config.endpoints[TOKEN360] == msgspec.structs.replace(
        BUILT_IN_ENDPOINTS[TOKEN360], key=None
    )


WRONG = {
    "syntax": ("theme = 'a'\nendpoint =\n", "line 2"),
    "twice": ("theme = 'a'\ntheme = 'b'\n", "line 2"),
    "type": ("endpoint = 5", "$.endpoint"),
    "choice": ('graphics = "best"', "best"),
    "endpoints no table": ("endpoints = 5", "$.endpoints"),
    "endpoint no table": ("endpoints.mine = 5", "$.endpoints"),
    "built-in endpoint no table": ("endpoints.demo = []", "$.endpoints"),
    "unknown key of an endpoint": ("[endpoints.mine]\nbaseurl = ''", "baseurl"),
    "unknown key source": ('[endpoints.mine]\nkey = { vault = "x" }', "vault"),
    "key source no table": ('[endpoints.mine]\nkey = "x"', ".key"),
    "empty command": ("[endpoints.mine]\nkey = { command = 5 }", "command"),
    "no time": ("[endpoints.mine]\ntimeout = 0", "timeout"),
    "negative time": ("[endpoints.mine]\ntimeout = -1", "timeout"),
    "no number as time": ("[endpoints.mine]\ntimeout = nan", "timeout"),
    "endless time": ("[endpoints.mine]\ntimeout = inf", "timeout"),
    "keymap of numbers": ("[keymap]\nsend = 5", "$.keymap"),
    "five thousand digits": (f"theme = {'9' * 5000}", "4300"),
    "brackets": (f"theme = {'[' * 100_000}", ""),
    "not UTF-8": (b"theme = '\xff'", "utf-8"),
    "zeros": (bytes(512), "line 1"),
    "control characters in a key": ('[endpoints.mine]\n"a\\nb\\u001b[31m" = 1', "␛[31m"),
}


@pytest.mark.parametrize(("data", "hint"), WRONG.values(), ids=WRONG.keys())
def test_what_means_nothing_is_one_line_with_the_path_and_the_place(
    file: Path, data: str | bytes, hint: str
) -> None:
    complaint = _complaint(file, data)
    assert complaint.startswith(f"{file}: ")
    assert hint in complaint
    assert len(complaint.splitlines()) == 1


def test_a_folder_in_place_of_the_file_is_one_line_with_the_path(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match=r"config\.toml: Is a directory"):
        load_config(file)


@pytest.mark.parametrize(
    "text",
    [
        f'[endpoints.mine]\nkey = "{CANARY}"',
        f'[endpoints.mine]\nkey = {{ env = "{CANARY}" }}',
        f'[endpoints.mine]\nkey = {{ file = ["{CANARY}"] }}',
        f'[endpoints.mine]\nheaders = {{ X-Api-Key = ["{CANARY}"] }}',
        f'[endpoints.mine]\napi_key = "{CANARY}"',
        f'[endpoints.mine]\nkey = {{ value = "{CANARY}" }}',
        f'[endpoints.mine]\nkey = "{CANARY}',
    ],
)
def test_a_key_written_where_it_does_not_belong_is_not_repeated(file: Path, text: str) -> None:
    assert CANARY not in _complaint(file, text)


def test_no_repr_shows_headers_or_extras_which_may_carry_keys(file: Path) -> None:
    config = _load(
        file,
        f"""\
        [endpoints.mine]
        base_url = "http://mine/v1"
        headers = {{ X-Api-Key = "{CANARY}" }}
        extra = {{ token = "{CANARY}" }}
        """,
    )
    assert config.endpoints["mine"].headers["X-Api-Key"] == CANARY
    for shown in (repr(config), str(config), f"{config}", pretty_repr(config)):
        assert "http://mine/v1" in shown
        assert CANARY not in shown


@pytest.mark.parametrize(
    ("table", "caps"),
    [
        ("", BudgetCaps()),
        ("[budget]\nday_usd = 5", BudgetCaps(day_usd=5.0)),
        (
            "[budget]\njob_usd = 0.5\nsession_usd = 2.0\nday_usd = 0",
            BudgetCaps(job_usd=0.5, session_usd=2.0, day_usd=0.0),
        ),
    ],
)
def test_a_budget_has_the_caps_that_are_named(file: Path, table: str, caps: BudgetCaps) -> None:
    assert _load(file, table).budget == caps


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("daily_usd = 5.0", "daily_usd"),
        ("day_usd = -1", "day_usd"),
        ("day_usd = nan", "day_usd"),
        ("day_usd = inf", "day_usd"),
        ('day_usd = "5"', "day_usd"),
        ("day_usd = true", "day_usd"),
    ],
)
def test_a_cap_that_would_be_none_is_refused(file: Path, line: str, about: str) -> None:
    assert about in _complaint(file, f"[budget]\n{line}\n")


@pytest.mark.parametrize(
    ("table", "notices"),
    [
        ("", NoticeSettings(bell=True, desktop="off", command=(), after=0)),
        ("[notices]\nbell = false", NoticeSettings(bell=False)),
        ('[notices]\ndesktop = "osc777"\nafter = 20', NoticeSettings(desktop="osc777", after=20.0)),
        (
            '[notices]\ncommand = ["notify-send", "-a", "Darkroom"]\nlater = 1',
            NoticeSettings(command=("notify-send", "-a", "Darkroom")),
        ),
    ],
)
def test_the_bell_alone_is_on_unless_more_is_wished(
    file: Path, table: str, notices: NoticeSettings
) -> None:
    assert _load(file, table).notices == notices


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ('bell = "loud"', "$.notices.bell"),
        ('desktop = "osc99"', "$.notices.desktop"),
        ("desktop = true", "$.notices.desktop"),
        ('command = "notify-send Done"', "$.notices.command"),
        ("command = [1]", "$.notices.command"),
        ("after = -1", "$.notices.after"),
        ("after = nan", "$.notices.after"),
        ('after = "20"', "$.notices.after"),
    ],
)
def test_a_notice_that_means_nothing_is_refused(file: Path, line: str, about: str) -> None:
    assert about in _complaint(file, f"[notices]\n{line}\n")


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_configuration_or_a_complaint(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any-config.toml"
    file.write_bytes(data)
    try:
        assert isinstance(load_config(file), Config)
    except ConfigError as error:
        assert len(str(error).splitlines()) == 1
