"""The wire format: request bodies written, answers about records and models read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlencode

import msgspec
import pybase64

from tui.api.addresses import Address
from tui.api.complaint import read_complaint
from tui.api.forms import Part, encoded_form, file_parts, text_parts
from tui.api.pictures import BadPicture, absolute_url, error_words
from tui.api.reading import Unreadable, moment, parse, table, text
from tui.api.refusals import misunderstood
from tui.api.reply import Reply
from tui.api.results import (
    Record,
    RecordPage,
    ReferenceImage,
    RemoteModel,
)
from tui.api.settings_check import base_address
from tui.config import JSON, EndpointSettings
from tui.scrub import Scrubber
from tui.text import storable

GENERATIONS = "/images/generations"
EDITS = "/images/edits"
NO_MASK = "This endpoint takes no mask: its references go into a field of the request."
NO_ADDRESSES = "This endpoint takes references as files only, not by their address."
_MAX_RECORDS = 1000
_MAX_MODELS = 10_000


class UnfitRequest(Exception):
    """A request that cannot be written for this endpoint; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """A request as it goes out, other headers and key apart; `path` is that below the base URL.

    `parts` are those of a form, of which JSON has none.
    """

    method: str
    path: str
    url: str
    content_type: str
    body: bytes = field(repr=False)
    parts: tuple[Part, ...] = ()


def generation_request(
    settings: EndpointSettings,
    model: str,
    prompt: str,
    parameters: Mapping[str, JSON],
    references: Sequence[ReferenceImage],
) -> WrittenRequest:
    """What the client sends for a generation.

    Raises UnfitRequest, and ApiError for settings that cannot be used.
    """
    base = base_address(settings)
    if not goes_to_edits(settings, references):
        body = request_body(settings, model, prompt, parameters, references)
        url = api_address(base, GENERATIONS).url
        return WrittenRequest("POST", GENERATIONS, url, "application/json", body)
    parts = (
        *field_parts(settings, model, prompt, parameters),
        *file_parts(_files(references)),
    )
    body, content_type = encoded_form(parts)
    return WrittenRequest("POST", EDITS, api_address(base, EDITS).url, content_type, body, parts)


def goes_to_edits(settings: EndpointSettings, references: Sequence[object]) -> bool:
    """Whether a request with `references` is a form to `/images/edits`."""
    return bool(references) and settings.references == "edits"


def api_address(base: Address, path: str, query: Mapping[str, str | int] | None = None) -> Address:
    """Where `path` of the API at `base` lies."""
    return Address(
        base.scheme, base.host, base.port, base.path + path, f"?{urlencode(query)}" if query else ""
    )


def request_body(
    settings: EndpointSettings,
    model: str,
    prompt: str,
    parameters: Mapping[str, JSON],
    references: Sequence[ReferenceImage],
) -> bytes:
    """The JSON body of a generation. Raises UnfitRequest."""
    if any(reference.is_mask for reference in references):
        raise UnfitRequest(NO_MASK)
    body = _fields(settings, model, prompt, parameters)
    if references:
        written = [_reference(reference, settings) for reference in references]
        alone = len(written) == 1 and not settings.image_always_array
        body[settings.image_field] = written[0] if alone else written
    with _writing():
        return msgspec.json.encode(_storable(body))


def field_parts(
    settings: EndpointSettings, model: str, prompt: str, parameters: Mapping[str, JSON]
) -> tuple[Part, ...]:
    """The texts of a form to `/images/edits`. Raises UnfitRequest."""
    with _writing():
        return text_parts(_storable_fields(_fields(settings, model, prompt, parameters)))


def _fields(
    settings: EndpointSettings, model: str, prompt: str, parameters: Mapping[str, JSON]
) -> dict[str, object]:
    """What a request says, its references apart.

    What the endpoint's settings add gives way to `parameters`, which are what the user chose.
    """
    fields: dict[str, object] = {"model": model, "prompt": prompt}
    if settings.response_format != "omit":
        fields["response_format"] = settings.response_format
    return {**fields, **settings.extra, **parameters, "model": model, "prompt": prompt}


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (TypeError, ValueError, RecursionError) as error:
        raise UnfitRequest(
            f"A parameter cannot be written as JSON ({type(error).__name__})."
        ) from None


def _files(references: Sequence[ReferenceImage]) -> Sequence[ReferenceImage]:
    """`references` if all can be files of a form. Raises UnfitRequest."""
    if any(reference.data is None for reference in references):
        raise UnfitRequest(NO_ADDRESSES)
    if all(reference.is_mask for reference in references):
        raise UnfitRequest("A mask needs a reference that it belongs to.")
    return references


def _reference(reference: ReferenceImage, settings: EndpointSettings) -> str:
    if reference.data is None:
        return reference.url or ""
    if settings.image_encoding == "url":
        raise UnfitRequest("This endpoint takes references by address only, not from a file.")
    encoded = pybase64.b64encode(reference.data).decode("ascii")
    if settings.image_encoding == "base64":
        return encoded
    return f"data:{reference.media_type or 'image/png'};base64,{encoded}"


def _storable_fields(fields: Mapping[str, object]) -> dict[str, object]:
    return {storable(name): _storable(value) for name, value in fields.items()}


def _storable(value: object) -> object:
    """`value` without lone surrogates, which UTF-8 cannot carry."""
    if isinstance(value, str):
        # A reference is megabytes of ASCII, which the check answers at once.
        return value if value.isascii() else storable(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value


def record_path(record_id: str) -> str:
    """`record_id` as one segment of a path. Raises UnfitRequest for one that is none."""
    if not record_id.strip(".") or len(record_id) > 512:
        raise UnfitRequest("This is not the id of a record.")
    return quote(storable(record_id), safe="")


def read_json(reply: Reply, scrubber: Scrubber, *, paid: bool) -> JSON:
    """The body as JSON. A document that parses is whole, whatever became of the connection."""
    with suppress(Unreadable):
        return parse(reply.body)
    kind: Literal["bad_response", "unknown_outcome"] = "bad_response"
    complaint = read_complaint(reply)
    if reply.breach:
        reason = reply.breach
    elif complaint.is_page:
        title = f" titled “{complaint.message}”" if complaint.message else ""
        reason = f"The endpoint answered with a web page{title} instead of a result."
    else:
        reason = "The endpoint's answer cannot be read: it is not JSON."
    if paid and reply.ending in ("cut", "late"):
        kind = "unknown_outcome"
    raise misunderstood(reply, scrubber, reason, paid=paid, kind=kind)


def read_records(reply: Reply, base_url: str, scrubber: Scrubber) -> RecordPage:
    """The page in the reply to GET /images. Raises ApiError."""
    body = table(read_json(reply, scrubber, paid=False))
    data = body.get("data")
    if not isinstance(data, list):
        raise misunderstood(
            reply, scrubber, "The endpoint's list of records cannot be read.", paid=False
        )
    records = tuple(_records(data[:_MAX_RECORDS], base_url, scrubber))
    return RecordPage(
        records=records,
        has_more=body.get("has_more") is True and bool(records),
        first_id=text(body.get("first_id")) or (records[0].id if records else None),
        last_id=text(body.get("last_id")) or (records[-1].id if records else None),
    )


def _records(items: Sequence[JSON], base_url: str, scrubber: Scrubber) -> Iterator[Record]:
    for item in map(table, items):
        if not (record_id := text(item.get("id"))):
            continue
        try:
            url = text(item.get("url")).strip()
            absolute = absolute_url(url, base_url) if url else None
        except BadPicture:
            absolute = None
        yield Record(
            id=record_id,
            status=text(item.get("status")),
            model=text(item.get("model")),
            prompt=text(item.get("prompt")),
            created=moment(item.get("created_at", item.get("created"))) or _UNKNOWN_TIME,
            url=absolute,
            error=error_words(item["error"], scrubber) if item.get("error") else None,
        )


_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)


def read_content_url(reply: Reply, base_url: str, scrubber: Scrubber) -> str:
    """The address in the reply to GET /images/{id}/content: in JSON, or as a redirect.

    Raises ApiError.
    """
    url = reply.headers.get("location", "")
    if reply.status < 300:
        url = text(table(read_json(reply, scrubber, paid=False)).get("url"))
    reason = "it names none"
    if url.strip():
        try:
            return absolute_url(url.strip(), base_url)
        except BadPicture as error:
            reason = str(error)
    raise misunderstood(
        reply, scrubber, f"The record's picture has no usable address: {reason}.", paid=False
    )


def read_models(reply: Reply, scrubber: Scrubber) -> tuple[RemoteModel, ...]:
    """The models in the reply to GET /models. Raises ApiError."""
    document = read_json(reply, scrubber, paid=False)
    data = document if isinstance(document, list) else table(document).get("data")
    if not isinstance(data, list):
        raise misunderstood(
            reply, scrubber, "The endpoint's list of models cannot be read.", paid=False
        )
    models = (
        RemoteModel(text(item.get("id")), text(item.get("owned_by")))
        for item in map(table, data[:_MAX_MODELS])
    )
    return tuple(model for model in models if model.id)


def read_deleted(reply: Reply) -> bool:
    """Whether the reply to DELETE leaves room for the belief that the record is gone."""
    try:
        return table(parse(reply.body)).get("deleted") is not False
    except Unreadable:
        return True
