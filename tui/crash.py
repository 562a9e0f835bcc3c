"""What is left of a failure that nobody expected: a paragraph for people, a report for us.

Nothing else of the project is needed here but text, since what failed may be an import.
"""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from traceback import TracebackException

from tui import __version__
from tui.files import make_folder, new_file
from tui.scrub import EVERY_SECRET, secret_values
from tui.text import one_line, showable, storable

FRAMES = 40
"""The innermost frames that a report holds, of each exception."""
_PIECES = 2000
_LARGEST = 200_000
_KEPT_REPORTS = 20


def report_text(error: BaseException) -> str:
    """What may be told of `error`: versions, messages and frames, at most 64 KB.

    Holds no variables; keys are taken out, and control characters made visible.
    """
    EVERY_SECRET.learn(secret_values(os.environ))
    story = TracebackException(
        type(error), error, error.__traceback__, limit=-FRAMES, compact=True, max_group_width=5
    )
    pieces = (piece[:_LARGEST] for piece in islice(story.format(), _PIECES))
    facts = (
        f"Darkroom {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, terminal {os.environ.get('TERM', 'unknown')}\n"
    )
    text = _without_home(f"{facts}\n{''.join(pieces)}")
    return showable(EVERY_SECRET.body(storable(text).encode()))


def write_report(error: BaseException, folder: Path) -> Path:
    """The report of `error` as a new file in `folder`; the oldest ones are removed.

    Raises OSError when it cannot be written.
    """
    make_folder(folder)
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.urandom(3).hex()}.txt"
    with new_file(path) as file:
        file.write(report_text(error).encode())
    for old in sorted(folder.glob("crash-*.txt"))[:-_KEPT_REPORTS]:
        old.unlink(missing_ok=True)
    return path


def last_words(error: BaseException, folder: Path | None) -> str:
    """One paragraph about `error` and where its report lies, which is written to `folder`."""
    what = one_line(EVERY_SECRET.text(_named(error)), limit=300)
    try:
        if folder is None:
            raise FileNotFoundError(None, "its folder is not known")
        where = f"A report without your keys is in {write_report(error, folder)}"
    except OSError as problem:
        where = f"No report could be written: {problem.strerror or problem}"
    return (
        f"something failed that should not have: {what}. Entries and pictures are on the disk; "
        f"whatever was sent is in your history, and is not sent again. {where}"
    )


def say(text: str) -> None:
    """Write `text` to standard error, as nothing that acts on a terminal; never raises."""
    try:
        os.write(2, f"darkroom: {showable(text)}\n".encode())
    except OSError:
        return


def _named(error: BaseException) -> str:
    story = TracebackException(type(error), error, None, compact=True)
    return "".join(piece[:_LARGEST] for piece in story.format_exception_only()).strip()


def _without_home(text: str) -> str:
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
    return text.replace(home, "~") if len(home) > 1 else text


def forbid_core_dumps() -> None:
    """Keep the memory of this process, keys and prompts included, out of files."""
    try:
        import resource
    except ImportError:  # Windows.
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
