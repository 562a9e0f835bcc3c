"""The folders and pictures of a folder, to be chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.history.wording import file_size
from tui.images.picture_folder import FolderEntry, PictureFolder
from tui.text import Shown, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.line_view import Piece
from tui.widgets.long_list import LongList

UP = ".."
"""The name of the folder above."""
_LONGEST_NAME = 300
_WITH_TIME, _WITH_DATE = 64, 44
"""Widths from which there is room for the time of day, and for the date."""
_SIZE_WIDTH = 8


class FileList(LongList, can_focus=True):
    """Says what is chosen; typing lists only what has the typed letters in its name."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "files--folder",
        "files--detail",
        "files--mark",
        "files--cursor",
        "files--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "choose", id="choose-file"),
        Binding("space", "mark", "mark", id="mark-file"),
        Binding("backspace", "back", "back", id="folder-above"),
        Binding("left", "leave", "To the folder above", show=False, id="leave-folder"),
        Binding("right", "open", "Open the folder", show=False, id="open-folder"),
        Binding("up", "move(-1)", "Up", show=False, id="files-up"),
        Binding("down", "move(1)", "Down", show=False, id="files-down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="files-page-up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="files-page-down"),
        Binding("home", "move(-1000000)", "First", show=False, id="files-first"),
        Binding("end", "move(1000000)", "Last", show=False, id="files-last"),
    ]

    cursor: reactive[int] = reactive(0, init=False)
    typed: reactive[str] = reactive("", init=False)
    """What the names that are listed have in them."""

    class Moved(Message):
        """Something else is under the cursor, marked or listed."""

    class Entered(DataMessage):
        """A folder shall be shown."""

        path: Path

    class Chosen(DataMessage):
        """These files are wanted, in this order."""

        files: tuple[Path, ...]

    class PathWanted(DataMessage):
        """A path is going to be typed, and begins so."""

        beginning: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._folder = PictureFolder(Path("/"))
        self._words: Sequence[Shown] = ()
        self._listed: tuple[FolderEntry, ...] = ()
        self._marks: dict[Path, None] = {}

    @property
    def count(self) -> int:
        """How many are listed."""
        return len(self._listed)

    @property
    def marks(self) -> tuple[Path, ...]:
        """The files that are marked, in this or other folders, in the order of their marking."""
        return tuple(self._marks)

    @property
    def current(self) -> FolderEntry | None:
        """What is under the cursor."""
        return self._listed[self.cursor] if self.cursor < len(self._listed) else None

    @property
    def current_file(self) -> Path | None:
        """The file under the cursor."""
        entry = self.current
        return None if entry is None or entry.is_folder else self._folder.path / entry.name

    def show_folder(self, folder: PictureFolder, came_from: str = "") -> None:
        """List what is in `folder`; the cursor begins at the name `came_from`."""
        self._folder = folder
        self.set_reactive(FileList.typed, "")
        self._list(came_from)

    def show_words(self, path: Path, *words: Shown) -> None:
        """List nothing of the folder `path`, and say why."""
        self._folder = PictureFolder(path)
        self.set_reactive(FileList.typed, "")
        self._listed, self._words = (), words
        self._put()

    def watch_typed(self) -> None:
        self._list("")

    def watch_cursor(self) -> None:
        self._show_cursor()
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved())

    def on_key(self, event: events.Key) -> None:
        character = event.character
        if character is None or not event.is_printable or character == " ":
            return
        event.stop()
        event.prevent_default()
        if character in "/~" and not self.typed:
            self.post_message(self.PathWanted(character))
        else:
            self.typed += character

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.gutter.top + int(self.scroll_offset.y)
        if 0 <= line < self.count:
            was, self.cursor = self.cursor, line
            if was == line or event.chain > 1:
                self.action_choose()

    def on_resize(self) -> None:
        self._put()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "mark" or self.current_file is not None

    def action_move(self, steps: int) -> None:
        self.cursor = max(0, min(self.cursor + steps, self.count - 1))

    def action_move_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.size.height - 1))

    def action_back(self) -> None:
        """Take back what was typed last, or else go to the folder above."""
        if self.typed:
            self.typed = self.typed[:-1]
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Go to the folder above."""
        self.post_message(self.Entered(self._folder.path.parent))

    def action_open(self) -> None:
        entry = self.current
        if entry is not None and entry.is_folder:
            self._enter(entry)

    def action_mark(self) -> None:
        """Mark the file under the cursor, or take its mark away, and go on to the next."""
        file = self.current_file
        if file is None:
            return
        if file in self._marks:
            del self._marks[file]
        else:
            self._marks[file] = None
        self.refresh()
        if self.cursor < self.count - 1:
            self.cursor += 1
        else:
            self.post_message(self.Moved())

    def action_choose(self) -> None:
        """Open the folder under the cursor, or choose what is marked, or else the file there."""
        entry, file = self.current, self.current_file
        if entry is not None and entry.is_folder:
            self._enter(entry)
        elif self._marks:
            self.post_message(self.Chosen(self.marks))
        elif file is not None:
            self.post_message(self.Chosen((file,)))

    def _enter(self, entry: FolderEntry) -> None:
        path = self._folder.path
        self.post_message(self.Entered(path.parent if entry.name == UP else path / entry.name))

    def _list(self, at: str) -> None:
        folder, listed = self._folder, self._folder.matching(self.typed)
        if not self.typed and folder.path.parent != folder.path:
            listed = (FolderEntry(UP, is_folder=True), *listed)
        self._listed = listed
        names = [entry.name for entry in listed]
        # The first that may be meant is rarely the folder above.
        first = 1 if len(names) > 1 and names[0] == UP else 0
        self.set_reactive(FileList.cursor, names.index(at) if at in names else first)
        self._words = () if listed else (Shown("Nothing here has these letters in its name."),)
        self._put()

    def _put(self) -> None:
        self.virtual_size = Size(self.size.width, self.count)
        self._show_cursor()
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved())

    def _show_cursor(self) -> None:
        region = Region(0, self.cursor, self.size.width, 1)
        self.scroll_to_region(region, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        width, number = self.size.width, y + int(self.scroll_offset.y)
        if not self._listed:
            return self._empty_line(self._words, y, "files--detail")
        if number >= self.count:
            return Strip.blank(width, self._ground)
        style = self._ground
        if number == self.cursor:
            style = self._under_cursor(style, "files--cursor")
        entry = self._listed[number]
        name = one_line(entry.name, limit=_LONGEST_NAME)
        if entry.is_folder:
            return self._sides(
                [(Shown("   "), ""), (showable(f"{name}/"), "files--folder")], [], style
            )
        return self._sides(
            [self._mark(entry), (name, "")], [(self._details(entry, width), "files--detail")], style
        )

    def _mark(self, entry: FolderEntry) -> Piece:
        marks = self.marks
        file = self._folder.path / entry.name
        # They are added in this order.
        place = str(marks.index(file) + 1) if file in self._marks else ""
        return showable(f"{place:>2} "), "files--mark"

    def _details(self, entry: FolderEntry, width: int) -> Shown:
        size = file_size(entry.bytes)
        if width < _WITH_DATE:
            return showable(f"  {size:>{_SIZE_WIDTH}} ")
        try:
            changed = datetime.fromtimestamp(entry.changed)
        except (OverflowError, OSError, ValueError):
            return showable(f"  {size:>{_SIZE_WIDTH}} ")
        form = "%Y-%m-%d %H:%M" if width >= _WITH_TIME else "%Y-%m-%d"
        return showable(f"  {size:>{_SIZE_WIDTH}}  {changed:{form}} ")
