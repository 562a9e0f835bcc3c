"""Multipart forms, as POST /v1/images/edits takes them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.parser import BytesParser
from hashlib import sha256
from typing import Any

from tui.demo.errors import malformed, not_valid

IMAGE_FIELDS = ("image", "image[]")
MASK_FIELDS = ("mask", "mask[]")
_NUMBERS = frozenset({"n", "seed", "partial_images"})
_SWITCHES = {"true": True, "false": False}
_SWITCHED = frozenset({"watermark", "stream"})
_NESTED = frozenset({"sequential_image_generation_options"})


@dataclass(frozen=True, slots=True)
class Form:
    """A form's texts by name, and its files."""

    texts: dict[str, str] = field(default_factory=dict)
    images: tuple[bytes, ...] = ()
    mask: bytes | None = None

    def fields(self) -> dict[str, Any]:
        """The texts as JSON would have them; one that is not what it should be stays a text."""
        return {name: _typed(name, text) for name, text in self.texts.items()}

    def digest(self) -> dict[str, Any]:
        """What it asks for, short enough to be compared."""
        files = [self.mask or b"", *self.images]
        return {"image": [sha256(content).hexdigest() for content in files], **self.texts}


def read_form(content_type: str, body: bytes) -> Form:
    """The form in `body`. Raises Refusal where there is none."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise malformed("Invalid Content-Type header. Expected multipart/form-data.")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        message = BytesParser().parsebytes(head + body)
    except (MessageError, ValueError) as error:
        raise malformed("We could not parse the multipart body of your request.") from error
    if not message.is_multipart() or message.defects:
        raise malformed("We could not parse the multipart body of your request.")
    texts: dict[str, str] = {}
    images: list[bytes] = []
    masks: list[bytes] = []
    for part in message.walk():
        if part is message:
            continue
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise malformed("A part of the multipart body has no name, or parts of its own.")
        is_file = part.get_filename() is not None
        if name in (*IMAGE_FIELDS, *MASK_FIELDS) and not is_file:
            raise not_valid(name, "expected a file")
        if name in IMAGE_FIELDS:
            images.append(content)
        elif name in MASK_FIELDS:
            masks.append(content)
        elif is_file:
            raise not_valid(name, "expected a text")
        else:
            texts[_text(name.encode("utf-8", "surrogateescape"))] = _text(content)
    if len(masks) > 1:
        raise not_valid("mask", "at most one mask can be given")
    return Form(texts, tuple(images), masks[0] if masks else None)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _typed(name: str, text: str) -> Any:
    with suppress(ValueError, RecursionError):
        if name in _NUMBERS:
            return int(text)
        if name in _NESTED:
            return json.loads(text)
    return _SWITCHES.get(text, text) if name in _SWITCHED else text
