"""A connection to whichever address of a name answers first, as RFC 8305 has it.

asyncio has such a race too. Its socket is lost, and stays open until garbage is collected, where
it connects in the moment in which the race is given up.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import Any

_NEXT_AFTER = 0.25
"""Seconds after which the next address is tried beside one that does not answer."""

_Address = tuple[int, int, int, Any]
"""Family, kind, protocol, and what a socket connects to."""


async def connected(host: str, port: int, source: str | None = None) -> socket.socket:
    """A socket that does not block, connected to an address of `host`.

    `source` is the IP address of this machine to connect from. Raises OSError.
    """
    found = await _resolved(host, port)
    addresses = [(family, kind, number, address) for family, kind, number, _, address in found]
    if len(addresses) == 1:
        return await _connected_alone(*addresses[0], source)
    return await _Race(_interleaved(addresses), source).run()


async def _resolved(host: str, port: int) -> list[tuple[Any, Any, int, str, Any]]:
    """The addresses of `host`, as getaddrinfo(3) gives them. Raises OSError."""
    try:
        # One that is no name needs neither a look at the network nor a thread for it.
        return socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except (OSError, UnicodeError):
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


async def _connected_alone(
    family: int, kind: int, number: int, address: Any, source: str | None
) -> socket.socket:
    """A socket connected to the only address that there is. Raises OSError."""
    one = _socket(family, kind, number, source)
    try:
        await asyncio.get_running_loop().sock_connect(one, address)
    except BaseException:
        one.close()
        raise
    return one


def _socket(family: int, kind: int, number: int, source: str | None) -> socket.socket:
    """A socket that does not block and connects from `source`. Raises OSError."""
    one = socket.socket(family, kind, number)
    try:
        one.setblocking(False)
        if source is not None:
            one.bind((source, 0))
    except BaseException:
        one.close()
        raise
    return one


class _Race:
    """Attempts to connect, a new one each time that none of those begun gets anywhere."""

    def __init__(self, addresses: Iterable[_Address], source: str | None) -> None:
        self._waiting = deque(addresses)
        self._source = source
        self._sockets: list[socket.socket] = []
        self._running: set[asyncio.Task[socket.socket]] = set()
        self._faults: list[OSError] = []

    async def run(self) -> socket.socket:
        """The first socket that connects. Raises OSError when none does."""
        winner: socket.socket | None = None
        try:
            while winner is None:
                winner = await self._next()
        finally:
            try:
                await self._stop()
            finally:
                for one in self._sockets:
                    if one is not winner:
                        one.close()
        return winner

    async def _next(self) -> socket.socket | None:
        """The winner, once there is one."""
        if self._waiting:
            attempt = self._connect(*self._waiting.popleft())
            self._running.add(asyncio.create_task(attempt))
        elif not self._running:
            raise _most_telling(self._faults)
        patience = _NEXT_AFTER if self._waiting else None
        done, self._running = await asyncio.wait(
            self._running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            try:
                return task.result()
            except OSError as error:
                self._faults.append(error)
        return None

    async def _connect(self, family: int, kind: int, number: int, address: Any) -> socket.socket:
        one = _socket(family, kind, number, self._source)
        self._sockets.append(one)
        await asyncio.get_running_loop().sock_connect(one, address)
        return one

    async def _stop(self) -> None:
        for task in self._running:
            task.cancel()
        # The loop looks after a socket for as long as an attempt goes on with it.
        await asyncio.gather(*self._running, return_exceptions=True)


def _interleaved(addresses: Iterable[_Address]) -> Iterable[_Address]:
    """The families in turn, each in the order that the system prefers."""
    families: dict[int, list[_Address]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    in_turn = chain.from_iterable(zip_longest(*families.values()))
    return [address for address in in_turn if address is not None]


def _most_telling(faults: list[OSError]) -> OSError:
    """One of the reasons why no address could be connected to."""
    refused = [fault for fault in faults if isinstance(fault, ConnectionRefusedError)]
    return next(iter([*refused, *faults]), OSError("the name has no address"))
