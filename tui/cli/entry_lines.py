"""Entries on the command line: named by a part of their id, printed as a line."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime

import click

from tui.cli.exits import FAILED, USAGE, leave
from tui.history.entry import Entry, UnreadableEntry
from tui.history.store import HistoryStore
from tui.history.wording import age, mark, outcome
from tui.text import one_line, showable

STATE_WIDTH = 22
BEFORE_PROMPT = 37 + STATE_WIDTH
"""Columns of a line that the mark, the id, the age and the state take."""
NARROWEST_PROMPT = 20


def print_entry(entry: Entry) -> None:
    """Print `entry` as a line; on a terminal no longer than that is wide."""
    since = age(entry.created, datetime.now().astimezone())
    state = one_line(outcome(entry) or entry.model, limit=STATE_WIDTH)
    prompt = one_line(entry.prompt, limit=prompt_width())
    line = f"{mark(entry)} {entry.id}  {since:>4}  {state:<{STATE_WIDTH}}  {prompt}"
    click.echo(showable(line))


def counted(count: int, one: str, many: str = "") -> str:
    """`count` things in words: `1 entry`, `2 entries`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def named_entry(store: HistoryStore, text: str) -> Entry:
    """The entry that `text`, an id or a part of one, names; ends the process where none is."""
    try:
        return store.read(store.resolve(text))
    except LookupError as error:
        leave(str(error), USAGE)
    except (OSError, UnreadableEntry) as error:
        leave(f"{text}: {error}", FAILED)


def prompt_width(before: int = BEFORE_PROMPT) -> int | None:
    """Characters that a prompt may take after so many columns; None for all of it, where no
    terminal cuts it."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return max(NARROWEST_PROMPT, shutil.get_terminal_size().columns - before)
