"""The installed command, from an empty home to a picture and back, in tmux."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.programs import needs
from tests.e2e.tmux import DARKROOM, Tmux

PROMPT = "Seven paper lanterns over a slow river"

pytestmark = needs("tmux")


@pytest.fixture(params=[(120, 40), (80, 24)], ids=["120x40", "80x24"])
def tmux(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tmux]:
    environment = {"DARKROOM_HOME": str(tmp_path / "home"), "DARKROOM_DEMO_LATENCY": "0.2"}
    tmux = Tmux(request.param, environment)
    yield tmux
    tmux.close()


def test_a_prompt_becomes_a_picture_on_disk_and_comes_back_from_history(
    tmux: Tmux, tmp_path: Path
) -> None:
    tmux.start(str(DARKROOM))
    tmux.wait_for("costs nothing")
    tmux.wait_for("Write what you want to see")
    tmux.type(PROMPT)
    tmux.wait_for(PROMPT)
    tmux.press("C-j")
    line = tmux.wait_for(r"(\d+)×(\d+) · Seedream 4\.5 · seed (\d+) · \d+\.\d s · \$0\.00")
    tmux.wait_for(r"Seedream 4\.5 +today")  # And no longer "1 running" in between.
    tmux.press("C-q")
    tmux.wait_for("ended with 0")

    home = tmp_path / "home"
    (entry_file,) = home.glob("history/*/*/*/*.toml")
    entry = tomllib.loads(entry_file.read_text("utf-8"))
    assert entry["status"] == "done"
    assert entry["prompt"] == PROMPT
    assert entry["parameters"]["seed"] == int(line[3])
    (image,) = entry["images"]
    picture = (home / image["file"]).read_bytes()
    assert hashlib.sha256(picture).hexdigest() == image["sha256"]
    assert len(picture) == image["bytes"]
    with Image.open(home / image["file"]) as opened:
        assert opened.size == (image["width"], image["height"]) == (int(line[1]), int(line[2]))

    tmux.close()
    tmux.start(str(DARKROOM))
    tmux.wait_for(PROMPT)  # As it was left,
    tmux.wait_for(rf"seed {line[3]}")  # the picture too.
    tmux.press("C-q")
    tmux.wait_for("ended with 0")

    tmux.close()
    (home / "session.toml").unlink()
    tmux.start(str(DARKROOM))
    tmux.wait_for("Write what you want to see")
    tmux.press("F5")
    tmux.wait_for("Seven paper lante")
    tmux.press("Enter")
    tmux.wait_for(PROMPT)
    tmux.wait_for(rf"seed {line[3]}")
    assert len(list(home.glob("history/*/*/*/*.toml"))) == 1, "loading must not send"


def test_a_home_that_cannot_be_written_is_said_in_one_sentence(tmux: Tmux, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    tmux.start(str(DARKROOM))
    tmux.wait_for("darkroom: cannot write to ")
    tmux.wait_for("ended with 1")
