"""darkroom history star, tag, rate, note: what the user makes of an entry."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import click

from tui.cli.documents import as_json_option, entry_document, print_object
from tui.cli.entry_lines import named_entry, print_entry
from tui.cli.exits import FAILED, USAGE, leave
from tui.history.edits import HIGHEST_RATING, noted, rated, starred, tagged
from tui.history.entry import Entry, UnreadableEntry
from tui.history.store import HistoryStore
from tui.paths import find_paths
from tui.text import showable


@click.command("star")
@click.argument("entry_id", metavar="ID")
@as_json_option
def star(entry_id: str, as_json: bool) -> None:
    """Star an entry, or take its star away; part of its ID will do."""
    _change(entry_id, lambda entry: starred(entry, is_starred=not entry.starred), as_json)


@click.command("rate")
@click.argument("entry_id", metavar="ID")
@click.argument("rating", metavar="0-5", type=click.IntRange(0, HIGHEST_RATING))
@as_json_option
def rate(entry_id: str, rating: int, as_json: bool) -> None:
    """Rate an entry from 1 to 5; 0 takes the rating away."""
    _change(entry_id, partial(rated, rating=rating), as_json)


@click.command("tag")
@click.argument("entry_id", metavar="ID")
@click.argument("tags", metavar="[TAG]...", nargs=-1)
@click.option("--remove", "removed", metavar="TAG", multiple=True, help="Take a tag away.")
@as_json_option
def tag(entry_id: str, tags: tuple[str, ...], removed: tuple[str, ...], as_json: bool) -> None:
    """Give an entry tags; without any, print those it has."""
    if not tags and not removed:
        for name in named_entry(HistoryStore(find_paths()), entry_id).tags:
            click.echo(showable(name))
        return
    if any(not name.strip() for name in tags):
        leave("a tag has at least one letter", USAGE)
    given, taken = ([name.strip() for name in names] for names in (tags, removed))
    _change(entry_id, partial(tagged, add=given, remove=taken), as_json)


@click.command("note")
@click.argument("entry_id", metavar="ID")
@click.argument("text", metavar="TEXT|-")
@as_json_option
def note(entry_id: str, text: str, as_json: bool) -> None:
    """Write a note on an entry, in place of an older one; - reads it from standard input."""
    if text == "-":
        data = sys.stdin.buffer.read() if sys.stdin is not None else b""
        text = data.decode("utf-8", "replace").rstrip("\r\n")
    _change(entry_id, partial(noted, note=text), as_json)


def _change(entry_id: str, change: Callable[[Entry], Entry], as_json: bool) -> None:
    store = HistoryStore(find_paths())
    found = named_entry(store, entry_id)
    try:
        entry = store.change(found.id, change)
    except OSError as error:
        leave(f"{found.id} cannot be written: {error.strerror or error}", FAILED)
    except UnreadableEntry as error:
        leave(f"{found.id} cannot be changed: {error}", FAILED)
    if as_json:
        print_object(entry_document(entry, store))
    else:
        print_entry(entry)
