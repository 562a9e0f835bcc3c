"""Endpoints by name: which one to use, and its client.

httpx is imported when a client is opened, since the first frame needs the name alone.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.config import BUILT_IN_ENDPOINTS, DEMO, TOKEN360, Config, ConfigError, EndpointSettings
from tui.keys import KeyProblem, Secret, find_key
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.api.client import ImagesClient

DEMO_KEY = "demo-takes-any-key"
DEMO_LATENCY = 1.5
DEMO_LATENCY_VARIABLE = "DARKROOM_DEMO_LATENCY"


def choose_endpoint(config: Config, named: str | None, environment: Mapping[str, str]) -> str:
    """The endpoint to use: `named`, else the configured one, else one whose key is there.

    Raises ConfigError for a name that is not configured.
    """
    name = named or config.endpoint
    if not name:
        return TOKEN360 if has_key(find_settings(config, TOKEN360), environment) else DEMO
    find_settings(config, name)
    return name


def find_settings(config: Config, name: str) -> EndpointSettings:
    """The settings of the endpoint `name`. Raises ConfigError, naming those there are."""
    known = {**BUILT_IN_ENDPOINTS, **config.endpoints}
    if name not in known:
        raise ConfigError(f"there is no endpoint {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]


def has_key(settings: EndpointSettings, environment: Mapping[str, str]) -> bool:
    """Whether the endpoint is ready to be used as far as can be told at once.

    A keyring, file or command that is configured counts; it is not asked here.
    """
    if settings.key is None:
        return True
    if settings.key.env:
        return bool(environment.get(settings.key.env, "").strip())
    return bool(settings.key.keyring or settings.key.file or settings.key.command)


def open_client(name: str, settings: EndpointSettings, paths: Paths) -> ImagesClient:
    """A client of the endpoint `name`.

    Call it in a thread: it imports httpx, and a key's command may take its time. Raises ApiError
    of kind "auth" when there is no key.
    """
    if _is_demo(settings):
        return _open_demo(settings, paths)
    from tui.api.client import ImagesClient

    return ImagesClient(settings, _key(name, settings))


def _key(name: str, settings: EndpointSettings) -> Secret | None:
    if settings.key is None:
        return None
    try:
        return find_key(settings.key)
    except KeyProblem as problem:
        raise ApiError(
            "auth",
            f"There is no usable key for {name}: {problem}.",
            hint=_how_to_set(name, settings),
        ) from None


def _how_to_set(name: str, settings: EndpointSettings) -> str:
    if settings.key is not None and settings.key.env:
        return f"Set ${settings.key.env}, or rehearse on demo."
    return f"See to `key` of endpoints.{name} in config.toml, or rehearse on demo."


def _is_demo(settings: EndpointSettings) -> bool:
    # Not at the top: the studio's start imports this module and opens nothing.
    from tui.api.addresses import DEMO_HOST, BadAddress, read_address

    try:
        return read_address(settings.base_url).host == DEMO_HOST
    except BadAddress:
        return False


def _open_demo(settings: EndpointSettings, paths: Paths) -> ImagesClient:
    from tui.api.client import ImagesClient
    from tui.api.http import embedded
    from tui.demo.server import demo_app

    app = demo_app(paths.demo, latency=_demo_latency(os.environ))
    return ImagesClient(settings, Secret(DEMO_KEY, "the demo endpoint"), embedded(app))


def _demo_latency(environment: Mapping[str, str]) -> float:
    try:
        latency = float(environment.get(DEMO_LATENCY_VARIABLE, DEMO_LATENCY))
    except ValueError:
        return DEMO_LATENCY
    return latency if math.isfinite(latency) and latency >= 0 else DEMO_LATENCY
