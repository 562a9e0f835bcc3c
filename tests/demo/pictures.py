"""Small pictures to send, and what came back."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image


def picture(
    width: int = 320, height: int = 320, image_format: str = "PNG", colour: str = "teal"
) -> bytes:
    """The bytes of a plain picture."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, image_format)
    return buffer.getvalue()


def mask(width: int = 300, height: int = 300) -> bytes:
    """A mask whose right half is transparent."""
    image = Image.new("RGBA", (width, height), "white")
    image.paste((0, 0, 0, 0), (width // 2, 0, width, height))
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def encoded(content: bytes) -> str:
    """`content` as bare base64."""
    return base64.b64encode(content).decode("ascii")


def data_url(content: bytes, kind: str = "png") -> str:
    """`content` as a data URL."""
    return f"data:image/{kind};base64,{encoded(content)}"


def opened(content: bytes) -> Image.Image:
    """The picture in `content`, decoded."""
    image = Image.open(BytesIO(content))
    image.load()
    return image
