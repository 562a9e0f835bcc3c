"""Answers of the listing, the content, the deletion and the models, instead of the right ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from tui.demo.faults.pages import (
    BAD_KEY,
    NOT_ALLOWED,
    NOT_FOUND,
    SERVER_ERROR,
    TOO_MANY,
    Content,
    listed,
    plain_text,
)
from tui.demo.faults.shapes import FILE_URL, METADATA_URL
from tui.demo.records import Page, Record, RecordError, part_of

INVENTED = 50

_NOT_READY = {
    "error": {
        "message": "Image is not ready yet. Current status: failed",
        "type": "invalid_request_error",
    }
}
_ANSWERS: Mapping[str, tuple[int, Content]] = {
    "list-401": (401, BAD_KEY),
    "list-404": (404, NOT_FOUND),
    "list-405": (405, NOT_ALLOWED),
    "list-429": (429, TOO_MANY),
    "list-500": (500, SERVER_ERROR),
    "content-404": (404, NOT_FOUND),
    "content-not-ready": (400, _NOT_READY),
    "delete-404": (404, NOT_FOUND),
    "delete-405": (405, NOT_ALLOWED),
    "delete-500": (500, SERVER_ERROR),
    "models-401": (401, BAD_KEY),
    "models-404": (404, {"detail": "Not Found"}),
    "models-empty": (200, {"object": "list", "data": []}),
    "models-html": (200, "Welcome"),
    "models-bare": (200, {"data": [{"id": "seedream-4.5"}, {"id": "sd-cpp-local"}]}),
}
_LINKS = {"content-metadata": METADATA_URL, "content-file": FILE_URL}


def other_route(kind: str) -> Response | None:
    """The answer of a fault of listing, content, delete or models; None where there is none."""
    if kind == "list-garbage":
        return plain_text("the listing could not be rendered")
    return listed(_ANSWERS, kind)


def not_deleted(image_id: str) -> Response:
    """The answer of the fault "delete-kept"."""
    return JSONResponse({"id": image_id, "object": "image", "deleted": False})


def changed_link(kind: str, url: str) -> str:
    """Where the content of a record is said to be instead of at `url`."""
    return _LINKS.get(kind, url)


def changed_listing(kind: str, listing: Mapping[str, Any]) -> dict[str, Any]:
    """The listing as the fault has it."""
    records = listing["data"]
    match kind:
        case "list-no-urls":
            return {**listing, "data": [{**record, "url": None} for record in records]}
        case "list-odd":
            return {**listing, "data": [*map(_odd, records), None, "img_1", {}]}
        case "list-forever":
            return {**listing, "has_more": True}
    return dict(listing)


def invented_page(
    *, limit: int, order: str, after: str | None = None, before: str | None = None
) -> Page:
    """A page of records that nobody made: every fifth of them failed.

    Raises UnknownCursorError where the record to begin at is none of them.
    """
    records = {record.id: record for record in map(_invented, range(INVENTED))}
    ids = list(records)
    if order == "desc":
        ids.reverse()
    shown, has_more = part_of(ids, limit=limit, after=after, before=before)
    return Page(tuple(records[record_id] for record_id in shown), has_more)


def _invented(number: int) -> Record:
    failed = number % 5 == 4
    record_id = f"img_{number:024x}"
    return Record(
        id=record_id,
        model="seedream-4.5",
        prompt=f"An invented picture, number {number + 1}",
        status="failed" if failed else "completed",
        created_at=1_790_000_000 + 60 * number,
        pictures=() if failed else (f"{record_id}-1.jpg",),
        error=RecordError("The server had an error.", "api_error") if failed else None,
    )


def _odd(record: Mapping[str, Any]) -> dict[str, Any]:
    odd = {"status": 7, "created_at": "yesterday", "url": ["a", "b"], "error": "none"}
    return {"id": record["id"], **odd}
