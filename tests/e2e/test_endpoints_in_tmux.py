"""An endpoint added, used and sent to by keyboard alone, in tmux."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.servers import Endpoint, answering
from tests.demo.pictures import picture
from tests.e2e.programs import needs
from tests.e2e.tmux import DARKROOM, Tmux

pytestmark = needs("tmux")


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with answering(picture()) as endpoint:
        yield endpoint


@pytest.fixture(params=[(120, 40), (80, 24)], ids=["120x40", "80x24"])
def tmux(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tmux]:
    environment = {
        "DARKROOM_HOME": str(tmp_path / "home"),
        "TOKEN360_API_KEY": "",
        "GARAGE_KEY": "garage-key-0123456789",
    }
    tmux = Tmux(request.param, environment)
    yield tmux
    tmux.close()


def test_an_endpoint_is_added_and_sent_to_by_keyboard_alone(
    tmux: Tmux, tmp_path: Path, server: Endpoint
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text("# Mine.\n")
    tmux.start(str(DARKROOM))
    tmux.wait_for("Write what you want to see")
    tmux.press("F8")
    tmux.wait_for("a rehearsal, costs nothing")
    tmux.press("a")
    tmux.wait_for("blank")
    tmux.press("End", "Enter")
    tmux.wait_for("New endpoint")
    tmux.type("garage")
    tmux.press("Tab")
    tmux.wait_for("Its address")  # Says below the form which field has the focus.
    tmux.type(server.base_url)
    tmux.press("Tab")
    tmux.wait_for("The model to begin with")
    tmux.press("Tab")
    tmux.wait_for("Where its key is")
    tmux.press("Enter")
    tmux.wait_for("none needed")
    tmux.press("Home", "Enter")
    tmux.wait_for("Key from +variable")
    tmux.press("Tab")
    tmux.wait_for("What leads to the key")
    tmux.type("GARAGE_KEY")
    tmux.press("C-j")
    tmux.wait_for(r"Found: \$GARAGE_KEY")
    tmux.press("Escape")
    tmux.wait_for("u use")
    tmux.press("u")
    tmux.wait_for("garage is used")
    tmux.press("Escape")
    tmux.wait_for("Darkroom · garage · ")
    tmux.type("Seven paper lanterns")
    tmux.press("C-j")
    tmux.wait_for(r"320×320 · ")
    tmux.wait_for(r"Seedream 4\.5 +today")  # And no longer "1 running" in between.
    tmux.press("C-q")
    tmux.wait_for("ended with 0")

    assert [body["prompt"] for body in server.bodies] == ["Seven paper lanterns"]
    written = (home / "config.toml").read_text()
    assert written.startswith("# Mine.\n")
    assert tomllib.loads(written) == {
        "endpoint": "garage",
        "endpoints": {"garage": {"base_url": server.base_url, "key": {"env": "GARAGE_KEY"}}},
    }
    assert not any(b"garage-key" in f.read_bytes() for f in home.rglob("*") if f.is_file())
