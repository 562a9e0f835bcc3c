"""What was kept, examined: the history, the log, reports of crashes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from tui.config import Config
from tui.generation.checkup.facts import Fact
from tui.history.store import HistoryStore
from tui.log import FILE_NAME, log_parts, wanted_level
from tui.log import VARIABLE as LOG_VARIABLE
from tui.paths import Paths

SHOWN_REPORTS = 3


def history_facts(paths: Paths) -> Iterator[Fact]:
    """How many entries there are, and which cannot be read."""
    began = time.monotonic()
    listing = HistoryStore(paths).newest()
    seconds = time.monotonic() - began
    count = len(listing.entries)
    yield Fact("entries", count, f"{count:,}, read in {seconds:.2f} s")
    if unknown := sum(entry.status == "unknown" for entry in listing.entries):
        yield Fact("outcome unknown", unknown)
    if unreadable := len(listing.unreadable):
        advice = "They are left alone. To see why: darkroom history check"
        yield Fact("unreadable", unreadable, advice=advice)


def log_facts(paths: Paths, config: Config, environment: Mapping[str, str]) -> Iterator[Fact]:
    """Whether a log is kept, and which reports there are for a bug report."""
    level = wanted_level(config.log, environment)
    shown = f"{level}, wanted by {LOG_VARIABLE}" if environment.get(LOG_VARIABLE) else ""
    if level == "off":
        shown = f"off; {LOG_VARIABLE}=info, or `log` in config.toml, turns it on"
    yield Fact("log", level, shown)
    for link in (paths.logs, paths.logs / FILE_NAME):
        if link.is_symlink():
            yield Fact("log file", str(link), f"{link}: is a link, and not followed", "Remove it.")
    for part in log_parts(paths.logs):
        yield Fact("log file", str(part), f"{part}, {part.stat().st_size:,} bytes")
    reports = sorted(paths.reports.glob("crash-*.txt"), reverse=True)
    advice = "To pack them for a bug report: darkroom doctor --bundle" if reports else ""
    yield Fact("crash reports", len(reports), advice=advice)
    for report in reports[:SHOWN_REPORTS]:
        yield Fact("crash report", str(report))
