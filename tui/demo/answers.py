"""The JSON objects that the endpoint answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tui.demo.generation import LOST_PICTURE, Outcome
from tui.demo.limits import MODELS
from tui.demo.records import Page, Record
from tui.demo.requests import Generation

PIXELS_PER_TOKEN = 256
PROMPT_TOKENS = 12


def generation(outcome: Outcome, item_of: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The answer to POST /v1/images/generations; `item_of` gives a picture's item by its name."""
    order = outcome.ticket.generation
    size = f"{order.width}x{order.height}"
    made = iter(outcome.record.pictures)
    data = [
        lost_item() if index in outcome.lost else {**item_of(next(made)), "size": size}
        for index in range(len(outcome.record.pictures) + len(outcome.lost))
    ]
    return {
        "created": outcome.ticket.created_at,
        "model": order.limits.served_by,
        "data": data,
        "usage": usage(outcome),
    }


def lost_item() -> dict[str, Any]:
    """The item of a picture that failed."""
    return {"error": {"code": LOST_PICTURE.code, "message": LOST_PICTURE.message}}


def usage(outcome: Outcome) -> dict[str, int]:
    """What is charged, as Ark counts it."""
    pictures = len(outcome.record.pictures)
    charged = tokens(outcome.ticket.generation, pictures)
    return {"generated_images": pictures, "output_tokens": charged, "total_tokens": charged}


def tokens(order: Generation, pictures: int) -> int:
    """The tokens of so many pictures."""
    return pictures * order.width * order.height // PIXELS_PER_TOKEN


def openai_usage(output_tokens: int) -> dict[str, Any]:
    """What is charged, as OpenAI counts it."""
    return {
        "input_tokens": PROMPT_TOKENS,
        "input_tokens_details": {"text_tokens": PROMPT_TOKENS, "image_tokens": 0},
        "output_tokens": output_tokens,
        "total_tokens": PROMPT_TOKENS + output_tokens,
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
