"""Where an endpoint may send its client: which addresses it may name for a picture."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from tui.api.addresses import Address, BadAddress, is_global, is_link_local

_PRIVATE = "it lies on a private network"
_LINK_LOCAL = "it is link-local, where clouds keep secrets and no pictures"


class Reach:
    """What the endpoint at the base URL `endpoint` may point to.

    An address of the public internet, by https. An endpoint reached by plain http may point to
    http too, and one that lies on a private network to that network, link-local addresses
    excepted. Its own host is always allowed.
    """

    def __init__(self, endpoint: Address) -> None:
        self._endpoint = endpoint

    async def admit(self, address: Address) -> Callable[[str], None] | None:
        """Look `address` up, and give what judges the IP address that is connected to.

        The connection looks the name up once more, and a name server in league with the endpoint
        may answer differently then; so both are judged. None when any IP address will do. Raises
        BadAddress, as the judge does.
        """
        if address.origin == self._endpoint.origin:
            return None
        if address.scheme == "http" and self._endpoint.scheme == "https":
            raise BadAddress("it is not https")
        if address.host == self._endpoint.host:
            return None
        own, found = await asyncio.gather(_looked_up(self._endpoint), _looked_up(address))
        is_private = own and not any(map(is_global, own))
        judge = _refuse_link_local if is_private else _refuse_private
        for ip in found:
            judge(ip)
        return judge


def _refuse_private(ip: str) -> None:
    if not is_global(ip):
        raise BadAddress(_PRIVATE)


def _refuse_link_local(ip: str) -> None:
    if is_link_local(ip):
        raise BadAddress(_LINK_LOCAL)


async def _looked_up(address: Address) -> list[str]:
    """The IP addresses behind a name; none when it cannot be looked up."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return []
    return [str(socket_address[0]) for *_, socket_address in found]
