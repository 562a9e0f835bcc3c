"""config.toml: endpoints, defaults and preferences.

Every field is documented under its name; a missing file is an empty configuration.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
Graphics = Literal["auto", "kitty", "sixel", "half", "off"]
GraphicsProtocol = Literal["kitty", "sixel", "half", "off"]
ImageField = Literal["image", "images", "image_urls"]
ImageEncoding = Literal["data-url", "base64", "url"]
ResponseFormat = Literal["omit", "url", "b64_json"]

DEMO = "demo"
TOKEN360 = "token360"


class ConfigError(Exception):
    """config.toml cannot be used; the text says where and why."""


class KeySource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an endpoint's key comes from; the first one that is set counts."""

    env: str = ""
    """Name of an environment variable."""
    keyring: str = ""
    """Service name in the system's keyring."""
    file: str = ""
    """Path of a file of mode 0600 holding the key alone."""
    command: tuple[str, ...] = ()
    """Command and arguments that print the key."""


class EndpointSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[endpoints.NAME]` table."""

    base_url: str = ""
    """Up to and including `/v1`."""
    key: KeySource | None = None
    """None for a server that wants no key."""
    timeout: float = 300.0
    """Seconds a generation may take from the first byte sent to the last received."""
    image_field: ImageField = "image"
    """Request field that carries reference images."""
    image_encoding: ImageEncoding = "data-url"
    """How reference images are written into that field."""
    response_format: ResponseFormat = "omit"
    """Value of `response_format` sent with every request; omit sends none."""
    headers: dict[str, str] = {}
    """Sent with every request to the endpoint."""
    extra: dict[str, Any] = {}
    """Merged into every request body."""


BUILT_IN_ENDPOINTS = {
    DEMO: EndpointSettings(base_url="http://demo.invalid/v1", timeout=60.0),
    TOKEN360: EndpointSettings(
        base_url="https://api.token360.ai/v1", key=KeySource(env="TOKEN360_API_KEY")
    ),
}


class Config(msgspec.Struct, frozen=True):
    """The whole of config.toml. Keys of later versions are ignored, not refused."""

    endpoint: str = ""
    """Endpoint used when none is named; empty: token360 when its key is found, else demo."""
    model: str = "seedream-4.5"
    """Model that the form opens with."""
    theme: str = "safelight"
    graphics: Graphics = "auto"
    defaults: dict[str, dict[str, Any]] = {}
    """The form's starting values, by model."""
    endpoints: dict[str, EndpointSettings] = {}
    keymap: dict[str, str] = {}
    """Keys by action, comma-separated: `send = "ctrl+j,f5"`."""


def load_config(path: Path) -> Config:
    """The configuration in `path`, built-in endpoints included.

    Raises ConfigError when the file cannot be read or does not mean anything.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        document = {}
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        tables = document.get("endpoints", {})
        if isinstance(tables, dict):
            document["endpoints"] = {**_built_in(), **_overridden(tables)}
        return msgspec.convert(document, Config, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error


def _built_in() -> dict[str, Any]:
    return {name: msgspec.to_builtins(settings) for name, settings in BUILT_IN_ENDPOINTS.items()}


def _overridden(tables: dict[str, Any]) -> dict[str, Any]:
    built_in = _built_in()
    return {
        name: {**built_in.get(name, {}), **table} if isinstance(table, dict) else table
        for name, table in tables.items()
    }
