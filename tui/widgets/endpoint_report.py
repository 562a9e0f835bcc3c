"""What a test of an endpoint finds, fact by fact."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import Static

from tui.generation.checkup.facts import Fact, verdict
from tui.scrub import EVERY_SECRET
from tui.text import Shown, one_line, showable
from tui.widgets.plain import plain

TICK = 1.0
FREE = Shown("Only questions are asked, and no picture: nothing is spent.")
STOPPED = Shown("Stopped. Nothing was spent.")


class FactLine(Horizontal):
    """A fact, and beneath it what to do about it."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(classes="-blocks" if fact.blocks else None)
        self._fact = fact

    def compose(self) -> ComposeResult:
        fact = self._fact
        yield Static(plain(one_line(fact.name, limit=40)), classes="fact--name")
        with Vertical():
            yield Static(plain(_scrubbed(fact.text)), classes="fact--text")
            if fact.advice:
                advice = showable(f"→ {_scrubbed(fact.advice)}")
                yield Static(plain(advice), classes="fact--advice")


class EndpointReport(VerticalScroll, can_focus=True):
    """Grows while the test goes on, and shows seconds until it is over."""

    _tick: Timer

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts: list[Fact] = []
        self._began: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether the test goes on."""
        return self._began is not None

    def compose(self) -> ComposeResult:
        yield Vertical(id="facts")
        yield Static(id="verdict")
        yield Static(plain(FREE), id="free")

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self._show_verdict, pause=True)

    async def begin(self, name: str) -> None:
        """Show that a test of the endpoint `name` goes on, and nothing found yet."""
        self.border_title = plain(one_line(f"Test of {name}", limit=80))
        self._facts = []
        self._began = time.monotonic()
        self._tick.resume()
        await self.query_one("#facts", Vertical).remove_children()
        self._show_verdict()

    async def add(self, fact: Fact) -> None:
        """Show one fact more."""
        self._facts.append(fact)
        await self.query_one("#facts", Vertical).mount(FactLine(fact))

    def end(self, *, stopped: bool = False) -> None:
        """Show what the facts come to, or that nobody waits for more of them."""
        self._began = None
        self._tick.pause()
        self._show_verdict(STOPPED if stopped else showable(verdict(self._facts)))

    def _show_verdict(self, words: Shown | None = None) -> None:
        if words is None and self._began is not None:
            words = showable(f"Asking … {time.monotonic() - self._began:.0f} s")
        blocks = any(fact.blocks for fact in self._facts) and not self.is_running
        self.query_one("#verdict", Static).update(plain(words or Shown("")))
        self.set_class(blocks, "-blocked")


def _scrubbed(text: str) -> Shown:
    return one_line(EVERY_SECRET.text(text), limit=600)
