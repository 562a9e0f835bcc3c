"""The parts of a form to `/images/edits` as arguments of curl."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from tui.api.forms import file_part
from tui.api.results import ReferenceImage
from tui.api.wire import NO_ADDRESSES, UnfitRequest, field_parts
from tui.config import EndpointSettings
from tui.history.entry import Entry, EntryReference
from tui.images.verify import HEAD_BYTES, sniff
from tui.scrub import Scrubber, secret_values
from tui.text import showable


def form_arguments(
    entry: Entry, settings: EndpointSettings, path_of: Callable[[str], Path]
) -> Iterator[str]:
    """Each part of the request's form, quoted for a POSIX shell; pictures are read from copies.

    Raises UnfitRequest, OSError for a copy that cannot be read, and ValueError where `path_of`
    does.
    """
    scrubber = Scrubber(secret_values(settings.extra))
    for part in field_parts(settings, entry.model, entry.prompt, entry.parameters):
        text = scrubber.text(part.content.decode())
        # Of --form a text may be a file's name, or say its own media type.
        yield f"--form-string {_quoted(f'{part.name}={text}')}"
    # The mask comes last, as the client sends it.
    references = sorted(entry.references, key=lambda reference: reference.is_mask)
    for number, reference in enumerate(references, start=1):
        yield f"-F {_quoted(_file(reference, number, entry.reference_count, path_of))}"


def _file(reference: EntryReference, number: int, of: int, path_of: Callable[[str], Path]) -> str:
    if not reference.file:
        raise UnfitRequest(NO_ADDRESSES)
    path = path_of(reference.file)
    with path.open("rb") as file:
        format = sniff(file.read(HEAD_BYTES))
    image = ReferenceImage(
        data=b"", media_type=f"image/{format}" if format else "", is_mask=reference.is_mask
    )
    part = file_part(image, number, of)
    # Between double quotes curl takes commas and semicolons as they are.
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'{part.name}=@"{escaped}";type={part.media_type};filename={part.filename}'


def _quoted(text: str) -> str:
    """`text` quoted for a shell, by escapes of printf where it could not be shown."""
    if "\0" in text:
        raise UnfitRequest("No command line can carry the null character that is in the request.")
    if text == showable(text):
        return shlex.quote(text)
    pieces = re.split("(" + "|".join(map(re.escape, _hidden(text))) + ")", text)
    return "".join(
        f"\"$(printf '{_octal(piece)}')\"" if number % 2 else shlex.quote(piece)
        for number, piece in enumerate(pieces)
        if piece
    )


def _hidden(text: str) -> list[str]:
    return sorted({letter for letter in text if letter != showable(letter)})


def _octal(letter: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in letter.encode())
