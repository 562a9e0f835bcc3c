"""What becomes of an answer on its way, below HTTP or at its edges.

Every fault of `kinds.WIRE` is played here, for whatever answer it befalls.
"""

from __future__ import annotations

import asyncio
import itertools
import struct
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from starlette.responses import Response

from tui.demo.connection import NoAnswer, RawAnswer

LARGE = 200_000_000
BOMB = 512 * 1024 * 1024
ANNOUNCED_AND_MISSING = 1_000

_BLOCK = 1024 * 1024
_CHUNKED = "Transfer-Encoding: chunked"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of status 200 that something befalls.

    `filling` is one byte that can follow the body and mean nothing. `drip_seconds` lie between
    one byte and the next of what drips.
    """

    body: bytes
    media_type: str
    filling: bytes
    drip_seconds: float

    def head(self, *lines: str) -> bytes:
        """Status line and header, with `lines` at its end."""
        start = ("HTTP/1.1 200 OK", f"Content-Type: {self.media_type}", "Connection: close")
        return "".join(f"{line}\r\n" for line in (*start, *lines, "")).encode("latin-1")


def befallen(kind: str, answer: Answer) -> Response | None:
    """What the client gets of `answer`; None for a fault of another sort."""
    if kind == "hang":
        return NoAnswer()
    pieces = _pieces(kind, answer)
    return None if pieces is None else RawAnswer(pieces, reset=kind in ("reset", "cut-reset"))


def cut_stream(media_type: str, events: AsyncIterator[bytes]) -> RawAnswer:
    """A chunked body of `events` whose end never comes: the connection is closed instead."""

    async def pieces() -> AsyncIterator[bytes]:
        yield Answer(b"", media_type, b"", 0).head(_CHUNKED)
        async for event in events:
            yield _chunk(event)

    return RawAnswer(pieces())


def cut_file(headers: Iterable[tuple[bytes, bytes]], half: bytes) -> RawAnswer:
    """The first `half` of a file whose whole length is among `headers`."""
    lines = [name + b": " + value for name, value in headers]
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""])
    return RawAnswer([head, half])


def _pieces(kind: str, answer: Answer) -> Iterable[bytes] | AsyncIterator[bytes] | None:
    body, head = answer.body, answer.head
    half = body[: len(body) // 2]
    length = f"Content-Length: {len(body)}"
    match kind:
        case "reset" | "close":
            return []
        case "cut-length" | "cut-reset":
            return [head(length), half]
        case "cut-unsized":
            return [head(), half]
        case "cut-chunk":
            return [head(_CHUNKED), _chunk(body)[: len(body) // 2]]
        case "chunk-odd":
            return [head(_CHUNKED), _chunk(half), b"many\r\n", body[len(half) :], b"\r\n0\r\n\r\n"]
        case "chunk-huge":
            return [head(_CHUNKED), b"ffffffffffffffff\r\n", body]
        case "length-long":
            return [head(f"Content-Length: {len(body) + ANNOUNCED_AND_MISSING}"), body]
        case "length-short":
            return [head(f"Content-Length: {len(body) // 2}"), body]
        case "length-twice":
            return [head(length, f"Content-Length: {len(body) // 2}"), body]
        case "length-odd":
            return [head("Content-Length: many"), body]
        case "header-long":
            return [head(f"X-Long: {'x' * 1_000_000}", length), body]
        case "not-http":
            return [b"SSH-2.0-OpenSSH_9.9\r\n", b"\x00\x00\x01\x14\x07\x14" * 8]
        case "large":
            return _filled(answer)
        case "endless":
            rest = _chunk(answer.filling * _BLOCK)
            return itertools.chain([head(_CHUNKED), _chunk(body)], itertools.repeat(rest))
        case "gzip-bomb":
            return itertools.chain([head("Content-Encoding: gzip")], _bomb(answer.filling))
        case "gzip-broken":
            return [head("Content-Encoding: gzip", length), body]
        case "drip":
            bytes_of_body = (bytes([byte]) for byte in body)
            endless = itertools.chain(bytes_of_body, itertools.repeat(answer.filling))
            return _dripping(head(_CHUNKED), map(_chunk, endless), answer.drip_seconds)
        case "drip-header":
            begun = head().removesuffix(b"\r\n") + b"X-Slow: "
            return _dripping(begun, itertools.repeat(b"x"), answer.drip_seconds)
    return None


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def _filled(answer: Answer) -> Iterator[bytes]:
    yield answer.head(f"Content-Length: {LARGE}")
    yield answer.body
    left = LARGE - len(answer.body)
    while left > 0:
        block = answer.filling * min(left, _BLOCK)
        left -= len(block)
        yield block


def _bomb(filling: bytes) -> Iterator[bytes]:
    # One block is packed, and sent over and over: that is far quicker than to pack all.
    block = filling * _BLOCK
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    yield b"\x1f\x8b\x08" + bytes(7)
    checksum = 0
    for _ in range(BOMB // _BLOCK):
        checksum = zlib.crc32(block, checksum)
        yield packed
    yield packer.flush() + struct.pack("<II", checksum, BOMB)


async def _dripping(first: bytes, drops: Iterable[bytes], seconds: float) -> AsyncIterator[bytes]:
    yield first
    for drop in drops:
        yield drop
        await asyncio.sleep(seconds)
