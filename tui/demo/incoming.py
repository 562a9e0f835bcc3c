"""What the routes read from a request: key, body, query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.requests import Request

from tui.demo.errors import bad_key, not_valid, too_large, unknown_fault
from tui.demo.faults import Faults, Operation, named_faults, operation_of
from tui.demo.records import Order, Record

FAULT_IN_LINK = "x-fault"
LARGEST_BODY = 80_000_000
DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100

ContentForm = Literal["redirect", "url", "binary"]

_YES = frozenset({"true", "1", "yes", "on"})
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_SMALL_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The query of GET /v1/images."""

    limit: int
    order: Order
    after: str | None
    before: str | None


def bearer_key(request: Request) -> str:
    """The key of the request: any that is not empty. Raises Refusal, 401, where there is none."""
    match = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise bad_key()
    return match[1]


def is_native(request: Request) -> bool:
    """Whether the body is the vendor's own, as Token360's header says it."""
    return request.headers.get("token360-native-params", "").strip().lower() in _YES


def faults_met(request: Request, faults: Faults, operation: Operation) -> tuple[str, ...]:
    """The faults that the request meets: those that it names, or else those of the dice.

    Raises Refusal, 400, where it names one that is unknown.
    """
    named = faults_named(request)
    if named is None:
        return faults.draw(operation)
    return tuple(kind for kind in named if operation_of(kind) == operation)


def faults_named(request: Request) -> tuple[str, ...] | None:
    """The faults that the request brings: in X-Fault, or in the link that it follows.

    None where it says nothing of them. Raises Refusal, 400, where one is unknown.
    """
    text = request.headers.get("x-fault", request.query_params.get(FAULT_IN_LINK))
    try:
        return None if text is None else named_faults(text)
    except ValueError as error:
        raise unknown_fault(str(error)) from None


async def read_body(request: Request) -> bytes:
    """The body; raises Refusal, 413, above `LARGEST_BODY` bytes."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > LARGEST_BODY:
        raise too_large(LARGEST_BODY)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise too_large(LARGEST_BODY)
    return bytes(body)


def list_query(request: Request) -> ListQuery:
    """The query of a listing; raises Refusal where a value is not one."""
    query = request.query_params
    limit = query.get("limit", str(DEFAULT_LIMIT))
    if not _SMALL_NUMBER.fullmatch(limit) or not 1 <= int(limit) <= LARGEST_LIMIT:
        raise not_valid("limit", f"limit must be a number from 1 to {LARGEST_LIMIT}")
    after, before = query.get("after"), query.get("before")
    if after is not None and before is not None:
        raise not_valid("before", "after and before cannot be used together")
    orders: tuple[Order, ...] = get_args(Order)
    for order in orders:
        if order == query.get("order", "desc"):
            return ListQuery(int(limit), order, after, before)
    raise not_valid("order", "order must be asc or desc")


def content_form(request: Request) -> ContentForm:
    """How GET /v1/images/{id}/content is to answer; raises Refusal for an unknown form."""
    forms: tuple[ContentForm, ...] = get_args(ContentForm)
    for form in forms:
        if form == request.query_params.get("format", "redirect"):
            return form
    raise not_valid("format", "format must be redirect, url or binary")


def wanted_picture(request: Request, record: Record) -> str:
    """The picture of a record that has some: the first, or number `variant`, counted from 0.

    `variant` is SGLang's way to the further pictures of a request.
    """
    variant = request.query_params.get("variant", "0")
    if not _SMALL_NUMBER.fullmatch(variant) or int(variant) >= len(record.pictures):
        raise not_valid("variant", f"the record has {len(record.pictures)} images")
    return record.pictures[int(variant)]
