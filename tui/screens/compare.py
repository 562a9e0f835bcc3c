"""Two pictures side by side, or blinking in one place, and what was changed between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from tui.catalog.card import ModelCard
from tui.history.comparing import Comparison
from tui.history.wording import caption
from tui.images.originals import Originals
from tui.images.zoom import WHOLE, Frame, Zoom, matched
from tui.screens.entries import Refused
from tui.screens.pane_layout import WIDE
from tui.screens.picture_walk import Sight
from tui.text import Shown, one_line, showable
from tui.widgets.difference_view import DifferenceView
from tui.widgets.image_view import ImageView
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import assembled
from tui.widgets.steady import Steady
from tui.widgets.zoom_view import ZoomView, percent

NAMES = (Shown("A"), Shown("B"))


class CompareFacts(Struct, frozen=True):
    """What a comparison is told once."""

    sights: tuple[Sight, Sight]
    """The older picture, and the newer."""
    comparison: Comparison
    path_of: Callable[[str], Path]
    """Gives the path of a file that an entry names, or raises Refused."""
    card_of: Callable[[str], ModelCard]
    refer: Callable[[Sight], object]
    """Adds a picture to the references of the draft."""
    previews: Path
    """The folder where pictures, scaled, are kept for the next time."""


class CompareScreen(Steady, Screen[None]):
    """Shows the same part of both pictures, as large as each other, whatever their sizes."""

    CSS_PATH = "../styles/compare.tcss"
    AUTO_FOCUS = "#first"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,C", "close", "close", id="close-compare"),
        Binding("space,b", "blink", "blink", id="blink"),
        Binding("s", "side_by_side", "side by side", id="side-by-side"),
        Binding("i", "turn_difference", "changes", id="turn-difference"),
        Binding("a", "show_same", "what stayed", id="show-what-stayed"),
        Binding("R", "refer", "reference", tooltip="Use as reference", id="use-as-reference"),
        Binding("pagedown", "scroll(1)", "Changes down", show=False, id="difference-down"),
        Binding("pageup", "scroll(-1)", "Changes up", show=False, id="difference-up"),
    ]

    first = getters.query_one("#first", ZoomView)
    second = getters.query_one("#second", ZoomView)
    difference = getters.query_one("#changes", DifferenceView)

    def __init__(self, facts: CompareFacts) -> None:
        super().__init__()
        self._facts = facts
        self._originals = Originals(most=2)
        images = [sight.image for sight in facts.sights]
        self._sizes = [(max(1, image.width), max(1, image.height)) for image in images]
        """Width and height of both; as the entries say, until they are seen."""
        self._blinks = False
        self._which = 0
        """The picture that is seen while one is."""
        self._zoom, self._zoomed = WHOLE, 0
        """What is seen of one of them, and of which; the other follows."""

    @property
    def is_alone(self) -> bool:
        """Whether one picture is seen at a time."""
        return self._blinks or self.size.width < WIDE

    @property
    def which(self) -> int:
        """The picture that is seen while one is."""
        return self._which

    def compose(self) -> ComposeResult:
        with Horizontal(id="pictures"):
            for name in ("first", "second"):
                with Vertical(id=f"{name}-side", classes="side"):
                    yield ZoomView(
                        originals=self._originals, previews=self._facts.previews, id=name
                    )
                    yield Static(id=f"{name}-caption", classes="caption")
        yield DifferenceView(self._facts.comparison, id="changes")
        yield KeyBar()

    def on_mount(self) -> None:
        self._follow()

    def on_resize(self) -> None:
        self._follow()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_blink(self) -> None:
        """Show one of them alone, and then the other in its place."""
        if self.is_alone:
            self._which = 1 - self._which
        self._blinks = True
        self._follow()

    def action_refer(self) -> None:
        """Add the picture that is seen, or has the focus, to the references of the draft."""
        which = self._which if self.is_alone else int(self.second.has_focus)
        self._facts.refer(self._facts.sights[which])

    def action_side_by_side(self) -> None:
        self._blinks = False
        self._follow()

    def action_turn_difference(self) -> None:
        """Show what was changed, or leave the room to the pictures."""
        self.toggle_class("-pictures-only")
        self.call_after_refresh(self._follow)

    def action_show_same(self) -> None:
        """Show what is the same in both, or leave it out again."""
        self.difference.turn_same()

    def action_scroll(self, pages: int) -> None:
        """Show more of what was changed."""
        self.difference.scroll_relative(
            y=pages * max(1, self.difference.size.height - 1), animate=False
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "side_by_side" or (self._blinks and self.size.width >= WIDE)

    @on(ZoomView.Zoomed)
    def _follow_zoom(self, event: ZoomView.Zoomed) -> None:
        is_second = event.view is self.second
        self._zoom = event.zoom
        self._zoomed = self._which if self.is_alone else int(is_second)
        self._show_pictures()

    @on(ZoomView.Turned)
    def _turned(self) -> None:
        # With one picture in sight, that is to the other.
        if self.is_alone:
            self.action_blink()

    @on(ImageView.Settled)
    def _settled(self) -> None:
        for view, which in self._shown():
            if (frame := view.frame) is not None:
                self._sizes[which] = frame.picture
        self._show_captions()

    def _follow(self) -> None:
        """Lay out for what is to be seen, and show that."""
        self.set_class(self.is_alone, "-alone")
        if self.is_alone and not self.first.has_focus:
            self.first.focus()
        self.refresh_bindings()
        # The views have to have their room first.
        self.call_after_refresh(self._show_pictures)

    def _show_pictures(self) -> None:
        for view, which in self._shown():
            try:
                image = self._facts.sights[which].image
                path = self._facts.path_of(image.file)
            except Refused as refusal:
                view.show(None)
                view.empty_hint = showable(str(refusal), limit=300)
            else:
                view.show(path, image.sha256, self._zoom_for(view, which))
        self._show_captions()

    def _shown(self) -> list[tuple[ZoomView, int]]:
        """The views in use, and the picture that each shows."""
        if self.is_alone:
            return [(self.first, self._which)]
        return [(self.first, 0), (self.second, 1)]

    def _zoom_for(self, view: ZoomView, which: int) -> Zoom:
        if which == self._zoomed or self._zoom.is_whole:
            return self._zoom
        frame, other = (self._frame(view, number) for number in (self._zoomed, which))
        # Always from the one that was zoomed: going to and fro would end somewhere else.
        return self._zoom if frame is None or other is None else matched(self._zoom, frame, other)

    def _frame(self, view: ZoomView, which: int) -> Frame | None:
        return view.frame_for(self._sizes[which])

    def _show_captions(self) -> None:
        for view, which in self._shown():
            sight = self._facts.sights[which]
            card = self._facts.card_of(sight.entry.model)
            words = caption(sight.entry, sight.image, card.name)
            seen = f"{percent(view.zoom, view.frame)} · " if view.frame else ""
            line = assembled(
                (showable(f" {NAMES[which]} "), "bold $background on $accent"),
                (showable(f" {seen}{one_line(words)}"), "$foreground"),
            )
            self.query_one(f"#{view.id}-caption", Static).update(line, layout=False)
