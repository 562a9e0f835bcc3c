"""Metadata go, pixels stay: with files as Pillow and image generators write them."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from tests.images.pictures import encoded, png_chunk, quadrants
from tui.images.metadata import without_metadata
from tui.images.verify import NotAnImage

SECRET = b"a secret prompt"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SIDES = range(1, 9)


def _exif(side: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = side
    return exif


def _text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    info.add(b"caBX", SECRET)
    return info


def _webp(**options: Any) -> bytes:
    return encoded(quadrants(), "WEBP", exif=_exif(), xmp=SECRET, icc_profile=PROFILE, **options)


def _jpeg(**options: Any) -> bytes:
    data = encoded(
        *(quadrants(), "JPEG"),
        **{"exif": _exif(), "comment": SECRET, "icc_profile": PROFILE, "quality": 90} | options,
    )
    # What Photoshop, and what C2PA leave.
    rest = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(SECRET) + 2) + SECRET for marker in (0xED, 0xEB)
    )
    return data[:2] + rest + data[2:]


FILES = {
    "PNG with text": encoded(
        quadrants(), "PNG", pnginfo=_text(), exif=_exif(), icc_profile=PROFILE
    ),
    "PNG with a palette": encoded(quadrants().quantize(8), "PNG", pnginfo=_text(), transparency=2),
    "PNG with alpha": encoded(quadrants().convert("RGBA"), "PNG", pnginfo=_text()),
    "PNG of 16 bits": encoded(Image.new("I;16", (9, 9), 40_000), "PNG", pnginfo=_text()),
    "PNG with a tail": encoded(quadrants(), "PNG", pnginfo=_text()) + SECRET,
    "JPEG": _jpeg(),
    "JPEG, progressive": _jpeg(progressive=True),
    "JPEG with restarts": _jpeg(restart_marker_blocks=4),
    "JPEG with a tail": _jpeg() + SECRET,
    "JPEG of four colours": encoded(
        quadrants().convert("CMYK"), "JPEG", exif=_exif(), comment=SECRET
    ),
    "WebP": _webp(),
    "WebP without loss": _webp(lossless=True),
    "WebP, moving": _webp(save_all=True, append_images=[quadrants()]),
}


def _pixels(data: bytes) -> np.ndarray:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(ImageOps.exif_transpose(image))


@pytest.mark.parametrize("name", FILES)
def test_metadata_go_and_pixels_stay(name: str) -> None:
    data = FILES[name]
    assert SECRET in data, "or it would prove nothing"
    bare = without_metadata(data)
    assert SECRET not in bare
    assert (_pixels(bare) == _pixels(data)).all()
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(bare)) as after:
        assert (after.format, after.mode, after.size) == (before.format, before.mode, before.size)
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        assert after.info.get("transparency") == before.info.get("transparency")
        assert not {"exif", "xmp", "comment", "parameters"} & after.info.keys()
        assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    assert without_metadata(bare) == bare


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("side", SIDES)
def test_which_side_is_up_stays(format: str, side: int) -> None:
    data = encoded(quadrants(), format, exif=_exif(side))
    bare = without_metadata(data)
    assert SECRET not in bare
    assert (_pixels(bare) == _pixels(data)).all()
    assert without_metadata(bare) == bare


def test_a_file_without_metadata_stays_as_it_is() -> None:
    for format in ("PNG", "JPEG", "WEBP"):
        data = encoded(quadrants(), format)
        assert without_metadata(data) == data


def test_fill_bytes_before_a_marker_are_no_part_of_it() -> None:
    data = encoded(quadrants(), "JPEG")
    filled = data[:2] + b"\xff\xff" + data[2:]
    assert without_metadata(filled) == data


@pytest.mark.parametrize("name", ["PNG with text", "JPEG, progressive", "WebP"])
def test_what_is_cut_off_is_refused(name: str) -> None:
    data = FILES[name]
    for end in range(0, len(data) - 1, max(1, len(data) // 200)):
        with pytest.raises(NotAnImage):
            without_metadata(data[:end])


texts = st.lists(
    st.tuples(
        st.sampled_from((b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt", b"caBX")),
        st.binary(max_size=200),
    ),
    max_size=5,
)


@settings(max_examples=100)
@given(before=texts, after=texts)
def test_whatever_chunks_there_are_a_png_comes_out_as_it_was_without(
    before: list[tuple[bytes, bytes]], after: list[tuple[bytes, bytes]]
) -> None:
    data = encoded(quadrants(20, 20), "PNG")
    # After the header, and before the end.
    pieces = data[:33], data[33:-12], data[-12:]
    chunks = [b"".join(png_chunk(*chunk) for chunk in some) for some in (before, after)]
    full = pieces[0] + chunks[0] + pieces[1] + chunks[1] + pieces[2]
    try:
        bare = without_metadata(full)
    except NotAnImage:
        return  # Pillow refuses text that is no text; then it is not shown either.
    assert (_pixels(bare) == _pixels(data)).all()
    if not any(kind == b"eXIf" for kind, _ in before + after):
        assert bare == data


@settings(max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_files_are_refused_or_come_out_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    damaged = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        bare = without_metadata(bytes(damaged))
    except NotAnImage:
        return
    assert len(bare) <= len(damaged) + 64


def test_a_frame_that_says_it_is_longer_than_its_parts_is_refused() -> None:
    other = Image.new("RGB", quadrants().size, "blue")
    moving = encoded(quadrants(), "WEBP", save_all=True, append_images=[other])
    second = moving.index(b"ANMF", moving.index(b"ANMF") + 4)
    (length,) = struct.unpack_from("<I", moving, second + 4)
    # Four bytes more, which decoders take for the beginning of whatever comes next.
    longer = moving[: second + 4] + struct.pack("<I", length + 4) + moving[second + 8 :] + bytes(4)
    longer = longer[:4] + struct.pack("<I", len(longer) - 8) + longer[8:]
    assert without_metadata(moving)
    with pytest.raises(NotAnImage):
        without_metadata(longer)
