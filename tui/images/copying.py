"""Copies of pictures, wherever the user wants them. Slow: not for the event loop."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tui.images.metadata import without_metadata
from tui.images.verify import NotAnImage, extension, read_limited, sniff


class NotCopied(Exception):
    """There is no copy; the text, which holds outside text, says why."""


class Exists(NotCopied):
    """There is a file of that name."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists")
        self.path = path


def save_copy(
    source: Path, target: str, *, is_bare: bool, may_replace: bool, originals: Path
) -> Path:
    """Save a copy of the picture `source` and say where; `source` itself is never changed.

    `target`, as the user typed it, is a file or an existing folder; a name without an ending gets
    that of the format. Where it `is_bare`, the copy has no metadata, and the same pixels. A file
    of that name is replaced, as a whole, only where that is allowed, and never one in `originals`.
    Raises Exists and NotCopied.
    """
    try:
        data = read_limited(source)
        format = sniff(data)
        if format is None:
            raise NotCopied(f"{source} is no picture.")
        path = _meant(target, source.name, extension(format))
        if path.resolve().is_relative_to(originals.resolve()):
            raise NotCopied("That is where pictures are kept as they came. Choose another folder.")
        if is_bare:
            data = without_metadata(data)
        _write(path, data, may_replace=may_replace)
    except NotAnImage as problem:
        raise NotCopied(problem.reason) from problem
    except (OSError, ValueError, RuntimeError) as error:
        # A name may hold a zero, and ~name be nobody's.
        reason = getattr(error, "strerror", None) or str(error)
        raise NotCopied(f"{target}: {reason}") from error
    return path


def _meant(target: str, name: str, ending: str) -> Path:
    """The absolute path that `target` stands for."""
    path = Path(target).expanduser().absolute()
    if path.is_dir() or target.endswith(os.sep):
        return path / name
    return path if path.suffix else path.with_name(f"{path.name}.{ending}")


def _write(path: Path, data: bytes, *, may_replace: bool) -> None:
    if not may_replace:
        try:
            _write_new(path, data)
        except FileExistsError as error:
            raise Exists(path) from error
        return
    # Beside it first, so that nothing is lost where the disk is full.
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    _write_new(beside, data)
    try:
        beside.replace(path)
    except OSError:
        beside.unlink()
        raise


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, or none."""
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise
