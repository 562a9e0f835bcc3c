"""darkroom stats: what history adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast, get_args

import click

from tui.cli.asking import asked
from tui.cli.documents import as_json_option, print_object
from tui.cli.exits import complain
from tui.history.finding import find_outcomes
from tui.history.query import Query
from tui.history.statistics import By, Summary, summaries, summary
from tui.history.store import HistoryStore
from tui.history.summary_words import HEADINGS, TOTAL, columns_of
from tui.paths import find_paths
from tui.text import one_line, showable


@click.command("stats")
@click.argument("words", metavar="[QUERY]...", nargs=-1)
@click.option(
    "--by",
    type=click.Choice(get_args(By)),
    default="day",
    show_default=True,
    help="What a line is about.",
)
@as_json_option
def command(words: tuple[str, ...], by: str, as_json: bool) -> None:
    """Images, spend and waiting by day, week or model, of all or of those that the QUERY finds.

    \b
    images    pictures that came
    entries   requests, those that wait or were cancelled too
    done      share of those that ended of which all pictures came
    spend     estimates of what was or may have been charged;
              + 2? are two whose price is not known
    median    seconds from sending to the answer
    95 %      seconds within which 95 of 100 answers came

    The QUERY is as for darkroom history: date:30d !endpoint:demo leaves out rehearsals.
    Days are those of this machine, weeks begin on Monday. With --json a share is a
    number from 0 to 1, and what is not known is null.
    """
    paths = find_paths()
    text = " ".join(words)
    query = asked(text) if text.strip() else Query()
    outcomes = find_outcomes(paths, HistoryStore(paths), query)
    if not outcomes:
        complain(f"no entry in {paths.history}" + (" is as asked" if text.strip() else ""))
    found = summaries(outcomes, cast("By", by))
    if as_json:
        for each in found:
            print_object(_document(each, by))
    elif outcomes:
        _print_table(by, [*found, summary(TOTAL, outcomes)])


def _document(each: Summary, by: str) -> dict[str, Any]:
    return {
        by: each.name,
        "images": each.images,
        "entries": each.entries,
        "done": each.done,
        "ended": each.ended,
        "success": each.success,
        "estimate_usd": round(each.known_usd, 6),
        "unknown_prices": each.unknown_prices,
        "median_seconds": each.median_seconds,
        "p95_seconds": each.slow_seconds,
    }


def _print_table(by: str, rows: Iterable[Summary]) -> None:
    lines = [(by, *HEADINGS), *((one_line(row.name), *columns_of(row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for name, *numbers in lines:
        cells = [f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:], strict=True)]
        click.echo(showable("  ".join([f"{name:<{widths[0]}}", *cells])))
