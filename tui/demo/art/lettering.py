"""What is written into the picture: the model and the prompt, and the mark of a made image."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

MARK = "AI generated"
_SMALLEST_SIDE = 120
_PROMPT_LENGTH = 46
_READ = 2000
# Plain spellings of what the built-in font lacks and everybody types.
_PLAIN = str.maketrans("‘’‚“”„–—−…•·", '\'\'""""---.··')


def sign(image: Image.Image, model: str, prompt: str) -> None:
    """Letter the model and a short form of the prompt in the lower left corner, small.

    Pictures whose short side is under 120 pixels stay unsigned: nobody could read it.
    """
    if min(image.size) < _SMALLEST_SIDE:
        return
    size, margin = _measures(image)
    name, words = drawable(model, 40), drawable(prompt, _PROMPT_LENGTH)
    text = "  ·  ".join(part for part in (name, words) if part)
    room = image.width - 2 * margin
    font = ImageFont.load_default(size)
    while text and font.getlength(text) > room:
        text = text[:-2].rstrip(" ·…") + "…" if len(text) > 4 else ""
    if text:
        _write(image, text, font, (margin, image.height - margin), "ls")


def mark(image: Image.Image) -> None:
    """Draw the mark that says a machine made the picture, in the lower right corner."""
    if min(image.size) < _SMALLEST_SIDE:
        _draw_corner_mark(image)
        return
    size, margin = _measures(image)
    font = ImageFont.load_default(size)
    if font.getlength(MARK) > image.width - 2 * margin:
        _draw_corner_mark(image)
        return
    place = (image.width - margin, image.height - margin)
    if image.width < 32 * size:  # the signature needs the whole line
        place = (place[0], place[1] - round(size * 1.7))
    _write(image, MARK, font, place, "rs", plate=True)


def drawable(text: str, limit: int) -> str:
    """`text` on one line in characters that the font has, at most `limit` of them.

    Accents are dropped where the font has only the letter; letters it does not have at all become
    an ellipsis, other characters vanish.
    """
    kept: list[str] = []
    for character in text[:_READ].translate(_PLAIN):
        if character.isspace():
            kept.append(" ")
        elif unicodedata.category(character)[0] in "CM":
            continue
        elif _has_glyph(character):
            kept.append(character)
        else:
            plain = "".join(
                part for part in unicodedata.normalize("NFKD", character) if _has_glyph(part)
            )
            kept.append(plain or ("…" if character.isalpha() and kept[-1:] != ["…"] else ""))
    line = " ".join("".join(kept).split())
    if not any(character.isalnum() for character in line):
        return ""
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    whole = cut.rsplit(" ", 1)[0]
    return (whole if len(whole) > limit // 2 else cut).rstrip(" ,.;:-…") + "…"


def _measures(image: Image.Image) -> tuple[int, int]:
    size = max(10, round(min(image.size) * 0.0205))
    return size, round(size * 1.25)


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    if character == " ":
        return True
    if unicodedata.category(character)[0] in "CMZ":
        return False
    return _shape(character) != _shape("\U0010fffe")


@lru_cache(maxsize=8192)
def _shape(character: str) -> bytes:
    mask = ImageFont.load_default(24).getmask(character)
    return bytes(mask) + repr(mask.size).encode()


def _write(
    image: Image.Image,
    text: str,
    font: ImageFont.FreeTypeFont,
    place: tuple[int, int],
    anchor: str,
    *,
    plate: bool = False,
) -> None:
    """Light letters on dark ground and dark ones on light, with a breath of the other behind."""
    draw = ImageDraw.Draw(image)
    box = draw.textbbox(place, text, font=font, anchor=anchor)
    pad = max(2, round(font.size * 0.6))
    left, top = max(0, int(box[0]) - pad), max(0, int(box[1]) - pad)
    right, bottom = min(image.width, int(box[2]) + pad), min(image.height, int(box[3]) + pad)
    patch = image.crop((left, top, right, bottom))
    bright = float(np.asarray(patch.convert("L").reduce(2)).mean()) > 140
    ink, behind = ((18, 18, 22), (255, 255, 255)) if bright else ((250, 247, 240), (0, 0, 0))
    letters = Image.new("L", patch.size)
    ImageDraw.Draw(letters).text(
        (place[0] - left, place[1] - top), text, font=font, anchor=anchor, fill=255
    )
    soft = letters.filter(ImageFilter.GaussianBlur(font.size * 0.35))
    patch.paste(behind, mask=soft.point(lambda level: min(level * 2, 150)))
    patch.paste(ink, mask=letters.point(lambda level: level * 235 // 255))
    if plate:
        frame = ImageDraw.Draw(patch)
        line = max(1, round(font.size / 16))
        inset = round(pad * 0.3)
        frame.rounded_rectangle(
            (inset, inset, patch.width - 1 - inset, patch.height - 1 - inset),
            radius=round(pad * 0.8), outline=ink, width=line,
        )  # fmt: skip
    image.paste(patch, (left, top))


def _draw_corner_mark(image: Image.Image) -> None:
    """A small bright square with a dark rim, where no lettering would fit."""
    side = max(2, min(image.size) // 10)
    x, y = image.width - side - 1, image.height - side - 1
    draw = ImageDraw.Draw(image)
    draw.rectangle((x - 1, y - 1, image.width - 1, image.height - 1), fill=(20, 20, 24))
    draw.rectangle((x, y, x + side - 1, y + side - 1), fill=(250, 247, 240))
