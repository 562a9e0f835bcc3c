"""Web addresses: read strictly, and judged by whom they may be asked from.

An address that two parsers could read differently is refused rather than guessed at.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urljoin

DEMO_HOST = "demo.invalid"
MAX_LENGTH = 8192

_SHAPE = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    # Without ASCII, "K" would also match the Kelvin sign, and "s" the long s.
    re.IGNORECASE | re.ASCII,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FOUR_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_BARE_NAME = re.compile(r"[a-z][a-z0-9-]*", re.IGNORECASE | re.ASCII)
# What browsers and libraries read differently: a scheme without its "//", "//" without a host,
# and a backslash, which some take for a slash.
_AMBIGUOUS = re.compile(r"https?:(?!//)|(https?:)?//(?![^/?#])|[^?#]*\\", re.IGNORECASE | re.ASCII)
# RFC 6761, RFC 6762, RFC 8375, ICANN's reservation of 2024, and what home routers hand out.
_PRIVATE_SUFFIXES = (".localhost", ".local", ".home.arpa", ".internal", ".lan")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_IPV6_INTERNET = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Reserved for protocols by RFC 6890; one cloud keeps its machines' secrets there.
_IPV4_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")


class BadAddress(Exception):
    """An address that is not to be asked; the text says why, without quoting the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute http or https address; `path` is "/" or longer, `query` has its "?"."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}{self.query}"


def read_address(text: str) -> Address:
    """`text` as an address, its fragment dropped. Raises BadAddress."""
    _refuse_unprintable(text)
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise BadAddress(_why_not(text))
    scheme = found["scheme"].lower()
    port = int(found["port"]) if found["port"] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise BadAddress("its port is out of range")
    host = found["host"].lower()
    if host.startswith("["):
        host = host.strip("[]")
        if not isinstance(_literal(host), ipaddress.IPv6Address):
            raise BadAddress("its host is not an IPv6 address")
    elif _FOUR_NUMBERS.fullmatch(host) and _literal(host) is None:
        raise BadAddress("its host is not an IPv4 address")
    return Address(scheme, host, port, found["path"] or "/", found["query"] or "")


def joined(base: str, reference: str) -> str:
    """`reference` made absolute against the address `base`. Raises BadAddress.

    The result may still be an address that `read_address` refuses.
    """
    _refuse_unprintable(reference)
    reference = reference.strip(" ")
    if _AMBIGUOUS.match(reference):
        raise BadAddress("it can be read in more than one way")
    try:
        return urljoin(base, reference)
    except ValueError:
        raise BadAddress("it cannot be read") from None


def read_base_url(text: str) -> Address:
    """The base URL of an endpoint, without a trailing slash in its path.

    Keys travel to it, so it must be https; plain http is for this machine and private networks.
    Raises BadAddress.
    """
    address = read_address(text.strip())
    if address.query or "#" in text:
        raise BadAddress("it must end with its path")
    if address.scheme == "http" and not is_private_host(address.host):
        raise BadAddress("a key must not travel over plain http; use https")
    path = address.path.rstrip("/")
    return Address(address.scheme, address.host, address.port, path, "")


def is_private_host(host: str) -> bool:
    """Whether `host`, by its name alone, is this machine or one of a private network."""
    if (literal := _literal(host)) is not None:
        return not is_global(literal)
    name = host.removesuffix(".")
    return (
        name in ("localhost", DEMO_HOST)
        or name.endswith(_PRIVATE_SUFFIXES)
        or _BARE_NAME.fullmatch(name) is not None
    )


def is_loopback(host: str) -> bool:
    """Whether `host`, by its name alone, is this machine."""
    literal = _literal(host)
    if literal is None:
        return host == "localhost" or host.endswith(".localhost")
    return literal.is_loopback


def is_global(address: str | ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an IP address belongs to the public internet.

    One that stands for an IPv4 address (mapped, NAT64, 6to4) is judged by that. Raises ValueError
    for text that is no IP address.
    """
    ip = _plain(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return ip.is_global and ip in _IPV6_INTERNET
    return ip.is_global and not ip.is_multicast and ip not in _IPV4_PROTOCOLS


def is_link_local(address: str) -> bool:
    """Whether an IP address is link-local, as that of a cloud's metadata is.

    One that stands for an IPv4 address is judged by that. Raises ValueError as `is_global` does.
    """
    return _plain(address).is_link_local


def _plain(
    address: str | ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address) if isinstance(address, str) else address
    inner = _ipv4_within(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    return inner or ip


def _ipv4_within(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _refuse_unprintable(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BadAddress(f"it is longer than {MAX_LENGTH} characters")
    if _CONTROL.search(text):
        raise BadAddress("it holds control characters")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _why_not(text: str) -> str:
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() not in _DEFAULT_PORTS:
        return "it is neither http nor https"
    authority = re.split(r"[/?#]", rest.removeprefix("//"), maxsplit=1)[0]
    if "@" in authority:
        return "it holds a user name"
    if not authority.isascii():
        return "its host is not written in ASCII"
    return "its host cannot be read"
