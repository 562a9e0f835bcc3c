"""An endpoint that is asked for an examination, and how its answers are taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from tui.api.errors import ApiError
from tui.config import EndpointSettings

if TYPE_CHECKING:
    from tui.api.client import ImagesClient
    from tui.api.probing import Probe
    from tui.api.results import RecordPage, RemoteModel

Listed: TypeAlias = "tuple[RemoteModel, ...] | ApiError"
"""What comes of asking for the models."""
Kept: TypeAlias = "RecordPage | ApiError"
"""What comes of asking for the records."""

NOT_OFFERED = frozenset({404, 405, 501})
"""What a server answers where it does not offer what it is asked for."""
DENIED = frozenset({401, 403})

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Asked:
    """An endpoint, and the ways to ask it; each answer is waited for `patience` seconds."""

    name: str
    settings: EndpointSettings
    client: ImagesClient
    probe: Probe
    patience: float

    async def answer(self, call: Awaitable[_Answer]) -> _Answer | ApiError:
        """What `call` to the client gives, or why it gives nothing."""
        try:
            async with asyncio.timeout(self.patience):
                return await call
        except ApiError as error:
            return error
        except TimeoutError:
            return ApiError("gateway", f"No answer came within {self.patience:g} seconds.")


def is_silent(answer: object) -> bool:
    """Whether no answer came at all."""
    return isinstance(answer, ApiError) and answer.status is None


def is_denied(error: ApiError) -> bool:
    """Whether the API itself turns the key away, and no firewall before it."""
    return error.status in DENIED and error.kind != "gateway"


def is_page(error: ApiError) -> bool:
    """Whether a web page came instead of an answer."""
    return error.body.lstrip().startswith("<")


def has_no_api(error: ApiError) -> bool:
    """Whether so answers a server that has no API at this place."""
    return error.status in NOT_OFFERED or error.kind == "bad_response" or is_page(error)
