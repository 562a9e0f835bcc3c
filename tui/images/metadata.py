"""Images without what they say of themselves, and with the very same pixels.

Nothing is encoded anew: the parts of the file that hold prompts, cameras, places and signatures are
left out; those that say how its pixels are to be seen stay, such as colour profiles and which side
is up. What is not known to be needed goes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

from tui.images.scaling import orientation_of
from tui.images.verify import Format, NotAnImage, opened, sniff

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs sPLT hIST "
    b"acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_FRAME_HEAD = 16
"""Bytes in which a frame of an animation says where it goes, and for how long."""
_WEBP_EXIF_FLAG, _WEBP_XMP_FLAG = 0x08, 0x04
_ORIENTATION_TAG = 0x0112
_UPRIGHT = 1

_JPEG_START, _JPEG_END, _JPEG_SCAN = 0xD8, 0xD9, 0xDA
_JPEG_EXIF, _JPEG_COMMENT = 0xE1, 0xFE
_JPEG_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers that nothing belongs to."""
_EXIF = b"Exif\x00\x00"


def without_metadata(data: bytes) -> bytes:
    """The bytes of an image file without its metadata; no pixel changes.

    Raises NotAnImage for what is no PNG, JPEG or WebP, or is cut off.
    """
    format = sniff(data)
    if format is None:
        raise NotAnImage("The file is not a PNG, JPEG or WebP image.")
    try:
        return _STRIPPERS[format](data, _exif_with(_side_up(data)))
    except (struct.error, IndexError) as error:
        raise NotAnImage("The image is damaged or cut off.") from error


def _png(data: bytes, exif: bytes) -> bytes:
    parts = [_PNG_SIGNATURE]
    for kind, content in _png_chunks(data):
        if kind not in _PNG_KEPT:
            continue
        parts.append(_png_chunk(kind, content))
        if kind == b"IHDR" and exif:
            parts.append(_png_chunk(b"eXIf", exif))
    return b"".join(parts)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kinds and contents of the chunks, up to the last; what follows it is no image."""
    offset = len(_PNG_SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", data, offset)
        if len(data) < offset + 12 + length:
            raise IndexError
        yield kind, data[offset + 8 : offset + 8 + length]
        if kind == b"IEND":
            return
        offset += 12 + length


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _jpeg(data: bytes, exif: bytes) -> bytes:
    parts, offset = [data[:2]], 2
    if exif:
        parts.append(_jpeg_segment(_JPEG_EXIF, _EXIF + exif))
    while True:
        marker, offset = _next_marker(data, offset)
        if marker == _JPEG_END:
            return b"".join((*parts, b"\xff\xd9"))
        if marker in _JPEG_ALONE:
            parts.append(bytes((0xFF, marker)))
            continue
        (length,) = struct.unpack_from(">H", data, offset)
        content = data[offset + 2 : offset + length]
        if length < 2 or len(content) < length - 2:
            raise IndexError
        offset += length
        if _is_needed(marker, content):
            parts.append(_jpeg_segment(marker, content))
        if marker == _JPEG_SCAN:
            end = _end_of_scan(data, offset)
            parts.append(data[offset:end])
            offset = end


def _next_marker(data: bytes, offset: int) -> tuple[int, int]:
    """The marker at `offset`, and where what belongs to it begins."""
    if data[offset] != 0xFF:
        raise IndexError
    while data[offset] == 0xFF:
        offset += 1
    return data[offset], offset + 1


def _is_needed(marker: int, content: bytes) -> bool:
    if marker == _JPEG_COMMENT:
        return False
    match marker - 0xE0:
        case 0:
            return content.startswith(b"JFIF\x00")
        case 2:
            return content.startswith(b"ICC_PROFILE\x00")
        case 14:  # Without it decoders take the colours for others.
            return content.startswith(b"Adobe")
        case number:
            return not 0 <= number <= 15


def _jpeg_segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _end_of_scan(data: bytes, offset: int) -> int:
    """Where the next marker stands that is no part of the pixels."""
    while True:
        offset = data.find(0xFF, offset)
        if offset < 0:
            raise IndexError
        following = data[offset + 1]
        if following and following not in _JPEG_ALONE:
            return offset
        offset += 1 if following == 0xFF else 2


def _webp(data: bytes, exif: bytes) -> bytes:
    kept = [(kind, content) for kind, content in _webp_chunks(data) if kind in _WEBP_KEPT]
    if exif:
        kept.append((b"EXIF", exif))
    flags = _WEBP_XMP_FLAG | (0 if exif else _WEBP_EXIF_FLAG)
    body = b"WEBP" + b"".join(
        _webp_chunk(kind, bytes((content[0] & ~flags,)) + content[1:])
        if kind == b"VP8X"
        else _webp_chunk(kind, content)
        for kind, content in kept
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data) or size < 4:
        raise IndexError
    for kind, content in _riff_chunks(data[: size + 8], 12):
        if kind == b"ANMF" and _length_of(_riff_chunks(content, _FRAME_HEAD)) < len(content):
            # Decoders go by the parts of a frame, not by how long it says it is, and would take
            # what is left of it, and what follows, for the next one.
            raise IndexError
        yield kind, content


def _riff_chunks(data: bytes, offset: int) -> Iterator[tuple[bytes, bytes]]:
    while offset + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, offset)
        content = data[offset + 8 : offset + 8 + length]
        if len(content) < length:
            raise IndexError
        yield kind, content
        offset += 8 + length + length % 2


def _length_of(parts: Iterable[tuple[bytes, bytes]]) -> int:
    """How long a frame is that has these parts."""
    return _FRAME_HEAD + sum(8 + len(content) + len(content) % 2 for _, content in parts)


def _webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _side_up(data: bytes) -> int:
    with opened(BytesIO(data)) as (image, _):
        return orientation_of(image)


def _exif_with(orientation: int) -> bytes:
    """EXIF data that say which side is up, and nothing else; none where it is the top."""
    if orientation == _UPRIGHT:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION_TAG, 3, 1, orientation, 0)
    return b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + bytes(4)


_STRIPPERS: dict[Format, Callable[[bytes, bytes], bytes]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
}
