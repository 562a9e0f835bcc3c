"""darkroom history: entries, listed and shown."""

from __future__ import annotations

import hashlib
import sys
from datetime import datetime

import click
from msgspec.structs import replace

from tui.cli.documents import entry_document, print_object
from tui.cli.exits import FAILED, USAGE, complain, leave
from tui.cli.setting import prepared_paths
from tui.history.entry import Entry, UnreadableEntry, encode_entry
from tui.history.store import HistoryStore
from tui.history.wording import age, mark, outcome
from tui.text import one_line, showable

LISTED = 20


class QueryOrVerb(click.Group):
    """Takes a first word that is no verb as the query of a listing."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["list", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("history", cls=QueryOrVerb)
def command() -> None:
    """List entries, newest first. QUERY is words that the prompt or the model must hold.

    \b
    darkroom history [QUERY] [--limit N] [--json]
    """


@command.command("list", hidden=True)
@click.argument("query", nargs=-1)
@click.option("--limit", type=click.IntRange(min=1), default=LISTED, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_entries(query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List the entries that hold every word of QUERY."""
    store = HistoryStore(prepared_paths())
    words = [word.casefold() for word in " ".join(query).split()]
    listing = store.newest(None if words else limit)
    entries = [entry for entry in listing.entries if _holds(entry, words)][:limit]
    for entry in entries:
        if as_json:
            print_object(entry_document(entry, store))
        else:
            click.echo(_line(entry))
    for path in listing.unreadable:
        complain(f"cannot be read, left alone: {path}")


@command.command("show")
@click.argument("entry_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
def show(entry_id: str, as_json: bool) -> None:
    """Show all of an entry; a part of the ID will do."""
    store = HistoryStore(prepared_paths())
    entry = _read(store, entry_id)
    if as_json:
        print_object(entry_document(entry, store))
    else:
        click.echo(showable(encode_entry(entry).decode()))


@command.command("star")
@click.argument("entry_id", metavar="ID")
def star(entry_id: str) -> None:
    """Star an entry, or take its star away."""
    store = HistoryStore(prepared_paths())
    entry = _read(store, entry_id)
    entry = replace(entry, starred=not entry.starred)
    try:
        store.write(entry)
    except (OSError, UnreadableEntry) as error:
        leave(str(error), FAILED)
    click.echo(_line(entry))


@command.command("check")
def check() -> None:
    """See that every entry can be read and every picture is as it came."""
    store = HistoryStore(prepared_paths())
    listing = store.newest()
    problems = [f"cannot be read: {path}" for path in listing.unreadable]
    for entry in listing.entries:
        problems += _image_problems(entry, store)
    for problem in problems:
        click.echo(showable(problem))
    complain(f"{len(listing.entries)} entries, {len(problems)} problems")
    sys.exit(FAILED if problems else 0)


def _holds(entry: Entry, words: list[str]) -> bool:
    text = f"{entry.prompt} {entry.model}".casefold()
    return all(word in text for word in words)


def _line(entry: Entry) -> str:
    since = age(entry.created, datetime.now().astimezone())
    state = outcome(entry) or entry.model
    prompt = one_line(entry.prompt, limit=60)
    return f"{mark(entry)} {entry.id}  {since:>4}  {one_line(state):<24.24}  {prompt}"


def _read(store: HistoryStore, text: str) -> Entry:
    try:
        return store.read(store.resolve(text))
    except LookupError as error:
        leave(str(error.args[0]), USAGE)
    except (OSError, UnreadableEntry) as error:
        leave(str(error), FAILED)


def _image_problems(entry: Entry, store: HistoryStore) -> list[str]:
    problems = []
    for image in entry.images:
        try:
            with store.absolute(image.file).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != image.sha256:
                    problems.append(f"changed since it came: {image.file}")
        except (OSError, ValueError) as error:
            problems.append(f"missing: {image.file} ({error})")
    return problems
