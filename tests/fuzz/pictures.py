"""Files that are, or were, pictures: measured, decoded, drawn, stripped and made references."""

from __future__ import annotations

import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tests.images.pictures import encoded, png_chunk, quadrants
from tui.images.metadata import without_metadata
from tui.images.prepare import outline, prepare_preview
from tui.images.prepared import TREATMENTS, Limits, UnfitReference
from tui.images.preview import PreviewRequest
from tui.images.references import prepare_reference
from tui.images.scaling import measure, no_larger_than, scale_upright
from tui.images.verify import MAX_PIXELS, MAX_SIDE, NotAnImage, sniff, verify_image
from tui.images.zoom import Zoom

_PNG = b"\x89PNG\r\n\x1a\n"
_SECRET = b"a prompt of somebody"
_SIDES = re.compile(r"\d+×\d+")
_GRAPHICS = ("off", "half", "kitty", "sixel")


def _seeds() -> Iterator[bytes]:
    small = quadrants(12, 8)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, _SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    info = PngInfo()
    info.add_text("parameters", _SECRET.decode())
    info.add_itxt("prompt", _SECRET.decode(), zip=True)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield encoded(small.convert("L" if mode == "I;16" else mode).convert(mode), "PNG")
    yield encoded(small, "PNG", pnginfo=info, exif=exif)
    yield encoded(small.convert("P"), "PNG", transparency=3)
    yield encoded(small, "PNG", transparency=(220, 40, 40), icc_profile=b"x" * 60)
    frames = [Image.new("RGB", (6, 4), (shade, 0, 0)) for shade in (0, 90, 180)]
    for format in ("PNG", "WEBP", "GIF"):
        yield encoded(frames[0], format, save_all=True, append_images=frames[1:])
    # Interlaced, which Pillow does not write.
    rows = zlib.compress(b"\0\x80" * 4, 9)
    head = b"\0\0\0\1\0\0\0\1\1\0\0\0\1"
    yield _PNG + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    yield encoded(small, "JPEG", quality=60)
    yield encoded(small, "JPEG", quality=30, progressive=True, exif=exif, comment=_SECRET)
    yield encoded(small.convert("L"), "JPEG", quality=30, restart_marker_blocks=1)
    yield encoded(small.convert("CMYK"), "JPEG", quality=30)
    yield encoded(small, "WEBP", quality=30, exif=exif)
    yield encoded(small.convert("RGBA"), "WEBP", lossless=True, xmp=_SECRET)
    small.putalpha(120)
    yield encoded(small, "WEBP", quality=40, icc_profile=b"x" * 40)


_MUTATOR = Mutator(
    list(_seeds()),
    [
        _PNG, b"IHDR", b"IDAT", b"IEND", b"PLTE", b"tRNS", b"iCCP", b"tEXt", b"zTXt", b"iTXt",
        b"eXIf",
        b"acTL", b"fcTL", b"fdAT", b"gAMA", b"cHRM", b"pHYs", png_chunk(b"tRNS", b"\0"),
        png_chunk(b"PLTE", b""), png_chunk(b"PLTE", b"\1\2\3" * 300), png_chunk(b"IEND", b""),
        png_chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
        png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000))), png_chunk(b"iTXt",
        b"a\0\1\0"),
        png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100))), png_chunk(b"acTL", b"\xff" * 8),
        png_chunk(b"gAMA", b""), png_chunk(b"cHRM", b"\0"), png_chunk(b"pHYs", b""),
        b"\xff\xd8", b"\xff\xd9", b"\xff\xda", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xdb",
        b"\xff\xe0", b"\xff\xe1", b"\xff\xe2", b"\xff\xed", b"\xff\xee", b"\xff\xfe", b"\xff\xdd",
        b"\xff\x01", b"\xff\xff", b"\xff\x00", b"JFIF\0", b"Exif\0\0", b"ICC_PROFILE\0\1\1",
        b"Adobe",
        b"MPF\0", b"Photoshop 3.0\0", b"http://ns.adobe.com/xap/1.0/\0",
        b"\xff\xe2\0\x10MPF\0II*\0",
        b"II*\0", b"MM\0*", b"\x01\x12\0\3\0\0\0\1\0\x08", b"\x12\1\3\0\1\0\0\0\6\0", b"\x87\x69",
        b"RIFF", b"WEBP", b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"EXIF", b"XMP ",
        b"ICCP", b"\x2f", b"\x9d\x01\x2a", b"GIF89a", b"\0\0\0\r",
    ],
)  # fmt: skip


class _Folder:
    """Where the pictures lie, and what is made of them."""

    path: Path
    made: int


@contextmanager
def _folder() -> Iterator[None]:
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        _Folder.path, _Folder.made = Path(folder), 0
        yield


def _example(dice: Random) -> Parts:
    data = _MUTATOR.example(dice)
    if dice.random() < 0.75:
        data = _mended(data)
    return data, dice.randrange(1 << 30)


def _mended(data: bytes) -> bytes:
    """`data` with lengths and checksums that fit, so that more of it is read."""
    if data[:4] == b"RIFF":
        return data[:4] + (len(data) - 8).to_bytes(4, "little", signed=True) + data[8:]
    if not data.startswith(_PNG):
        return data
    parts, offset = [_PNG], len(_PNG)
    while offset + 12 <= len(data):
        length = min(int.from_bytes(data[offset : offset + 4], "big"), len(data) - offset - 12)
        kind = data[offset + 4 : offset + 8]
        parts.append(png_chunk(kind, data[offset + 8 : offset + 8 + length]))
        offset += 12 + length
    return b"".join((*parts, data[offset:]))


def _attempt(parts: Parts) -> str:
    data, number = parts
    dice = Random(number)
    path = _Folder.path / "picture"
    path.write_bytes(data)
    try:
        facts = verify_image(path)
    except NotAnImage as refusal:
        assert refusal.reason.endswith(".")
        outcome = _SIDES.sub("…", refusal.reason)
    else:
        assert facts.format == sniff(data)
        assert facts.bytes == len(data)
        assert max(facts.width, facts.height) <= MAX_SIDE
        assert facts.width * facts.height <= MAX_PIXELS
        assert sorted(measure(path)[:2]) == sorted((facts.width, facts.height))
        outcome = ACCEPTED
    is_good = outcome == ACCEPTED
    _look(path, dice, is_good=is_good)
    _strip(path, data, is_good=is_good)
    if dice.random() < (0.5 if is_good else 0.1):
        _send(path, dice)
    assert path.read_bytes() == data
    return outcome


def _look(path: Path, dice: Random, *, is_good: bool) -> None:
    """What is drawn lies in its room; and all that is good can be drawn."""
    columns, rows = dice.choice(((1, 1), (9, 4), (30, 2)))
    request = PreviewRequest(
        path, columns, rows, (3, 6), dice.choice(_GRAPHICS), (0, 0, 0),
        zoom=Zoom(2.0) if dice.random() < 0.1 else Zoom(),
    )  # fmt: skip
    try:
        place = outline(request)
        preview = prepare_preview(request)
        copy = scale_upright(path.read_bytes(), no_larger_than(8))
    except NotAnImage as refusal:
        assert not is_good, refusal.reason
        return
    assert (preview.width, preview.height) == (place.width, place.height)
    assert preview.columns <= columns
    assert preview.rows <= rows
    assert len(preview.half) == preview.rows
    assert max(copy.image.size) <= 8
    assert copy.image.mode in ("RGB", "RGBA")


def _strip(path: Path, data: bytes, *, is_good: bool) -> None:
    """Without metadata it is the same picture, and holds none of them."""
    try:
        bare = without_metadata(data)
    except NotAnImage:
        return
    # Frames out of order may pass for good as long as something else stands between them.
    if not is_good or b"acTL" in data:
        return
    assert without_metadata(bare) == bare
    before, after = _pixels(path, data), _pixels(path, bare)
    path.write_bytes(data)
    assert before == after


def _pixels(path: Path, data: bytes) -> object:
    """Size and pixels of a picture that is good, upright; what is decoded differs by no bit."""
    path.write_bytes(data)
    verify_image(path)
    picture = scale_upright(data, lambda width, height: (width, height))
    return picture.image.mode, picture.image.size, zlib.crc32(picture.image.tobytes())


def _send(path: Path, dice: Random) -> None:
    limits = Limits(
        dice.choice((("png", "jpeg", "webp"), ("jpeg",), ("png",), ("webp", "png"))),
        dice.choice((None, 700, 10_000)),
        dice.choice((None, 1, 20, 10_000)),
    )
    treatment = dice.choice(TREATMENTS)
    _Folder.made += 1
    folder = _Folder.path / str(_Folder.made // 500)
    if _Folder.made % 500 == 0:
        shutil.rmtree(_Folder.path / str(_Folder.made // 500 - 1), ignore_errors=True)
    try:
        made = prepare_reference(path, limits, treatment, folder)
    except UnfitReference as refusal:
        assert str(refusal).endswith(".")
        return
    facts = verify_image(made.file)
    assert (facts.format, facts.width, facts.height) == (made.format, made.width, made.height)
    assert facts.sha256 == made.sha256
    if treatment == "as it is":
        return
    assert made.format in limits.formats
    assert limits.max_bytes is None or made.bytes <= limits.max_bytes
    assert limits.max_pixels is None or made.width * made.height <= limits.max_pixels
    with suppress(NotAnImage):
        assert without_metadata(made.file.read_bytes()) == made.file.read_bytes()


TARGET = Target("pictures", _example, _attempt, around=_folder)
