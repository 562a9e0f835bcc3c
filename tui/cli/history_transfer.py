"""darkroom history export, import: history out and in."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from tui.cli.asking import asked
from tui.cli.documents import entry_document, print_object
from tui.cli.entry_lines import counted
from tui.cli.exits import DONE, FAILED, USAGE, complain, leave
from tui.cli.setting import prepared_paths
from tui.history.entry import Entry
from tui.history.finding import find_entries
from tui.history.store import HistoryStore
from tui.history.transfer import NotAnExport, export_history, import_history
from tui.paths import find_paths

COLUMNS = (
    "id", "created", "status", "endpoint", "model", "prompt", "starred", "rating", "tags", "note",
    "seed", "width", "height", "images", "seconds", "estimate_usd", "error",
)  # fmt: skip
MOST_TOLD = 20
"""Problems that are told one by one."""


@click.command("export")
@click.argument("target", metavar="TARGET")
@click.argument("words", metavar="[QUERY]...", nargs=-1)
def export(target: str, words: tuple[str, ...]) -> None:
    """Write entries to TARGET: all, or those that are as the QUERY says.

    TARGET is a new folder or a .zip, with entries and pictures as they are, or a .jsonl or .csv
    with their facts alone; - prints JSON lines.
    """
    paths = find_paths()
    store = HistoryStore(paths)
    entries = find_entries(paths, store, asked(" ".join(words)))
    path = Path(target)
    try:
        if target == "-" or path.suffix.lower() in (".jsonl", ".csv"):
            count = _write_facts(entries, store, target)
            complain(f"{counted(count, 'entry', 'entries')} written")
            return
        exported = export_history(entries, store, path)
    except FileExistsError:
        leave(f"{target} exists; nothing was written", USAGE)
    except OSError as error:
        leave(f"{target} cannot be written: {error.strerror or error}", FAILED)
    what = f"{counted(exported.entries, 'entry', 'entries')}, {counted(exported.files, 'file')}"
    complain(f"{what} written to {target}")
    _tell([f"{name} is missing" for name in exported.missing])


@click.command("import")
@click.argument("source", metavar="SOURCE")
def import_(source: str) -> None:
    """Take over the entries of an export, a folder or a .zip.

    What is there already stays as it is, so that it may be done again.
    """
    paths = prepared_paths()
    try:
        imported = import_history(Path(source), HistoryStore(paths))
    except NotAnExport as error:
        leave(f"{source} cannot be imported: {error}", USAGE)
    except OSError as error:
        leave(f"not all was imported: {error.strerror or error}; it may be done again", FAILED)
    new, files = (
        counted(imported.entries, "new entry", "new entries"),
        counted(imported.files, "file"),
    )
    complain(f"{new}, {files}, {imported.known:,} known already")
    _tell(imported.problems)
    sys.exit(FAILED if imported.problems else DONE)


def _write_facts(entries: Iterable[Entry], store: HistoryStore, target: str) -> int:
    """Write the facts of `entries` as JSON lines or CSV; how many there were. Raises OSError."""
    if target == "-":
        return _each(entries, lambda entry: print_object(entry_document(entry, store)))
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        if target.lower().endswith(".csv"):
            return _write_csv(entries, file)
        return _each(entries, lambda entry: file.write(_json_line(entry, store)))


def _write_csv(entries: Iterable[Entry], file: IO[str]) -> int:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    return _each(entries, lambda entry: writer.writerow(_cells(entry)))


def _each(entries: Iterable[Entry], write: Callable[[Entry], object]) -> int:
    count = 0
    for entry in entries:
        write(entry)
        count += 1
    return count


def _json_line(entry: Entry, store: HistoryStore) -> str:
    return msgspec.json.encode(entry_document(entry, store)).decode() + "\n"


def _cells(entry: Entry) -> list[Any]:
    first = entry.images[0] if entry.images else None
    cells: dict[str, Any] = {
        "created": entry.created.isoformat(),
        "starred": int(entry.starred),
        "tags": " ".join(entry.tags),
        "seed": entry.parameters.get("seed"),
        "width": first.width if first else None,
        "height": first.height if first else None,
        "images": len(entry.images),
        "seconds": entry.seconds,
        "estimate_usd": entry.cost.estimate_usd if entry.cost else None,
        "error": entry.error.kind if entry.error else None,
    }
    cells |= {name: getattr(entry, name) for name in COLUMNS if name not in cells}
    return [_harmless(cells[name]) for name in COLUMNS]


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell


def _tell(problems: list[str]) -> None:
    for problem in problems[:MOST_TOLD]:
        complain(problem)
    if len(problems) > MOST_TOLD:
        complain(f"and {len(problems) - MOST_TOLD:,} more")
