"""What can be found out about an endpoint, while somebody waits who may change his mind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from tui.api.endpoints import find_settings
from tui.catalog.loading import load_catalogue
from tui.config import Config
from tui.generation.checkup.facts import Fact
from tui.generation.checkup.online import online_facts
from tui.generation.checkup.redaction import secret_headers
from tui.generation.checkup.settings import endpoint_facts
from tui.paths import Paths
from tui.scrub import EVERY_SECRET, secret_values


async def check_endpoint(
    name: str, config: Config, paths: Paths, environment: Mapping[str, str]
) -> AsyncIterator[Fact]:
    """The facts about the endpoint `name` of `config`, as they come; nothing of it costs anything.

    Every secret that is met is known to the scrubber afterwards.
    """
    settings = find_settings(config, name)
    EVERY_SECRET.learn(secret_values(environment))
    EVERY_SECRET.learn(settings.headers[header] for header in secret_headers(settings.headers))
    EVERY_SECRET.learn(secret_values(settings.extra))
    # A key's command may take its time.
    found = await asyncio.to_thread(
        lambda: list(endpoint_facts(name, config, name, paths, environment))
    )
    for fact in found:
        yield fact
    if any(fact.blocks for fact in found):
        yield Fact("reachable", None, "not asked before that is put right")
        return
    catalogue = await asyncio.to_thread(load_catalogue, paths.cards)
    for fact in await online_facts(name, config, settings, paths, catalogue):
        yield fact
