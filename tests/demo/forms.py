"""The parts of a form as a server reads them, by the standard library alone."""

from __future__ import annotations

from email.parser import BytesParser
from typing import Any, NamedTuple, Protocol


class FormRequest(Protocol):
    headers: Any
    body: bytes


class FormPart(NamedTuple):
    """A part as it came; texts have neither a file's name nor a media type."""

    name: str
    content: bytes
    filename: str | None = None
    media_type: str | None = None


def received_form(request: FormRequest) -> list[FormPart]:
    """The parts of a request's form."""
    return form_of(request.headers["content-type"], request.body)


def form_of(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of `body`."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + body)
    return [
        FormPart(
            part.get_param("name", header="content-disposition"),
            part.get_payload(decode=True),
            part.get_filename(),
            part["content-type"],
        )
        for part in message.get_payload()
    ]
