"""Answers of the generation route by which nothing is made.

The bodies follow those that clients have met: Token360's error page, OpenAI's, Ark's, Kling's and
Z.ai's error objects, FastAPI's `detail`, the pages of nginx, AWS WAF and others.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from starlette.responses import JSONResponse, RedirectResponse, Response

from tui.demo.connection import RawAnswer
from tui.demo.faults.hostile_text import BIDI, ESCAPES, LONG_LINE, MANY_LINES, MARKUP
from tui.demo.faults.pages import BAD_KEY, TOO_MANY, Content, error, listed, plain_text
from tui.demo.requests import read_object

_LATE_SECONDS = 200


def _ark(code: str, message: str, param: str = "", kind: str = "") -> dict[str, Any]:
    message = f"{message}. Request id: 0217"
    return {"error": {"code": code, "message": message, "param": param, "type": kind}}


def _sensitive(stage: str, what: str, detail: str = "") -> dict[str, Any]:
    return _ark(
        f"{stage}SensitiveContentDetected{detail}",
        f"The request failed because the {what} may contain sensitive information",
    )


def _size(reason: str) -> dict[str, Any]:
    return _ark(
        "InvalidParameter",
        f"The parameter `size` specified in the request is not valid: {reason}",
        "size",
        "BadRequest",
    )


def _hostile(text: str) -> dict[str, Any]:
    return {"error": {"message": text, "type": text, "param": text, "code": text}}


_FILTERED = error(
    "Your request was rejected by the safety system. safety_violations=[sexual].",
    "image_generation_user_error",
    code="moderation_blocked",
    moderation_details={"moderation_stage": "output", "categories": ["sexual"]},
)
_FILTERED_TWICE = {
    "success": False,
    "error": {
        "code": "content_policy_violation",
        "message": json.dumps(
            {"error": {"code": "content_policy_violation", "message": "Refused by content policy"}}
        ),
    },
}
_TASK = {"code": 200, "data": {"task_id": "task_0001", "status": "submitted"}}
_NO_PROVIDER = "No available provider"
_INACTIVE = "Model 'seedream-4.5' not found or not active for requested provider"

_ANSWERS: Mapping[str, tuple[int, Content]] = {
    "data-empty": (200, {"created": 0, "data": []}),
    "error-in-200": (200, _sensitive("OutputImage", "output image")),
    "async-task": (200, _TASK),
    "async-202": (202, {"id": "task_0001", "status": "queued"}),
    "portal-200": (200, "Welcome to the network: please sign in"),
    "size-400": (400, _size("image size must be at least 3686400 pixels")),
    "size-tier-400": (
        400,
        _size("the specified size is not supported for model doubao-seedream-4-5"),
    ),
    "size-choice-400": (
        400,
        error(
            "size must be one of 'WIDTHxHEIGHT', '2k', '3k', or '4k'",
            "invalid_request_error",
            code="400",
        ),
    ),
    "moderation-400": (400, _FILTERED),
    "moderation-422": (422, _FILTERED_TWICE),
    "ark-prompt-400": (400, _sensitive("InputText", "input text")),
    "ark-reference-400": (400, _sensitive("InputImage", "input image")),
    "ark-privacy-400": (
        400,
        _sensitive("InputImage", "input image", ".PrivacyInformation"),
    ),
    "ark-picture-400": (400, _sensitive("OutputImage", "output image")),
    "ark-risk-400": (
        400,
        _ark("InputTextRiskDetection", "The request failed because the input text is a risk"),
    ),
    "kling-1301-400": (
        400,
        {"code": 1301, "message": "Trigger the content security policy", "request_id": "0217"},
    ),
    "gemini-safety-400": (
        400,
        error("Gemini image generation blocked [IMAGE_SAFETY]", "channel_error", code=None),
    ),
    "litellm-400": (
        400,
        error(
            "litellm.UnsupportedParamsError: image generation does not support: {'seed': 7}",
            "None",
            code="400",
        ),
    ),
    "reference-400": (
        400,
        error(
            "Error while downloading file. Upstream status code: 407",
            "invalid_request_error",
            code="invalid_image_url",
        ),
    ),
    "billing-400": (
        400,
        error(
            "Billing hard limit has been reached",
            "invalid_request_error",
            code="billing_hard_limit_reached",
        ),
    ),
    "credits-400": (400, {"error": "Insufficient credits. Please top up."}),
    "message-400": (400, {"message": "The request cannot be handled."}),
    "msg-400": (400, {"msg": "The request cannot be handled."}),
    "detail-400": (400, {"detail": "The request cannot be handled."}),
    "code-400": (400, {"code": "invalid_request", "message": "The request cannot be handled."}),
    "success-400": (400, {"success": False, "message": "The request cannot be handled."}),
    "escapes-400": (400, _hostile(ESCAPES)),
    "markup-400": (400, _hostile(MARKUP)),
    "bidi-400": (400, _hostile(BIDI)),
    "long-400": (400, error(LONG_LINE, "invalid_request_error", code="400")),
    "lines-400": (400, error(MANY_LINES, "invalid_request_error", code="400")),
    "401": (401, BAD_KEY),
    "402": (402, error("Insufficient balance", "insufficient_balance", code="402")),
    "403-frozen": (403, error("This API key is frozen", "api_key_frozen", code="403")),
    "403-model": (
        403,
        error("This API key may not use the model", "model_access_denied", code="403"),
    ),
    "403-overdue": (
        403,
        _ark(
            "AccountOverdueError",
            "The request failed because your account has an overdue balance",
            kind="Forbidden",
        ),
    ),
    "403-waf-html": (403, "403 Forbidden"),
    "404-model": (404, error("Model not found", "model_not_found", code="404")),
    "413-html": (413, "413 Request Entity Too Large"),
    "422-detail": (
        422,
        {
            "detail": [
                {
                    "loc": ["body", "size"],
                    "msg": "Input should be a valid string",
                    "type": "string_type",
                },
                {
                    "loc": ["body", "n"],
                    "msg": "Input should be less than or equal to 10",
                    "type": "less_than_equal",
                },
            ]
        },
    ),
    "429-limit-0": (
        429,
        {
            "error": {
                "code": 429,
                "message": "You exceeded your current quota. * Quota exceeded for metric:"
                " generate_content_free_tier_requests, limit: 0",
                "status": "RESOURCE_EXHAUSTED",
            }
        },
    ),
    "429-kling-1303": (
        429,
        {"code": 1303, "message": "parallel task over resource pack limit", "request_id": "0217"},
    ),
    "429-zai-1305": (
        429,
        {"error": {"code": "1305", "message": "The service may be temporarily overloaded"}},
    ),
    "429-no-credit": (
        429,
        {"error": {"code": "1113", "message": "Insufficient balance. Please recharge."}},
    ),
    "429-kling-1102": (
        429,
        {"code": 1102, "message": "Account balance not enough", "request_id": "0217"},
    ),
    "500-model": (500, error(_INACTIVE, "api_error", code="500")),
    "503-model": (503, error(_NO_PROVIDER, "api_error", code="503")),
    "503-detail": (503, {"detail": _NO_PROVIDER}),
}


def refusal(kind: str, body: bytes, *, retry_seconds: float, elsewhere: str) -> Response | None:
    """The answer of a generation fault that makes nothing; None for the other faults.

    `body` is the request's. `retry_seconds` is when to come back, `elsewhere` the same route on
    another origin.
    """
    if kind.startswith("429") and (headers := _when_to_come_back(kind, retry_seconds)) is not None:
        return JSONResponse(TOO_MANY, 429, headers)
    if kind.startswith("redirect-"):
        return RedirectResponse(elsewhere, int(kind.removeprefix("redirect-")))
    match kind:
        case "reset-early":
            return RawAnswer(reset=True)
        case "close-early":
            return RawAnswer()
        case "unknown-parameter-400":
            return _unknown_parameter(body)
        case "plain-400":
            return plain_text("The request cannot be handled.", 400)
        case "empty-400":
            return Response(status_code=400)
        case "413-text":
            return plain_text("Request Entity Too Large", 413)
        case "503-retry-after":
            overloaded = error("The server is overloaded", "api_error", code="503")
            return JSONResponse(overloaded, 503, {"retry-after": f"{retry_seconds:g}"})
    return listed(_ANSWERS, kind)


def _when_to_come_back(kind: str, seconds: float) -> dict[str, str] | None:
    """The headers of a rate limit; None where `kind` is none, or says it in its body."""
    now = time.time()
    headers = {
        "429": {},
        "429-once": {"retry-after": f"{seconds:g}"},
        "429-retry-after": {"retry-after": f"{seconds:g}"},
        "429-retry-after-date": {"retry-after": formatdate(now + seconds, usegmt=True)},
        "429-retry-after-past": {"retry-after": formatdate(now - 3600, usegmt=True)},
        "429-retry-after-ms": {"retry-after-ms": f"{seconds * 1000:g}"},
        "429-retry-after-long": {"retry-after": f"{_LATE_SECONDS}"},
        "429-retry-after-negative": {"retry-after": "-1"},
        "429-retry-after-nan": {"retry-after": "NaN"},
        "429-retry-after-infinite": {"retry-after": "1e400"},
        "429-retry-after-words": {"retry-after": "soon"},
    }
    return headers.get(kind)


def _unknown_parameter(body: bytes) -> Response:
    optional = [name for name in read_object(body) if name not in ("model", "prompt")]
    name = optional[-1] if optional else "response_format"
    message = f"Unknown parameter: '{name}'."
    content = error(message, "invalid_request_error", code="unknown_parameter")
    content["error"]["param"] = name
    return JSONResponse(content, 400)
