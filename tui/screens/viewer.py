"""A picture as large as the screen, and those around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.catalog.card import ModelCard
from tui.images.zoom import WHOLE, Frame, Zoom
from tui.screens.copy_folder import CopyFolder
from tui.screens.entries import Refused
from tui.screens.pane_layout import WIDE
from tui.screens.picture_files import PictureFiles
from tui.screens.picture_walk import PictureWalk, Sight
from tui.text import one_line, showable
from tui.widgets.entry_details import EntryDetails
from tui.widgets.image_view import ImageView
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import assembled
from tui.widgets.steady import Steady
from tui.widgets.zoom_view import ZoomView, percent


class ViewerFacts(Struct, frozen=True):
    """What a viewer is told once."""

    walk: PictureWalk
    path_of: Callable[[str], Path]
    """Gives the path of a file that an entry names, or raises Refused."""
    card_of: Callable[[str], ModelCard]
    clock: Callable[[], datetime]
    """The local time."""
    open_file: Callable[[Path], object]
    """Opens a picture with the system's viewer."""
    compare: Callable[[Screen[Any], Sight, Sight], Awaitable[None]]
    """Compares two pictures, on a screen over the one that is given."""
    refer: Callable[[Sight], object]
    """Adds a picture to the references of the draft."""
    copies: CopyFolder
    previews: Path
    """The folder where pictures, scaled, are kept for the next time."""


class ViewerScreen(Steady, Screen[Sight]):
    """Dismisses with the picture that was seen last."""

    CSS_PATH = "../styles/viewer.tcss"
    AUTO_FOCUS = "#view"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,space", "close", "close", id="close-viewer"),
        Binding("n,pagedown,full_stop", "turn(1)", "next", id="next-picture"),
        Binding("p,pageup,comma", "turn(-1)", "previous", id="previous-picture"),
        Binding("i", "details", "details", id="picture-details"),
        Binding("c", "compare", "compare", id="compare-picture"),
        Binding("R", "refer", "reference", tooltip="Use as reference", id="use-as-reference"),
        Binding("s", "save", "save", tooltip="Save a copy", id="save-picture"),
        Binding("y", "copy", "copy", tooltip="Copy the path of the file", id="copy-picture-path"),
        Binding("o", "open", "open", tooltip="Open outside", id="open-picture-outside"),
        Binding(
            "r", "reveal", "folder", tooltip="Show the file in its folder", id="reveal-picture"
        ),
    ]

    view = getters.query_one("#view", ZoomView)
    details = getters.query_one("#picture-details", EntryDetails)

    def __init__(self, facts: ViewerFacts, sight: Sight) -> None:
        """`sight` is what is seen first."""
        super().__init__()
        self._facts = facts
        self._sight = sight
        self._before: Sight | None = None
        self._steps = 0
        """How many pictures are still to be gone on, or back."""
        self._is_turning = False
        self._files = PictureFiles(
            self, facts.copies, lambda: self.view.region, lambda: facts.path_of("images")
        )

    @property
    def sight(self) -> Sight:
        """The picture that is shown."""
        return self._sight

    def compose(self) -> ComposeResult:
        with Horizontal(id="viewer"):
            yield ZoomView(previews=self._facts.previews, id="view")
            yield EntryDetails(self._facts.clock, id="picture-details")
        yield Static(id="position")
        yield KeyBar()

    def on_mount(self) -> None:
        self._show(self._sight)

    def action_close(self) -> None:
        self.dismiss(self._sight)

    def action_turn(self, steps: int) -> None:
        """Show the next picture, or the one before."""
        self._turn(steps)

    def action_details(self) -> None:
        """Show all that is known of the entry beside the picture, or no more."""
        self.toggle_class("-details")
        if self.details.has_focus:
            self.view.focus()
        self._show_details()

    def action_compare(self) -> None:
        """Compare the picture with the one seen before, or with what it came from."""
        self._compare()

    def action_refer(self) -> None:
        """Add the picture to the references of the draft."""
        self._facts.refer(self._sight)

    def action_save(self) -> None:
        self._with_path(self._files.ask_to_save)

    def action_copy(self) -> None:
        """Copy the path of the picture."""
        self._with_path(self._files.copy_path)

    def action_open(self) -> None:
        self._with_path(self._facts.open_file)

    def action_reveal(self) -> None:
        """Show the picture in its folder."""
        self._with_path(self._files.reveal)

    @on(ZoomView.Turned)
    def _turned(self, event: ZoomView.Turned) -> None:
        self._turn(event.steps)

    @on(ZoomView.Zoomed)
    def _zoomed(self) -> None:
        self._show_position()

    @on(ImageView.Settled)
    def _settled(self) -> None:
        self._show_position()

    @on(EntryDetails.Left)
    def _details_left(self, event: EntryDetails.Left) -> None:
        event.stop()
        self.view.focus()

    @on(EntryDetails.Closed)
    def _details_closed(self, event: EntryDetails.Closed) -> None:
        event.stop()
        self.action_details()

    def _turn(self, steps: int) -> None:
        # Keys come faster than entries are read, and each of them counts.
        self._steps += steps
        if not self._is_turning:
            self._is_turning = True
            self._take_steps()

    @work(group="turn", description="Finds another picture", exit_on_error=False)
    async def _take_steps(self) -> None:
        try:
            while self._steps:
                step = 1 if self._steps > 0 else -1
                self._steps -= step
                found = await self._facts.walk.step(self._sight, step)
                if found is None:
                    self._steps = 0
                else:
                    self._before = self._sight
                    self._show(found)
        finally:
            self._is_turning = False

    @work(group="compare", description="Compares two pictures", exclusive=True, exit_on_error=False)
    async def _compare(self) -> None:
        other = self._before or await self._facts.walk.other(self._sight)
        if other is None:
            self.notify("There is no other picture to compare with.", severity="warning")
            return
        await self._facts.compare(self, other, self._sight)

    def _with_path(self, action: Callable[[Path], object]) -> None:
        try:
            path = self._facts.path_of(self._sight.image.file)
        except Refused as refusal:
            self.notify(one_line(str(refusal), limit=300), severity="warning")
        else:
            action(path)

    def _show(self, sight: Sight) -> None:
        # Of pictures as large as each other the same part is seen, so that they can be compared.
        old, new = self._sight.image, sight.image
        is_alike = (old.width, old.height) == (new.width, new.height)
        self._sight = sight
        try:
            path = self._facts.path_of(new.file)
        except Refused as refusal:
            self.view.show(None)
            self.view.empty_hint = showable(str(refusal), limit=300)
        else:
            self.view.show(path, new.sha256, self.view.zoom if is_alike else WHOLE)
        self._show_position()
        self._show_details()

    def _show_details(self) -> None:
        if self.has_class("-details"):
            entry = self._sight.entry
            self.details.show(entry, self._facts.card_of(entry.model))

    def _show_position(self) -> None:
        sight = self._sight
        place, of = self._facts.walk.position(sight)
        words = " · ".join(_position(sight, place, of, self.view.zoom, self.view.frame))
        prompt = one_line(sight.entry.prompt, limit=400)
        self.query_one("#position", Static).update(_line(words, prompt), layout=False)


def _line(words: str, prompt: str) -> Content:
    return assembled((one_line(words), "$foreground"), (showable(f"   {prompt}"), "$text-quiet"))


def _position(sight: Sight, place: int, of: int, zoom: Zoom, frame: Frame | None) -> list[str]:
    """Which of how many pictures it is, its size, and how large it is seen."""
    count = len(sight.entry.images)
    words = [f"{sight.number + 1} of {count}"] if count > 1 else []
    if place:
        words.append(f"entry {place:,} of {of:,}")
    width, height = frame.picture if frame else (sight.image.width, sight.image.height)
    words.append(f"{width}×{height}")
    if frame is not None:
        words.append(percent(zoom, frame))
    return words
