"""darkroom history: entries, listed, shown, starred and checked."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime

import click
from msgspec.structs import replace

from tui.cli.checking import find_problems
from tui.cli.documents import entry_document, print_object
from tui.cli.exits import DONE, FAILED, USAGE, complain, leave
from tui.history.entry import Entry, UnreadableEntry
from tui.history.store import HistoryStore
from tui.history.wording import age, mark, outcome
from tui.paths import find_paths
from tui.text import one_line, showable

LISTED = 20
STATE_WIDTH = 22
BEFORE_PROMPT = 37 + STATE_WIDTH
"""Columns of a line that the mark, the id, the age and the state take."""
NARROWEST_PROMPT = 20

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one object a line."
)


class QueryOrVerb(click.Group):
    """Takes a first word that is no verb as the query of a listing, and shows its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[WORD]... [--limit N] [--json]")
        formatter.write_usage(ctx.command_path, "show|star|check ...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        list_entries.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group("history", cls=QueryOrVerb)
def command() -> None:
    """List entries, newest first: all, or those whose prompt or model holds every WORD."""


@command.command("list", hidden=True)
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=LISTED,
    help=f"List N entries at most; {LISTED} if not given.",
)
@as_json_option
def list_entries(words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List entries, newest first."""
    paths = find_paths()
    store = HistoryStore(paths)
    wanted = " ".join(words).casefold().split()
    listing = store.newest(None if wanted else limit)
    entries = [entry for entry in listing.entries if _holds(entry, wanted)][:limit]
    width = _prompt_width()
    for entry in entries:
        if as_json:
            print_object(entry_document(entry, store))
        else:
            click.echo(showable(_line(entry, width)))
    if not entries:
        complain(f"no entry in {paths.history}" + (" holds these words" if wanted else ""))
    if listing.unreadable:
        files = _counted(len(listing.unreadable), "file")
        complain(f"{files} cannot be read, and left alone; see darkroom history check")


@command.command("show")
@click.argument("entry_id", metavar="ID")
@as_json_option
def show(entry_id: str, as_json: bool) -> None:
    """Print all of an entry; part of its ID will do."""
    store = HistoryStore(find_paths())
    entry = _read(store, entry_id)
    if as_json:
        print_object(entry_document(entry, store))
        return
    try:
        text = store.entry_path(entry.id).read_text("utf-8")
    except (OSError, ValueError) as error:
        leave(f"{entry.id}: {error}", FAILED)
    click.echo(showable(text), nl=False)


@command.command("star")
@click.argument("entry_id", metavar="ID")
@as_json_option
def star(entry_id: str, as_json: bool) -> None:
    """Star an entry, or take its star away; part of its ID will do."""
    store = HistoryStore(find_paths())
    entry = _read(store, entry_id)
    entry = replace(entry, starred=not entry.starred)
    try:
        store.write(entry)
    except OSError as error:
        leave(f"{entry.id} cannot be written: {error.strerror or error}", FAILED)
    except UnreadableEntry as error:
        leave(f"{entry.id} cannot be changed: {error}", FAILED)
    if as_json:
        print_object(entry_document(entry, store))
    else:
        click.echo(showable(_line(entry, _prompt_width())))


@command.command("check")
@as_json_option
def check(as_json: bool) -> None:
    """See that every entry can be read and every picture is as it came."""
    store = HistoryStore(find_paths())
    listing = store.newest()
    problems = find_problems(listing, store)
    for problem in problems:
        if as_json:
            print_object(problem)
        else:
            click.echo(showable(f"{problem.file}: {problem.what}"))
    entries = len(listing.entries) + len(listing.unreadable)
    complain(f"{_counted(entries, 'entry', 'entries')}, {_counted(len(problems), 'problem')}")
    sys.exit(FAILED if problems else DONE)


def _holds(entry: Entry, words: list[str]) -> bool:
    text = f"{entry.prompt} {entry.model}".casefold()
    return all(word in text for word in words)


def _line(entry: Entry, prompt_width: int | None) -> str:
    since = age(entry.created, datetime.now().astimezone())
    state = one_line(outcome(entry) or entry.model, limit=STATE_WIDTH)
    prompt = one_line(entry.prompt, limit=prompt_width)
    return f"{mark(entry)} {entry.id}  {since:>4}  {state:<{STATE_WIDTH}}  {prompt}"


def _prompt_width() -> int | None:
    """Characters that a prompt may take; None for all of it, where no terminal cuts it."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return max(NARROWEST_PROMPT, shutil.get_terminal_size().columns - BEFORE_PROMPT)


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _read(store: HistoryStore, text: str) -> Entry:
    try:
        return store.read(store.resolve(text))
    except LookupError as error:
        leave(str(error), USAGE)
    except (OSError, UnreadableEntry) as error:
        leave(f"{text}: {error}", FAILED)
