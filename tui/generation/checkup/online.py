"""What an endpoint can do, found out by asking it, and without paying for anything.

Only GET is sent, and one DELETE of a record that cannot exist.
"""

from __future__ import annotations

import asyncio
import difflib
import re
import time
from collections.abc import AsyncIterator

from tui.api.endpoints import open_with_probe
from tui.api.errors import ApiError
from tui.api.results import RemoteModel
from tui.catalog.loading import Catalogue
from tui.config import Config, EndpointSettings, opening_model
from tui.generation.checkup.asking import (
    DENIED,
    NOT_OFFERED,
    Asked,
    Kept,
    Listed,
    has_no_api,
    is_denied,
    is_page,
    is_silent,
)
from tui.generation.checkup.facts import Fact
from tui.generation.checkup.offers import (
    delete_fact,
    download_fact,
    form_fact,
    generations_fact,
    library_fact,
)
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths

PATIENCE = 20.0
"""Seconds to wait for an answer at most; an endpoint's own `timeout` may be less."""
RECENT = 200
"""Entries, newest first, that are looked through for how pictures came."""
NEAR = 3
"""Near names that are told."""
_LOG_IN = "Check base_url; where the network has a login page, log in with a browser first."
_BEYOND_BASE = re.compile(r"/(images(/generations|/edits)?|models|chat/completions)$")


async def online_facts(
    name: str, config: Config, settings: EndpointSettings, paths: Paths, catalogue: Catalogue
) -> tuple[Fact, ...]:
    """What comes of asking the endpoint `name`; nothing of it costs anything."""
    patience = min(settings.timeout, PATIENCE)
    try:
        client, probe = await asyncio.to_thread(
            open_with_probe, name, settings, paths, patience=patience
        )
    except ApiError as error:
        return (Fact("reachable", None, f"not asked: {error.message}", error.hint, blocks=True),)
    asked = Asked(name, settings, client, probe, patience)
    entries = await asyncio.to_thread(_entries, name, paths)
    model = opening_model(config, name)
    try:
        return tuple([fact async for fact in _facts(asked, model, catalogue, entries)])
    finally:
        await client.aclose()


async def _facts(
    asked: Asked, model: str, catalogue: Catalogue, entries: tuple[Entry, ...]
) -> AsyncIterator[Fact]:
    began = time.monotonic()
    models = await asked.answer(asked.client.models())
    yield _reachable(models, time.monotonic() - began)
    if is_silent(models):
        return
    records = await asked.answer(asked.client.records(limit=1))
    if (elsewhere := await _elsewhere(asked, models, records)) is not None:
        yield elsewhere
        return
    if (key := await _key(asked, models, records)) is not None:
        yield key
        if key.blocks:
            return
    yield _models(models, catalogue)
    if not isinstance(models, ApiError):
        yield _default_model(model, models, catalogue)
    description = await asked.probe.described()
    if (generations := generations_fact(description)) is not None:
        yield generations
    yield library_fact(records)
    yield await download_fact(asked, records)
    yield await delete_fact(asked)
    yield form_fact(asked.settings, records, description, entries)


def _entries(name: str, paths: Paths) -> tuple[Entry, ...]:
    """Of the newest entries those whose pictures this endpoint made."""
    entries = HistoryStore(paths).newest(RECENT).entries
    return tuple(entry for entry in entries if entry.endpoint == name and entry.images)


def _reachable(models: Listed, seconds: float) -> Fact:
    if isinstance(models, ApiError) and is_silent(models):
        advice = "Check base_url, that the server runs, and the connection."
        return Fact("reachable", False, f"no: {models.message}", advice, blocks=True)
    return Fact("reachable", True, f"yes, answered in {seconds:.2f} s")


async def _elsewhere(asked: Asked, models: Listed, records: Kept) -> Fact | None:
    """Where the API is instead, or that none answers; None where it may be here."""
    from tui.api.probing import lists_models

    if not isinstance(models, ApiError) or not isinstance(records, ApiError):
        return None
    if not (has_no_api(models) and has_no_api(records)):
        return None
    probe = asked.probe
    for path in _other_paths(probe.base_path):
        reply = await probe.ask("GET", f"{path}/models")
        if lists_models(reply) or (reply is not None and reply.status == 401):
            url = probe.url(path)
            lacks = path == f"{probe.base_path}/v1"
            told = "it seems to lack /v1" if lacks else "it seems to be another"
            told += f": {url}/models answers, and below {probe.url(probe.base_path)} nothing does"
            return Fact("base_url", url, told, f"Set base_url to {url}", blocks=True)
    if is_page(models) or models.kind == "bad_response":
        advice = models.hint
        if models.status == 200 or models.status in NOT_OFFERED:
            advice = _LOG_IN
        return Fact("API", False, f"none answers: {models.message}", advice, blocks=True)
    return None


def _other_paths(here: str) -> list[str]:
    """Paths at which the API may be instead of `here`, the likeliest first."""
    shorter = _BEYOND_BASE.sub("", here)
    longer = [] if shorter.endswith("/v1") else [f"{here}/v1", f"{shorter}/v1"]
    return [p for p in dict.fromkeys([*longer, shorter, "/v1", "/api/v1"]) if p != here]


async def _key(asked: Asked, models: Listed, records: Kept) -> Fact | None:
    """Whether the server takes the key; None where it wants none."""
    name = "key accepted"
    if isinstance(models, ApiError) and is_denied(models):
        return _denied(asked, models)
    if isinstance(records, ApiError) and is_denied(records):
        # Some gateways answer so for whatever they do not have.
        if not isinstance(models, ApiError) and await _is_closed_without_key(asked):
            return Fact(name, True, "yes")
        return _denied(asked, records)
    if asked.settings.key is None:
        return None
    if not isinstance(records, ApiError) or await _is_closed_without_key(asked):
        return Fact(name, True, "yes")
    return Fact(name, None, "not known: the server answers the same without a key")


async def _is_closed_without_key(asked: Asked) -> bool:
    path = f"{asked.probe.base_path}/models"
    reply = await asked.probe.ask("GET", path, with_key=False)
    return reply is not None and reply.status in DENIED


def _denied(asked: Asked, error: ApiError) -> Fact:
    name = "key accepted"
    if asked.settings.key is not None:
        return Fact(name, False, f"no: {error.message}", error.hint, blocks=True)
    told = f"the server wants a key, and none is configured: {error.message}"
    change = f"darkroom endpoints add {asked.name} --from {asked.name} --replace"
    return Fact(name, False, told, f"Say where it is: {change} --key-env VARIABLE", blocks=True)


def _models(models: Listed, catalogue: Catalogue) -> Fact:
    if isinstance(models, ApiError):
        blocks = models.status not in NOT_OFFERED
        hint = "It lists no models, and may make pictures all the same, if base_url is right."
        return Fact("models", None, models.message, models.hint if blocks else hint, blocks)
    described = sum(catalogue.find(model.id) is not None for model in models)
    return Fact("models", len(models), f"{len(models)} listed, {described} described by cards")


def _default_model(wanted: str, models: tuple[RemoteModel, ...], catalogue: Catalogue) -> Fact:
    name = "default model"
    ids = [model.id for model in models]
    card = catalogue.find(wanted)
    wanted = card.id if card is not None else wanted
    if wanted in ids:
        return Fact(name, wanted, f"{wanted}, which it lists")
    if same := [id for id in ids if card is not None and catalogue.find(id) is card]:
        advice = "With darkroom models --refresh it is asked for by that name from now on."
        return Fact(name, wanted, f"{wanted}, which it lists as {same[0]}", advice)
    near = difflib.get_close_matches(wanted, ids, NEAR, cutoff=0.5)
    advice = f"Near names: {', '.join(near)}." if near else "Choose one that it lists."
    return Fact(name, wanted, f"{wanted}, which it does not list", advice)
