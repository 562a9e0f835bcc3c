"""The public catalogue of the demo endpoint, in the shape of Token360's: no key is needed for it.

It grants each model the fields that Token360's "Create image" page does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from starlette.requests import Request

from tui.demo.limits import MODELS, SEEDS, ModelLimits

_About: TypeAlias = Mapping[str, Any]
"""What is said of a field."""

PAGE = 20
LARGEST_PAGE = 200

_NAMES = {
    "seedream-4.5": "Seedream 4.5",
    "seedream-4.0": "Seedream 4.0",
    "dola-seedream-5.0-lite": "Dola Seedream 5.0 Lite",
    "kling-image-o1": "Kling Image O1",
    "nano-banana-pro": "Nano Banana Pro",
    "glm-image": "GLM-Image",
}
_SIZE: _About = {
    "type": "string",
    "description": "The size of the picture, as WIDTHxHEIGHT or by name.",
}
_SEED: _About = {
    "type": "integer",
    "description": "The same seed gives the same picture.",
    "min": SEEDS.start,
    "max": SEEDS.stop - 1,
}
_WATERMARK: _About = {
    "type": "boolean",
    "description": "Whether the picture is marked as made by a machine.",
    "default": True,
}
_GROUP: _About = {
    "type": "string",
    "description": "Whether the model may make a group of pictures.",
    "enum": ["disabled", "auto"],
    "default": "disabled",
}
_SEEDREAM: Mapping[str, _About] = {"size": _SIZE, "seed": _SEED, "watermark": _WATERMARK}
_FIELDS: Mapping[str, Mapping[str, _About]] = {
    "seedream-4.5": {**_SEEDREAM, "sequential_image_generation": _GROUP},
    "seedream-4.0": {**_SEEDREAM, "sequential_image_generation": _GROUP},
    "dola-seedream-5.0-lite": _SEEDREAM,
    "kling-image-o1": {
        "n": {"type": "integer", "description": "Pictures.", "min": 1, "max": 9, "default": 1},
        "size": {**_SIZE, "enum": ["1k", "2k"], "default": "1k"},
    },
    "nano-banana-pro": {
        "ratio": {
            "type": "string",
            "description": "Width to height.",
            "enum": ["1:1", "5:4", "4:3", "3:2", "16:9", "21:9", "4:5", "3:4", "2:3", "9:16"],
        },
        "quality": {
            "type": "string",
            "description": "The resolution.",
            "enum": ["1K", "2K", "4K"],
            "default": "1K",
        },
    },
    "glm-image": {},
}


def public_models(request: Request) -> dict[str, Any]:
    """The answer to GET /public/models: the page `current` of `size` models, counted from 1."""
    size = min(_number(request, "size", PAGE), LARGEST_PAGE)
    first = (_number(request, "current", 1) - 1) * size
    models = [_model(limits) for limits in MODELS.values()]
    return {"data": {"list": models[first : first + size], "total": len(models)}}


def _number(request: Request, name: str, usual: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 7 and int(text) else usual


def _model(limits: ModelLimits) -> dict[str, Any]:
    fields = [
        {"name": "prompt", "type": "string", "required": True, "request_role": "prompt"},
        *(
            {"name": name, "request_role": "model_parameter", "playground_visible": True, **about}
            for name, about in _FIELDS.get(limits.id, {}).items()
        ),
    ]
    inputs = ["TEXT"]
    if limits.references is not None:
        inputs.append("IMAGE")
        most = limits.references.most
        fields.append(
            {"name": "image", "type": "array", "max_items": most, "request_role": "media"}
        )
    return {
        "name": limits.id,
        "displayName": _NAMES.get(limits.id, limits.id),
        "modelType": "IMAGE_GENERATION",
        "modelInputTypes": inputs,
        "modelOutputTypes": ["IMAGE"],
        "status": "ACTIVE",
        "supported_parameters": list(_FIELDS.get(limits.id, {})),
        "effectiveDefaultParams": {},
        "normalizedApiParameterSchema": {"fields": fields},
    }
