"""config.toml: endpoints, defaults and preferences.

Every field is documented under its name; a missing file is an empty configuration.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import tomli

from tui.decoding import convert
from tui.desktop import DesktopSetting
from tui.log import LogLevel
from tui.text import one_line

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
GraphicsSetting = Literal["auto", "kitty", "sixel", "half", "off"]
ReferenceWay = Literal["field", "edits"]
ImageField = Literal["image", "images", "image_urls"]
ImageEncoding = Literal["data-url", "base64", "url"]
ResponseFormat = Literal["omit", "url", "b64_json"]

DEMO = "demo"
TOKEN360 = "token360"
OPENAI = "openai"
LOCAL = "local"
NO_KEY = "none"
"""Stands in a `key` for the server that wants no key."""

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


Seconds: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Dollars: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class ConfigError(Exception):
    """config.toml cannot be used; the text says where and why."""


class KeySource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an endpoint's key is looked for, in this order; the first that has one counts.

    What `darkroom key set` has stored comes after these.
    """

    env: str = ""
    """Name of an environment variable."""
    keyring: str = ""
    """Service name in the system's keyring; the user name is `darkroom`."""
    file: str = ""
    """Path of a file of mode 0600 holding the key alone."""
    command: tuple[str, ...] = ()
    """Command and arguments that print the key."""

    def __post_init__(self) -> None:
        # Messages quote the name, and a key written in its place must not get into one.
        if self.env and not _VARIABLE_NAME.fullmatch(self.env):
            raise ValueError("`env` is the name of a variable, not the key itself")


class EndpointSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[endpoints.NAME]` table."""

    base_url: str = ""
    """Up to and including `/v1`."""
    key: KeySource | None = None
    """None for a server that wants no key, which an override of a built-in endpoint writes as
    `"none"`."""
    model: str = ""
    """Model to begin with at this endpoint; empty: the one of the whole configuration."""
    timeout: Seconds = 300.0
    """Seconds a generation may take from the first byte sent to the last received."""
    connect_timeout: Seconds = 10.0
    """Seconds to wait for a connection, proxy and TLS included."""
    download_timeout: Seconds = 180.0
    """Seconds that fetching one picture may take, all attempts together."""
    references: ReferenceWay = "field"
    """How reference images travel: in `image_field` of the request, which is JSON, or as the files
    of a form to `/images/edits`, which takes a mask as well."""
    image_field: ImageField = "image"
    """Request field that carries reference images, where `references` is field; so for the next
    two."""
    image_encoding: ImageEncoding = "data-url"
    """How reference images are written into that field."""
    image_always_array: bool = False
    """Whether a single reference is sent as an array of one."""
    response_format: ResponseFormat = "omit"
    """Value of `response_format` sent with every request; omit sends none."""
    catalogue: str = ""
    """Address of a public catalogue of models, as Token360 has one, which is asked without the key;
    empty: there is none."""
    native_params: bool = False
    """Ask Token360 to hand the body to the model's vendor as it is: parameters are then the
    vendor's own."""
    headers: dict[str, str] = {}
    """Sent with every request to the endpoint."""
    extra: dict[str, Any] = {}
    """Merged into every request body."""

    # Headers of some servers carry keys, so that no repr may show them.
    def __repr__(self) -> str:
        return f"EndpointSettings(base_url={self.base_url!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("base_url", self.base_url)]


BUILT_IN_ENDPOINTS = {
    DEMO: EndpointSettings(
        base_url="http://demo.invalid/v1",
        timeout=60.0,
        catalogue="http://demo.invalid/public/models",
    ),
    TOKEN360: EndpointSettings(
        base_url="https://api.token360.ai/v1",
        key=KeySource(env="TOKEN360_API_KEY"),
        catalogue="https://api.token360.ai/public/models",
    ),
    OPENAI: EndpointSettings(
        base_url="https://api.openai.com/v1",
        key=KeySource(env="OPENAI_API_KEY"),
        model="gpt-image-2",
        timeout=600.0,
        references="edits",
    ),
    # What servers on one's own machine agree on: LocalAI listens there, all know base64, all that
    # take references take them at /images/edits but for LocalAI, and without a graphics card a
    # picture takes minutes.
    LOCAL: EndpointSettings(
        base_url="http://127.0.0.1:8080/v1",
        timeout=1800.0,
        references="edits",
        image_encoding="base64",
        response_format="b64_json",
    ),
}


class BudgetCaps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[budget]` table, in US dollars; None is no cap. A name that is not known is refused: who
    misspells a cap would have none."""

    job_usd: Dollars | None = None
    """What one job may cost before it is asked about."""
    session_usd: Dollars | None = None
    """What may be spent from start to end of the program."""
    day_usd: Dollars | None = None
    """What may be spent from midnight to midnight, by all programs that share the history."""


AtOnce = Annotated[int, msgspec.Meta(ge=1, le=64)]


class QueueSettings(msgspec.Struct, frozen=True):
    """The `[queue]` table: how many requests an endpoint gets at once, and which waits longest."""

    at_once: AtOnce = 4
    """For endpoints that are not named below."""
    order: Literal["oldest", "newest"] = "oldest"
    """Which of those that wait is sent first."""
    endpoints: dict[str, AtOnce] = {}
    models: dict[str, AtOnce] = {}
    """For a model, at each endpoint; one that is not named has no limit of its own."""

    def limit_of(self, endpoint: str) -> int:
        """How many requests an endpoint gets at once."""
        return self.endpoints.get(endpoint, self.at_once)


class NoticeSettings(msgspec.Struct, frozen=True):
    """The `[notices]` table: how the studio tells that a job has ended. One that the user gave up
    is not told of."""

    bell: bool = True
    """Ring the terminal's bell, at most once a second."""
    desktop: DesktopSetting = "off"
    """Have the terminal show a notice on the desktop, one for all jobs that end within a second:
    by OSC 9, OSC 777, or the one that the terminal is known for."""
    command: tuple[str, ...] = ()
    """Command and arguments, run without a shell for every job, one after another, with the entry
    as JSON on standard input: what `darkroom history show --json` prints. It has 60 seconds."""
    after: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    """Seconds that a job has to have run for before bell and desktop tell of it."""


class Config(msgspec.Struct, frozen=True):
    """The whole of config.toml. Keys of later versions are ignored, not refused."""

    endpoint: str = ""
    """Endpoint used when none is named; empty: token360 when its key is found, else demo."""
    model: str = "seedream-4.5"
    """Model that the form opens with."""
    theme: str = "safelight"
    graphics: GraphicsSetting = "auto"
    thumbnails: bool | None = None
    """Whether the history list shows thumbnails; left open, where the terminal draws them in pixels
    (kitty's graphics). With graphics off there are none."""
    log: LogLevel = "off"
    """How much is written to darkroom.log in the cache folder; DARKROOM_LOG comes before it."""
    defaults: dict[str, dict[str, Any]] = {}
    """The form's starting values, by model."""
    endpoints: dict[str, EndpointSettings] = {}
    trash_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    """Days after which what was thrown away is removed for good, with a notice; 0 is never."""
    searches: dict[str, str] = {}
    """Queries of history by the name that the sidebar shows."""
    budget: BudgetCaps = BudgetCaps()
    queue: QueueSettings = QueueSettings()
    notices: NoticeSettings = NoticeSettings()
    keymap: dict[str, str] = {}
    """Keys by action, comma-separated: `send = "ctrl+j,f5"`."""


def load_config(path: Path) -> Config:
    """The configuration in `path`, built-in endpoints included.

    Raises ConfigError when the file cannot be read or does not mean anything.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    except OSError as error:
        raise config_problem(path, error.strerror or str(error)) from error
    return decode_config(parse_config(data, path), path)


def parse_config(data: bytes, path: Path) -> dict[str, Any]:
    """The TOML document in `data`, the bytes of `path`. Raises ConfigError."""
    try:
        return tomli.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise config_problem(path, str(error)) from error


def decode_config(document: dict[str, Any], path: Path) -> Config:
    """What the TOML document of `path` means, built-in endpoints included.

    Raises ConfigError.
    """
    tables = document.get("endpoints", {})
    if isinstance(tables, dict):
        document = {**document, "endpoints": {**_built_in(), **_overridden(tables)}}
    try:
        return convert(document, Config)
    except msgspec.ValidationError as error:
        raise config_problem(path, str(error)) from error


def settings_of(name: str, config: Config) -> EndpointSettings:
    """The settings of the endpoint `name`; empty ones where there is none."""
    return config.endpoints.get(name) or BUILT_IN_ENDPOINTS.get(name) or EndpointSettings()


def opening_model(config: Config, endpoint: str, named: str | None = None) -> str:
    """The model to begin with: `named`, else that of the endpoint, else that of config.toml."""
    return named or settings_of(endpoint, config).model or config.model


def config_problem(path: Path, reason: str) -> ConfigError:
    """The complaint that `path` cannot be used, in one line."""
    return ConfigError(one_line(f"{path}: {reason}", limit=600))


def _built_in() -> dict[str, Any]:
    return {name: msgspec.to_builtins(settings) for name, settings in BUILT_IN_ENDPOINTS.items()}


def _overridden(tables: dict[str, Any]) -> dict[str, Any]:
    built_in = _built_in()
    return {
        name: {**built_in.get(name, {}), **_keyless(table)} if isinstance(table, dict) else table
        for name, table in tables.items()
    }


def _keyless(table: dict[str, Any]) -> dict[str, Any]:
    """`table` with the key that says there is none, for which TOML has no value of its own."""
    return {**table, "key": None} if table.get("key") == NO_KEY else table
