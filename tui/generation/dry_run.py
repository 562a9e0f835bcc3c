"""A request shown instead of sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from tui.api.forms import Part
from tui.api.results import ReferenceImage
from tui.api.wire import generation_request
from tui.catalog.card import ModelCard
from tui.catalog.validation import Violation
from tui.config import EndpointSettings
from tui.generation.request import GenerationRequest, expected_cost


class DryRun(Struct, frozen=True):
    """What would be sent, what stands against it, and what it would cost."""

    endpoint: str
    """Its name."""
    method: str
    url: str
    body: Raw
    """JSON, to the byte; of a form its parts: `name` with the `value`, or, of a file, with
    `filename`, `content_type`, `bytes` and `sha256`."""
    violations: tuple[Violation, ...]
    estimate_usd: float | None
    """None is unknown, which is not zero."""


def dry_run(
    request: GenerationRequest,
    card: ModelCard,
    settings: EndpointSettings,
    references: Sequence[ReferenceImage],
    violations: Sequence[Violation],
) -> DryRun:
    """`request` as the endpoint with `settings` would get it; `references` are those it names.

    Nothing is sent, and no key is needed. Raises UnfitRequest, and ApiError for settings that
    cannot be used.
    """
    written = generation_request(
        settings, request.model, request.prompt, request.parameters, references
    )
    cost = expected_cost(request, card)
    return DryRun(
        endpoint=request.endpoint,
        method=written.method,
        url=written.url,
        body=Raw(_form(written.parts) if written.parts else written.body),
        violations=tuple(violations),
        estimate_usd=cost.estimate_usd if cost else None,
    )


def _form(parts: Sequence[Part]) -> bytes:
    return msgspec.json.encode([_file(part) if part.filename else _text(part) for part in parts])


def _text(part: Part) -> dict[str, str]:
    return {"name": part.name, "value": part.content.decode()}


def _file(part: Part) -> dict[str, str | int]:
    return {
        "name": part.name,
        "filename": part.filename,
        "content_type": part.media_type,
        "bytes": len(part.content),
        "sha256": hashlib.sha256(part.content).hexdigest(),
    }
