"""The configuration and the endpoint that it leads to, examined."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping

from tui.api.endpoints import find_settings, open_client
from tui.api.errors import ApiError
from tui.catalog.loading import Catalogue
from tui.config import DEMO, TOKEN360, Config, EndpointSettings, KeySource
from tui.generation.checkup.facts import Fact
from tui.generation.checkup.redaction import bare_address
from tui.keys import Finding, key_store, survey, ways_to_set
from tui.paths import Paths
from tui.themes import Themes

_THEME_VARIABLE = "DARKROOM_THEME"
_ENDPOINT_VARIABLE = "DARKROOM_ENDPOINT"
_NO_LISTING = frozenset({404, 405, 501})
"""What an endpoint answers that lists no models, and may make pictures all the same."""


def configuration_facts(
    paths: Paths,
    config: Config,
    complaint: str | None,
    catalogue: Catalogue,
    themes: Themes,
    environment: Mapping[str, str],
) -> Iterator[Fact]:
    """config.toml, of which `complaint` says what is wrong, the cards and the themes."""
    file = paths.config_file
    if complaint is not None:
        advice = "Correct it; nothing is generated before."
        yield Fact("config.toml", complaint, advice=advice, blocks=True)
    elif file.exists():
        open_to_others = any(settings.headers for settings in config.endpoints.values()) and bool(
            file.stat().st_mode & 0o077
        )
        advice = f"It holds headers, and others can read it. Run: chmod 600 {file}"
        yield Fact("config.toml", str(file), advice=advice if open_to_others else "")
    else:
        yield Fact("config.toml", None, f"none at {file}: all is as built in")
    if complaint is None:
        card = catalogue.find(config.model)
        shown = config.model if card else f"{config.model}, which no card describes"
        yield Fact("model", config.model, shown)
    yield _theme(config, themes, environment)
    yield Fact("cards", len(catalogue.cards))
    for problem in catalogue.problems:
        yield Fact("card not used", problem, advice="Correct the file, or remove it.")
    yield Fact("themes", len(themes.found))
    for problem in themes.problems:
        yield Fact("theme not used", problem, advice="Correct the file, or remove it.")


def endpoint_facts(
    name: str, config: Config, named: str | None, paths: Paths, environment: Mapping[str, str]
) -> Iterator[Fact]:
    """Why the endpoint `name` is used, where it is, and what its key comes to."""
    settings = find_settings(config, name)
    yield Fact("endpoint", name, f"{name}, {_why(name, config, named, environment)}")
    if name == DEMO:
        instead = find_settings(config, TOKEN360).key if not (named or config.endpoint) else None
        to_be_real = _how_to_set(TOKEN360, instead, paths) if instead else ""
        advice = f"For real pictures: {to_be_real}." if to_be_real else ""
        yield Fact("kind", "rehearsal", "a rehearsal, which costs nothing", advice)
        return
    yield Fact("address", bare_address(settings.base_url))
    if settings.headers:
        yield Fact("headers", ", ".join(settings.headers))
    if fault := _fault(settings):
        yield fault
    yield Fact("timeout", settings.timeout, f"{settings.timeout:g} s")
    yield from _key_facts(name, settings.key, paths, environment)


async def ask_for_models(
    name: str, settings: EndpointSettings, paths: Paths, catalogue: Catalogue
) -> Fact:
    """What comes of asking the endpoint for its models, which costs nothing."""
    began = time.monotonic()
    try:
        client = await asyncio.to_thread(open_client, name, settings, paths)
        try:
            models = await client.models()
        finally:
            await client.aclose()
    except ApiError as error:
        seconds = f"{time.monotonic() - began:.2f} s"
        blocks = error.status not in _NO_LISTING
        hint = error.hint if blocks else "It lists no models, and may make pictures all the same."
        return Fact("models", error.message, f"{error.message} ({seconds})", hint, blocks)
    seconds = f"{time.monotonic() - began:.2f} s"
    described = sum(catalogue.find(model.id) is not None for model in models)
    shown = f"{len(models)} listed, {described} of them described by cards ({seconds})"
    return Fact("models", len(models), shown)


def _theme(config: Config, themes: Themes, environment: Mapping[str, str]) -> Fact:
    wanted = environment.get(_THEME_VARIABLE)
    theme = wanted or config.theme
    if theme in themes.found:
        return Fact("theme", theme)
    advice = f"Choose one of: {', '.join(sorted(themes.found))}."
    # The studio does not open on a theme that the environment names and there is not.
    return Fact("theme", theme, f"there is no theme {theme}", advice, blocks=wanted is not None)


def _why(name: str, config: Config, named: str | None, environment: Mapping[str, str]) -> str:
    if named:
        by_environment = environment.get(_ENDPOINT_VARIABLE) == named
        return f"named by {_ENDPOINT_VARIABLE if by_environment else '--endpoint'}"
    if config.endpoint:
        return "as config.toml says"
    return "since no key was found" if name == DEMO else "since it has a key"


def _fault(settings: EndpointSettings) -> Fact | None:
    """What makes the settings unusable, if anything does."""
    from tui.api.client import ImagesClient

    try:
        ImagesClient(settings, None)
    except ApiError as error:
        return Fact("settings", error.message, advice=error.hint, blocks=True)
    return None


def _key_facts(
    name: str, source: KeySource | None, paths: Paths, environment: Mapping[str, str]
) -> Iterator[Fact]:
    if source is None:
        yield Fact("key", None, "none is wanted")
        return
    findings = survey(source, environment, key_store(paths.keys, name))
    for finding in findings:
        yield _finding(finding)
    if any(finding.used for finding in findings):
        return
    unusable = any(finding.state == "unusable" for finding in findings)
    ways = _how_to_set(name, source, paths)
    to_begin = "Put right what is unusable, or remove it and" if unusable else "To set one,"
    yield Fact("key", None, "no usable one was found", f"{to_begin} {ways}.", blocks=True)


def _finding(finding: Finding) -> Fact:
    state = "none" if finding.state == "absent" else finding.reason or finding.state
    if finding.used:
        state = "found, and used"
    elif finding.differs:
        state = "found, another one than is used"
    shown = state if finding.source in state else f"{finding.source}: {state}"
    return Fact("key from", finding.source, shown)


def _how_to_set(name: str, source: KeySource, paths: Paths) -> str:
    ways = ways_to_set(source, key_store(paths.keys, name))
    return ", or ".join(ways) or f"see to `key` of endpoints.{name} in config.toml"
