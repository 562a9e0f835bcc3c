"""A part of a picture, drawn from the original's pixels. Slow: not for the event loop."""

from __future__ import annotations

from PIL import Image

from tui.images.zoom import ACTUAL, Frame, Zoom, part_seen, scale_of


def draw_zoomed(picture: Image.Image, zoom: Zoom, frame: Frame) -> Image.Image:
    """What `zoom` shows of a picture, dot by dot; at most as large as the room.

    From its own size on its pixels are seen as they are: enlarged they are squares.
    """
    part, scale = part_seen(zoom, frame), scale_of(zoom, frame)
    size = tuple(
        max(1, min(round(length * scale), room))
        for length, room in zip((part.width, part.height), frame.room, strict=True)
    )
    right = min(part.left + part.width, picture.width)
    bottom = min(part.top + part.height, picture.height)
    box = (part.left, part.top, right, bottom)
    if scale >= ACTUAL:
        return picture.resize((size[0], size[1]), Image.Resampling.NEAREST, box=box)
    return picture.resize((size[0], size[1]), Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
