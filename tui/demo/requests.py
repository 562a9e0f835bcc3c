"""What is asked for, by POST /v1/images/generations or /edits, held against the model's limits."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, get_args

import msgspec

from tui.decoding import from_json
from tui.demo.content_filter import check_prompt
from tui.demo.errors import (
    malformed,
    missing,
    no_edits,
    no_such_model,
    not_valid,
    quoted,
    unknown_parameter,
)
from tui.demo.forms import Form
from tui.demo.groups import LARGEST_GROUP, pictures_asked_for
from tui.demo.limits import MODELS, SEEDS, ImageFormat, ModelLimits, SizeChoice
from tui.demo.masks import check_mask
from tui.demo.previews import MOST_PREVIEWS
from tui.demo.references import check_references, read_references

ResponseFormat = Literal["url", "b64_json"]

_RESPONSE_FORMATS: tuple[ResponseFormat, ...] = get_args(ResponseFormat)
_COMMON = frozenset({"model", "prompt", "response_format"})
_STREAM_FIELDS = frozenset({"stream", "partial_images"})
_NAMES = {str: "a string", bool: "a boolean", int: "an integer"}
_Value = TypeVar("_Value", str, bool, int)
_Option = TypeVar("_Option", bound=str)


class _Asked(msgspec.Struct):
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """A request that the model takes: what to make, in pixels and numbers.

    `mask` says by its transparent parts where the first of `references` shall change. `previews`
    is how many of them come before a picture in a stream; None where the request says nothing of
    them.
    """

    limits: ModelLimits
    prompt: str
    width: int
    height: int
    count: int
    seed: int
    watermark: bool
    format: ImageFormat
    response_format: ResponseFormat
    references: tuple[bytes, ...] = ()
    mask: bytes | None = None
    stream: bool = False
    previews: int | None = None
    is_edit: bool = False


def read_generation(body: bytes, *, native: bool = False, streams: bool = False) -> Generation:
    """What `body`, JSON, asks for.

    Where it is `native`, it is the vendor's own: what the API does not know is passed over, and
    what it knows of the vendor's has its effect. Where the endpoint `streams`, every model takes
    `stream` and `partial_images`. Raises Refusal, with the status and message that the endpoint
    answers, where it cannot be had.
    """
    fields = read_object(body)
    if native and not fields:
        raise malformed("Native parameters must be a JSON object that is not empty.")

    def references(limits: ModelLimits) -> tuple[bytes, ...]:
        if limits.references is None or fields.get("image") is None:
            return ()
        return read_references(fields["image"], limits.references)

    return _read(fields, references, native=native, streams=streams)


def read_edit(form: Form, *, streams: bool = False) -> Generation:
    """What `form` asks for; `streams` and what is raised are as for `read_generation`."""
    if not form.images:
        raise missing("image")

    def references(limits: ModelLimits) -> tuple[bytes, ...]:
        if limits.references is None:
            raise no_edits(limits.id)
        images = check_references(form.images, limits.references)
        if form.mask is not None:
            check_mask(form.mask, images[0])
        return images

    generation = _read(form.fields(), references, native=False, streams=streams)
    return replace(generation, mask=form.mask, is_edit=True)


def _read(
    fields: Mapping[str, Any],
    references_for: Callable[[ModelLimits], tuple[bytes, ...]],
    *,
    native: bool,
    streams: bool,
) -> Generation:
    limits = _model(fields)
    known = limits.fields | (limits.native if native else frozenset())
    for name in fields:
        if native or name in _COMMON | known | limits.ignored:
            continue
        if not (streams and name in _STREAM_FIELDS):
            raise unknown_parameter(name)
    prompt = _prompt(fields, limits)
    response_format = _choice(fields, "response_format", _RESPONSE_FORMATS, "url")
    width, height = limits.sizing.pixels(
        SizeChoice(
            prompt,
            size=_typed(fields, "size", str),
            ratio=_typed(fields, "ratio", str),
            quality=_typed(fields, "quality", str),
        )
    )
    watermark = _typed(fields, "watermark", bool)
    image_format = _choice(fields, "output_format", limits.formats, limits.formats[0])
    seed = _seed(fields)
    count = _count(fields, limits)
    references = references_for(limits)
    if "sequential_image_generation" in known:
        count = _group(fields, prompt, len(references))
    check_prompt(prompt)
    return Generation(
        limits=limits,
        prompt=prompt,
        width=width,
        height=height,
        count=count,
        seed=seed,
        watermark=limits.watermark if watermark is None else watermark,
        format=image_format,
        response_format=response_format,
        references=references,
        stream=_typed(fields, "stream", bool) or False,
        previews=_previews(fields),
    )


def asked_for(body: bytes) -> tuple[str, str]:
    """The model and the prompt in `body`; empty texts where it has none."""
    try:
        asked = from_json(body, _Asked)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "", ""
    return asked.model, asked.prompt


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises Refusal where there is none."""
    try:
        fields = from_json(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise malformed("We could not parse the JSON body of your request.") from error
    if not isinstance(fields, dict):
        raise malformed("The JSON body of your request must be an object.")
    return fields


def _typed(fields: Mapping[str, Any], name: str, kind: type[_Value]) -> _Value | None:
    """The field, or None where it is absent or null."""
    value = fields.get(name)
    if value is None:
        return None
    # bool is a subclass of int, and `"n": true` is no number.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise not_valid(name, f"expected {_NAMES[kind]}")
    return value


def _choice(
    fields: Mapping[str, Any], name: str, options: tuple[_Option, ...], default: _Option
) -> _Option:
    value = _typed(fields, name, str)
    if value is None:
        return default
    for option in options:
        if value == option:
            return option
    raise not_valid(name, f"{quoted(value)} is not one of {', '.join(options)}")


def _model(fields: Mapping[str, Any]) -> ModelLimits:
    model = _typed(fields, "model", str)
    if model is None:
        raise missing("model")
    if model not in MODELS:
        raise no_such_model(model)
    return MODELS[model]


def _prompt(fields: Mapping[str, Any], limits: ModelLimits) -> str:
    prompt = _typed(fields, "prompt", str)
    if prompt is None:
        raise missing("prompt")
    if not prompt.strip():
        raise not_valid("prompt", "the prompt is empty")
    if len(prompt) > limits.prompt_length:
        raise not_valid(
            "prompt",
            f"the prompt has {len(prompt)} characters, at most {limits.prompt_length} are allowed",
        )
    return prompt


def _seed(fields: Mapping[str, Any]) -> int:
    seed = _typed(fields, "seed", int)
    if seed is not None and seed not in SEEDS:
        raise not_valid("seed", f"seed must be between {SEEDS[0]} and {SEEDS[-1]}")
    return secrets.randbelow(SEEDS.stop) if seed is None or seed == -1 else seed


def _previews(fields: Mapping[str, Any]) -> int | None:
    number = _typed(fields, "partial_images", int)
    if number is not None and not 0 <= number <= MOST_PREVIEWS:
        raise not_valid("partial_images", f"partial_images must be between 0 and {MOST_PREVIEWS}")
    return number


def _count(fields: Mapping[str, Any], limits: ModelLimits) -> int:
    if "n" in limits.ignored:
        return 1
    count = _typed(fields, "n", int)
    if count is not None and not 1 <= count <= limits.most_images:
        raise not_valid("n", f"n must be between 1 and {limits.most_images}")
    return count or 1


def _group(fields: Mapping[str, Any], prompt: str, references: int) -> int:
    """How many pictures come: those the prompt asks for, as far as the request lets them."""
    mode = _choice(fields, "sequential_image_generation", ("disabled", "auto"), "disabled")
    most = _largest_group(fields)
    if mode == "disabled":
        return 1
    room = max(1, LARGEST_GROUP - references)
    return min(pictures_asked_for(prompt) or 1, most, room)


def _largest_group(fields: Mapping[str, Any]) -> int:
    name = "sequential_image_generation_options"
    options = fields.get(name)
    if options is None:
        return LARGEST_GROUP
    if not isinstance(options, dict):
        raise not_valid(name, "expected an object")
    flattened = {f"{name}.{option}": value for option, value in options.items()}
    for option in flattened:
        if option != f"{name}.max_images":
            raise unknown_parameter(option)
    most = _typed(flattened, f"{name}.max_images", int)
    if most is not None and not 1 <= most <= LARGEST_GROUP:
        raise not_valid(f"{name}.max_images", f"must be between 1 and {LARGEST_GROUP}")
    return most or LARGEST_GROUP
