"""What a request for pictures says, whether in JSON or as a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tui.demo.errors import Refusal
from tui.demo.forms import Form, read_form
from tui.demo.requests import Generation, asked_for, read_edit, read_generation


@dataclass(frozen=True, slots=True)
class Asked:
    """A request before it is judged: the model and the prompt, empty where it has none.

    `content` is JSON that is the same for the same request. `read`, which is told whether the
    endpoint streams, gives what is to be made, or raises Refusal.
    """

    model: str
    prompt: str
    content: bytes
    read: Callable[[bool], Generation]


def asked_in_json(body: bytes, *, native: bool) -> Asked:
    """What the JSON `body` of POST /v1/images/generations asks for."""
    model, prompt = asked_for(body)
    return Asked(
        model,
        prompt,
        body,
        lambda streams: read_generation(body, native=native, streams=streams),
    )


def asked_in_form(content_type: str, body: bytes) -> Asked:
    """What the form `body` of POST /v1/images/edits asks for."""
    try:
        form = read_form(content_type, body)
    except Refusal as refused:
        return Asked("", "", b"{}", _refusing(refused))
    model, prompt = (form.texts.get(name, "") for name in ("model", "prompt"))
    # Another boundary each time does not make it another request.
    content = msgspec.json.encode(form.digest())
    return Asked(model, prompt, content, _reading(form))


def _reading(form: Form) -> Callable[[bool], Generation]:
    return lambda streams: read_edit(form, streams=streams)


def _refusing(refused: Refusal) -> Callable[[bool], Generation]:
    def read(_: bool) -> Generation:
        raise refused

    return read
