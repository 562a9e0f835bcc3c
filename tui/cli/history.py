"""darkroom history: entries, listed, shown and searched."""

from __future__ import annotations

from contextlib import closing

import click

from tui.cli.asking import asked
from tui.cli.differences import tell_differences
from tui.cli.documents import as_json_option, entry_document, print_object
from tui.cli.entry_lines import counted, named_entry, print_entry
from tui.cli.exits import FAILED, complain, leave
from tui.cli.history_check import check
from tui.cli.history_marks import note, rate, star, tag
from tui.cli.history_transfer import export, import_
from tui.cli.history_trash import remove, restore, trash
from tui.history.finding import find_entries
from tui.history.index import HistoryIndex
from tui.history.query import Query
from tui.history.store import HistoryStore
from tui.paths import find_paths
from tui.text import showable

LISTED = 20

VERBS = (check, star, tag, rate, note, remove, restore, trash, export, import_)


class QueryOrVerb(click.Group):
    """Takes a first word that is no verb as the query of a listing, and shows its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[QUERY]... [--limit N] [--json]")
        formatter.write_usage(
            ctx.command_path, "|".join([*self.commands][1:]) + " ...", prefix="       "
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        list_entries.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group("history", cls=QueryOrVerb)
def command() -> None:
    """List entries, newest first: all, or those that are as the QUERY says.

    \b
    fox snow            both words in prompt, note, tags or model
    fox | owl  !dusk    either of them; without a word
    'fox  ^an old       the whole word; how the prompt begins
    "old fox"           words that belong together
    model:kling seed:100-200 size:2048x? ratio:16:9 rating:>=4 star: tag:night
    status:failed cost:>0.1 date:7d date:2026-11-01..2026-11-20 parent:ID has:note
    """


@command.command("list", hidden=True)
@click.argument("words", metavar="[QUERY]...", nargs=-1)
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
    text = " ".join(words)
    unreadable = 0
    if text.strip():
        entries = tuple(find_entries(paths, store, asked(text), limit))
    else:
        listing = store.newest(limit)
        entries, unreadable = listing.entries, len(listing.unreadable)
    for entry in entries:
        if as_json:
            print_object(entry_document(entry, store))
        else:
            print_entry(entry)
    if not entries:
        complain(f"no entry in {paths.history}" + (" is as asked" if text.strip() else ""))
    if unreadable:
        files = counted(unreadable, "file")
        complain(f"{files} cannot be read, and left alone; see darkroom history check")


@command.command("show")
@click.argument("entry_id", metavar="ID")
@as_json_option
def show(entry_id: str, as_json: bool) -> None:
    """Print all of an entry; part of its ID will do.

    In what it differs from what was asked for goes to standard error.
    """
    store = HistoryStore(find_paths())
    entry = named_entry(store, entry_id)
    if as_json:
        print_object(entry_document(entry, store))
        return
    try:
        text = store.entry_path(entry.id).read_text("utf-8")
    except (OSError, ValueError) as error:
        leave(f"{entry.id}: {error}", FAILED)
    click.echo(showable(text), nl=False)
    tell_differences(entry)


@command.command("reindex")
def reindex() -> None:
    """Make the index anew that searching uses; it is made from the entries, and holds no other."""
    paths = find_paths()
    try:
        paths.index.unlink(missing_ok=True)
        with closing(HistoryIndex(paths.index)) as index:
            index.follow(HistoryStore(paths))
            count, unreadable = index.count(Query()), len(index.unreadable())
    except OSError as error:
        leave(f"the index cannot be made: {error.strerror or error}", FAILED)
    broken = (
        f"; {counted(unreadable, 'file')} cannot be read, see history check" if unreadable else ""
    )
    complain(f"{counted(count, 'entry', 'entries')} in {paths.index}{broken}")


for verb in VERBS:
    command.add_command(verb)
