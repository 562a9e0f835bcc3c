"""What a picture costs: paint and encode, in processor time of one core.

Run with `pytest tests/benchmarks/bench_painter.py -s`, best as `OMP_NUM_THREADS=1 taskset -c 0 …`.
The aims: 1024 × 1024 under 0.5 s, 4096 × 4096 under 6 s.
"""

from __future__ import annotations

import time
from typing import Literal

import pytest

from tui.demo.painter import Painting, encode, paint

PROMPTS = (
    "fox in the snow",
    "oil painting of a nebula",
    "impressionist bouquet of peonies",
    "watercolour forest in autumn",
    "jazz, oil painting",
    "cyberpunk street in the rain",
    "ink mountains",
)


@pytest.mark.parametrize("format", ["jpeg", "png"])
@pytest.mark.parametrize("side", [1024, 2048, 4096])
def test_time_to_paint_and_encode(side: int, format: Literal["jpeg", "png"]) -> None:
    paint(Painting("warm up", "m", 64, 64, 0))
    seconds = {}
    for prompt in PROMPTS:
        best = float("inf")
        for seed in range(3 if side == 1024 else 1):
            start = time.process_time()
            encode(paint(Painting(prompt, "seedream-4.5", side, side, seed)), format)
            best = min(best, time.process_time() - start)
        seconds[prompt] = best
    slowest = max(seconds, key=lambda prompt: seconds[prompt])
    mean = sum(seconds.values()) / len(seconds)
    print(
        f"\n{side} × {side} {format}: mean {mean:.2f} s, most {seconds[slowest]:.2f} s ({slowest})"
    )
