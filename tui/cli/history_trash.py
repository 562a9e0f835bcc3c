"""darkroom history rm, restore, trash: entries thrown away, and back."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import click

from tui.cli.documents import as_json_option, entry_document, print_object
from tui.cli.entry_lines import counted, named_entry, print_entry
from tui.cli.exits import DONE, FAILED, USAGE, complain, leave
from tui.generation.thumbnails import removal
from tui.history.entry import UNFINISHED, UnreadableEntry
from tui.history.store import HistoryStore
from tui.history.trash import Discarded, Trash
from tui.paths import find_paths


@click.command("rm")
@click.argument("entry_ids", metavar="ID...", nargs=-1, required=True)
def remove(entry_ids: tuple[str, ...]) -> None:
    """Move entries and their pictures into the trash; parts of their IDs will do."""
    paths = find_paths()
    store = HistoryStore(paths)
    trash = Trash(paths, store)
    # All are found before the first is moved.
    entries = {entry.id: entry for entry in (named_entry(store, text) for text in entry_ids)}
    for entry in entries.values():
        if entry.status in UNFINISHED:
            leave(f"{entry.id} is {entry.status}; nothing was moved", FAILED)
    for entry in entries.values():
        try:
            trash.discard(entry.id, date.today())
        except (OSError, UnreadableEntry) as error:
            leave(f"{entry.id} cannot be moved into the trash: {_reason(error)}", FAILED)
        print_entry(entry)
    complain(
        f"{counted(len(entries), 'entry', 'entries')} moved to {paths.trash}; restore brings back"
    )


@click.command("restore")
@click.argument("entry_ids", metavar="ID...", nargs=-1, required=True)
def restore(entry_ids: tuple[str, ...]) -> None:
    """Bring entries back from the trash; parts of their IDs will do."""
    paths = find_paths()
    trash = Trash(paths, HistoryStore(paths))
    discarded = trash.entries()
    for entry_id in [_named(text, discarded) for text in entry_ids]:
        try:
            print_entry(trash.restore(entry_id))
        except (OSError, UnreadableEntry) as error:
            leave(f"{entry_id} cannot be brought back: {_reason(error)}", FAILED)


@click.command("trash")
@click.option("--empty", is_flag=True, help="Remove what is in it for good.")
@click.option(
    "--older-than",
    metavar="DAYS",
    type=click.IntRange(0, 36_500),
    help="With --empty: only what was thrown away so many days ago.",
)
@as_json_option
def trash(empty: bool, older_than: int | None, as_json: bool) -> None:
    """List what is in the trash, thrown away last first, or empty it."""
    paths = find_paths()
    store = HistoryStore(paths)
    bin = Trash(paths, store)
    if empty:
        before = None if older_than is None else date.today() - timedelta(days=older_than)
        try:
            count = bin.empty(before, removal(paths.thumbnails, paths.previews))
        except OSError as error:
            leave(f"the trash cannot be emptied: {_reason(error)}", FAILED)
        complain(f"{counted(count, 'entry', 'entries')} removed for good")
        sys.exit(DONE)
    if older_than is not None:
        leave("--older-than goes with --empty", USAGE)
    discarded = bin.entries()
    for each in discarded:
        if as_json:
            document = entry_document(each.entry, store)
            print_object({**document, "discarded": each.day.isoformat()})
        else:
            print_entry(each.entry)
    if not discarded:
        complain(f"nothing in {paths.trash}")


def _named(text: str, discarded: tuple[Discarded, ...]) -> str:
    """The id of the entry in the trash that `text` names; ends the process where none is."""
    found = [each.entry.id for each in discarded if text in each.entry.id]
    if len(found) != 1:
        what = f"{len(found)} entries in the trash match" if found else "the trash has no entry"
        leave(f"{what} {text}", USAGE)
    return found[0]


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
