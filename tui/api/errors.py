"""Failures of an endpoint, in words a person can act on."""

from __future__ import annotations

from typing import Literal

ErrorKind = Literal[
    "invalid_request",
    "auth",
    "no_credit",
    "forbidden",
    "model_not_found",
    "content_filter",
    "rate_limited",
    "too_large",
    "gateway",
    "server",
    "not_sent",
    "unknown_outcome",
    "bad_response",
    "cancelled",
    "download",
]
Charged = Literal["no", "maybe", "yes"]


class ApiError(Exception):
    """A request that did not end in what was asked for.

    `message` is one sentence that may quote the server, keys taken out, otherwise raw: it passes
    `tui.text` on its way to a screen. `hint` is the next step. `charged` says whether the picture
    asked for may have cost money. `body` is the scrubbed response, at most 64 KB. `retry_after` is
    in seconds. `parameter` is the request field the server objects to. `passing` is set when
    nothing was sent and the reason may be over in a moment.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        hint: str = "",
        charged: Charged = "no",
        body: str = "",
        retry_after: float | None = None,
        parameter: str | None = None,
        passing: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status
        self.request_id = request_id
        self.hint = hint
        self.charged = charged
        self.body = body
        self.retry_after = retry_after
        self.parameter = parameter
        self.passing = passing


LOOK_FIRST = "The picture may have been made and charged: look in the library before sending again."


def not_sent(host: str, reason: str, *, passing: bool) -> ApiError:
    """No byte of the request left this machine."""
    return ApiError(
        "not_sent",
        f"{host} could not be reached: {reason}.",
        hint="Nothing was sent and nothing charged; check the connection, then send again.",
        passing=passing,
    )


def lost(host: str, reason: str, *, paid: bool) -> ApiError:
    """The request left, and no answer came."""
    if not paid:
        return ApiError(
            "gateway", f"No answer came from {host}: {reason}.", hint="Try again in a moment."
        )
    return ApiError(
        "unknown_outcome",
        f"The request was sent to {host}, but no answer came: {reason}.",
        hint=LOOK_FIRST,
        charged="maybe",
    )


def bad_settings(message: str, hint: str) -> ApiError:
    """The endpoint's configuration cannot be used."""
    return ApiError("invalid_request", message, hint=hint)
