"""No connection comes about: refused, the name is not known, or the server speaks no TLS.

It is tried three times at most. Nothing was sent, and the entry says so: `failed`, not charged.
Then it can be sent again without a second thought.
"""

from __future__ import annotations

import pytest

from tests.api.origins import free_port
from tests.cli.conftest import Home
from tests.faults.cases.session import (
    ESCAPE,
    JOBS,
    answer_by_word,
    configure,
    origin_with,
    pictured,
    studio_in,
)
from tests.faults.conftest import Demo
from tui.history.entry import Entry

HARMLESS = "Nothing was sent and nothing charged; check the connection, then send again."


def assert_not_sent(entry: Entry) -> None:
    assert entry.status == "failed"
    assert entry.error is not None
    assert (entry.error.kind, entry.error.charged) == ("not_sent", "no")
    assert entry.error.hint == HARMLESS


def test_refused_it_is_tried_again_and_can_be_sent_later(home: Home) -> None:
    port = free_port()
    configure(home, studio=f"http://127.0.0.1:{port}/v1")
    with studio_in(home) as studio:
        studio.send("case3 refused")
        studio.wait_to_read("No connection could be made. Nothing was charged. It is sent again in")
        studio.wait_to_read("127.0.0.1 could not be reached: the connection was refused.", HARMLESS)
        (entry,) = studio.wait_for_status("failed")
        assert_not_sent(entry)
        studio.press(JOBS)
        studio.wait_to_read("1 ended badly")
        with origin_with(answer_by_word(refused=pictured), port) as origin:
            studio.press(b"r")
            studio.wait_for_status("failed", "done")
        studio.press(ESCAPE)
        assert origin.posts == 1
        studio.leave()


@pytest.mark.parametrize(
    ("host", "reason", "tries"),
    [
        ("nobody.invalid", "its name is not known", 3),
        ("speaks http", "it does not speak TLS as it should", 1),
        ("says nothing", "no connection in the time allowed", 3),
    ],
)
def test_it_ends_after_three_tries_at_most(
    home: Home, failing: Demo, host: str, reason: str, tries: int
) -> None:
    with origin_with(answer_by_word()) as silent:
        base_url = {"speaks http": failing.base_url, "says nothing": f"{silent.url}/v1"}.get(
            host, f"https://{host}/v1"
        )
        base_url = base_url.replace("http:", "https:")
        configure(home, studio={"base_url": base_url, "connect_timeout": 0.3})
        finished = home.run("generate", "case3 spoken")
        assert finished.code == 1
        *pauses, last = finished.complaints
        assert f"could not be reached: {reason}" in last
        assert last.endswith(HARMLESS)
        assert len(pauses) == tries - 1
        assert all("Nothing was charged. It is sent again in" in pause for pause in pauses)
        assert silent.connections == (tries if host == "says nothing" else 0)
        assert silent.requests == []
    assert failing.traffic.posts_by_prompt["case3 spoken"] == 0
    assert_not_sent(home.entry)
