"""What commands print as JSON: one object a line."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from tui.history.entry import Entry
from tui.history.store import HistoryStore


def print_object(document: object) -> None:
    """Print `document` as one line of JSON."""
    click.echo(msgspec.json.encode(document).decode())


def entry_document(entry: Entry, store: HistoryStore) -> dict[str, Any]:
    """The entry as its file has it, with the absolute path of each image added."""
    document: dict[str, Any] = msgspec.to_builtins(entry)
    document.pop("unknown", None)
    for image in document.get("images", ()):
        image["path"] = str(store.absolute(image["file"]))
    return document
