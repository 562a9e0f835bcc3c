"""darkroom models: the catalogue."""

from __future__ import annotations

import click

from tui.catalog.loading import Catalogue
from tui.catalog.price import estimate
from tui.cli.card_text import card_lines
from tui.cli.documents import print_object
from tui.cli.exits import USAGE, leave
from tui.cli.setting import model_catalogue
from tui.history.wording import dollars
from tui.paths import find_paths
from tui.text import one_line, showable


@click.command("models")
@click.argument("model_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def command(model_id: str | None, as_json: bool) -> None:
    """List the models with the price of an image, or show all that is known of one."""
    catalogue = model_catalogue(find_paths())
    if model_id is None:
        _print_all(catalogue, as_json)
        return
    card = catalogue.find(model_id)
    if card is None:
        leave(f"there is no model {model_id}. Known: {', '.join(catalogue.cards)}", USAGE)
    if as_json:
        print_object(card)
    else:
        for line in card_lines(card):
            click.echo(showable(line))


def _print_all(catalogue: Catalogue, as_json: bool) -> None:
    cards = catalogue.cards.values()
    width = max(len(one_line(card.id)) for card in cards)
    for card in cards:
        if as_json:
            print_object(card)
            continue
        price = dollars(estimate(card, {}))
        names = " ".join(one_line(parameter.name) for parameter in card.parameters)
        click.echo(showable(f"{one_line(card.id):<{width}}  {price:>8}  {names or 'prompt only'}"))
