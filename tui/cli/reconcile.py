"""darkroom reconcile: lost pictures, looked for in what the endpoint keeps."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tui.cli.documents import as_json_option, entry_document, print_object
from tui.cli.entry_lines import named_entry
from tui.cli.exits import DONE, FAILED, INTERRUPTED, UNKNOWN, USAGE, complain, leave
from tui.cli.foreground import cancelled_when_told_to_end
from tui.cli.setting import bare_catalogue, configuration, prepared_paths
from tui.commands import stop_commands
from tui.generation.choosing import asked_by_card
from tui.generation.clients import Clients
from tui.generation.lost import Look, NotARecord, Result, is_lost
from tui.history.entry import UnreadableEntry
from tui.history.store import HistoryStore
from tui.history.unended import find_unended
from tui.paths import Paths
from tui.text import one_line

if TYPE_CHECKING:
    from tui.api.results import Record
    from tui.generation.reconcile import Reconciler

_ENDED: frozenset[Result] = frozenset({"adopted", "settled", "given_up"})
_NEXT: dict[Result, str] = {
    "nothing": "Look again later; --give-up ends it, darkroom generate --from {id} sends it again.",
    "being_made": "Look again later.",
    "no_listing": "--give-up ends it, darkroom generate --from {id} sends it again.",
    "no_answer": "Look again later.",
    "ambiguous": "Choose with: darkroom reconcile {id} --adopt RECORD",
}


@click.command("reconcile")
@click.argument("entries", metavar="[ENTRY]...", nargs=-1)
@click.option(
    "--adopt",
    metavar="RECORD",
    multiple=True,
    help="Take this record for the one ENTRY; may be repeated.",
)
@click.option("--give-up", is_flag=True, help="End the entries without their pictures.")
@as_json_option
def command(entries: tuple[str, ...], adopt: tuple[str, ...], give_up: bool, as_json: bool) -> None:
    """Look for pictures whose answers were lost, all or those of each ENTRY.

    Searches the endpoint's records, at no cost, and sends no request again. What
    is an entry's beyond doubt is fetched, and its path printed. Where several
    records may be meant, they are listed on standard error, and --adopt chooses
    one. An ENTRY that was given up, or lacks pictures, is looked for as well.

    With --json it prints an object for each entry: result, text, candidates,
    entry. The result is adopted, failed, ambiguous, nothing, being_made,
    no_listing, no_answer, not_saved, busy, settled or given_up.

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage, 4 outcome still unknown,
    130 interrupted.
    """
    if adopt and (len(entries) != 1 or give_up):
        leave("--adopt needs one ENTRY, and no --give-up", USAGE)
    if give_up and not entries:
        leave("--give-up needs an ENTRY", USAGE)
    paths = prepared_paths()
    store = HistoryStore(paths)
    ids = [named_entry(store, text).id for text in entries] or _lost(paths, store)
    if not ids:
        complain("no entry's outcome is unknown")
        sys.exit(DONE)
    task = _Task(paths, store, adopt, give_up=give_up, again=bool(entries), as_json=as_json)
    try:
        results = asyncio.run(task.run(list(dict.fromkeys(ids))))
    except (KeyboardInterrupt, asyncio.CancelledError):
        complain("interrupted; what is not found yet can be looked for again")
        sys.exit(INTERRUPTED)
    sys.exit(max(results, default=DONE))


class _Task:
    """Looks for entries, one after the other, and prints what it finds."""

    def __init__(
        self,
        paths: Paths,
        store: HistoryStore,
        adopt: Sequence[str],
        *,
        give_up: bool,
        again: bool,
        as_json: bool,
    ) -> None:
        self._paths = paths
        self._store = store
        self._adopt = adopt
        self._give_up = give_up
        self._again = again
        self._as_json = as_json

    async def run(self, ids: Sequence[str]) -> list[int]:
        """The exit code of each entry."""
        # Imported here since it brings httpx and Pillow along.
        from tui.generation.reconcile import Reconciler

        config, catalogue = configuration(self._paths), bare_catalogue(self._paths)
        clients = Clients(config, self._paths)
        reconciler = Reconciler(
            self._paths,
            self._store,
            clients.get,
            asked=lambda entry: asked_by_card(entry, catalogue.card(entry.model)),
        )
        with cancelled_when_told_to_end():
            try:
                return [await self._reconcile(reconciler, entry_id) for entry_id in ids]
            except asyncio.CancelledError:
                # One that asks for a passphrase would be waited for.
                stop_commands()
                raise
            finally:
                await clients.aclose()

    async def _reconcile(self, reconciler: Reconciler, entry_id: str) -> int:
        try:
            if self._give_up:
                look = await reconciler.give_up(entry_id)
            else:
                look = await reconciler.look(entry_id, self._adopt, again=self._again)
        except NotARecord as error:
            complain(f"{entry_id}: {error}; nothing was changed")
            return USAGE
        except (OSError, UnreadableEntry) as error:
            complain(f"{entry_id}: {error}")
            return FAILED
        self._print(look)
        return _exit_code(look)

    def _print(self, look: Look) -> None:
        entry = look.entry
        if self._as_json:
            document: dict[str, Any] = {
                "result": look.result,
                "text": look.text,
                "candidates": [msgspec.to_builtins(each) for each in look.candidates],
                "entry": entry_document(entry, self._store),
            }
            print_object(document)
        elif look.result == "adopted":
            for image in entry.images:
                click.echo(bytes(self._store.absolute(image.file)))
        advice = _NEXT.get(look.result, "").format(id=entry.id)
        complain(f"{entry.id}: {look.text} {advice}".rstrip())
        for record in look.candidates:
            complain(_record_line(record))


def _record_line(record: Record) -> str:
    made = record.created.astimezone()
    when = f"{made:%Y-%m-%d %H:%M:%S}" if record.created.year > 1970 else "at no known time"
    state = "" if record.status == "completed" else f"{record.status}  "
    return one_line(f"  {record.id}  {when}  {record.model}  {state}{record.prompt}", limit=300)


def _exit_code(look: Look) -> int:
    if look.result not in _ENDED:
        return FAILED if look.result in ("failed", "not_saved") else UNKNOWN
    is_short = look.result == "adopted" and look.entry.status != "done"
    return FAILED if is_short else DONE


def _lost(paths: Paths, store: HistoryStore) -> list[str]:
    """The ids of all lost entries, oldest first; ends the process where they cannot be found."""
    try:
        found = [entry.id for entry in find_unended(paths, store) if is_lost(entry, store.locks)]
    except OSError as error:
        leave(f"the history cannot be searched: {error.strerror or error}", FAILED)
    return sorted(found)
