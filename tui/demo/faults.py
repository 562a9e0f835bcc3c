"""The faults that the endpoint can play, by name, and the dice that say when.

Each is a behaviour that real servers of this API have shown. A name without a prefix is played by
POST /v1/images/generations; "list-", "content-", "delete-" and "models-" by the other routes,
"download-" by every route that sends a picture's bytes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Literal

Operation = Literal["generate", "list", "content", "download", "delete", "models"]

KINDS: Mapping[str, str] = {
    # Answers with status 200. The generation is carried out, unless it says otherwise.
    "ok-url": "Pictures come as URLs, whatever response_format says.",
    "ok-b64": "Pictures come as base64, whatever response_format says.",
    "url-is-base64": "`url` holds the picture itself as bare base64.",
    "url-relative": "`url` is a path on the API's own origin, and needs the key.",
    "url-filepath": "`url` is the path of a file on the server's disk.",
    "size-ignored": "The picture is 768×768, whatever size was asked for.",
    "count-ignored": "One picture comes, whatever number was asked for.",
    "partial": "The last picture failed: its item holds an error.",
    "data-empty": "`data` is empty, as after a silent refusal; nothing is made.",
    "error-in-200": "The body is an error although the status is 200; nothing is made.",
    "async-task": "The body is a task to ask for later; nothing is made.",
    "slow": "The generation takes two and a half minutes longer.",
    # The generation is carried out and charged, and the client cannot know.
    "truncated-json": "The JSON breaks off in the middle; the picture was made.",
    "garbage": "The body is text where JSON should be; the picture was made.",
    "502-html": "A gateway's HTML page; the picture was made.",
    "524-html": "A gateway that gave up waiting, as HTML; the picture was made.",
    "reset": "The connection is reset; the picture was made.",
    # Refusals: nothing is made.
    "reset-early": "The connection is reset before anything is made.",
    "size-400": "400: the size is too small, as Ark says it.",
    "moderation-400": "400: refused by the content filter, as OpenAI says it.",
    "moderation-422": "422: refused by the content filter, wrapped twice by a gateway.",
    "unknown-parameter-400": "400: the request's last parameter is unknown.",
    "billing-400": "400: the account's spending limit is reached, as OpenAI says it.",
    "401": "401: the key is not good.",
    "402": "402: no balance.",
    "403-frozen": "403: the key is frozen.",
    "403-waf-html": "403: a firewall's HTML page.",
    "404-model": "404: no such model.",
    "413-html": "413: a proxy's HTML page for a body that is too large.",
    "429": "429: too many requests, without a word on when to come back.",
    "429-retry-after": "429: too many requests, come back in two seconds.",
    "429-no-credit": "429: no balance, in the clothes of a rate limit.",
    "500": "500: an error in OpenAI's older shape; a failed record is kept.",
    "503-detail": "503: no provider available, in FastAPI's shape.",
    # The other routes.
    "list-401": "The listing answers 401.",
    "list-404": "The listing does not exist.",
    "list-405": "The listing is not allowed.",
    "list-429": "The listing answers 429.",
    "list-500": "The listing answers 500.",
    "list-garbage": "The listing is text where JSON should be.",
    "list-reset": "The listing's connection is reset.",
    "content-404": "The record is not found.",
    "content-cross-origin-302": "The redirect leads to another origin, which refuses a key.",
    "delete-404": "The record to delete is not found.",
    "models-404": "The list of models does not exist.",
    "download-403": "The picture's link has expired.",
    "download-404": "The picture is gone.",
    "download-html": "An HTML login page comes with status 200.",
    "download-not-image": "JSON comes with the type of a picture.",
    "download-truncated": "Half of the picture comes, as if it were all.",
    "download-reset": "The connection is reset.",
}

SLOW_SECONDS = 150.0


def operation_of(kind: str) -> Operation:
    """The operation that plays the fault."""
    prefixes: tuple[Operation, ...] = ("list", "content", "download", "delete", "models")
    for prefix in prefixes:
        if kind.startswith(f"{prefix}-"):
            return prefix
    return "generate"


class Faults:
    """Which faults are played how often: rates from 0 to 1 by kind, none by default.

    The dice are drawn from `seed`: the same requests in the same order meet the same faults.
    `slow_seconds` is what the fault "slow" adds.
    """

    def __init__(
        self,
        rates: Mapping[str, float] | None = None,
        *,
        seed: int = 0,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self.rates = dict(rates or {})
        for kind, rate in self.rates.items():
            _check(kind, rate)
        self.slow_seconds = slow_seconds
        self._dice = {
            kind: random.Random(f"{seed} {kind}")  # noqa: S311 - a rehearsal's dice, no secret
            for kind in self.rates
        }

    @classmethod
    def parse(cls, specs: Sequence[str], *, seed: int = 0) -> Faults:
        """Faults from "KIND", always played, or "KIND=RATE".

        Raises ValueError, in a sentence for the user, where one is neither.
        """
        rates = {}
        for spec in specs:
            kind, equals, rate = spec.partition("=")
            try:
                rates[kind] = float(rate) if equals else 1.0
            except ValueError:
                rates[kind] = math.nan
            _check(kind, rates[kind])
        return cls(rates, seed=seed)

    def plays(self, kind: str) -> bool:
        """Whether the fault is among those played, however rarely."""
        return self.rates.get(kind, 0) > 0

    def draw(self, operation: Operation) -> str | None:
        """The fault that the next request of this operation meets, if any."""
        # Every die is rolled, so that one fault does not shift another's sequence.
        met = [
            kind
            for kind, dice in self._dice.items()
            if operation_of(kind) == operation and dice.random() < self.rates[kind]
        ]
        return met[0] if met else None


def _check(kind: str, rate: float) -> None:
    if kind not in KINDS:
        raise ValueError(f"There is no fault {kind!r}; the faults are {', '.join(KINDS)}.")
    if not 0 <= rate <= 1:
        raise ValueError(f"The rate of the fault {kind!r} must be a number from 0 to 1.")
