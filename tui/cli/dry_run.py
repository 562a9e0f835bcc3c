"""What `darkroom generate --dry-run` prints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec

from tui.api.errors import ApiError
from tui.api.results import ReferenceImage
from tui.api.wire import UnfitRequest
from tui.catalog.card import ModelCard
from tui.catalog.validation import Violation, sentence_of
from tui.cli.documents import print_object
from tui.cli.exits import FAILED, leave
from tui.config import EndpointSettings
from tui.decoding import from_json
from tui.generation.dry_run import DryRun, dry_run
from tui.generation.request import GenerationRequest
from tui.history.wording import dollars
from tui.text import one_line, showable

SHOWN_WHOLE = 1024
"""Bytes of a reference, up to which it is printed for people as it is sent."""

_ENCODED = re.compile(r"(data:[^,]{0,200};base64,)?([A-Za-z0-9+/]+)={0,2}")


def show_dry_run(
    request: GenerationRequest,
    card: ModelCard,
    settings: EndpointSettings,
    references: Sequence[ReferenceImage],
    violations: Sequence[Violation],
    *,
    as_json: bool,
) -> None:
    """Print what the endpoint would get; `references` are the images that `request` names.

    Ends the process where there is nothing that could be sent.
    """
    try:
        run = dry_run(request, card, settings, references, violations)
    except UnfitRequest as error:
        leave(f"{error} Nothing was sent.", FAILED)
    except ApiError as error:
        leave(f"{error.message} {error.hint}", FAILED)
    if as_json:
        print_object(run)
    else:
        _print_for_people(run, card, settings)


def _print_for_people(run: DryRun, card: ModelCard, settings: EndpointSettings) -> None:
    body = _readable(run.body, settings)
    click.echo(showable(f"{run.method} {run.url}\n\n{body}\n"))
    rows = [
        ("endpoint", run.endpoint),
        ("cost", dollars(run.estimate_usd)),
        *(("violation", sentence_of(violation, card)) for violation in run.violations),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(showable(f"{name:<{width}}  {one_line(value)}"))


def _readable(body: msgspec.Raw, settings: EndpointSettings) -> str:
    """`body` over several lines, its references shortened; of a form a part a line."""
    fields = from_json(body)
    if isinstance(fields, list):
        return "\n".join(map(_readable_part, fields))
    references = fields.get(settings.image_field)
    if isinstance(references, str):
        fields[settings.image_field] = _shortened(references)
    elif isinstance(references, list):
        fields[settings.image_field] = [_shortened(reference) for reference in references]
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).decode()


def _readable_part(part: Mapping[str, Any]) -> str:
    if "value" in part:
        return f"{part['name']}={part['value']}"
    size = f"{part['bytes']:,} bytes"
    return f"{part['name']}=@{part['filename']} ({part['content_type']}, {size})"


def _shortened(reference: object) -> object:
    found = _ENCODED.fullmatch(reference) if isinstance(reference, str) else None
    size = len(found[2]) * 3 // 4 if found else 0
    if found is None or size <= SHOWN_WHOLE:
        return reference
    return f"{found[1] or ''}… ({size:,} bytes)"
