"""A request shown instead of sent."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw, Struct

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
    """JSON, to the byte."""
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
        body=Raw(written.body),
        violations=tuple(violations),
        estimate_usd=cost.estimate_usd if cost else None,
    )
