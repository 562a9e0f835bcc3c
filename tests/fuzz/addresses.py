"""Addresses: those of configurations, of pictures in answers, of redirects, and pasted ones."""

from __future__ import annotations

from random import Random

import httpx

from tests.api.test_addresses import PIECES, agree_on, browsers_stay
from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.api.addresses import (
    Address,
    BadAddress,
    is_global,
    is_loopback,
    is_private_host,
    joined,
    read_address,
    read_base_url,
)
from tui.api.pictures import BadPicture, absolute_url
from tui.api.redirects import Trail
from tui.generation.pasted import may_be_references

_BASES = (
    Address("https", "a.example", 443, "/v1/images/1/content", "?format=redirect"),
    Address("http", "127.0.0.1", 8080, "/", ""),
    Address("https", "::1", 8443, "/x", ""),
)
_MUTATOR = Mutator(
    [
        "https://api.token360.ai/v1", "https://images.example/a.png?sig=%2Bx&t=1#part",
        "http://127.0.0.1:8080/v1/", "http://localhost/v1", "https://[2606:4700::1111]:8443/a/b",
        "https://a_b.c-d.example./x", "//b.example/x.png", "/v1/images/img_1/content", "b.png",
        "../b.png?x=1", "?format=binary", "HTTPS://A.EXAMPLE:443/", "file:///tmp/a.png",
        "https://10.0.0.1/latest/meta-data", "http://[::ffff:10.0.0.1]/", "#part",
        "data:image/png;base64,iVBORw0KGgo=", " https://a.example/a b.png ",
    ],
    PIECES,
)  # fmt: skip


def _example(dice: Random) -> Parts:
    return dice.randrange(len(_BASES)), _MUTATOR.example(dice)


def _attempt(parts: Parts) -> str:
    base, text = _BASES[parts[0]], parts[1]
    may_be_references(text)
    outcome = _attempt_alone(text)
    _attempt_as_base(text)
    _attempt_as_redirect(base, text)
    return outcome


def _attempt_alone(text: str) -> str:
    try:
        address = read_address(text)
    except BadAddress as error:
        _judge(error)
        return str(error).replace("8192 ", "")
    agree_on(address)
    assert httpx.URL(text).raw_host.decode("ascii").lower() == address.host
    assert read_address(address.url) == address
    assert not is_loopback(address.host) or is_private_host(address.host)
    if ":" in address.host or address.host.replace(".", "").isdigit():
        try:
            assert is_global(address.host) is not is_private_host(address.host)
        except ValueError:
            assert ":" not in address.host
    return ACCEPTED


def _attempt_as_base(text: str) -> None:
    try:
        base = read_base_url(text)
    except BadAddress as error:
        _judge(error)
        return
    agree_on(base)
    assert not base.path.endswith("/")
    assert not base.query
    assert base.scheme == "https" or is_private_host(base.host)


def _attempt_as_redirect(base: Address, text: str) -> None:
    try:
        url = absolute_url(text.strip(), base.url)
    except BadPicture as error:
        _judge(error)
    else:
        agree_on(read_address(url))
    try:
        absolute = joined(base.url, text)
        address = Trail(base).follow(text)
    except BadAddress as error:
        _judge(error)
        return
    agree_on(address)
    assert read_address(absolute) == address
    assert (base.scheme, address.scheme) != ("https", "http")
    assert address != base
    if browsers_stay(base, text):
        assert address.origin == base.origin


def _judge(error: Exception) -> None:
    """A refusal says why in one plain line, and quotes nothing."""
    assert 5 < len(str(error)) < 100
    assert str(error).isprintable()


TARGET = Target("addresses", _example, _attempt)
