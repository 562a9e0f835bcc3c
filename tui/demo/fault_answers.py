"""How each fault looks on the wire.

The bodies follow those that clients have met: Token360's error page, OpenAI's and Ark's error
objects, FastAPI's `detail`, the pages of nginx, AWS WAF and Cloudflare, and the XML of S3.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from tui.demo.connection import LostConnection
from tui.demo.requests import read_object

RETRY_AFTER_SECONDS = 2

Content = Mapping[str, Any] | str
"""A JSON object, or the title of an HTML page."""


def _error(message: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, **more}}


_TOO_MANY = _error("Rate limit reached. Please slow down.", "rate_limit_error", code="429")
_BAD_KEY = _error("Invalid API key or token provided", "invalid_api_key", code="401")
_NOT_FOUND = _error("Not found", "not_found_error", code="404")
_SERVER_ERROR = {"error": "server_error", "message": "The server had an error. Try again later."}
_FILTERED = _error(
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
_ARK_FILTERED = {
    "error": {
        "code": "OutputImageSensitiveContentDetected",
        "message": "The request failed because the output image may contain sensitive information",
        "param": "",
        "type": "",
    }
}

_REFUSALS: Mapping[str, tuple[int, Content]] = {
    "data-empty": (200, {"created": 0, "data": []}),
    "error-in-200": (200, _ARK_FILTERED),
    "async-task": (200, {"code": 200, "data": {"task_id": "task_0001", "status": "submitted"}}),
    "size-400": (
        400,
        {
            "error": {
                "code": "InvalidParameter",
                "message": "The parameter `size` specified in the request is not valid:"
                " image size must be at least 3686400 pixels. Request id: 0217",
                "param": "size",
                "type": "BadRequest",
            }
        },
    ),
    "moderation-400": (400, _FILTERED),
    "moderation-422": (422, _FILTERED_TWICE),
    "billing-400": (
        400,
        _error(
            "Billing hard limit has been reached",
            "invalid_request_error",
            code="billing_hard_limit_reached",
        ),
    ),
    "401": (401, _BAD_KEY),
    "402": (402, _error("Insufficient balance", "insufficient_balance", code="402")),
    "403-frozen": (403, _error("This API key is frozen", "api_key_frozen", code="403")),
    "403-waf-html": (403, "403 Forbidden"),
    "404-model": (404, _error("Model not found", "model_not_found", code="404")),
    "413-html": (413, "413 Request Entity Too Large"),
    "429": (429, _TOO_MANY),
    "429-no-credit": (
        429,
        {"error": {"code": "1113", "message": "Insufficient balance. Please recharge."}},
    ),
    "503-detail": (503, {"detail": "No available provider"}),
}

_LOST_ANSWERS: Mapping[str, tuple[int, Content]] = {
    "500": (500, _SERVER_ERROR),
    "502-html": (502, "502 Bad Gateway"),
    "524-html": (524, "api.example | 524: A timeout occurred"),
}

_OTHER_ROUTES: Mapping[str, tuple[int, Content]] = {
    "list-401": (401, _BAD_KEY),
    "list-404": (404, _NOT_FOUND),
    "list-405": (405, {"detail": "Method Not Allowed"}),
    "list-429": (429, _TOO_MANY),
    "list-500": (500, _SERVER_ERROR),
    "content-404": (404, _NOT_FOUND),
    "delete-404": (404, _NOT_FOUND),
    "models-404": (404, {"detail": "Not Found"}),
}


def refusal(kind: str, body: bytes) -> Response | None:
    """The answer of a generation fault that makes nothing; None for the other faults.

    `body` is the request's.
    """
    if kind == "reset-early":
        return LostConnection()
    if kind == "429-retry-after":
        return JSONResponse(_TOO_MANY, 429, {"retry-after": str(RETRY_AFTER_SECONDS)})
    if kind == "unknown-parameter-400":
        optional = [name for name in read_object(body) if name not in ("model", "prompt")]
        name = optional[-1] if optional else "response_format"
        message = f"Unknown parameter: '{name}'."
        content = _error(message, "invalid_request_error", code="unknown_parameter")
        content["error"]["param"] = name
        return JSONResponse(content, 400)
    return _listed(_REFUSALS, kind)


def lost_answer(kind: str, body: bytes) -> Response | None:
    """What comes instead of the answer `body` to a generation that was carried out, or failed.

    None for the other faults.
    """
    if kind == "reset":
        return LostConnection()
    if kind == "truncated-json":
        return Response(body[: len(body) * 2 // 3], media_type="application/json")
    if kind == "garbage":
        return PlainTextResponse("upstream said nothing that this gateway understands")
    return _listed(_LOST_ANSWERS, kind)


def other_route(kind: str) -> Response | None:
    """The answer of a fault of listing, content, delete or models; None where there is none."""
    if kind == "list-reset":
        return LostConnection()
    if kind == "list-garbage":
        return PlainTextResponse("the listing could not be rendered")
    return _listed(_OTHER_ROUTES, kind)


def changed_item(
    kind: str, item: Mapping[str, Any], picture: bytes, content_path: str
) -> dict[str, Any]:
    """An item of `data` as the fault has it; `content_path` is where the API gives the picture."""
    urls = {
        "url-is-base64": lambda: base64.b64encode(picture).decode("ascii"),
        "url-relative": lambda: content_path,
        "url-filepath": lambda: f"/srv/images{content_path.split('?')[0]}.png",
    }
    if kind not in urls:
        return dict(item)
    rest = {name: value for name, value in item.items() if name not in ("url", "b64_json")}
    return {"url": urls[kind](), **rest}


def changed_picture(kind: str, picture: bytes, media_type: str) -> Response | None:
    """What comes instead of a picture's bytes; None where they come as they are."""
    match kind:
        case "download-403":
            return object_store_error(403, "AccessDenied", "Request has expired")
        case "download-404":
            return object_store_error(404, "NoSuchKey", "The specified key does not exist.")
        case "download-html":
            return _page(200, "Sign in to continue")
        case "download-not-image":
            return Response(b'{"status":"ok"}', media_type=media_type)
        case "download-truncated":
            return Response(picture[: len(picture) // 2], media_type=media_type)
        case "download-reset":
            return LostConnection()
    return None


def object_store_error(status: int, code: str, message: str) -> Response:
    """An error in the XML of an object store."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Response(xml, status, media_type="application/xml")


def _listed(answers: Mapping[str, tuple[int, Content]], kind: str) -> Response | None:
    if kind not in answers:
        return None
    status, content = answers[kind]
    return _page(status, content) if isinstance(content, str) else JSONResponse(content, status)


def _page(status: int, title: str) -> Response:
    html = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title>"
        "<style>body { font-family: sans-serif }</style></head>\n"
        f"<body><center><h1>{title}</h1></center><hr></body></html>\n"
    )
    return Response(html, status, media_type="text/html")
