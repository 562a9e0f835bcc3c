"""A studio is killed while it waits for an answer, and two are opened at once on its history.

Exactly one of them looks for what was lost: one request for the records, one picture fetched, one
entry, nothing sent. The other one shows what came of it.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Home
from tests.demo.conftest import running
from tests.faults.cases.session import READY, FaultsByPrompt, StudioSession, configure, studio_in
from tests.faults.conftest import FAULTS
from tests.faults.ledger import check_ends, check_pictures
from tui.demo.faults import Faults
from tui.demo.server import demo_app


def test_one_of_them_looks_for_it(home: Home, tmp_path: Path) -> None:
    # Its own endpoint, so that every request is one of this test.
    app = demo_app(tmp_path / "demo", faults=Faults(**FAULTS))
    traffic = app.state.traffic
    with running(FaultsByPrompt(app)) as origin:  # type: ignore[arg-type]
        configure(home, studio=f"{origin}/v1")
        with studio_in(home) as killed:
            killed.send("case7 hang")
            killed.wait_until(lambda: traffic.carried_out["case7 hang"])
            killed.terminal.process.kill()
        assert [entry.status for entry in killed.entries] == ["running"]
        before = Counter(traffic.requests)
        with closing(StudioSession(home)) as one, closing(StudioSession(home)) as other:
            for studio in (one, other):
                studio.wait_until(lambda s=studio: READY in s.terminal.written)
            (entry,) = one.wait_for_status("done")
            for studio in (one, other):
                studio.wait_to_read("● case7 hang")
                studio.leave()
    asked = traffic.requests - before
    assert asked["GET /v1/images"] == 1
    assert sum(count for request, count in asked.items() if request.startswith("GET /media")) == 1
    assert traffic.posts == 1
    check_ends([entry], traffic.carried_out["case7 hang"])
    check_pictures(one.paths, home.store, one.entries)
