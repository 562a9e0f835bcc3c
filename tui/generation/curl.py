"""An entry's request as a curl command for a POSIX shell, its key as a variable."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from tui.api.results import ReferenceImage
from tui.api.settings_check import base_address
from tui.api.wire import (
    EDITS,
    NO_MASK,
    UnfitRequest,
    api_address,
    generation_request,
    goes_to_edits,
)
from tui.config import EndpointSettings
from tui.generation.curl_form import form_arguments
from tui.history.entry import Entry, EntryReference
from tui.images.verify import HEAD_BYTES, sniff
from tui.scrub import Scrubber, secret_values
from tui.text import showable

ANY_KEY = "API_KEY"
"""The variable where the endpoint's key is in none."""
_NO_VARIABLE = re.compile(r"\W+", re.ASCII)


def curl_command(entry: Entry, settings: EndpointSettings, path_of: Callable[[str], Path]) -> str:
    """The request of `entry` as curl would send it to the endpoint with `settings`.

    Keys and secret headers stand as variables, and input images are read from their copies when
    the command runs. Raises UnfitRequest, ApiError for settings that cannot be used, OSError for a
    copy that cannot be read, and ValueError where `path_of` does.
    """
    if goes_to_edits(settings, entry.references):
        url = api_address(base_address(settings), EDITS).url
        form = (f"  {argument}" for argument in form_arguments(entry, settings, path_of))
        return " \\\n".join([f"curl {shlex.quote(url)}", *_headers(settings), *form])
    if any(reference.is_mask for reference in entry.references):
        raise UnfitRequest(NO_MASK)
    stand_ins = [f"reference-{number}-of-{entry.id}" for number in range(len(entry.references))]
    written = generation_request(
        settings,
        entry.model,
        entry.prompt,
        entry.parameters,
        [
            ReferenceImage(url=name if reference.file else reference.name)
            for name, reference in zip(stand_ins, entry.references, strict=True)
        ],
    )
    scrubber = Scrubber(secret_values(settings.extra))
    body = shlex.quote(_visible(scrubber.text(written.body.decode())))
    for name, reference in zip(stand_ins, entry.references, strict=True):
        if reference.file:
            body = body.replace(name, f"'\"{_read_by_shell(reference, settings, path_of)}\"'")
    lines = [
        f"curl {shlex.quote(written.url)}",
        "  -H 'Content-Type: application/json'",
        *_headers(settings),
        f"  --data-raw {body}",
    ]
    return " \\\n".join(lines)


def _visible(body: str) -> str:
    """The JSON text `body`, of the same meaning, with escapes for what could not be shown."""
    shown = (letter if letter == showable(letter) else json.dumps(letter)[1:-1] for letter in body)
    return body if body == showable(body) else "".join(shown)


def _headers(settings: EndpointSettings) -> Iterable[str]:
    if settings.key is not None:
        yield f'  -H "Authorization: Bearer ${settings.key.env or ANY_KEY}"'
    secret = set(secret_values(settings.headers))
    for name, value in settings.headers.items():
        if value in secret:
            variable = _NO_VARIABLE.sub("_", name).upper().strip("_")
            yield f'  -H {shlex.quote(f"{name}: ")}"${variable}"'
        else:
            yield f"  -H {shlex.quote(Scrubber().text(f'{name}: {value}'))}"


def _read_by_shell(
    reference: EntryReference, settings: EndpointSettings, path_of: Callable[[str], Path]
) -> str:
    """What a shell puts in place of an input image, within double quotes."""
    if settings.image_encoding == "url":
        raise UnfitRequest("This endpoint takes references by address only, not from a file.")
    path = path_of(reference.file)
    with path.open("rb") as file:
        format = sniff(file.read(HEAD_BYTES))
    encoded = f"$(base64 < {shlex.quote(str(path))} | tr -d '\\n')"
    if settings.image_encoding == "base64":
        return encoded
    return f"data:image/{format or 'png'};base64,{encoded}"
