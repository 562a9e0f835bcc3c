"""References: input images made ready to be sent, and the copies of them that entries keep.

What leaves the machine is upright and holds pixels and colours alone: no camera, place or prompt.
An image that is within a model's limits keeps its very pixels; another one is scaled or encoded
anew. The user's file is never changed. Slow: not for the event loop.
"""

from __future__ import annotations

import hashlib
import math
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image

from tui.files import write_durably
from tui.images.folder_cache import FolderCache
from tui.images.metadata import without_metadata
from tui.images.prepared import (
    FORMAT_NAMES,
    SMALL_SIDE,
    Limits,
    PreparedReference,
    Treatment,
    UnfitReference,
)
from tui.images.scaling import UprightPicture, flattened, orientation_of, upright_picture
from tui.images.verify import (
    DECODING_ERRORS,
    Format,
    NotAnImage,
    extension,
    opened,
    read_limited,
)

FOLDER = "images/references"
CACHE_LIMIT = 500_000_000
"""Bytes that all images made ready, and not sent yet, may take together."""
QUALITIES = (92, 85)
"""Of lossy compression, out of 100: the best is tried first."""
SMALL_QUALITIES = (90, 85)

_ENDING = ".reference"
_WHITE = (255, 255, 255)
_UPRIGHT = 1
_TURNED = range(5, 9)
"""Orientations of an image that lies on its side."""
_PROFILE_COLOURS = slice(16, 20)
"""Where a profile names its colours (ICC.1:2022, 7.2)."""
_TRIES = 8
_SHRINK = 0.95
"""A little smaller than what would just do, since bytes do not follow pixels exactly."""


@dataclass(frozen=True, slots=True)
class KeptReference:
    """A copy of an input image, named by its content and so kept once however often it is used."""

    sha256: str
    file: str
    """Relative to the data folder."""


def prepare_reference(
    source: Path, limits: Limits, treatment: Treatment, folder: Path
) -> PreparedReference:
    """Make of the image in `source` what is sent, as a file in `folder`.

    What is within `limits` already, and holds no metadata, comes out with the same bytes. Raises
    UnfitReference for what is no single picture, or cannot be read, made or kept.
    """
    data = _read(source)
    try:
        with opened(BytesIO(data)) as (image, format):
            _refuse_animation(image, format)
            orientation, tells_place = orientation_of(image), _tells_place(image)
            size = image.size[::-1] if orientation in _TURNED else image.size
            image.load()
            bare = without_metadata(data)
            if treatment == "as it is":
                made = _Made(data, format, image.size, ())
            else:
                tells_place = False
                made = _made(
                    image, _Source(data, bare, format, size, orientation), limits, treatment
                )
    except NotAnImage as error:
        raise UnfitReference(error.reason) from error
    sha256 = hashlib.sha256(made.data).hexdigest()
    kept = _kept_in(folder)
    file = folder / f"{sha256}{_ENDING}"
    if kept.read(file.name) != made.data:
        kept.write(file.name, made.data)
    if not file.is_file():
        raise UnfitReference("There is no room to prepare it.")
    return PreparedReference(
        file=file,
        sha256=sha256,
        format=made.format,
        width=made.size[0],
        height=made.size[1],
        bytes=len(made.data),
        from_bytes=len(data),
        from_size=size,
        changes=made.changes,
        tells_place=tells_place,
    )


def keep_source(data: bytes, folder: Path) -> Path:
    """Keep an image that is in no file, in one in `folder` that is named by its content.

    Raises UnfitReference where that cannot be done.
    """
    name = f"from-{hashlib.sha256(data).hexdigest()}{_ENDING}"
    kept = _kept_in(folder)
    if kept.read(name) != data:
        kept.write(name, data)
    if not (folder / name).is_file():
        raise UnfitReference("There is no room to keep it.")
    return folder / name


def keep_reference(prepared: PreparedReference, data_folder: Path) -> KeptReference:
    """Copy what is sent into `data_folder`, where it stays.

    Raises UnfitReference where it is no longer as it was prepared, and OSError.
    """
    ending = _EXTENSIONS[prepared.format]
    file = f"{FOLDER}/{prepared.sha256}.{ending}"
    target = data_folder / file
    if not _holds(target, prepared.sha256):
        try:
            data = prepared.file.read_bytes()
        except FileNotFoundError:
            data = b""
        if hashlib.sha256(data).hexdigest() != prepared.sha256:
            raise UnfitReference("What was prepared is gone.")
        write_durably(target, data)
    return KeptReference(prepared.sha256, file)


_EXTENSIONS: dict[str, str] = {format: extension(format) for format in ("png", "jpeg", "webp")}


@dataclass(frozen=True, slots=True)
class _Made:
    """An image file as it is to be sent."""

    data: bytes
    format: Format
    size: tuple[int, int]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """An image file as it came."""

    data: bytes
    bare: bytes
    """The same without metadata."""
    format: Format
    size: tuple[int, int]
    """Width and height, upright."""
    orientation: int
    """As EXIF numbers it."""


@cache
def _kept_in(folder: Path) -> FolderCache:
    """What is in a folder, counted once for all of this program."""
    return FolderCache(folder, _ENDING, CACHE_LIMIT)


def _holds(file: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _read(source: Path) -> bytes:
    try:
        mode = source.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UnfitReference("It is a folder.")
        if not stat.S_ISREG(mode):
            # Reading a pipe might wait for ever.
            raise UnfitReference("It is no ordinary file.")
        return read_limited(source)
    except FileNotFoundError:
        raise UnfitReference("There is no such file.") from None
    except NotAnImage as error:
        raise UnfitReference(error.reason) from error
    except OSError as error:
        raise UnfitReference(_reason(error)) from error
    except ValueError as error:  # A zero in its name.
        raise UnfitReference("There is no such file.") from error


def _reason(error: OSError) -> str:
    return f"{error.strerror or error}."


def _refuse_animation(image: Image.Image, format: Format) -> None:
    # A JPEG of several is a photograph with a preview.
    if format != "jpeg" and getattr(image, "n_frames", 1) > 1:
        raise NotAnImage("It is animated; a reference is a single picture.")


def _tells_place(image: Image.Image) -> bool:
    try:
        return bool(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    except DECODING_ERRORS:
        return False


def _made(image: Image.Image, source: _Source, limits: Limits, treatment: Treatment) -> _Made:
    stripped = ("metadata removed",) if source.bare != source.data else ()
    as_it_is = _Made(source.bare, source.format, source.size, stripped)
    is_turned = source.orientation != _UPRIGHT
    is_legal = not is_turned and _is_within(as_it_is, limits)
    if is_legal and treatment == "fitted":
        return as_it_is
    anew = _encoded_anew(image, source, limits, treatment)
    if is_legal and len(anew.data) >= len(source.bare):
        return as_it_is
    turned = ("turned upright",) if is_turned else ()
    return _Made(anew.data, anew.format, anew.size, (*turned, *anew.changes, *stripped))


def _is_within(made: _Made, limits: Limits) -> bool:
    return (
        made.format in limits.formats
        and (limits.max_bytes is None or len(made.data) <= limits.max_bytes)
        and (limits.max_pixels is None or math.prod(made.size) <= limits.max_pixels)
    )


def _encoded_anew(
    image: Image.Image, source: _Source, limits: Limits, treatment: Treatment
) -> _Made:
    """The image within the limits: as large, and then as good, as they leave it."""
    size = source.size
    profile = _rgb_profile(image)
    scale = 1.0
    if limits.max_pixels and math.prod(size) > limits.max_pixels:
        scale = _SHRINK * math.sqrt(limits.max_pixels / math.prod(size))
    if treatment == "small":
        scale = min(scale, SMALL_SIDE / max(size))
    picture = upright_picture(image, _by(scale))
    if limits.max_pixels and math.prod(picture.image.size) > limits.max_pixels:
        # A side has one pixel at the least.
        raise UnfitReference(f"It is too long for {limits.max_pixels:,} pixels.")
    smallest: _Made | None = None
    for _ in range(_TRIES):
        for made in _encodings(picture, source.format, limits, treatment, profile):
            if limits.max_bytes is None or len(made.data) <= limits.max_bytes:
                return _described(made, size)
            smallest = made
        if smallest is None:
            raise UnfitReference("The model takes no format that it can be sent in.")
        assert limits.max_bytes is not None
        ratio = min(0.9, _SHRINK * math.sqrt(limits.max_bytes / len(smallest.data)))
        width, height = picture.image.size
        if min(width, height) * ratio < 1:
            break
        picture = UprightPicture(
            picture.image.resize(
                (max(1, round(width * ratio)), max(1, round(height * ratio))),
                Image.Resampling.LANCZOS,
            ),
            picture.width,
            picture.height,
        )
    raise UnfitReference(f"It cannot be made smaller than {limits.max_bytes:,} bytes.")


def _rgb_profile(image: Image.Image) -> bytes:
    """The colour profile of an image, where it is of the colours that are written here.

    What is grey, or made for printers, becomes RGB, of which its profile says nothing.
    """
    profile: bytes = image.info.get("icc_profile") or b""
    return profile if profile[_PROFILE_COLOURS] == b"RGB " else b""


def _by(scale: float) -> Callable[[int, int], tuple[int, int]]:
    def scaled(width: int, height: int) -> tuple[int, int]:
        if scale >= 1:
            return width, height
        return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))

    return scaled


def _encodings(
    picture: UprightPicture,
    format: Format,
    limits: Limits,
    treatment: Treatment,
    profile: bytes,
) -> Iterator[_Made]:
    """The picture in the formats that the model takes, those that keep most of it first."""
    image, taken = picture.image, limits.formats
    is_clear = image.mode == "RGBA"
    # A photograph as PNG is many times as large, and no better.
    exactly = "png" in taken and treatment == "fitted" and format != "jpeg"
    if "png" in taken and (exactly or is_clear):
        yield _encoded(image, "png", profile)
    lossy: tuple[Format, ...] = ("webp", "jpeg") if is_clear else ("jpeg", "webp")
    for quality in SMALL_QUALITIES if treatment == "small" else QUALITIES:
        for each in lossy:
            if each in taken:
                yield _encoded(image, each, profile, quality)
                break
    if "png" in taken and not (exactly or is_clear) and not {"jpeg", "webp"} & set(taken):
        yield _encoded(image, "png", profile)


def _encoded(
    image: Image.Image, format: Format, profile: bytes, quality: int | None = None
) -> _Made:
    file = BytesIO()
    image.info.clear()
    profiled = {"icc_profile": profile} if profile else {}
    match format:
        case "png":
            image.save(file, "PNG", **profiled)
        case "jpeg":
            flattened(image, _WHITE).save(file, "JPEG", quality=quality, subsampling=0, **profiled)
        case "webp":
            image.save(file, "WEBP", quality=quality, **profiled)
    name = FORMAT_NAMES[format]
    what = name if quality is None else f"{name}, quality {quality}"
    return _Made(file.getvalue(), format, image.size, (what,))


def _described(made: _Made, size: tuple[int, int]) -> _Made:
    if made.size == size:
        return made
    scaled = f"scaled to {made.size[0]}×{made.size[1]}"
    return _Made(made.data, made.format, made.size, (scaled, *made.changes))
