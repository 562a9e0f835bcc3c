"""Refusals, and the envelope in which the endpoint words them."""

from __future__ import annotations

from typing import Any

from tui.text import one_line

_LONGEST_QUOTE = 80


class Refusal(Exception):
    """An answer other than a success: an HTTP status and what the `error` object says.

    `code` is the status as text where none is given. `quotes_request` appends the request id to
    the message, as Ark does.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        quotes_request: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.param = param
        self.code = code
        self.quotes_request = quotes_request

    def error(self, request_id: str) -> dict[str, Any]:
        """The `error` object."""
        message = self.message
        if self.quotes_request:
            message = f"{message}. Request id: {request_id}"
        return {
            "message": message,
            "type": self.kind,
            "param": self.param,
            "code": str(self.status) if self.code is None else self.code,
        }


def quoted(value: object) -> str:
    """What the client sent, short enough for a message."""
    return f"'{one_line(str(value), limit=_LONGEST_QUOTE)}'"


def not_valid(param: str, reason: str) -> Refusal:
    """400 for a parameter whose value the model does not take; the wording is Ark's."""
    return Refusal(
        400,
        "invalid_request_error",
        f"The parameter `{param}` specified in the request is not valid: {reason}",
        param=param,
        quotes_request=True,
    )


def missing(param: str) -> Refusal:
    """400 for a required parameter that is not there."""
    return Refusal(
        400, "invalid_request_error", f"Missing required parameter: '{param}'.", param=param
    )


def unknown_parameter(param: str) -> Refusal:
    """400 for a parameter that the model does not have."""
    name = one_line(param, limit=_LONGEST_QUOTE)
    return Refusal(
        400,
        "invalid_request_error",
        f"Unknown parameter: '{name}'.",
        param=name,
        code="unknown_parameter",
    )


def malformed(message: str) -> Refusal:
    """400 for a body that is not a JSON object."""
    return Refusal(400, "invalid_request_error", message)


def bad_key() -> Refusal:
    """401: no bearer key, or an empty one."""
    return Refusal(401, "invalid_api_key", "Invalid API key or token provided")


def no_such_model(model: str) -> Refusal:
    """404 for a model that the endpoint does not serve."""
    message = f"The model {quoted(model)} does not exist or you do not have access to it."
    return Refusal(404, "model_not_found", message, param="model")


def no_edits(model: str) -> Refusal:
    """400 for a model that takes no input images."""
    message = f"The model {quoted(model)} does not support image edits."
    return Refusal(400, "invalid_request_error", message, param="model", code="invalid_value")


def no_such_image(image_id: str) -> Refusal:
    """404 for a record that the key does not own."""
    return Refusal(404, "not_found_error", f"No image found with id {quoted(image_id)}.")


def no_such_asset(reference: str) -> Refusal:
    """400 for an `asset://` reference: the endpoint keeps no assets."""
    message = f"The asset {quoted(reference)} was not found"
    return Refusal(400, "invalid_request_error", message, param="image", quotes_request=True)


def unknown_fault(message: str) -> Refusal:
    """400 for an X-Fault header that names something else."""
    return Refusal(400, "invalid_request_error", f"X-Fault: {message}", param="X-Fault")


def key_reused() -> Refusal:
    """422: the Idempotency-Key came before, with another body."""
    return Refusal(
        422,
        "invalid_request_error",
        "This Idempotency-Key was used with another request body",
        param="Idempotency-Key",
        code="idempotency_key_reused",
        quotes_request=True,
    )


def too_large(limit: int) -> Refusal:
    """413 for a body above `limit` bytes."""
    return Refusal(
        413, "invalid_request_error", f"The request body is larger than {limit // 1_000_000} MB."
    )


def not_routed(status: int, method: str, path: str) -> Refusal:
    """404 or 405: the API has nothing under this method and path."""
    kind = "not_found_error" if status == 404 else "invalid_request_error"
    return Refusal(status, kind, f"Unknown request URL: {method} {one_line(path, limit=200)}")


def server_failed() -> Refusal:
    """500: the generation failed."""
    return Refusal(500, "api_error", "The server had an error.")


def folder_failed(error: OSError) -> Refusal:
    """500: the endpoint's folder cannot be read or written."""
    return Refusal(
        500, "api_error", f"The demo endpoint cannot use its folder: {error.strerror or error}"
    )


def sensitive(stage: str, what: str) -> Refusal:
    """400 of the content filter, as Ark words it: `type` and `param` are empty.

    `stage` is "InputText" or "OutputImage", `what` the same in words.
    """
    return Refusal(
        400,
        "",
        f"The request failed because the {what} may contain sensitive information",
        param="",
        code=f"{stage}SensitiveContentDetected",
        quotes_request=True,
    )
