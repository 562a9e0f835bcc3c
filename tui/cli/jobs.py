"""darkroom jobs: what waits, runs, or was sent and has no known outcome."""

from __future__ import annotations

import click
from msgspec.structs import replace

from tui.cli.documents import as_json_option, entry_document, print_object
from tui.cli.entry_lines import print_entry
from tui.cli.exits import FAILED, complain, leave
from tui.generation.lost import is_lost
from tui.history.store import HistoryStore
from tui.history.unended import find_unended
from tui.paths import find_paths


@click.command("jobs")
@as_json_option
def command(as_json: bool) -> None:
    """List what waits, runs, or was sent with its outcome unknown, newest first.

    What a process left behind that has ended counts as unknown. With --json,
    each entry has a "state" as well: waits, runs or unknown.
    """
    paths = find_paths()
    store = HistoryStore(paths)
    counts = dict.fromkeys(("waits", "runs", "unknown"), 0)
    try:
        for entry in find_unended(paths, store):
            state = "waits" if entry.status == "queued" else "runs"
            if is_lost(entry, store.locks):
                state = "unknown"
            counts[state] += 1
            if as_json:
                print_object({**entry_document(entry, store), "state": state})
            else:
                print_entry(replace(entry, status="unknown") if state == "unknown" else entry)
    except OSError as error:
        leave(f"the history cannot be searched: {error.strerror or error}", FAILED)
    if not any(counts.values()):
        complain("nothing waits, runs or is unknown")
        return
    told = (f"{count:,} {_words(state, count)}" for state, count in counts.items() if count)
    complain(", ".join(told))
    if counts["unknown"]:
        complain("darkroom reconcile looks for what is unknown, and sends nothing")


def _words(state: str, count: int) -> str:
    if state == "unknown":
        return "unknown"
    return state if count == 1 else state[:-1]
