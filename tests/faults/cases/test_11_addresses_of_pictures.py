"""The picture's address is none to fetch from, or leads to one: refused with a reason, not asked.

Files, scripts, addresses without a scheme or with a user's name, letters that look like others, a
cloud's metadata, any of these behind a redirect, redirects without end. The endpoint's key goes to
its own origin alone, wherever pictures lie.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.api.origins import Answer, Received, receive, reply, success
from tests.cli.conftest import KEY, Home
from tests.e2e.programs import needs
from tests.faults.cases.session import (
    configure,
    listening,
    origin_with,
    picture_file,
    studio_in,
)

PUBLIC = "images.invalid"
"""The name of an endpoint of the public internet; it is reached by a proxy."""
SCHEME, USER = "it is neither http nor https", "it holds a user name"
REASONS = {
    "file": "a file on its own disk",
    "script": SCHEME,
    "text": "its data URL is not base64",
    "no-scheme": SCHEME,
    "user": USER,
    "alike": "its host is not written in ASCII",
    "long": "it is longer than 8192 characters",
    "metadata": "it is link-local",
    "to-file": SCHEME,
    "to-user": USER,
    "to-metadata": "it is link-local",
    "to-script": SCHEME,
    "to-chain": "there are more than 5 redirects",
    "to-loop": "it leads round in a circle",
}
"""Why an address is not asked, by a word for it."""
# An endpoint on this machine may name others on it; whoever they are, they get no key.
FETCHED = ("other", "decimal", "to-other")


def test_it_is_refused_and_nobody_else_gets_the_key(home: Home) -> None:
    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        addresses = _addresses(api.url, other.port)
        await _answered(request, addresses)(request, writer)

    picture = reply(body=picture_file(), content_type="image/png")
    words = (*REASONS, *FETCHED)
    with origin_with(picture) as other, origin_with(answer) as api:
        configure(home, config={"queue": {"at_once": 32}}, studio=f"{api.url}/v1")
        with studio_in(home) as studio:
            entries = studio.ends_of("case11", words)
            studio.leave()
    for word, reason in REASONS.items():
        error = entries[word].error
        assert error is not None
        assert reason in error.message
        assert error.charged in ("maybe", "yes")
        assert entries[word].images == ()
    for word in FETCHED:
        assert entries[word].status == "done"
    # Nothing but what may be fetched was asked for, and nobody else was given the key.
    assert [request.target for request in other.requests] == ["/a.png"] * len(FETCHED)
    assert not any("authorization" in request.headers for request in other.requests)
    asked = Counter(request.target for request in api.requests)
    assert asked["/loop"] == 1
    assert sum(count for target, count in asked.items() if "chain" in target) == 6
    assert api.posts == len(words)
    for request in api.requests:
        has_key = KEY in request.headers.get("authorization", "")
        # A picture at the endpoint's own origin but outside of the API is not asked for with it.
        assert has_key == request.target.startswith("/v1/")
    assert not any(b"root:x:0" in path.read_bytes() for path in home.files)


PRIVATE = "it lies on a private network"
BEHIND = {
    "number": ("https://2130706433/a.png", PRIVATE),
    "octal": ("https://0177.0.0.1/a.png", "its host is not an IPv4 address"),
    "mapped": ("https://[::ffff:127.0.0.1]/a.png", PRIVATE),
    "router": ("https://192.168.0.1/a.png", PRIVATE),
    "metadata": ("https://169.254.169.254/latest", PRIVATE),
    "plain": ("http://93.184.216.34/a.png", "it is not https"),
    "to-router": (f"https://{PUBLIC}/router", PRIVATE),
    "to-plain": (f"https://{PUBLIC}/plain", "it is not https"),
}
"""Addresses that an endpoint of the public internet gives, by a word, and why none is asked."""


@needs("openssl")
def test_a_public_endpoint_leads_to_no_private_network(home: Home, tmp_path: Path) -> None:
    asked: list[str] = []
    context, certificate = _certificate(tmp_path)
    addresses = {word: url for word, (url, _) in BEHIND.items()}

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A proxy, behind which there is the endpoint and nothing else."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split()[1])
        if head.startswith(f"CONNECT {PUBLIC}:443 "):
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await writer.start_tls(context)
            request = await receive(reader)
            await _answered(request, addresses)(request, writer)
        writer.close()

    with listening(tunnel) as port:
        configure(home, config={"queue": {"at_once": 16}}, studio=f"https://{PUBLIC}/v1")
        proxy = {
            "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            "HTTP_PROXY": f"http://127.0.0.1:{port}",
        }
        environment = {**proxy, "SSL_CERT_FILE": str(certificate)}
        with studio_in(home, environment=environment) as studio:
            entries = studio.ends_of("case11", BEHIND)
            studio.leave()
    for word, (_, reason) in BEHIND.items():
        error = entries[word].error
        assert error is not None
        assert reason in error.message
    assert set(asked) == {f"{PUBLIC}:443"}


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What the public endpoint shows, and the file with what it is checked by."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", f"/CN={PUBLIC}", "-addext",
            f"subjectAltName=DNS:{PUBLIC}", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def _addresses(here: str, port: int) -> Mapping[str, str]:
    """The addresses by their words; `here` is the API, and another server is at the port."""
    there = f"127.0.0.1:{port}"
    return {
        "file": "file:///etc/passwd",
        "script": "javascript:alert(1)",
        "text": "data:text/html,<script>alert(1)</script>",
        "no-scheme": f"//{there}/a.png",
        "user": f"http://me@{there}/a.png",
        "alike": "https://im\u0430ges.example/a.png",
        "long": f"http://{there}/{'x' * 9_000}",
        "metadata": "http://169.254.169.254/latest/meta-data",
        "other": f"http://{there}/a.png",
        "decimal": f"http://2130706433:{port}/a.png",
        **{word: f"{here}/{word[3:]}" for word in (*REASONS, *FETCHED) if word.startswith("to-")},
    }


def _answered(request: Received, addresses: Mapping[str, str]) -> Answer:
    """The API's answer: an address to a generation, and to a GET where its path leads to."""
    if request.method == "POST":
        word = request.document["prompt"].split()[-1]
        return reply(body=success(data=[{"url": addresses[word]}]))
    name, _, number = request.target.removeprefix("/").partition("-")
    if name == "chain":
        return reply(302, Location=f"/chain-{int(number or 0) + 1}")
    if name == "loop":
        return reply(302, Location="/loop")
    return reply(302, Location=addresses[name]) if name in addresses else reply(404)
