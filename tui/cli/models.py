"""darkroom models: the catalogue."""

from __future__ import annotations

import click

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.loading import load_catalogue
from tui.catalog.price import estimate
from tui.catalog.validation import options, written
from tui.cli.documents import print_object
from tui.cli.exits import USAGE, complain, leave
from tui.history.wording import dollars
from tui.paths import find_paths
from tui.text import one_line


@click.command("models")
@click.argument("model_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="The cards as JSON, one a line.")
def command(model_id: str | None, as_json: bool) -> None:
    """List the models, or show one with its parameters, limits and price."""
    catalogue = load_catalogue(find_paths().cards)
    for problem in catalogue.problems:
        complain(problem)
    cards = list(catalogue.cards.values())
    if model_id is not None:
        card = catalogue.find(model_id)
        if card is None:
            leave(f"there is no model {model_id}. Known: {', '.join(catalogue.cards)}", USAGE)
        cards = [card]
    for card in cards:
        if as_json:
            print_object(card)
        elif model_id is not None:
            _print_card(card)
        else:
            _print_row(card)


def _print_row(card: ModelCard) -> None:
    names = " ".join(parameter.name for parameter in card.parameters) or "prompt only"
    price = dollars(estimate(card, {}))
    click.echo(f"{one_line(card.id):<24} {one_line(card.name):<26} {price:>8}  {one_line(names)}")


def _print_card(card: ModelCard) -> None:
    click.echo(f"{one_line(card.name)} ({one_line(card.id)}), {one_line(card.vendor)}")
    click.echo(f"an image costs about {dollars(estimate(card, {}))}")
    if card.typical_seconds:
        click.echo(f"takes about {card.typical_seconds:g} s")
    if card.prompt_limit:
        click.echo(f"prompt up to {card.prompt_limit:,} characters")
    references = card.references
    click.echo(f"references up to {references.max}" if references else "takes no references")
    for parameter in card.parameters:
        click.echo()
        _print_parameter(parameter)


def _print_parameter(parameter: Parameter) -> None:
    click.echo(f"{parameter.name}  ({one_line(parameter.label)})")
    values = [written(parameter, value) for value in options(parameter) if value is not None]
    if values:
        click.echo(f"    {', '.join(values)}")
    if parameter.minimum is not None or parameter.maximum is not None:
        click.echo(f"    from {parameter.minimum} to {parameter.maximum}")
    if parameter.min_pixels or parameter.max_pixels:
        low, high = parameter.min_pixels or 1, parameter.max_pixels
        click.echo(f"    {low:,} to {high:,} pixels" if high else f"    from {low:,} pixels")
    for note in (parameter.help, parameter.ignored):
        if note:
            click.echo(f"    {one_line(note)}")
