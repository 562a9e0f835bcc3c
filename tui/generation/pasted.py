"""Files and addresses in text that was pasted, as terminals write files dropped on them."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tui.generation.references import DraftReference
from tui.images.picture_folder import SUFFIXES
from tui.text import storable

LONGEST = 16_000
"""Characters of a text that may be a list of files."""
MOST = 100
"""Files in it."""

_BEGINNINGS = ("/", "~/", "./", "../", "file://")


def may_be_references(text: str) -> bool:
    """Whether `text` looks like nothing but files or addresses of images. Touches no disk."""
    return any(all(map(_is_telling, reading)) for reading in _readings(text))


def pasted_references(text: str, *, any_address: bool = False) -> tuple[DraftReference, ...]:
    """The files and addresses that `text` consists of; none where it holds anything else.

    An address is to end as an image's name does, unless `any_address` will do. Looks at the files:
    not for the event loop.
    """
    for reading in _readings(text):
        found = [_reference(word, any_address=any_address) for word in reading]
        if found and None not in found:
            return tuple(dict.fromkeys(each for each in found if each is not None))
    return ()


def named_reference(name: str) -> DraftReference:
    """The reference of that name: an address, or a file, which need not be there."""
    if _is_address(name):
        return DraftReference(storable(name))
    file = Path(name).expanduser().absolute()
    return DraftReference(storable(file.name), str(file))


def _readings(text: str) -> list[tuple[str, ...]]:
    """What the words of `text` may be: one, one a line, or as a shell would read them."""
    text = text.strip()
    if not text or len(text) > LONGEST or "\0" in text:
        return []
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    readings = [lines]
    with suppress(ValueError):  # A quotation mark without its other.
        readings.append(tuple(shlex.split(text)))
    return [reading for reading in readings if 0 < len(reading) <= MOST]


def _is_telling(word: str) -> bool:
    if _is_address(word):
        return _is_picture(_path_of_address(word))
    return word.startswith(_BEGINNINGS) or _is_picture(word)


def _reference(word: str, *, any_address: bool) -> DraftReference | None:
    if _is_address(word):
        is_one = any_address or _is_picture(_path_of_address(word))
        return DraftReference(storable(word)) if is_one and _is_one_word(word) else None
    try:
        name = _file_of_address(word) if word.startswith("file://") else word
        reference = named_reference(name)
        is_file = Path(reference.file).is_file()
    except (OSError, ValueError, RuntimeError):  # Too long for a name; no home of that name.
        return None
    return reference if is_file else None


def _is_address(word: str) -> bool:
    return word.casefold().startswith(("http://", "https://"))


def _is_one_word(word: str) -> bool:
    return len(word.split()) == 1


def _is_picture(name: str) -> bool:
    return name.casefold().endswith(SUFFIXES)


def _path_of_address(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _file_of_address(address: str) -> str:
    """The path that a `file:` address names. Raises ValueError for one on another machine."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(address)
    return unquote(parts.path)
