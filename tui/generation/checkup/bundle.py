"""A bundle for bug reports: what was found, and what was kept, without what is private."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tui.files import make_folder, new_file, settle
from tui.generation.checkup.facts import Section, document
from tui.generation.checkup.redaction import (
    fit_for_strangers,
    redacted_configuration,
    redacted_report,
)
from tui.log import log_parts
from tui.paths import Paths

KEPT_BUNDLES = 5
_LARGEST = 2_000_000
"""Bytes that are read of a file."""
_READING = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def write_bundle(sections: tuple[Section, ...], paths: Paths) -> Path:
    """A new zip file with `sections` and what else helps; the oldest ones are removed.

    Every secret has to be known to the scrubber by now. Raises OSError when it cannot be written.
    """
    folder = paths.reports
    make_folder(folder)
    path = folder / f"darkroom-bundle-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}.zip"
    with new_file(path) as file:
        try:
            _fill(file, sections, paths)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    for old in sorted(folder.glob("darkroom-bundle-*.zip"))[:-KEPT_BUNDLES]:
        old.unlink(missing_ok=True)
    return path


def _fill(file: BinaryIO, sections: tuple[Section, ...], paths: Paths) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _members(sections, paths):
            archive.writestr(name, text)
    settle(file)


def _members(sections: tuple[Section, ...], paths: Paths) -> Iterator[tuple[str, str]]:
    found = json.dumps(document(sections), indent=2, ensure_ascii=False)
    yield "doctor.json", fit_for_strangers(f"{found}\n")
    if (text := _read(paths.config_file, follow=True)) is not None:
        yield "config.toml", redacted_configuration(text)
    for part in log_parts(paths.logs):
        if (text := _read(part)) is not None:
            yield part.name, fit_for_strangers(text)
    for report in sorted(paths.reports.glob("crash-*.txt")):
        if (text := _read(report)) is not None:
            yield report.name, redacted_report(text)


def _read(path: Path, *, follow: bool = False) -> str | None:
    """The text of the file at `path`; None where there is none to read, or a link."""
    flags = _READING & ~getattr(os, "O_NOFOLLOW", 0) if follow else _READING
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(descriptor)
