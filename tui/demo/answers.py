"""The JSON objects that the endpoint answers with."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tui.demo.generation import LOST_PICTURE, Outcome
from tui.demo.limits import MODELS
from tui.demo.records import Page, Record

PIXELS_PER_TOKEN = 256


def generation(outcome: Outcome, urls: Sequence[str]) -> dict[str, Any]:
    """The answer to POST /v1/images/generations; `urls` are those of the outcome's pictures."""
    order = outcome.ticket.generation
    size = f"{order.width}x{order.height}"
    if order.response_format == "url":
        items: list[dict[str, Any]] = [{"url": url, "size": size} for url in urls]
    else:
        items = [
            {"b64_json": base64.b64encode(picture).decode("ascii"), "size": size}
            for picture in outcome.pictures
        ]
    lost = {"error": {"code": LOST_PICTURE.code, "message": LOST_PICTURE.message}}
    tokens = len(outcome.pictures) * order.width * order.height // PIXELS_PER_TOKEN
    return {
        "created": outcome.ticket.created_at,
        "model": order.limits.served_by,
        "data": items + [lost] * outcome.lost,
        "usage": {
            "generated_images": len(outcome.pictures),
            "output_tokens": tokens,
            "total_tokens": tokens,
        },
    }


def image(record: Record, url: str | None) -> dict[str, Any]:
    """A record as the listing shows it."""
    return {
        "id": record.id,
        "object": "image",
        "status": record.status,
        "model": record.model,
        "prompt": record.prompt,
        "created_at": record.created_at,
        "url": url,
        "error": None if record.error is None else msgspec.to_builtins(record.error),
    }


def listing(page: Page, url_of: Callable[[Record], str | None]) -> dict[str, Any]:
    """The answer to GET /v1/images."""
    return {
        "object": "list",
        "data": [image(record, url_of(record)) for record in page.records],
        "has_more": page.has_more,
        "first_id": page.records[0].id if page.records else None,
        "last_id": page.records[-1].id if page.records else None,
    }


def not_ready(record: Record) -> dict[str, Any]:
    """The answer to a request for the content of a record without a picture."""
    message = f"Image is not ready yet. Current status: {record.status}"
    return {"error": {"message": message, "type": "invalid_request_error"}}


def models() -> dict[str, Any]:
    """The answer to GET /v1/models."""
    return {
        "object": "list",
        "data": [
            {
                "id": limits.id,
                "object": "model",
                "created": limits.created,
                "owned_by": limits.owned_by,
            }
            for limits in MODELS.values()
        ],
    }
