"""What is written into the picture: the model and the prompt, and the mark of a made image."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import cast

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

MARK = "AI generated"
_SMALLEST_SIDE = 120  # pixels; below it nobody could read a letter
_SHARE = 0.0205  # of the short side: the size of the letters
_MODEL_LENGTH, _PROMPT_LENGTH = 40, 46
_READ = 2000  # characters of a prompt that are looked at
_NARROW = 32  # in letter sizes: a picture in which mark and signature need a line each
_NO_CHARACTER = "\U0010fffe"
# Plain spellings of what the built-in font lacks and everybody types.
_PLAIN = str.maketrans("‚„–—−•", "'\"---·")


def sign(image: Image.Image, model: str, prompt: str) -> None:
    """Letter the model and a short form of the prompt in the lower left corner, small.

    Pictures whose short side is under 120 pixels stay unsigned.
    """
    if min(image.size) < _SMALLEST_SIDE:
        return
    size, margin = _measures(image)
    font = _font(size)
    room = image.width - 2 * margin
    if image.width >= _NARROW * size:
        room -= round(font.getlength(MARK)) + 2 * margin
    parts = (drawable(model, _MODEL_LENGTH), drawable(prompt, _PROMPT_LENGTH))
    text = "  ·  ".join(part for part in parts if part)
    while font.getlength(text) > room and text:
        text = text.removesuffix("…")[:-1].rstrip(" ·")
        text = f"{text}…" if text else ""
    if text:
        _write(image, text, font, (margin, image.height - margin), "ls")


def mark(image: Image.Image) -> None:
    """Draw the mark that says a machine made the picture, in the lower right corner.

    Where the words would not fit it is a small bright square with a dark rim.
    """
    size, margin = _measures(image)
    font = _font(size)
    if min(image.size) < _SMALLEST_SIDE or font.getlength(MARK) > image.width - 2 * margin:
        _draw_square(image)
        return
    foot = image.height - margin
    if image.width < _NARROW * size:
        foot -= round(size * 1.9)
    _write(image, MARK, font, (image.width - margin, foot), "rs", framed=True)


def drawable(text: str, limit: int) -> str:
    """`text` on one line in characters that the font has, at most `limit` of them.

    Accents are dropped where the font has only the letter; letters it does not have at all become
    an ellipsis, other characters vanish. Empty if nothing readable is left.
    """
    line = " ".join("".join(map(_drawable, text[:_READ].translate(_PLAIN))).split())
    while "……" in line:
        line = line.replace("……", "…")
    if len(line) <= limit:
        return line if _is_readable(line) else ""
    cut = line[:limit].rpartition(" ")[0]
    if len(cut) < limit // 2:
        cut = line[: limit - 1]
    return cut.rstrip(" ,.;:-…") + "…" if _is_readable(cut) else ""


def _is_readable(line: str) -> bool:
    return any(character.isalnum() for character in line)


def _drawable(character: str) -> str:
    if character.isspace():
        return " "
    if _has_glyph(character):
        return character
    plain = "".join(filter(_has_glyph, unicodedata.normalize("NFKD", character)))
    return plain or ("…" if character.isalpha() else "")


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    if unicodedata.category(character)[0] in "CMZ":  # control, combining, separating
        return False
    return _shape(character) != _shape(_NO_CHARACTER)


def _shape(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(24).getmask(character)
    return mask.size, bytes(mask)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's built-in typeface; an outline font whenever a size is given."""
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))


def _measures(image: Image.Image) -> tuple[int, int]:
    """The size of the letters and their distance from the edge, in pixels."""
    size = max(10, round(min(image.size) * _SHARE))
    return size, round(size * 1.25)


def _write(
    image: Image.Image,
    text: str,
    font: ImageFont.FreeTypeFont,
    place: tuple[int, int],
    anchor: str,
    *,
    framed: bool = False,
) -> None:
    """Light letters on dark ground and dark ones on light, with a breath of the other behind."""
    pad = max(2, round(font.size * 0.6))
    left, top, right, bottom = font.getbbox(text, anchor=anchor)
    frame = (
        max(0, int(place[0] + left) - pad), max(0, int(place[1] + top) - pad),
        min(image.width, int(place[0] + right) + pad),
        min(image.height, int(place[1] + bottom) + pad),
    )  # fmt: skip
    patch = image.crop(frame)
    bright = float(np.asarray(patch.convert("L")).mean()) > 140
    ink, behind = ((18, 18, 22), (255, 255, 255)) if bright else ((250, 247, 240), (0, 0, 0))
    letters = Image.new("L", patch.size)
    draw = ImageDraw.Draw(letters)
    draw.text((place[0] - frame[0], place[1] - frame[1]), text, 255, font, anchor)
    if framed:
        inset, line = round(pad * 0.3), max(1, round(font.size / 16))
        box = (inset, inset, patch.width - 1 - inset, patch.height - 1 - inset)
        draw.rounded_rectangle(box, radius=round(pad * 0.8), outline=255, width=line)
    soft = letters.filter(ImageFilter.GaussianBlur(font.size * 0.35))
    patch.paste(behind, mask=soft.point(lambda level: min(level * 2, 150)))
    patch.paste(ink, mask=letters.point(lambda level: level * 235 // 255))
    image.paste(patch, frame[:2])


def _draw_square(image: Image.Image) -> None:
    side = max(2, min(image.size) // 10)
    x, y = image.width - side - 1, image.height - side - 1
    draw = ImageDraw.Draw(image)
    draw.rectangle((x - 1, y - 1, image.width - 1, image.height - 1), fill=(20, 20, 24))
    draw.rectangle((x, y, x + side - 1, y + side - 1), fill=(250, 247, 240))
