"""Certificates, proxies, portals, clocks and networks that are not as they should be.

The studio starts and shows the history all the same. What is sent ends with one line that says why
it could not be, or what came instead of an answer; nothing is sent twice for it. A clock that is a
day off gives no lost job a picture that may be another's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack

import pytest
from msgspec.structs import replace

from tests.api.origins import reply
from tests.cli.conftest import Home
from tests.faults.cases.session import configure, origin_with, studio_in
from tests.faults.conftest import Demo
from tui.catalog.card import ModelCard
from tui.generation.request import GenerationRequest, new_entry

FAR = "https://api.example.invalid/v1"
BEGIN = "import sys; sys.argv[0] = 'darkroom'; from tui.cli import main; main()"
OFFLINE = f"""
import socket
def look_up(*_, **__):
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
socket.getaddrinfo = look_up
{BEGIN}
"""
CLOCK = f"""
from datetime import datetime, timedelta
import tui.history.entry as entries
class Clock(datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.now(zone) + timedelta(days=%d)
entries.datetime = Clock
{BEGIN}
"""
NOT_SENT = {
    "certificates": "its TLS certificates cannot be checked; look at SSL_CERT_FILE.",
    "socks": "a SOCKS proxy is set, which needs the package httpx[socks].",
    "407": "the proxy wants a user name and password.",
    "offline": "its name is not known.",
}


@pytest.fixture
def earlier(home: Home, card: ModelCard) -> str:
    """The prompt of what the history has from before."""
    entry = new_entry(GenerationRequest("studio", card.id, "an owl from before"), card)
    home.store.write(replace(entry, status="done"))
    return entry.prompt


@pytest.mark.parametrize("name", NOT_SENT)
def test_what_keeps_a_request_from_being_sent_is_one_line(
    home: Home, earlier: str, name: str
) -> None:
    configure(home, studio=FAR)
    with ExitStack() as stack:
        proxy = stack.enter_context(origin_with(reply(407, Proxy_Authenticate="Basic")))
        environment: Mapping[str, str] = {
            "certificates": {"SSL_CERT_FILE": str(home.folder / "none.pem")},
            "socks": {"ALL_PROXY": "socks5://127.0.0.1:9"},
            "407": {"HTTPS_PROXY": proxy.url},
        }.get(name, {})
        program = ("-c", OFFLINE) if name == "offline" else ()
        studio = stack.enter_context(studio_in(home, *program, environment=environment))
        studio.wait_to_read(earlier)
        studio.send("a fox")
        *_, entry = studio.wait_for_ends(2)
        assert entry.error is not None
        assert (entry.status, entry.error.kind, entry.error.charged) == ("failed", "not_sent", "no")
        sentence = f"api.example.invalid could not be reached: {NOT_SENT[name]}"
        assert entry.error.message == sentence
        studio.wait_to_read(earlier, sentence, "Nothing was sent and nothing charged")
        studio.leave()
    assert {request.method for request in proxy.requests} == (
        {"CONNECT"} if name == "407" else set()
    )
    assert all("authorization" not in request.headers for request in proxy.requests)


def test_a_captive_portal_in_place_of_the_endpoint_is_told(
    home: Home, failing: Demo, earlier: str
) -> None:
    configure(home, studio=failing.base_url)
    prompt = "case24 portal-200"
    with studio_in(home) as studio:
        studio.wait_to_read(earlier)
        studio.send(prompt)
        *_, entry = studio.wait_for_ends(2)
        assert (entry.status, entry.error and entry.error.kind) == ("unknown", "bad_response")
        title = "“Welcome to the network: please sign in”"
        studio.wait_to_read(f"a web page titled {title} instead of a result.", earlier)
        assert "<html" not in studio.screen.text
        studio.leave()
    assert failing.traffic.posts_by_prompt[prompt] == 1


@pytest.mark.parametrize("days", [-1, 1], ids=["behind", "ahead"])
def test_a_clock_that_is_a_day_off_takes_no_other_picture(
    home: Home, failing: Demo, earlier: str, days: int
) -> None:
    configure(home, studio=failing.base_url)
    lost = f"case24 clock {days} close"
    with studio_in(home, "-c", CLOCK % days) as studio:
        studio.wait_to_read(earlier)
        studio.send(lost)
        studio.wait_for_ends(2)
        studio.send(" ok-url")
        studio.wait_for_ends(3)
        studio.wait_to_read(earlier)
        studio.leave()
    found = {entry.prompt: entry for entry in home.entries}
    assert found[lost].status == "unknown"
    assert found[f"{lost} ok-url"].status == "done"
    looked = home.run("reconcile")
    assert looked.code == 4, looked
    assert home.store.read(found[lost].id).status == "unknown"
    records = [json.loads(line) for line in home.run("images", "--json").out.splitlines()]
    # Who knows better says which it is.
    (record,) = [record for record in records if record["prompt"] == lost]
    assert home.run("reconcile", found[lost].id, "--adopt", record["id"]).code == 0
    assert home.store.read(found[lost].id).status == "done"
    assert failing.traffic.posts_by_prompt[lost] == 1
