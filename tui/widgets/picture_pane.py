"""The picture pane: the image of one entry, or what there is to say in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content, Span
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from tui.generation.actual import Difference, in_few_words, in_words
from tui.generation.progress import Pause
from tui.history.entry import Entry, Failure
from tui.history.wording import advice, caption
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.image_view import ImageView
from tui.widgets.plain import assembled, plain

EMPTY = Shown("Your picture appears here. Write a prompt and press ctrl+j.")

PREVIEW = Shown("A preview: the picture is still being made.")
OTHERWISE = "≠ "
"""Before what came otherwise than asked; not by its colour alone."""
TO_STOP = "To give up, go to the history and press x."
TICK = 1.0
BORDER_ENDS = 4
"""Cells of a border's line that its text does not get."""

PathOf: TypeAlias = Callable[[str], Path]


class PicturePane(Vertical, can_focus=True):
    """Shows one entry at a time, one of its images at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "view", "view", id="view-picture"),
        Binding("o", "open", "Open outside", id="open-picture"),
        Binding("R", "refer", "Use as reference", id="use-as-reference"),
        Binding("a", "answer", "Endpoint's answer", id="show-answer"),
        Binding("left", "turn(-1)", "Previous image", show=False, id="previous-image"),
        Binding("right", "turn(1)", "Next image", show=False, id="next-image"),
    ]

    number: reactive[int] = reactive(0)
    """Index of the image that is shown."""
    _tick: Timer

    class OpenWanted(DataMessage):
        """The picture shall be opened with the system's viewer."""

        path: Path

    class ViewWanted(DataMessage):
        """The picture shall be seen as large as the screen."""

        entry_id: str
        number: int
        """Index of the picture."""

    class ReferWanted(DataMessage):
        """The picture shall be a reference of the draft."""

        entry: Entry
        number: int
        """Index of the picture."""

    class AnswerWanted(DataMessage):
        """The endpoint's own words about a failure shall be shown."""

        failure: Failure

    def __init__(self, *, previews: Path | None = None, id: str | None = None) -> None:
        """`previews` is the folder where pictures, scaled, are kept for the next time."""
        super().__init__(id=id)
        self._previews = previews
        self._entry: Entry | None = None
        self._model_name = ""
        self._path_of: PathOf = Path
        self._differences: Sequence[Difference] = ()
        self._said = Shown(""), Shown("")
        self._marked = Shown("")
        self._told: dict[str, tuple[str, Sequence[Span]]] = {}
        self._abilities: tuple[bool, ...] = ()
        self._pause: Pause | None = None
        self._preview: Path | None = None
        self.border_title = "Picture"

    def compose(self) -> ComposeResult:
        yield ImageView(id="image", previews=self._previews)
        yield Static(plain(EMPTY), id="notice")
        yield Static(id="caption")

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self._show, pause=True)

    def on_resize(self) -> None:
        # There may be a border now, or more room in it.
        self._say(*self._said)

    def show_entry(
        self,
        entry: Entry,
        model_name: str,
        path_of: PathOf,
        differences: Sequence[Difference] = (),
    ) -> None:
        """Show the picture of `entry`, its failure, or that it is under way.

        `path_of` gives the path of a file that the entry names, or raises ValueError;
        `differences` are in what its pictures differ from what was asked for.
        """
        same = self._entry is not None and self._entry.id == entry.id
        self._entry, self._model_name, self._path_of = entry, model_name, path_of
        self._differences = differences
        self.set_reactive(PicturePane.number, self.number if same else 0)
        self._pause = self._preview = None
        self._follow()

    def show_progress(self, pause: Pause | None, preview: Path | None) -> None:
        """Show what the job of the entry does meanwhile: it waits, or a picture takes shape."""
        self._pause, self._preview = pause, preview
        self._follow()

    def action_view(self) -> None:
        if self._entry is not None:
            self.post_message(self.ViewWanted(self._entry.id, self.number))

    def action_open(self) -> None:
        if path := self.query_one(ImageView).path:
            self.post_message(self.OpenWanted(path))

    def action_refer(self) -> None:
        if self._entry is not None:
            self.post_message(self.ReferWanted(self._entry, self.number))

    def action_answer(self) -> None:
        if failure := self._failure_with_answer():
            self.post_message(self.AnswerWanted(failure))

    def _failure_with_answer(self) -> Failure | None:
        error = self._entry.error if self._entry is not None else None
        return error if error is not None and error.body else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "answer":
            return self._failure_with_answer() is not None
        has_picture = self.has_class("-picture") and self._preview is None
        return action not in ("open", "view", "refer") or has_picture

    def _follow_abilities(self) -> None:
        """Have the keys shown anew where other keys work now."""
        could = self._abilities
        self._abilities = tuple(
            bool(self.check_action(action, ())) for action in ("open", "answer")
        )
        if self._abilities != could:
            self.refresh_bindings()

    def action_turn(self, steps: int) -> None:
        if self._entry is not None and self._entry.images:
            self.number = (self.number + steps) % len(self._entry.images)

    def watch_number(self) -> None:
        self._show()

    def _follow(self) -> None:
        if self._pause is None:
            self._tick.pause()
        else:
            self._tick.resume()
        self._show()

    def _show(self) -> None:
        entry = self._entry
        if entry is None:
            return
        self.set_class(bool(entry.images or self._preview), "-picture")
        self._follow_abilities()
        view = self.query_one(ImageView)
        if not entry.images and self._preview is not None:
            view.show(self._preview)
            self._say(PREVIEW, one_line(entry.prompt, limit=200))
            return
        if not entry.images:
            view.show(None)
            self._tell("#notice", self._notice(entry))
            self._say(Shown(""), one_line(entry.prompt, limit=200))
            return
        image = entry.images[min(self.number, len(entry.images) - 1)]
        try:
            view.show(self._path_of(image.file), image.sha256)
        except ValueError as error:
            self._refuse(str(error))
            return
        count = len(entry.images)
        position = f"{self.number + 1} of {count} · " if count > 1 else ""
        problem = one_line(entry.error.message if entry.error else "", limit=200)
        self._say(one_line(position + caption(entry, image, self._model_name)), problem)

    def _refuse(self, reason: str) -> None:
        self.remove_class("-picture")
        self._follow_abilities()
        self._tell("#notice", plain(showable(reason, limit=300)))
        self._say(Shown(""), Shown(""))

    def _mark(self) -> Shown:
        """What is different about the picture that is shown, in as many words as there is room."""
        here = [found for found in self._differences if found.image in (None, self.number + 1)]
        if not here or self._entry is None or not self._entry.images:
            return Shown("")
        room = self.size.width - BORDER_ENDS if self._has_border else 0
        whole = one_line(OTHERWISE + " · ".join(map(in_words, here)))
        if len(whole) <= room:
            return whole
        return one_line(OTHERWISE + " · ".join(map(in_few_words, here)))

    @property
    def _has_border(self) -> bool:
        return bool(self.styles.border_bottom[0])

    def _say(self, facts: Shown, remark: Shown) -> None:
        """Put `facts` and `remark` below the picture, and what is different into the border.

        Without a border that comes last, so that it takes the room of nothing else.
        """
        self._said = facts, remark
        mark = self._mark()
        if mark != self._marked:
            # It has the whole pane drawn anew.
            self._marked = mark
            self.border_subtitle = plain(mark, "$warning")
        parts = [(facts, "$foreground")] if facts else []
        if remark:
            parts.append((showable(f"{'  ' if facts else ''}{remark}"), "$text-quiet"))
        if mark and not self._has_border:
            parts.append((showable(f"  {mark}"), "$warning"))
        self._tell("#caption", assembled(*parts))

    def _tell(self, where: str, text: Content) -> None:
        # Both have a size of their own, and jobs have news many times a second.
        if self._told.get(where) != (text.plain, text.spans):
            self._told[where] = text.plain, text.spans
            self.query_one(where, Static).update(text, layout=False)

    def _notice(self, entry: Entry) -> Content:
        if self._pause is not None:
            return plain(showable(f"{self._pause.sentences} {TO_STOP}"))
        if entry.error is None:
            return plain(_WORDS.get(entry.status, Shown("")))
        error = entry.error
        return assembled(
            (showable(error.message, limit=600), "bold $error"),
            showable(f"\n\n{showable(advice(error), limit=500)}"),
        )


_WORDS = {
    "queued": Shown("Not sent yet. Nothing was charged."),
    "running": Shown("Sent. The picture appears here as soon as it comes."),
    "cancelled": Shown("Cancelled before it was sent. Nothing was charged."),
    "unknown": Shown("It was sent, and no answer came. It may have been made and charged."),
    "done": Shown("This entry has no picture."),
    "partial": Shown("This entry has no picture."),
    "failed": Shown("It failed, and left no reason."),
}
