"""darkroom models: the catalogue."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click
import msgspec

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.catalog.price import estimate
from tui.cli.card_text import card_lines
from tui.cli.documents import print_object
from tui.cli.exits import DONE, FAILED, REFUSED, USAGE, complain, leave
from tui.cli.setting import (
    bare_catalogue,
    configuration,
    endpoint_name,
    model_catalogue,
    prepared_paths,
)
from tui.config import Config
from tui.generation.clients import Clients
from tui.generation.models_desk import Known, ModelsDesk
from tui.history.wording import dollars
from tui.paths import Paths, find_paths
from tui.text import one_line, showable

REFUSALS = frozenset({"auth", "no_credit", "forbidden"})
"""Kinds of failure in which the endpoint declines to say what it offers."""


@click.command("models")
@click.argument("model_id", metavar="[ID]", required=False)
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.option("--refresh", is_flag=True, help="Ask the endpoint what it offers now.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
@click.pass_context
def command(
    context: click.Context,
    model_id: str | None,
    endpoint: str | None,
    refresh: bool,
    as_json: bool,
) -> None:
    """List the models with the price of an image, or show all that is known of one.

    What the endpoint said when it was last asked is taken into account: its own
    models are listed too, and those that it does not offer are last, and marked.
    Nobody is asked without --refresh, which costs nothing.
    """
    paths = prepared_paths() if refresh else find_paths()
    config = configuration(paths)
    named = endpoint or context.find_root().params.get("endpoint")
    name = endpoint_name(config, named, paths)
    code = DONE
    if refresh:
        known = asyncio.run(_refreshed(name, config, paths))
        complain(known.news)
        catalogue = known.catalogue
        if known.failure is not None:
            code = REFUSED if known.failure.kind in REFUSALS else FAILED
    else:
        catalogue = model_catalogue(paths, config, name)
    if model_id is None:
        _print_all(catalogue, name, as_json)
    else:
        _print_one(_found(catalogue, model_id), catalogue, name, as_json)
    sys.exit(code)


async def _refreshed(name: str, config: Config, paths: Paths) -> Known:
    clients = Clients(config, paths)
    try:
        return await ModelsDesk(bare_catalogue(paths), paths, clients.get).refreshed(name, config)
    finally:
        await clients.aclose()


def _found(catalogue: Catalogue, model_id: str) -> ModelCard:
    card = catalogue.find(model_id)
    if card is not None:
        return card
    if not catalogue.offers(model_id):
        leave(f"there is no model {model_id}. Known: {', '.join(catalogue.cards)}", USAGE)
    return catalogue.card(model_id)


def _print_one(card: ModelCard, catalogue: Catalogue, endpoint: str, as_json: bool) -> None:
    if as_json:
        print_object(_document(card, catalogue))
        return
    for line in card_lines(card, endpoint, offered=catalogue.offers(card.id)):
        click.echo(showable(line))


def _print_all(catalogue: Catalogue, endpoint: str, as_json: bool) -> None:
    cards = catalogue.cards.values()
    width = max(len(one_line(card.id)) for card in cards)
    for card in cards:
        if as_json:
            print_object(_document(card, catalogue))
            continue
        price = dollars(estimate(card, {}))
        names = " ".join(one_line(parameter.name) for parameter in card.parameters)
        line = f"{one_line(card.id):<{width}}  {price:>8}  {names or 'prompt only'}"
        if catalogue.offers(card.id) is False:
            line += f"  (not offered by {one_line(endpoint)})"
        click.echo(showable(line))


def _document(card: ModelCard, catalogue: Catalogue) -> dict[str, Any]:
    """The card, and whether the endpoint offers it; null where that is not known."""
    document: dict[str, Any] = msgspec.to_builtins(card)
    return {**document, "offered": catalogue.offers(card.id)}
