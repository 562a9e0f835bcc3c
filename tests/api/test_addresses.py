"""Web addresses: what is accepted means the same to every parser, and the rest is refused."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.thorough import THOROUGH
from tui.api.addresses import (
    MAX_LENGTH,
    Address,
    BadAddress,
    is_global,
    is_loopback,
    joined,
    read_address,
    read_base_url,
)
from tui.api.redirects import MAX_REDIRECTS, Trail

PIECES = [
    "http", "https", "HTTPS", "ftp", "file", "javascript", "data", "ws", ":", "://", "//", "///",
    "/", "\\", "\\\\", "@", "user:pw@", "%40", "?", "#", "&", "=", ".", "..", "/../", "%2f", "%00",
    "example.com", "EXAMPLE.com", "xn--e1awd7f.com", "аpple.com", "ⓔxample.com", "a_b.c", "-a.b",
    "localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "256.1.1.1", "1.2.3.4",
    "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "[1.2.3.4]", "[abc]", "[", "]", "::1",
    "64:ff9b::1", ":80", ":443", ":0", ":65535", ":65536", ":00080", ":８０", ":", "a", "K", "ſ",
    "İ", "/a.png", "?sig=%2B", "#part", " ", "\t", "\n", "\r\n", "\0", "\x7f", "\x85", "\u2028",
    "\u3002", "\uff0e", "\uff0f", "\u200b", "\ud800", ";", ",", "*", "!", "%", "%zz",
]  # fmt: skip
HARMLESS = [*"abz019.-_/?", ".b", "/c.png", ":8443", "[::1]", "b.example"]
BEGINNINGS = ["http://", "https://", "https://", "HTTPS://", "https://a.example", "//", "/", ""]


def composed(choices: bytes) -> str:
    """A text of a beginning and of a few pieces, one for each byte; half of them are harmless."""
    if not choices:
        return ""
    beginning = BEGINNINGS[choices[0] % len(BEGINNINGS)]
    return beginning + "".join(
        PIECES[byte % len(PIECES)] if byte < 128 else HARMLESS[byte % len(HARMLESS)]
        for byte in choices[1:]
    )


# One draw for a text: many small ones would take most of the time.
TEXTS = st.binary(max_size=7).map(composed)
BASES = st.sampled_from(
    [
        Address("https", "a.example", 443, "/v1/images/1/content", "?format=redirect"),
        Address("http", "127.0.0.1", 8080, "/", ""),
        Address("https", "::1", 8443, "/x", ""),
    ]
)
_BROWSER_AUTHORITY = re.compile(r"(?:(?P<scheme>https?):)?(?P<slashes>/*)", re.IGNORECASE)


def agree_on(address: Address) -> None:
    """An accepted address is plain, and two other parsers read the same in it."""
    assert address.scheme in ("http", "https")
    assert address.host.isascii()
    assert 0 < address.port < 65536
    default = {"http": 80, "https": 443}[address.scheme]
    split, url = urlsplit(address.url), httpx.URL(address.url)
    assert split.username is split.password is None
    assert not url.userinfo
    assert split.scheme == url.scheme == address.scheme
    assert split.hostname == url.raw_host.decode("ascii") == address.host
    assert (split.port or default) == (url.port or default) == address.port
    assert "#" not in address.url


def says_why(error: BadAddress) -> bool:
    """Whether the refusal can end a sentence that began with what was to be asked."""
    return re.match(r"(its?|there|a key) [a-z]+ .*[A-Za-z0-9]$", str(error)) is not None


def browsers_stay(base: Address, reference: str) -> bool:
    """Whether a browser would find the host of `base` in `reference`, by the WHATWG's rules."""
    text = re.sub(r"[\t\r\n]", "", reference.strip("".join(map(chr, range(33)))))
    found = _BROWSER_AUTHORITY.match(re.split(r"[?#]", text, maxsplit=1)[0].replace("\\", "/"))
    scheme, slashes = (found["scheme"] or "").lower(), len(found["slashes"])
    if scheme and scheme != base.scheme:
        return False
    return slashes < 2


@settings(max_examples=2000 * THOROUGH)
@given(TEXTS)
@example("httpſ://a.example/")
@example("https://K.example/")
@example("https://[1.2.3.4]/")
@example("https://[abc]/")
@example("https://256.1.1.1/")
@example("https://0177.0.0.1/")
@example("https://a.example:00443/?#")
def test_an_address_is_refused_or_means_the_same_to_all(text):
    try:
        address = read_address(text)
    except BadAddress:
        return
    agree_on(address)
    split, url = urlsplit(text), httpx.URL(text)
    assert split.hostname == url.raw_host.decode("ascii") == address.host
    assert "@" not in split.netloc
    assert read_address(address.url) == address


@settings(max_examples=1500 * THOROUGH)
@given(BASES, TEXTS)
@example(Address("https", "a.example", 443, "/", ""), "https:b.example/x")
@example(Address("https", "a.example", 443, "/", ""), "///b.example/x")
@example(Address("https", "a.example", 443, "/", ""), "/\\b.example/x")
@example(Address("https", "a.example", 443, "/", ""), "https:///b.example/x")
@example(Address("https", "a.example", 443, "/", ""), "/a\tb")
def test_a_redirect_is_refused_or_leads_where_all_parsers_say(base, location):
    try:
        address = Trail(base).follow(location)
    except BadAddress:
        return
    agree_on(address)
    assert (base.scheme, address.scheme) != ("https", "http")
    assert address != base
    if browsers_stay(base, location):
        assert address.origin == base.origin
    else:
        absolute = location.strip(" ")
        if absolute.startswith("//"):
            absolute = f"{base.scheme}:{absolute}"
        assert httpx.URL(absolute).raw_host.decode("ascii") == address.host


@settings(max_examples=700 * THOROUGH)
@given(BASES, TEXTS)
def test_joining_raises_nothing_but_bad_address(base, reference):
    try:
        text = joined(base.url, reference)
    except BadAddress:
        return
    assert not re.search(r"[\x00-\x1f]", reference)
    if "://" not in text:
        with pytest.raises(BadAddress):
            read_address(text)


@settings(max_examples=500 * THOROUGH)
@given(TEXTS)
@example("https://a.example/v1/")
@example("http://localhost:8080/v1")
def test_a_base_url_is_refused_or_ends_with_its_path(text):
    try:
        base = read_base_url(text)
    except BadAddress:
        return
    agree_on(base)
    assert not base.path.endswith("/")
    assert base.query == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://a.example/", "neither http nor https"),
        ("a.example/x", "neither http nor https"),
        ("https://user:secret@a.example/", "user name"),
        ("https://аpple.example/", "ASCII"),
        ("https://a.example/\x00", "control characters"),
        ("https://a.example/" + "x" * MAX_LENGTH, "longer than"),
        ("https://a.example:65536/", "out of range"),
        ("https://a.example:0/", "out of range"),
        ("https://[fe80::1%25eth0]/", "cannot be read"),
        ("https://[1.2.3.4]/", "not an IPv6 address"),
        ("https://256.1.1.1/", "not an IPv4 address"),
        ("https://a.example\\@b.example/", "user name"),
        ("https://-a.example/user@host/á", "cannot be read"),
    ],
)
def test_a_refusal_says_why_and_quotes_nothing(text, reason):
    with pytest.raises(BadAddress, match=reason) as caught:
        read_address(text)
    assert says_why(caught.value)
    assert "example" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example:1/",
        "https://a.example:65535/",
        "https://a.example/" + "x" * (MAX_LENGTH - len("https://a.example/")),
    ],
)
def test_what_is_just_within_its_limits_is_read(text):
    assert read_address(text).url == text


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" https://A.example/v1/\n", "https://a.example/v1"),
        ("https://a.example", "https://a.example"),
        ("https://a.example/X//", "https://a.example/X"),
        *[
            (f"http://{host}/v1", f"http://{host}/v1")
            for host in (
                "localhost:8080", "LOCALHOST.:8080", "demo.invalid", "studio:7860", "studio.local",
                "studio.lan.", "studio.home.arpa", "a.internal", "a.localhost", "127.0.0.1",
                "192.168.1.7:1234", "[::1]", "[fd00::7]:8080",
            )
        ],
    ],
)  # fmt: skip
def test_a_base_url_is_read_without_the_slash_at_its_end(text, url):
    assert read_base_url(text).url == url.lower().replace("/x", "/X")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://a.example/v1?x=1", "must end with its path"),
        ("https://a.example/v1#part", "must end with its path"),
        *[
            (f"http://{host}/v1", "must not travel over plain http")
            for host in ("a.example", "8.8.8.8", "localhost.example", "[2606:4700::1111]")
        ],
    ],
)
def test_a_base_url_to_which_no_key_may_travel_is_refused(text, reason):
    with pytest.raises(BadAddress, match=reason) as caught:
        read_base_url(text)
    assert says_why(caught.value)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("192.168.1.1", False),
        ("a.example", False),
    ],
)
def test_a_host_is_this_machine_by_its_name_or_number(host, here):
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::8.8.8.8", True),
        ("2002:808:808::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.0.0.192", False),
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b:1::8.8.8.8", False),
        ("2001::1", False),
        ("2001:db8::1", False),
        ("2002:7f00:1::1", False),
        ("2002:c0a8:101::1", False),
        ("fc00::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
    ],
)
def test_only_public_addresses_are_global(address, public):
    assert is_global(address) is public


HERE = read_address("https://a.example/images/1/content?format=redirect")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b.png", "https://a.example/b.png"),
        ("b.png?x=1#part", "https://a.example/images/1/b.png?x=1"),
        ("../b.png", "https://a.example/images/b.png"),
        ("?format=binary", "https://a.example/images/1/content?format=binary"),
        ("//b.example/x", "https://b.example/x"),
        ("https://B.example:443/x", "https://b.example/x"),
        (" /b.png ", "https://a.example/b.png"),
        ("Xmas.png", "https://a.example/images/1/Xmas.png"),
    ],
)
def test_a_location_is_read_against_the_address_it_comes_from(location, url):
    assert Trail(HERE).follow(location).url == url


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://a.example/b.png", "not https"),
        ("", "circle"),
        ("#part", "circle"),
        ("https:b.png", "more than one way"),
        ("https:///b.example", "more than one way"),
        ("///b.example", "more than one way"),
        ("/\\b.example", "more than one way"),
        ("/a\r\nSet-Cookie: x", "control characters"),
        ("/a\tb", "control characters"),
        ("/" + "x" * 9000, "longer than"),
        ("https://[::1/a", "cannot be read"),
        ("javascript:alert(1)", "neither http nor https"),
    ],
)
def test_a_location_that_is_not_to_be_asked_is_refused(location, reason):
    with pytest.raises(BadAddress, match=reason) as caught:
        Trail(HERE).follow(location)
    assert says_why(caught.value)


def test_a_trail_ends_after_its_last_redirect_and_where_it_was_before():
    trail = Trail(HERE)
    for number in range(MAX_REDIRECTS):
        trail.follow(f"/{number}")
    with pytest.raises(BadAddress, match="circle"):
        trail.follow("/0")
    with pytest.raises(BadAddress, match="more than 5 redirects"):
        trail.follow("/further")


@settings(max_examples=200)
@given(st.ip_addresses())
def test_an_ip_address_is_judged_whatever_it_is(ip):
    assume(not ip.is_global)
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    assert is_global(ip) is bool(inner and is_global(inner))
