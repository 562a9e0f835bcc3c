"""The entry that the picture pane shows: the newest, or the one that the user looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from tui.catalog.card import ModelCard
from tui.generation.actual import differences
from tui.generation.queue import Job
from tui.history.entry import UNFINISHED, Entry
from tui.widgets.history_sidebar import HistorySidebar
from tui.widgets.picture_pane import PicturePane


class Unseen(Struct, frozen=True):
    """Pictures that came while the user looked at another."""

    count: int = 0
    newest: Entry | None = None

    def and_those_of(self, entry: Entry) -> Unseen:
        """With all pictures of `entry`."""
        return Unseen(self.count + len(entry.images), entry)


class ShownEntry:
    """Selects it, and has the picture pane and the list follow."""

    def __init__(
        self,
        history: Callable[[], HistorySidebar],
        picture: Callable[[], PicturePane],
        *,
        card_of: Callable[[str], ModelCard],
        path_of: Callable[[str], Path],
        selected: Callable[[], object],
        counted: Callable[[], object],
    ) -> None:
        """`selected` is called with each entry to show, `counted` when `unseen` has changed."""
        self._history = history
        self._picture = picture
        self._card_of = card_of
        self._path_of = path_of
        self._selected = selected
        self._counted = counted
        self._is_following = True
        self.entry: Entry | None = None
        self.unseen = Unseen()

    @property
    def id(self) -> str:
        """The id of the entry; empty for none."""
        return "" if self.entry is None else self.entry.id

    def is_on_screen(self, entry: Entry) -> bool:
        """Whether the user can see `entry` in the picture pane."""
        return self.entry == entry and self._picture().region.area > 0

    def show(self, entry: Entry) -> None:
        """Show `entry`."""
        self.entry = entry
        self._history().shown = entry.id
        self._selected()
        card = self._card_of(entry.model)
        self._picture().show_entry(entry, card.name, self._path_of, differences(entry, card))

    def stay(self) -> None:
        """Show what comes no longer by itself."""
        self._is_following = False

    def follow_newest(self) -> None:
        """Show each picture that comes from now on."""
        self._is_following = True
        self._count(Unseen())

    def show_newest(self) -> None:
        """Show the picture that came last, and each that comes from now on."""
        newest = self.unseen.newest
        self.follow_newest()
        if newest is not None:
            self.show(newest)

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Follow new states of jobs; of the pictures that came, the last is shown."""
        wanted, unseen = None, self.unseen
        for job in jobs:
            entry = job.entry
            if self._wants(entry):
                self.entry, wanted = entry, job
            elif entry.status not in UNFINISHED and entry.images:
                unseen = unseen.and_those_of(entry)
        if wanted is not None:
            self.show(wanted.entry)
            self._picture().show_progress(wanted.pause, wanted.preview)
        if unseen != self.unseen:
            self._count(unseen)

    def show_mended(self, entry: Entry) -> None:
        """Follow an entry that a look for it changed; it never takes another's place."""
        if entry.id == self.id:
            self.show(entry)

    def count_adopted(self, entry: Entry) -> None:
        """Count the pictures of an entry that a look for it found, unless it is shown."""
        if entry.id != self.id:
            self._count(self.unseen.and_those_of(entry))

    def _wants(self, entry: Entry) -> bool:
        """Whether to show `entry`, whose job has a new state.

        A picture gives way to another picture or a result, never to a job still under way.
        """
        shown = self.entry
        if shown is not None and shown.id == entry.id:
            return True
        news = bool(entry.images) or entry.status not in UNFINISHED
        return self._is_following and (news or shown is None or not shown.images)

    def _count(self, unseen: Unseen) -> None:
        self.unseen = unseen
        self._counted()
