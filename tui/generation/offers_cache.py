"""Where an endpoint's offers are kept for a day: a JSON file an endpoint, in the cache folder.

A file that cannot be read or written, or is of another address or version, is as good as none.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tui.config import EndpointSettings
from tui.decoding import from_json
from tui.files import write_durably
from tui.generation.model_offers import Offers

_log = logging.getLogger(__name__)

LARGEST = 32 * 1024 * 1024
"""Bytes of a file that is read."""
# Without capitals: some file systems take "Studio" for "studio".
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class _Kept(Struct, frozen=True):
    """What is in a file."""

    base_url: str
    """The endpoint's address at that time."""
    catalogue: str
    offers: Offers
    format: Literal[1] = 1


def kept_offers(folder: Path, name: str, settings: EndpointSettings) -> Offers | None:
    """What the endpoint `name` offered when it was last asked, if that is kept in `folder`.

    An endpoint that has moved since was never asked.
    """
    file = _file(folder, name)
    with suppress(OSError, ValueError, RecursionError):
        if not file.is_file() or file.stat().st_size > LARGEST:
            return None
        kept = from_json(file.read_bytes(), _Kept)
        if (kept.base_url, kept.catalogue) == (settings.base_url, settings.catalogue):
            return kept.offers
    return None


def keep_offers(folder: Path, name: str, settings: EndpointSettings, offers: Offers) -> None:
    """Keep `offers` in `folder`, if that can be done."""
    kept = _Kept(settings.base_url, settings.catalogue, offers)
    try:
        write_durably(_file(folder, name), msgspec.json.encode(kept))
    except OSError as error:
        _log.info("offers not kept: %s", error.strerror)


def _file(folder: Path, name: str) -> Path:
    """The file of the endpoint `name`, which may hold anything that a key in TOML can."""
    if not _FILE_NAME.fullmatch(name):
        import hashlib  # Not for the first frame.

        name = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"{name}.json"
