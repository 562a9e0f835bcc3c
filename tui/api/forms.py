"""Requests to `/images/edits`: multipart forms, whose pictures travel as files.

OpenAI, sd-server, SGLang, vLLM-Omni and LiteLLM agree on the names: one picture is `image`, each of
several is `image[]`, and `mask` is a PNG whose transparent parts are to be made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tui.api.results import ReferenceImage

MASK = "mask"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_ANY_IMAGE = "image/png"
"""What a picture is said to be whose bytes do not tell."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: a text, or a file with its media type.

    The file's name is of our making; what the user calls it stays here.
    """

    name: str
    content: bytes = field(repr=False)
    filename: str = ""
    media_type: str = ""


def text_parts(fields: Mapping[str, object]) -> tuple[Part, ...]:
    """`fields` as a form has them: texts as they are, all else as JSON; nulls are left out.

    Raises TypeError, ValueError and RecursionError for what JSON has no word for.
    """
    return tuple(
        Part(name, value.encode() if isinstance(value, str) else msgspec.json.encode(value))
        for name, value in fields.items()
        if value is not None
    )


def file_part(reference: ReferenceImage, number: int, of: int) -> Part:
    """Picture `number`, counted from 1, of so many; or the mask.

    A reference without bytes makes a part without content.
    """
    media_type = reference.media_type or _ANY_IMAGE
    extension = _EXTENSIONS.get(media_type, "png")
    content = reference.data or b""
    if reference.is_mask:
        return Part(MASK, content, f"{MASK}.{extension}", media_type)
    name = "image" if of == 1 else "image[]"
    return Part(name, content, f"image-{number}.{extension}", media_type)


def file_parts(references: Sequence[ReferenceImage]) -> tuple[Part, ...]:
    """The pictures in order, then the mask."""
    images = [reference for reference in references if not reference.is_mask]
    masks = [reference for reference in references if reference.is_mask]
    return (
        *(file_part(image, number, len(images)) for number, image in enumerate(images, start=1)),
        *(file_part(mask, 1, 1) for mask in masks),
    )


def encoded_form(parts: Sequence[Part]) -> tuple[bytes, str]:
    """The body that holds `parts`, texts before files, and its Content-Type.

    The boundary is drawn from what it divides: nobody can write it into a prompt beforehand, and
    a request that is sent again is the same bytes, as its Idempotency-Key promises.
    """
    # httpx takes its time to load, and its encoder is the one that is tried the most.
    import httpx

    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        for piece in (part.name.encode(), part.filename.encode(), part.content):
            digest.update(len(piece).to_bytes(8, "big"))
            digest.update(piece)
    content_type = f"multipart/form-data; boundary={digest.hexdigest()}"
    request = httpx.Request(
        "POST",
        "http://form.invalid",
        headers={"Content-Type": content_type},
        files=[
            (
                part.name,
                (part.filename, part.content, part.media_type)
                if part.filename
                else (None, part.content),
            )
            for part in parts
        ],
    )
    return request.read(), content_type
