"""The part of the application that keeps no more than it needs, and no longer.

What Python has to look through is what the loop stands still for (`tui.garbage`).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from rich.terminal_theme import TerminalTheme
from textual import work
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor
from textual.screen import Screen

from tui import allocator, garbage
from tui.quiet_moment import quiet_moment
from tui.widgets.letting_go import forget_the_gone, let_results_go, let_strips_go
from tui.widgets.mended_compositor import use_mended_compositors
from tui.widgets.sparing_filter import SparingTruecolor
from tui.widgets.sparing_styles import SparingStylesheet
from tui.widgets.sparing_workers import SparingWorkers
from tui.widgets.yielding import Yielding, let_others

_LOOKS_EVERY = 1.0
"""Seconds."""
_BETWEEN = 0.1
"""Seconds from letting results go to looking."""
_PATIENCE = 0.5
"""Seconds in which nothing else may be to do, after which it is looked for all the same."""
_GIVES_BACK_EVERY = 30.0
"""Seconds, at least."""
_GONE_AFTER = 0.5
"""Seconds in which a screen that was closed is taken down."""
_STYLED_AT_ONCE = 8
"""Nodes; each takes about half a millisecond."""


class FrugalApp(Yielding, App[None]):
    """An application that lets go of screens, lines and styles that are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.stylesheet = SparingStylesheet(variables=self.get_css_variables())
        self._workers = SparingWorkers(self)
        let_strips_go()
        use_mended_compositors()
        self._refresh_truecolor_filter(self.ansi_theme)
        self._gave_back_at = 0.0
        self._kinds_closed: set[type[Screen[Any]]] = set()
        self._has_new_kinds = False
        """Whether some were opened, for the first time, since what stays was left out."""

    def pop_screen(self) -> AwaitComplete:
        # Those that were on earlier screens.
        forget_the_gone(self)
        kind = type(self.screen)
        if kind not in self._kinds_closed:
            self._kinds_closed.add(kind)
            self._has_new_kinds = True
        if self._has_new_kinds:
            self.set_timer(_GONE_AFTER, self._leave_out_what_stays, name="garbage")
        return super().pop_screen()

    def _refresh_truecolor_filter(self, theme: TerminalTheme) -> None:
        sparing = SparingTruecolor(theme, enabled=not self.native_ansi_color)
        self._filters = [
            sparing if isinstance(each, ANSIToTruecolor) else each for each in self._filters
        ]

    async def refresh_css(self, animate: bool = True) -> None:  # type: ignore[override]
        """Style all screens anew, as for another theme, and let others have their turn meanwhile.

        Textual (8.2) does so at once, a fiftieth of a second or more. It awaits what it calls next,
        as it does this; where it does not, an application changes its mode, and ours has but one.
        """
        self.stylesheet.set_variables(self.get_css_variables())
        self.stylesheet.reparse()
        if not self.screen_stack:
            return
        count, top = self._css_update_count, self.screen
        # Nothing of it is seen before all of it is.
        with self.batch_update():
            await self._style(self, animate=animate)
            if top.is_mounted and self.screen_stack[-1:] == [top]:
                top._refresh_layout(self.size)
                top._css_update_count = count
        for screen in self.screen_stack:
            if screen is not top:
                await self._style(screen, animate=animate)
                screen._css_update_count = count

    async def _style(self, root: DOMNode, *, animate: bool) -> None:
        nodes = root.walk_children(with_self=True)
        began = time.perf_counter()
        for first in range(0, len(nodes), _STYLED_AT_ONCE):
            some = [node for node in nodes[first : first + _STYLED_AT_ONCE] if node.is_attached]
            self.stylesheet.update_nodes(some, animate=animate)
            began = await let_others(began)

    def begin_to_look_for_garbage(self) -> None:
        """To be called once the first frame is there."""
        garbage.begin()
        self.set_interval(_LOOKS_EVERY, self._look_where_due, name="garbage")

    def _look_where_due(self) -> None:
        if garbage.is_due():
            self._look_for_garbage()

    @work(group="garbage", description="Looks for garbage", exclusive=True, exit_on_error=False)
    async def _look_for_garbage(self) -> None:
        let_results_go()
        # Both at once would hold up the screen for longer, and so would what else is to do.
        await asyncio.sleep(_BETWEEN)
        await quiet_moment(_PATIENCE)
        garbage.look()
        if time.monotonic() > self._gave_back_at + _GIVES_BACK_EVERY:
            self._gave_back_at = time.monotonic()
            self._give_back()

    @work(thread=True, group="memory", description="Gives memory back", exit_on_error=False)
    def _give_back(self) -> None:
        allocator.give_back()

    def _leave_out_what_stays(self) -> None:
        """Have modules and styles that screens brought with them left out by the collector."""
        if self._has_new_kinds and len(self.screen_stack) == 1:
            self._has_new_kinds = False
            garbage.find_and_leave_out()
