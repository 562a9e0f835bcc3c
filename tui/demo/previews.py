"""Previews of a picture, as a model shows them while it paints."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageFilter

from tui.demo.limits import ImageFormat
from tui.demo.painter import encode

MOST_PREVIEWS = 3
_BLUR = 6.0


def previews(picture: bytes, number: int, format: ImageFormat) -> list[bytes]:
    """`number` files of the size of `picture`, each sharper than the one before."""
    with Image.open(BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    return [encode(_blurred(image, number - place), format) for place in range(number)]


def _blurred(image: Image.Image, steps: int) -> Image.Image:
    """`image` as it looked `steps` steps before it was done."""
    factor = 4 * 2**steps
    small = image.resize(
        (max(1, image.width // factor), max(1, image.height // factor)), Image.Resampling.BOX
    )
    soft = small.filter(ImageFilter.GaussianBlur(_BLUR / factor * steps))
    return soft.resize(image.size, Image.Resampling.BICUBIC)
