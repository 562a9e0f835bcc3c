"""HTTP as this project wants it, over httpx.

Each request has a connection of its own. A reused one may be stale, and its failure then looks
like that of a server which worked and died; httpcore's pool also loses connections to cancelled
requests (encode/httpcore#1093). Transports are used without httpx's client, so that nothing is
redirected, authenticated, retried or logged behind the caller's back.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from urllib.request import getproxies, proxy_bypass

import httpx

from tui import __version__
from tui.api.addresses import Address, BadAddress, is_loopback
from tui.api.reply import Ending, Reply, media_type
from tui.api.sockets import Network
from tui.keys import Secret
from tui.log import OwnWords, muffle_libraries

muffle_libraries()
_log = logging.getLogger(__name__)

Transport = httpx.AsyncBaseTransport

CONNECT_TIMEOUT = 10.0
WRITE_TIMEOUT = 60.0
POOL_TIMEOUT = 5.0
REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PIECE = 64 * 1024
_BLOCK = 1024 * 1024
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)
_NEVER_DELIVERED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    # A header that cannot be written; bodies come with their right length.
    httpx.LocalProtocolError,
)


class NotSent(Exception):
    """No byte of the request left this machine; the text is a reason, not a sentence.

    `passing` is whether the same request may well be sent in a moment.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class Lost(Exception):
    """The request left, but its answer did not come whole; the text is a reason."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request; `key` becomes its Authorization header, the time-outs are in seconds.

    `judge` is called with the IP address that a direct connection leads to, before any byte is
    sent by it; the BadAddress that it may raise ends the request.
    """

    method: str
    address: Address
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: Secret | None = None
    body: bytes | None = field(default=None, repr=False)
    read_timeout: float = 30.0
    connect_timeout: float = CONNECT_TIMEOUT
    judge: Callable[[str], None] | None = field(default=None, repr=False)


class Incoming:
    """An answer whose body is still coming."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = dict(response.headers.items())
        self._response = response

    @property
    def media_type(self) -> str | None:
        return media_type(self.headers)

    @property
    def is_json(self) -> bool:
        return self.media_type == "application/json"

    @property
    def redirect(self) -> str | None:
        """Where the answer points instead of answering; None when it does not."""
        return self.headers.get("location") if self.status in REDIRECTS else None

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """The body in blocks of at most 1 MiB, decompressed; raises Lost when it is cut short."""
        fault: Lost | None = None
        encoding = self.headers.get("content-encoding", "").strip().lower()
        try:
            received = 0
            # Compression was not asked for; 47 is zlib's "gzip or zlib, find out".
            unzip = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None
            async for piece in self._response.aiter_raw():
                received += len(piece)
                for block in _inflated(piece, unzip) if unzip else _sliced(piece):
                    yield block
                    await asyncio.sleep(0)
            self._check_length(received)
            if unzip and not unzip.eof:
                raise Lost("it ended before it was complete")
        except zlib.error:
            fault = Lost("its compression is damaged")
        except _FAULTS as error:
            fault = Lost(_reason(error))
        if fault is not None:
            raise fault

    def _check_length(self, received: int) -> None:
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and len(announced) < 20 and int(announced) != received:
            raise Lost("it ended before it was complete")

    async def read(self, limit: int) -> Reply:
        """The whole answer, or what came of its first `limit` bytes."""
        body = Body(limit)
        ending: Ending = "whole"
        try:
            await body.take(self)
        except Lost:
            ending = "cut"
        return body.reply(self, ending)


class Collector(Protocol):
    """What an answer is read into."""

    async def take(self, incoming: Incoming) -> None:
        """Read the body. Raises Lost when it is cut short; what came by then is kept."""

    def reply(self, incoming: Incoming, ending: Ending) -> Reply:
        """The answer, whose body ended so."""


class Body:
    """The body as bytes, as far as its first `limit` and a little more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()

    async def take(self, incoming: Incoming) -> None:
        async with aclosing(incoming.blocks()) as blocks:
            async for block in blocks:
                self._bytes += block
                if len(self._bytes) > self._limit:
                    return

    def reply(self, incoming: Incoming, ending: Ending) -> Reply:
        if ending == "whole" and len(self._bytes) > self._limit:
            ending = "oversized"
        return Reply(incoming.status, incoming.headers, self._bytes, ending)


class _Progress:
    """Whether the first byte of `outgoing` may have left, and the connection it leaves by."""

    def __init__(self, outgoing: Outgoing, *, started: bool) -> None:
        self.started = started
        self._outgoing = outgoing
        self._direct = False
        self._stream: Any = None

    async def trace(self, event: str, details: Mapping[str, Any]) -> None:
        """httpcore's trace extension. Asking a proxy for a tunnel sends nothing of the request."""
        if event.endswith("connect_tcp.started"):
            address = self._outgoing.address
            target = details.get("host"), details.get("port")
            self._direct = target == (address.host, address.port)
        if event.endswith("connect_tcp.complete"):
            self._stream = details.get("return_value")
            self._judge_peer()
        if event.endswith("send_request_headers.started"):
            request = details.get("request")
            if request is None or request.method != b"CONNECT":
                self.started = True

    def _judge_peer(self) -> None:
        """Raise BadAddress when the connection leads where it must not; a proxy's is not asked."""
        judge = self._outgoing.judge
        if judge is None or not self._direct:
            return
        peer = self._stream.get_extra_info("server_addr")
        # Gone already; without a peer nobody can tell who would be asked.
        if peer is None:
            raise ConnectionResetError
        judge(str(peer[0]))

    async def aclose(self) -> None:
        """Close the connection, which httpcore forgets when a TLS handshake is cancelled."""
        if self._stream is not None:
            await self._stream.aclose()


@asynccontextmanager
async def opened(outgoing: Outgoing, transport: Transport | None = None) -> AsyncIterator[Incoming]:
    """Send `outgoing` and give its answer once the headers are there.

    `transport` replaces the network and is left open. Raises NotSent and Lost.
    """
    progress = _Progress(outgoing, started=transport is not None)
    # Only the host: a server may put the prompt into the addresses of its pictures.
    with _logged(outgoing, outgoing.address.host) as outcome:
        async with _opened(outgoing, transport, progress) as incoming:
            outcome.words = str(incoming.status)
            yield incoming


@asynccontextmanager
async def _opened(
    outgoing: Outgoing, transport: Transport | None, progress: _Progress
) -> AsyncIterator[Incoming]:
    own = transport
    if own is None:
        own = await asyncio.to_thread(_network, outgoing.address)
    try:
        response = await _respond(own, outgoing, progress)
        try:
            yield Incoming(response)
        finally:
            await response.aclose()
    finally:
        if transport is None:
            await own.aclose()
            await progress.aclose()


async def exchange(
    outgoing: Outgoing, transport: Transport | None, *, deadline: float, into: Collector
) -> Reply:
    """The answer to `outgoing`, within `deadline` seconds, its body read `into` a collector.

    An answer that breaks off after its headers is given as far as it came. Raises NotSent and
    Lost.
    """
    with _logged(outgoing, outgoing.address.path) as outcome:
        reply = await _exchange(outgoing, transport, deadline, into)
        outcome.words = f"{reply.status}, {reply.ending}"
        return reply


class _Outcome:
    """How a request ended, in words of ours."""

    words = "not finished"


@contextmanager
def _logged(outgoing: Outgoing, where: str) -> Iterator[_Outcome]:
    """Tell the log what becomes of the request while the block runs."""
    began = time.monotonic()
    outcome = _Outcome()
    try:
        yield outcome
    except NotSent as error:
        outcome.words = f"not sent, {error}"
        raise
    except Lost as error:
        outcome.words = f"lost, {error}"
        raise
    except BadAddress as error:
        outcome.words = f"refused, {error}"
        raise
    finally:
        seconds = time.monotonic() - began
        words = OwnWords(outcome.words)
        _log.info("%s %s: %s after %.2f s", outgoing.method, where, words, seconds)


async def _exchange(
    outgoing: Outgoing, transport: Transport | None, deadline: float, into: Collector
) -> Reply:
    progress = _Progress(outgoing, started=transport is not None)
    incoming: Incoming | None = None
    ending: Ending = "whole"
    late = f"it took longer than {deadline:g} seconds"
    try:
        async with (
            asyncio.timeout(deadline),
            _opened(outgoing, transport, progress) as incoming,
        ):
            await into.take(incoming)
    except TimeoutError:
        if incoming is None:
            raise (Lost(late) if progress.started else NotSent(late, passing=True)) from None
        ending = "late"
    except Lost:
        if incoming is None:
            raise
        ending = "cut"
    return into.reply(incoming, ending)


async def _respond(transport: Transport, outgoing: Outgoing, progress: _Progress) -> httpx.Response:
    # What httpx raises may quote the key, and is therefore not kept as a context.
    fault: NotSent | Lost
    try:
        request = _request(outgoing, progress)
    except (httpx.InvalidURL, UnicodeError):
        request = None
    if request is None:
        raise NotSent("its address, or a header, cannot be sent")
    try:
        return await transport.handle_async_request(request)
    except _NEVER_DELIVERED as error:
        fault = NotSent(_reason(error), passing=_is_passing(error))
    except _FAULTS as error:
        reason = _reason(error)
        fault = Lost(reason) if progress.started else NotSent(reason, passing=_is_passing(error))
    raise fault


def _request(outgoing: Outgoing, progress: _Progress) -> httpx.Request:
    headers = httpx.Headers(outgoing.headers)
    headers.update({"User-Agent": f"darkroom/{__version__}", "Accept-Encoding": "identity"})
    if outgoing.key is not None:
        headers["Authorization"] = f"Bearer {outgoing.key.reveal()}"
    if outgoing.body is not None:
        headers["Content-Length"] = str(len(outgoing.body))
    timeout = httpx.Timeout(
        connect=outgoing.connect_timeout,
        write=WRITE_TIMEOUT,
        pool=POOL_TIMEOUT,
        read=outgoing.read_timeout,
    )
    return httpx.Request(
        outgoing.method,
        outgoing.address.url,
        headers=headers,
        content=None if outgoing.body is None else _pieces(outgoing.body),
        extensions={"timeout": timeout.as_dict(), "trace": progress.trace},
    )


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """`body` in pieces, so that the write timeout holds for each and not for all of it."""
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


def _sliced(piece: bytes) -> Iterator[bytes]:
    for start in range(0, len(piece), _BLOCK):
        yield piece[start : start + _BLOCK]


def _inflated(piece: bytes, unzip: zlib._Decompress) -> Iterator[bytes]:
    """`piece` decompressed a block at a time: a small piece may hold gigabytes."""
    while piece and not unzip.eof:
        yield unzip.decompress(piece, _BLOCK)
        piece = unzip.unconsumed_tail


def _network(address: Address) -> Transport:
    """A transport for one request; to be built in a thread, since the first loads much."""
    fault: NotSent
    try:
        transport = httpx.AsyncHTTPTransport(
            verify=tls_context(),
            proxy=_proxy(address),
            socket_options=_keep_alive(),
        )
    except OSError:
        fault = NotSent("its TLS certificates cannot be checked; look at SSL_CERT_FILE")
    except ImportError:
        fault = NotSent("a SOCKS proxy is set, which needs the package httpx[socks]")
    except (ValueError, httpx.InvalidURL):
        fault = NotSent("the proxy that is set cannot be used")
    else:
        # httpcore takes it as an argument, httpx has none to hand it on.
        transport._pool._network_backend = Network()
        return transport
    raise fault


@cache
def tls_context() -> ssl.SSLContext:
    """The one TLS context: certifi's certificates, or those of SSL_CERT_FILE, and the system's.

    Building it takes 30 to 70 ms. Raises OSError.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _proxy(address: Address) -> str | None:
    if is_loopback(address.host) or proxy_bypass(address.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _keep_alive() -> list[tuple[int, int, int]]:
    """Probes that keep an idle connection open through routers while a picture is made."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    wanted = {"TCP_KEEPIDLE": 60, "TCP_KEEPALIVE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
    for name, value in wanted.items():
        if (number := getattr(socket, name, None)) is not None:
            options.append((socket.IPPROTO_TCP, number, value))
    return options


def _reason(error: BaseException) -> str:
    """Why `error` happened, in words that quote nothing of the request."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not trusted ({cause.verify_message})"
            case ssl.SSLError():
                return "it does not speak TLS as it should"
            case socket.gaierror() | UnicodeError() | httpx.InvalidURL():
                return "its name is not known"
            case ConnectionRefusedError():
                return "the connection was refused"
            case httpx.ConnectTimeout():
                return "no connection in the time allowed"
            case httpx.ReadTimeout():
                return "nothing came for too long"
            case httpx.WriteTimeout():
                return "it stopped taking the request"
            case httpx.ProxyError() if _wants_a_password(cause):
                return "the proxy wants a user name and password"
            case httpx.ProxyError():
                return "the proxy refused the connection"
            case httpx.LocalProtocolError():
                return "a header cannot be sent"
            case ConnectionError() | httpx.ReadError() | httpx.WriteError():
                continue
    if isinstance(error, httpx.ConnectError):
        return "no connection could be made"
    return "the connection was closed"


def _is_passing(error: BaseException) -> bool:
    """Whether what kept a request from being sent may be over in a moment."""
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return False
    return not any(
        (isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError))
        or _wants_a_password(cause)
        for cause in _causes(error)
    )


def _wants_a_password(error: BaseException) -> bool:
    """Whether a proxy answered with the status that asks for one, which httpcore quotes."""
    return isinstance(error, httpx.ProxyError) and str(error).startswith("407")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what led to it, the root first: it says the most."""
    chain: list[BaseException] = []
    while error is not None and len(chain) < 10:
        chain.append(error)
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__
    return reversed(chain)
