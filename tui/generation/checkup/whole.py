"""The whole examination: everything that generating needs, without sending anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from tui.api.endpoints import choose_endpoint, find_settings
from tui.catalog.loading import Catalogue, load_catalogue
from tui.config import Config, ConfigError, KeySource, load_config
from tui.generation.checkup.facts import Fact, Section, examined
from tui.generation.checkup.kept import history_facts, log_facts
from tui.generation.checkup.machine import folder_facts, program_facts, terminal_facts
from tui.generation.checkup.online import online_facts
from tui.generation.checkup.redaction import secret_headers
from tui.generation.checkup.settings import configuration_facts, endpoint_facts, why_used
from tui.keys import key_store, survey
from tui.paths import Paths
from tui.scrub import EVERY_SECRET, secret_values
from tui.terminal import TerminalFacts
from tui.themes import load_themes
from tui.tmux import TmuxFacts


class Subject(Struct, frozen=True):
    """What is examined."""

    paths: Paths
    environment: Mapping[str, str]
    terminal: TerminalFacts
    tmux: TmuxFacts | None = None
    endpoint: str | None = None
    """The endpoint that was named instead of the configured one."""
    online: bool = False
    """Whether the endpoint may be asked what it offers."""


def examine(subject: Subject) -> tuple[Section, ...]:
    """All that can be found out about `subject`, section by section.

    Every secret that is met is known to the scrubber afterwards. Asks a key's command for its key,
    as generating would.
    """
    paths, environment = subject.paths, subject.environment
    config, complaint = Config(), None
    try:
        config = load_config(paths.config_file)
    except ConfigError as error:
        complaint = str(error)
    _learn_secrets(config, paths, environment)
    catalogue = load_catalogue(paths.cards)
    themes = load_themes(paths.themes)

    def endpoint() -> Iterator[Fact]:
        if complaint is not None:
            yield Fact("endpoint", None, "not known until config.toml can be read")
            return
        named = subject.endpoint
        try:
            name = choose_endpoint(config, named, environment, paths)
        except ConfigError as error:
            yield Fact("endpoint", str(error), advice="Name one that there is.", blocks=True)
            return
        yield Fact("endpoint", name, f"{name}, {why_used(name, config, named, environment)}")
        yield from _endpoint_facts(subject, name, config, catalogue)

    places: dict[str, Callable[[], Iterator[Fact]]] = {
        "Darkroom": program_facts,
        "Terminal": partial(
            terminal_facts, subject.terminal, config.graphics, environment, subject.tmux
        ),
        "Folders": partial(folder_facts, paths, environment),
        "Configuration": partial(
            configuration_facts, paths, config, complaint, catalogue, themes, environment
        ),
        "Endpoint": endpoint,
        "History": partial(history_facts, paths),
        "Log": partial(log_facts, paths, config, environment),
    }
    return tuple(examined(title, find) for title, find in places.items())


def examine_endpoint(subject: Subject, config: Config, name: str) -> tuple[Section, ...]:
    """What can be found out about the endpoint `name` of `config` alone."""
    _learn_secrets(config, subject.paths, subject.environment)
    catalogue = load_catalogue(subject.paths.cards)

    def endpoint() -> Iterator[Fact]:
        yield Fact("endpoint", name)
        yield from _endpoint_facts(subject, name, config, catalogue)

    return (examined("Endpoint", endpoint),)


def _endpoint_facts(
    subject: Subject, name: str, config: Config, catalogue: Catalogue
) -> Iterator[Fact]:
    stands_in_the_way = False
    for fact in endpoint_facts(name, config, subject.endpoint, subject.paths, subject.environment):
        stands_in_the_way |= fact.blocks
        yield fact
    if not subject.online:
        return
    if stands_in_the_way:
        yield Fact("reachable", None, "not asked before that is put right")
        return
    settings = find_settings(config, name)
    yield from asyncio.run(online_facts(name, config, settings, subject.paths, catalogue))


def _learn_secrets(config: Config, paths: Paths, environment: Mapping[str, str]) -> None:
    """Let the scrubber know every key and secret that can be had without asking anybody."""
    EVERY_SECRET.learn(secret_values(environment))
    for name, settings in config.endpoints.items():
        EVERY_SECRET.learn(settings.headers[name] for name in secret_headers(settings.headers))
        EVERY_SECRET.learn(secret_values(settings.extra))
        if settings.key is not None:
            survey(replace(settings.key, keyring="", command=()), environment)
        if store := key_store(paths.keys, name):
            survey(KeySource(file=str(store.file)), environment)
