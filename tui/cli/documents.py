"""What commands print as JSON: one object a line."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import click
import msgspec

from tui.cli.differences import differences_of
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.text import showable, storable

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one object a line."
)
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def print_object(document: object) -> None:
    """Print `document` as one line of JSON, in which nothing can act on a terminal."""
    text = msgspec.json.encode(document).decode()
    click.echo(_NOT_ASCII.sub(lambda found: _escaped(found[0]), text))


def entry_document(entry: Entry, store: HistoryStore) -> dict[str, Any]:
    """All fields of the entry, empty ones too, with the absolute path of each image added, and in
    what it differs from what was asked for.

    A path is null where the entry's file name leads out of the data folder.
    """
    fields = (name for name in entry.__struct_fields__ if name != "unknown")
    document = {name: msgspec.to_builtins(getattr(entry, name)) for name in fields}
    for image in document["images"]:
        try:
            image["path"] = storable(str(store.absolute(image["file"])))
        except ValueError:
            image["path"] = None
    document["differences"] = msgspec.to_builtins(differences_of(entry))
    return document


@cache
def _escaped(character: str) -> str:
    """`character` as JSON may hold it: escaped when `tui.text` would not show it as it is."""
    return character if showable(character) == character else json.dumps(character)[1:-1]
