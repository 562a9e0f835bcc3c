"""For all tests."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from textual import _wait
from textual._compositor import Compositor, CompositorUpdate
from textual._context import active_app, visible_screen_stack
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.screen import Screen

from tests.unfinished_tasks import tell_of_them
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.scrub import EVERY_SECRET, Scrubber

# An application makes so many objects that Python would look for garbage hundreds of times a test.
gc.set_threshold(20_000, 10, 10)

# Machines are noisy: how long an example takes says nothing.
settings.register_profile("darkroom", deadline=None)
settings.load_profile("darkroom")

# After each key Textual's pilot waits until the process has done next to nothing for 20 ms, or else
# for a second, though a thread may be busy with something else. Our tests name what they wait for.
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 2
_wait.wait_for_idle.__defaults__ = (_wait.SLEEP_GRANULARITY, 0.2)

tell_of_them()


# Each application parses the same style sheets, twice: rules are never changed, and kept.
_RULES: dict[tuple[Any, ...], list[RuleSet]] = {}
_parse_rules = Stylesheet._parse_rules


def _rules(self: Stylesheet, *source: Any, **more: Any) -> list[RuleSet]:
    key = (source, *sorted(more.items()), *sorted(self._variables.items()))
    if key not in _RULES:
        _RULES[key] = _parse_rules(self, *source, **more)
    return _RULES[key]


Stylesheet._parse_rules = _rules  # type: ignore[method-assign]

# Without a terminal, what widgets draw is put together to a frame and thrown away.
_render_update = Compositor.render_update


def _update(
    self: Compositor,
    full: bool = False,
    screen_stack: list[Screen[Any]] | None = None,
    simplify: bool = False,
) -> CompositorUpdate | None:
    if full or simplify or not active_app.get().is_headless:
        return _render_update(self, full, screen_stack, simplify)
    visible_screen_stack.set(screen_stack or [])
    if dirty := self._dirty_regions.copy():
        self._dirty_regions.clear()
        whole = Region.from_union(dirty).intersection(self.size.region)
        deque(self._get_renders(whole), maxlen=0)
    return None


Compositor.render_update = _update  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a test that failed what a Darkroom of its own reported before it ended."""
    report = yield
    folder = item.funcargs.get("tmp_path") if isinstance(item, pytest.Function) else None
    if report.failed and isinstance(folder, Path):
        for file in sorted(folder.rglob("reports/*")):
            report.sections.append((file.name, file.read_text("utf-8", "replace")))
    return report


@pytest.fixture(autouse=True)
def _nobody_elses_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test gave out for a key may well be part of a word in this one."""
    for name in Scrubber.__slots__:
        monkeypatch.setattr(EVERY_SECRET, name, getattr(Scrubber(), name))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An empty home, created."""
    home = tmp_path / "home"
    paths = Paths(home, home, home)
    paths.prepare()
    return paths


@pytest.fixture
def store(paths: Paths) -> HistoryStore:
    return HistoryStore(paths)
