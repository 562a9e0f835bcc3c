"""darkroom history check: whether everything is there and as it came, and what can be repaired."""

from __future__ import annotations

import sys
import time

import click
import msgspec

from tui.cli.documents import as_json_option, print_object
from tui.cli.entry_lines import counted
from tui.cli.exits import DONE, FAILED, complain
from tui.history.check import Examination, Finding, examine
from tui.history.store import HistoryStore
from tui.paths import find_paths
from tui.text import Shown, one_line


class _Outcome(msgspec.Struct, frozen=True):
    """What became of a repair; both are None where none was tried."""

    repaired: str | None = None
    """What was done."""
    not_repaired: str | None = None
    """Why nothing was."""


@click.command("check")
@click.option("--repair", "repairs", is_flag=True, help="Repair what can be repaired.")
@as_json_option
def check(repairs: bool, as_json: bool) -> None:
    """See that every entry can be read and every picture is there as it came.

    Pictures and references that no entry has, and what a crash left over, are
    told too, and what --repair does about it: it adds pictures to their entries,
    or makes entries of them, marks files as missing, and removes what is left
    over and no picture.

    Ends with 1 where there are problems, or some are left.
    """
    paths = find_paths()
    examination = examine(paths, time.time())
    store = HistoryStore(paths)
    left = len(examination.problems)
    for finding in examination.findings:
        outcome = _repaired(finding, store) if repairs and finding.repair else _Outcome()
        left -= outcome.repaired is not None
        if as_json:
            print_object({**msgspec.to_builtins(finding), **msgspec.to_builtins(outcome)})
        else:
            click.echo(_line(finding, outcome))
    complain(_summary(examination, left, repairs=repairs))
    sys.exit(FAILED if left else DONE)


def _repaired(finding: Finding, store: HistoryStore) -> _Outcome:
    # Imported here since it brings Pillow along.
    from tui.generation.repair import CannotRepair, repair

    try:
        return _Outcome(repaired=repair(finding, store))
    except CannotRepair as error:
        return _Outcome(not_repaired=str(error))


def _line(finding: Finding, outcome: _Outcome) -> Shown:
    line = f"{finding.file}: {finding.what}"
    if outcome.repaired is not None:
        line += f"; {outcome.repaired}"
    elif outcome.not_repaired is not None:
        line += f"; not repaired: {outcome.not_repaired}"
    elif finding.repair:
        line += f"; --repair {finding.repair}"
    return one_line(line)


def _summary(examination: Examination, left: int, *, repairs: bool) -> str:
    problems = examination.problems
    summary = [
        counted(examination.entries, "entry", "entries"),
        counted(len(problems), "problem"),
    ]
    if repairs and problems:
        summary.append(f"{len(problems) - left:,} repaired")
    elif repairable := sum(1 for finding in problems if finding.repair):
        summary.append(f"{repairable:,} to be repaired with --repair")
    if examination.known_missing:
        summary.append(f"{examination.known_missing:,} known to be missing")
    return ", ".join(summary)
