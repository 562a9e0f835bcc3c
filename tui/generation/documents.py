"""Entries as the JSON that commands print, and that a command of the user's is given."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import msgspec

from tui.catalog.card import ModelCard
from tui.generation.actual import differences
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.text import showable, storable

_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def entry_document(entry: Entry, store: HistoryStore, card: ModelCard) -> dict[str, Any]:
    """All fields of the entry, empty ones too, with the absolute path of each image added, and in
    what it differs from what was asked for, by the card of its model.

    A path is null where the entry's file name leads out of the data folder.
    """
    fields = (name for name in entry.__struct_fields__ if name != "unknown")
    document = {name: msgspec.to_builtins(getattr(entry, name)) for name in fields}
    for image in document["images"]:
        try:
            image["path"] = storable(str(store.absolute(image["file"])))
        except ValueError:
            image["path"] = None
    document["differences"] = msgspec.to_builtins(differences(entry, card))
    return document


def json_line(document: object) -> str:
    """`document` as one line of JSON, in which nothing can act on a terminal."""
    text = msgspec.json.encode(document).decode()
    return _NOT_ASCII.sub(lambda found: _escaped(found[0]), text)


@cache
def _escaped(character: str) -> str:
    """`character` as JSON may hold it: escaped when `tui.text` would not show it as it is."""
    if showable(character) == character:
        return character
    # DEL is among ASCII's, and json leaves it as it is.
    return r"\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
