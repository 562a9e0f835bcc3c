"""A large answer read into files, side by side with `curl -o` of the same bytes."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import large_answer

ROUNDS = 7
TIME_GOAL = 1.5
GROWTH_GOAL = 100 * 1024 * 1024
SCRIPT = [sys.executable, str(Path(large_answer.__file__))]


@pytest.fixture
def url() -> Iterator[str]:
    with subprocess.Popen([*SCRIPT, "serve"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def test_nine_pictures_of_25_mb_are_read_about_as_fast_as_by_curl(url: str, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not on this machine")
    ours, curls, growths = [], [], []
    for number in range(ROUNDS + 1):
        curls.append(_curl(url, tmp_path / "answer.json"))
        folder = tmp_path / str(number)
        read = json.loads(subprocess.check_output([*SCRIPT, "read", url, str(folder)]))
        shutil.rmtree(folder)
        ours.append(read["seconds"])
        growths.append(read["growth"])
    # The first round warms the machine's caches.
    ratio = statistics.median(ours[1:]) / statistics.median(curls[1:])
    print(
        f"\nnine pictures of 25 MB: curl -o {statistics.median(curls[1:]):.2f} s, "
        f"into files {statistics.median(ours[1:]):.2f} s, ratio of medians {ratio:.2f}, "
        f"memory grew by {max(growths) / 1e6:.0f} MB at most"
    )
    assert max(growths) <= GROWTH_GOAL
    assert ratio <= TIME_GOAL


def _curl(url: str, target: Path) -> float:
    began = time.perf_counter()
    subprocess.run(["curl", "--silent", "--output", target, url], check=True)
    seconds = time.perf_counter() - began
    target.unlink()
    return seconds
