"""A public endpoint cannot make its client ask in the private network."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from tests.api.fetching import PICTURE, downloader_of, fails
from tests.api.origins import PNG, first_of
from tui.api.addresses import BadAddress, read_address, read_base_url
from tui.api.reach import Reach

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch):
    """What a name server answers: for each name a list of addresses, one for each look-up.

    An empty one stands for a name that is not found.
    """
    answers: dict[str, list[str]] = {}
    system = socket.getaddrinfo

    def look_up(host, port, *args, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name in answers:
            waiting = answers[name]
            host = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if not host:
                raise socket.gaierror(socket.EAI_NONAME, "not known")
        return system(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


@asynccontextmanager
async def listening():
    """A server that answers nothing: its port, and all that each connection brought it."""
    heard: list[bytes] = []
    closing = asyncio.Event()

    async def listen(reader, writer):
        number = len(heard)
        heard.append(b"")

        async def read():
            while data := await reader.read(65536):
                heard[number] += data
                if heard[number].startswith(b"CONNECT "):
                    writer.write(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")

        await first_of(read(), closing.wait())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        closing.set()
        server.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
        "169.254.169.254",
        "192.168.1.1",
        "224.0.0.1",
    ],
)
async def test_a_private_address_is_not_asked_however_it_is_written(serve, tmp_path, host):
    inside = await serve(PICTURE)
    target = tmp_path / "a"
    url = f"https://{host}:{inside.port}/a"
    error = await fails(downloader_of().fetch(url, target), target)
    assert "private network" in error.message
    assert host not in error.message
    assert inside.connections == 0


async def test_a_public_endpoint_cannot_point_to_plain_http(serve, tmp_path):
    inside = await serve(PICTURE)
    target = tmp_path / "a"
    error = await fails(downloader_of().fetch(f"{inside.url}/a", target), target)
    assert "not https" in error.message
    assert inside.connections == 0


@pytest.mark.parametrize("found", [["127.0.0.1"], ["10.0.0.7"], ["fd00::7"]])
async def test_a_name_that_leads_into_the_private_network_is_not_asked(names, tmp_path, found):
    names["images.example"] = found
    target = tmp_path / "a"
    error = await fails(downloader_of().fetch("https://images.example/a", target), target)
    assert "private network" in error.message


async def test_a_name_that_changes_its_mind_is_found_out_before_a_byte_is_sent(names, tmp_path):
    target = tmp_path / "a"
    async with listening() as (port, heard):
        names["images.example"] = [PUBLIC, "127.0.0.1"]
        url = f"https://images.example:{port}/a?secret"
        error = await fails(downloader_of().fetch(url, target), target)
    assert "private network" in error.message
    assert "images.example" not in error.message
    assert heard == [b""]


async def test_a_name_that_was_not_found_at_first_is_judged_all_the_same(names, tmp_path):
    target = tmp_path / "a"
    async with listening() as (port, heard):
        names["images.example"] = ["", "127.0.0.1"]
        url = f"https://images.example:{port}/a"
        error = await fails(downloader_of().fetch(url, target), target)
    assert "private network" in error.message
    assert heard == [b""]


async def test_a_proxy_may_lie_in_the_private_network(names, tmp_path, monkeypatch):
    target = tmp_path / "a"
    names["images.example"] = [PUBLIC]
    async with listening() as (port, heard):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        error = await fails(downloader_of().fetch("https://images.example/a", target), target)
    assert "proxy" in error.message
    assert heard[0].startswith(b"CONNECT images.example:443 ")


async def test_behind_a_proxy_the_name_is_judged(names, tmp_path, monkeypatch):
    target = tmp_path / "a"
    names["images.example"] = ["10.0.0.7"]
    async with listening() as (port, heard):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        error = await fails(downloader_of().fetch("https://images.example/a", target), target)
    assert "private network" in error.message
    assert heard == []


async def test_an_endpoint_in_a_private_network_may_point_into_it(serve, names, tmp_path):
    endpoint, bucket = await serve(PICTURE), await serve(PICTURE)
    names["bucket.example"] = ["127.0.0.1"]
    url = f"http://bucket.example:{bucket.port}/a"
    await downloader_of(endpoint).fetch(url, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == PNG


async def test_an_endpoint_may_point_to_another_port_of_its_own_host():
    reach = Reach(read_base_url("http://169.254.7.7:8080/v1"))
    assert await reach.admit(read_address("http://169.254.7.7:9000/a.png")) is None


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"])
async def test_what_is_link_local_is_pointed_to_by_no_endpoint(host):
    reach = Reach(read_base_url("http://127.0.0.1:8080/v1"))
    judge = await reach.admit(read_address("http://127.0.0.2/a.png"))
    with pytest.raises(BadAddress, match="link-local"):
        await reach.admit(read_address(f"http://{host}/a.png"))
    assert judge is not None
    judge("10.0.0.7")
    with pytest.raises(BadAddress, match="link-local"):
        judge("169.254.169.254")


async def test_a_refused_address_is_final(names, tmp_path):
    target = tmp_path / "a"
    async with listening() as (port, heard):
        names["images.example"] = [PUBLIC, "127.0.0.1"] * 3
        downloader = downloader_of(pauses=(0.0,) * 5)
        await fails(downloader.fetch(f"https://images.example:{port}/", target), target)
    assert len(heard) == 1
