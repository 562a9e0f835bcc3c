"""The file of one download, from the first byte to the last, over any number of answers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tui.api.addresses import Address
from tui.api.http import Incoming, Lost
from tui.api.results import Download
from tui.api.resume import Span, Version, encoding_of, read_length, read_version
from tui.api.unfit import Unfit
from tui.files import new_file, settle

_UNPACKED = frozenset(("", "gzip", "x-gzip", "deflate"))


class Unwanted(Exception):
    """An answer that is no picture, or too large a one; the text is a sentence."""


@contextmanager
def new_part(path: Path, limit: int) -> Iterator[Part]:
    """A new private file of at most `limit` bytes, at `path`.

    It is removed again when the block fails, except with Unfit. Raises FileExistsError when `path`
    is taken, and OSError when it cannot be written.
    """
    with new_file(path) as file:
        try:
            yield Part(file, limit)
        except Unfit:
            raise
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise


class Part:
    """A file in the making; `size` is what it holds, in bytes.

    Answers of status 200 begin it anew. One of status 206 is added where the one before broke
    off, provided that it is of the same version and came from the same place. `unfit` is what was
    said of the whole file that it holds.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.size = 0
        self.unfit: Unfit | None = None
        self._file = file
        self._limit = limit
        self._digest = hashlib.sha256()
        self._version: Version | None = None
        self._source: object = None
        self._is_resumable = True

    @property
    def request(self) -> dict[str, str]:
        """The headers that ask for what is missing; none when the file is to come anew."""
        return self._version.request(self.size) if self._version and self.size else {}

    def begin_anew(self) -> None:
        """Ask for all of the file from now on; nothing is resumed any more.

        What came stays until the first byte of the next answer.
        """
        self._version = None
        self._is_resumable = False

    async def take(self, incoming: Incoming, address: Address) -> Download:
        """Add the body of an answer, of status 200 or 206, that came from `address`.

        At return the whole file is on the disk. Raises Lost when it is not whole, Unwanted, and
        OSError.
        """
        if encoding_of(incoming.headers) not in _UNPACKED:
            raise Unwanted("The picture came in a compression that was not asked for.")
        span = self._place(incoming, address)
        announced = span.total if span else read_length(incoming.headers)
        if announced is not None and announced > self._limit:
            raise self._too_large()
        async with aclosing(incoming.blocks()) as blocks:
            await (self._continue(blocks, span) if span else self._fill(blocks, incoming, address))
        await asyncio.to_thread(settle, self._file)
        return Download(self.size, self._digest.hexdigest(), incoming.media_type)

    def _place(self, incoming: Incoming, address: Address) -> Span | None:
        """Where the body belongs; None when it is the whole file."""
        if incoming.status == 200:
            return None
        span = None
        if self._version is not None and self._source == _source(address):
            span = self._version.continued(incoming.headers, self.size)
        if span is None:
            raise self._misfit()
        return span

    async def _fill(
        self, blocks: AsyncGenerator[bytes, None], incoming: Incoming, address: Address
    ) -> None:
        began = False
        async for block in blocks:
            if not began:
                _refuse_text(block)
                began, self.unfit = True, None
                await asyncio.to_thread(self._empty)
                if self._is_resumable:
                    self._version = read_version(incoming.headers)
                    self._source = _source(address)
            if self.size + len(block) > self._limit:
                raise self._too_large()
            await asyncio.to_thread(self._write, block)
        if not began:
            raise Lost("it is empty")

    async def _continue(self, blocks: AsyncGenerator[bytes, None], span: Span) -> None:
        assert self._version is not None
        self._version = replace(self._version, total=span.total)
        async for block in blocks:
            if self.size + len(block) > span.stop:
                raise self._misfit()
            await asyncio.to_thread(self._write, block)
        if self.size < span.total:
            raise Lost("it ended before it was complete")

    def _misfit(self) -> Lost:
        self.begin_anew()
        return Lost("the rest of it does not fit what came before")

    def _too_large(self) -> Unwanted:
        return Unwanted(f"The picture is larger than {self._limit >> 20} MiB.")

    def _empty(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.size = 0
        self._digest = hashlib.sha256()

    def _write(self, block: bytes) -> None:
        self._file.write(block)
        self._digest.update(block)
        self.size += len(block)


def _source(address: Address) -> object:
    """What stays the same when an address is signed afresh."""
    return address.origin, address.path


def _refuse_text(beginning: bytes) -> None:
    """No picture begins like a web page or a JSON object, whatever Content-Type says."""
    if beginning.lstrip()[:1] in (b"<", b"{"):
        raise Unwanted("The picture's address answered with text instead of a picture.")
