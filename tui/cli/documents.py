"""What commands print as JSON: one object a line."""

from __future__ import annotations

from typing import Any

import click

from tui.cli.differences import card_of
from tui.generation import documents
from tui.history.entry import Entry
from tui.history.store import HistoryStore

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one object a line."
)


def print_object(document: object) -> None:
    """Print `document` as one line of JSON, in which nothing can act on a terminal."""
    click.echo(documents.json_line(document))


def entry_document(entry: Entry, store: HistoryStore) -> dict[str, Any]:
    """The JSON object of `entry`, by the cards that there are now."""
    return documents.entry_document(entry, store, card_of(entry))
