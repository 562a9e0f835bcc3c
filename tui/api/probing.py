"""Questions beside the API itself: what kind of server answers, and where.

Each is free of charge, and goes to the endpoint's own origin: nothing here sends a POST.
"""

from __future__ import annotations

from typing import Literal

from tui.api.addresses import Address
from tui.api.complaint import read_complaint
from tui.api.http import Body, Lost, NotSent, Outgoing, Transport, exchange
from tui.api.reading import Unreadable, parse, table
from tui.api.reply import Reply
from tui.api.settings_check import base_address, usable_headers
from tui.config import JSON, EndpointSettings
from tui.keys import Secret

LIMIT = 4 * 1024 * 1024
"""Bytes of an answer that are read."""


class Probe:
    """Asks one endpoint's origin; every question ends within `patience` seconds.

    The constructor raises ApiError when the settings cannot be used. `transport` replaces the
    network.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        key: Secret | None,
        transport: Transport | None = None,
        *,
        patience: float,
    ) -> None:
        self._base = base_address(settings)
        self._headers = usable_headers(settings)
        self._key = key
        self._transport = transport
        self._patience = patience
        self._connect_timeout = settings.connect_timeout

    @property
    def base_path(self) -> str:
        """The path of the endpoint's base URL, without a slash at its end."""
        return self._base.path

    def url(self, path: str) -> str:
        """The address of `path`, which is counted from the origin."""
        return self._at(path).url

    async def ask(
        self, method: Literal["GET", "DELETE"], path: str, *, with_key: bool = True
    ) -> Reply | None:
        """The answer at `path`, counted from the origin; None when none came.

        Without the key the configured headers stay away too, since they may hold one.
        """
        headers = {"Accept": "application/json"}
        if with_key:
            headers = {**self._headers, **headers}
        key = self._key if with_key else None
        outgoing = Outgoing(
            method, self._at(path), headers, key,
            read_timeout=self._patience, connect_timeout=self._connect_timeout,
        )  # fmt: skip
        into = Body(LIMIT)
        try:
            return await exchange(outgoing, self._transport, deadline=self._patience, into=into)
        except (NotSent, Lost):
            return None

    async def described(self) -> JSON:
        """The OpenAPI description that servers made with FastAPI give; None where there is none."""
        return document_of(await self.ask("GET", "/openapi.json"))

    def _at(self, path: str) -> Address:
        base = self._base
        return Address(base.scheme, base.host, base.port, path or "/", "")


def document_of(reply: Reply | None) -> JSON:
    """The JSON in an answer of status 200; None where there is none."""
    if reply is None or reply.status != 200 or reply.ending != "whole":
        return None
    try:
        return parse(reply.body)
    except Unreadable:
        return None


def lists_models(reply: Reply | None) -> bool:
    """Whether `reply` is a list of models, as `GET /models` gives one."""
    document = document_of(reply)
    items = document if isinstance(document, list) else table(document).get("data")
    return isinstance(items, list)


def is_page(reply: Reply) -> bool:
    """Whether a web page came, and no API answered."""
    return read_complaint(reply).is_page
