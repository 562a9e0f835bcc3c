"""The studio in a terminal, used for an hour while ten thousand pictures are made and some fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import tomli_w

from tests.api.origins import CANARY
from tests.faults import soak_probe, soak_server
from tests.faults.soak_books import (
    look_for_lost,
    wrong_in_history,
    wrong_in_index,
    wrong_in_status_line,
)
from tests.faults.soak_server import Books
from tests.faults.soak_studio import SoakedStudio
from tests.faults.soak_table import held_against, read_stalls, table, wrong_in_figures
from tests.pseudo_terminal import PATIENCE
from tui.paths import Paths

MODEL = "kling-image-o1"
MINUTES = float(os.environ.get("DARKROOM_SOAK_MINUTES", "60"))
AN_HOUR = 10_000
"""Generations."""
LATENCY = 0.7
"""Seconds that a picture takes."""
MOST_AT_A_TIME = 12
"""Presses, one after the other, that make up for what was not pressed meanwhile."""
GROWTH_SHOWS_AFTER = 20.0
"""Minutes: at first libraries and caches fill."""
SAMPLED_EVERY = 5.0


class Endpoint:
    """The endpoint's process."""

    def __init__(self, folder: Path) -> None:
        self.pictures = folder / "pictures"
        command = [sys.executable, "-m", soak_server.__name__, str(folder), str(LATENCY)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.base_url = self._read().strip()

    def books(self) -> Books:
        """What it was asked, and did."""
        assert self._process.stdin is not None
        self._process.stdin.write("books\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._read(), type=Books)

    def close(self) -> None:
        self._process.communicate(timeout=PATIENCE)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def endpoint_over(folder: Path) -> Iterator[Endpoint]:
    endpoint = Endpoint(folder)
    try:
        yield endpoint
    finally:
        endpoint.close()


@contextmanager
def control(stalls: Path) -> Iterator[None]:
    """A loop that stands still only when the machine has no time for it."""
    process = subprocess.Popen([sys.executable, "-m", soak_probe.__name__, str(stalls)])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def configure(paths: Paths, base_url: str) -> None:
    config = {
        "endpoint": "soak",
        "model": MODEL,
        "graphics": "half",
        "notices": {"bell": False},
        "queue": {"at_once": 8},
        "defaults": {MODEL: {"size": "1k"}},
        "endpoints": {"soak": {"base_url": base_url, "key": {"env": "SOAK_KEY"}, "timeout": 8}},
    }
    paths.config_file.write_text(tomli_w.dumps(config), "utf-8")


def use(studio: SoakedStudio, seconds: float, generations: int) -> None:
    """Press as evenly as what else is done allows."""
    sampled, told = 0.0, 0.0
    while studio.presses < generations or studio.elapsed < seconds:
        due = min(generations, int(studio.elapsed / seconds * generations) + 1)
        studio.press(min(MOST_AT_A_TIME, due - studio.presses))
        if due - studio.presses < MOST_AT_A_TIME:
            studio.do_something()
        if studio.elapsed - sampled > SAMPLED_EVERY:
            sampled = studio.elapsed
            studio.sample()
        if studio.elapsed - told > 60:
            told = studio.elapsed
            last = studio.samples[-1]
            print(f"{told / 60:.0f} minutes: {last} {studio.probe.ask()}", flush=True)


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    ("minutes", "generations"),
    [
        (0.2, 50),
        pytest.param(MINUTES, round(AN_HOUR * MINUTES / 60), marks=pytest.mark.soak),
    ],
    ids=["some", "all"],
)
def test_a_studio_that_is_used_for_long_stays_as_it_was(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, generations: int
) -> None:
    monkeypatch.setenv("SOAK_KEY", CANARY)
    monkeypatch.setenv("DARKROOM_HOME", str(paths.data))
    stalls, others, socket = tmp_path / "stalls", tmp_path / "others", tmp_path / "s"
    seconds = minutes * 60
    wrong: list[str] = []
    with endpoint_over(tmp_path / "demo") as endpoint, control(others):
        configure(paths, endpoint.base_url)
        probe = ("-m", soak_probe.__name__, str(socket), str(stalls))
        studio = SoakedStudio(paths.data, probe, seed=generations)
        try:
            studio.begin(socket)
            objects = [studio.probe.ask("objects").objects]
            begin = time.monotonic()
            use(studio, seconds, generations)
            used = list(studio.samples)
            objects.append(studio.probe.ask("objects").objects)
            studio.settle(patience=min(400.0, seconds))
            state = studio.at_rest()
            shown = studio.drawn_anew(state.spent)
            code = studio.leave()
        finally:
            studio.terminal.process.kill()
            studio.terminal.end()
        if code:
            wrong.append(f"the studio ended with {code}: {studio.terminal.written[-1500:]!r}")
        wrong += wrong_in_status_line(paths, state.spent, shown)
        wrong += wrong_in_index(paths)
        said = look_for_lost(paths)
        books = endpoint.books()
    wrong += wrong_in_history(paths, endpoint.pictures, studio.prompts, books)
    wrong += [f"on the terminal: {harm}" for harm in studio.terminal.harm]
    of_control = read_stalls(others)
    end = studio.began + used[-1].at
    in_use = [each for each in read_stalls(stalls) if begin < each.at - each.late < end]
    held = held_against(in_use, of_control)
    for line in table(used, seconds, held, of_control, books.faults, studio.done, studio.missed):
        print(line)
    grown = {name: count - objects[0].get(name, 0) for name, count in objects[1].items()}
    most = sorted(grown.items(), key=lambda each: -each[1])[:20]
    print("objects more than at first:", json.dumps(dict(most), indent=1), said, flush=True)
    if minutes >= GROWTH_SHOWS_AFTER:
        wrong += wrong_in_figures(used, seconds, held)
    assert wrong == []
    assert sum(books.faults.values()) > generations * soak_server.RATE / 4
