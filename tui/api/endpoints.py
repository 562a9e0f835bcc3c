"""Endpoints by name: which one to use, and its client.

httpx is imported when a client is opened, since the first frame needs the name alone.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.config import (
    BUILT_IN_ENDPOINTS,
    DEMO,
    TOKEN360,
    Config,
    ConfigError,
    EndpointSettings,
    KeySource,
)
from tui.keys import (
    Finding,
    KeyProblem,
    KeyStore,
    NoKey,
    Secret,
    find_key,
    key_store,
    promising,
    survey,
    ways_to_set,
)
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.api.client import ImagesClient
    from tui.api.http import Transport
    from tui.api.probing import Probe

DEMO_KEY = "demo-takes-any-key"
PUT_RIGHT = "Put that right, or rehearse on demo."
DEMO_LATENCY = 1.5
DEMO_LATENCY_VARIABLE = "DARKROOM_DEMO_LATENCY"


def choose_endpoint(
    config: Config, named: str | None, environment: Mapping[str, str], paths: Paths
) -> str:
    """The endpoint to use: `named`, else the configured one, else one whose key is there.

    Raises ConfigError for a name that is not configured.
    """
    name = named or config.endpoint
    if not name:
        settings = find_settings(config, TOKEN360)
        return TOKEN360 if has_key(TOKEN360, settings, environment, paths) else DEMO
    find_settings(config, name)
    return name


def find_settings(config: Config, name: str) -> EndpointSettings:
    """The settings of the endpoint `name`. Raises ConfigError, naming those there are."""
    known = {**BUILT_IN_ENDPOINTS, **config.endpoints}
    if name not in known:
        raise ConfigError(f"there is no endpoint {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]


def has_key(
    name: str, settings: EndpointSettings, environment: Mapping[str, str], paths: Paths
) -> bool:
    """Whether the endpoint `name` is ready to be used as far as can be told at once.

    A keyring, file or command that is configured counts; it is not asked here.
    """
    if settings.key is None or promising(settings.key, environment):
        return True
    store = key_store(paths.keys, name)
    return store is not None and store.is_filled()


def open_client(name: str, settings: EndpointSettings, paths: Paths) -> ImagesClient:
    """A client of the endpoint `name`.

    Call it in a thread: it imports httpx, and a key's command may take its time. Raises ApiError
    of kind "auth" when there is no key.
    """
    from tui.api.client import ImagesClient

    return ImagesClient(settings, *_way_in(name, settings, paths))


def open_with_probe(
    name: str, settings: EndpointSettings, paths: Paths, *, patience: float
) -> tuple[ImagesClient, Probe]:
    """A client as `open_client` gives it, and with it what asks beside the API.

    `patience` is for each question of the latter, in seconds. Closing the client closes both.
    """
    from tui.api.client import ImagesClient
    from tui.api.probing import Probe

    key, transport = _way_in(name, settings, paths)
    client = ImagesClient(settings, key, transport)
    return client, Probe(settings, key, transport, patience=patience)


def key_at_a_glance(
    name: str, settings: EndpointSettings, environment: Mapping[str, str], paths: Paths
) -> Finding | None:
    """The first place that has the endpoint's key, or may have it; None when none is wanted.

    Nobody is asked: what a keyring or a command has stays open. Where no place has one it is the
    first place, its state "absent".
    """
    if settings.key is None:
        return None
    findings = list(_glances(settings.key, environment, key_store(paths.keys, name)))
    there = next((finding for finding in findings if finding.state != "absent"), None)
    return there or findings[0] if findings else Finding("no place", "absent")


def _glances(
    source: KeySource, environment: Mapping[str, str], store: KeyStore | None
) -> Iterator[Finding]:
    if source.env:
        yield from survey(KeySource(env=source.env), environment)
    if source.keyring:
        yield Finding(f"keyring {source.keyring}", "not asked")
    if source.file:
        yield from survey(KeySource(file=source.file), environment)
    if source.command:
        yield Finding(f"the command {source.command[0]}", "not asked")
    if store is None:
        return
    if os.path.lexists(store.marker):
        yield Finding(f"keyring {store.service}", "not asked")
    elif store.is_filled():
        yield from survey(KeySource(file=str(store.file)), environment)
    else:
        yield Finding(store.command, "absent")


def _way_in(
    name: str, settings: EndpointSettings, paths: Paths
) -> tuple[Secret | None, Transport | None]:
    """The key, and what stands for the network where the endpoint is within this process."""
    if is_demo(settings):
        from tui.api.embedded import embedded
        from tui.demo.server import demo_app

        app = demo_app(paths.demo, latency=_demo_latency(os.environ))
        return Secret(DEMO_KEY, "the demo endpoint"), embedded(app)
    return _key(name, settings, paths), None


def _key(name: str, settings: EndpointSettings, paths: Paths) -> Secret | None:
    if settings.key is None:
        return None
    try:
        return find_key(settings.key, store=key_store(paths.keys, name))
    except KeyProblem as problem:
        missing = isinstance(problem, NoKey)
        raise ApiError(
            "auth",
            f"There is no usable key for {name}: {problem}.",
            hint=_how_to_set(name, settings.key, paths) if missing else PUT_RIGHT,
        ) from None


def _how_to_set(name: str, source: KeySource, paths: Paths) -> str:
    ways = ways_to_set(source, key_store(paths.keys, name))
    if not ways or source.keyring or source.file or source.command:
        ways.append(f"see to `key` of endpoints.{name} in config.toml")
    text = ", or ".join([*ways, "rehearse on demo"])
    return f"{text[0].upper()}{text[1:]}."


def is_demo(settings: EndpointSettings) -> bool:
    """Whether the endpoint is the rehearsal within this process."""
    # Not at the top: the studio's start imports this module and opens nothing.
    from tui.api.addresses import DEMO_HOST, BadAddress, read_address

    try:
        return read_address(settings.base_url).host == DEMO_HOST
    except BadAddress:
        return False


def _demo_latency(environment: Mapping[str, str]) -> float:
    try:
        latency = float(environment.get(DEMO_LATENCY_VARIABLE, DEMO_LATENCY))
    except ValueError:
        return DEMO_LATENCY
    return latency if math.isfinite(latency) and latency >= 0 else DEMO_LATENCY
