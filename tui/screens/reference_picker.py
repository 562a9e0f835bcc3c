"""Files to choose as references: a folder's pictures, and a look at the one under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.images.picture_folder import PictureFolder, read_folder
from tui.screens.apart import apart
from tui.screens.pane_layout import WIDE
from tui.text import Shown, one_for_one, one_line, showable
from tui.widgets.data_message import DataMessage
from tui.widgets.file_list import FileList
from tui.widgets.image_view import ImageView
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain import assembled, plain
from tui.widgets.steady import Steady

TITLE = Shown("References: choose files")
READING = Shown("Reading the folder…")
EMPTY = Shown("No folders and no PNG, JPEG or WebP files here.")
HINT = Shown("Type to find; a point finds what is hidden.")
_PATIENCE = 0.15
"""Seconds after which it is said that a folder is being read."""


def first_folder() -> Path:
    """The folder to begin in: where the program was started. Looks at the disk."""
    try:
        return Path.cwd()
    except OSError:  # It was deleted.
        return Path.home()


class PathLine(Input):
    """A path that is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "complete", id="complete-path", priority=True),
        Binding("escape", "leave", "back", id="leave-path"),
    ]

    class CompletionWanted(DataMessage):
        """The path shall be completed."""

        text: str

    class Left(Message):
        """No path is typed any longer."""

    def action_complete(self) -> None:
        self.post_message(self.CompletionWanted(self.value))

    def action_leave(self) -> None:
        self.post_message(self.Left())


class ReferencePicker(Steady, ModalScreen[tuple[Path, ...] | None]):
    """Dismisses with the files that were chosen, in their order."""

    CSS_PATH = "../styles/reference.tcss"
    AUTO_FOCUS = "FileList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "type_path", "path", key_display="/", id="type-path"),
        Binding("escape", "leave", "close", id="close-picker"),
    ]

    files = getters.query_one(FileList)
    line = getters.query_one(PathLine)

    def __init__(self, folder: Path, previews: Path) -> None:
        """`folder` is where to begin; `previews` is where pictures, scaled, are kept."""
        super().__init__()
        self.folder = folder
        """What is shown, or is to be."""
        self._previews = previews
        self._shown = PictureFolder(folder)

    def compose(self) -> ComposeResult:
        with Vertical(id="picker") as frame:
            frame.border_title = plain(TITLE)
            yield Static(id="picker-path")
            yield PathLine(compact=True, select_on_focus=False)
            yield Static(id="picker-problem")
            with Horizontal(id="picker-panes"):
                yield FileList()
                yield ImageView(previews=self._previews, id="picker-preview")
        yield KeyBar()

    def on_mount(self) -> None:
        self._go(self.folder)

    def action_leave(self) -> None:
        """List all again, or else leave."""
        if self.files.typed:
            self.files.typed = ""
        else:
            self.dismiss(None)

    def action_type_path(self) -> None:
        self._type(f"{_home_as_tilde(self.folder)}/")

    @on(FileList.PathWanted)
    def _path_wanted(self, event: FileList.PathWanted) -> None:
        self._type("~/" if event.beginning == "~" else "/")

    @on(FileList.Moved)
    def _moved(self) -> None:
        self.query_one("#picker-preview", ImageView).show(self.files.current_file)
        self._show_state()

    @on(FileList.Entered)
    def _entered(self, event: FileList.Entered) -> None:
        self._go(event.path)

    @on(FileList.Chosen)
    def _chosen(self, event: FileList.Chosen) -> None:
        self.dismiss(event.files)

    @on(PathLine.Left)
    def _line_left(self, event: PathLine.Left) -> None:
        event.stop()
        self._type_no_more()

    @on(PathLine.CompletionWanted)
    def _completion_wanted(self, event: PathLine.CompletionWanted) -> None:
        self._run(self._complete(event.text))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._run(self._take_path(event.value))

    def _type(self, beginning: str) -> None:
        self.add_class("-typing")
        self.line.value = one_for_one(beginning)
        self.line.cursor_position = len(self.line.value)
        self.line.focus()

    def _type_no_more(self) -> None:
        self.remove_class("-typing")
        self.files.focus()

    def _go(self, folder: Path) -> None:
        came_from = self.folder.name if folder == self.folder.parent else ""
        self.folder = folder
        self._show_state()
        self._run(self._read(folder, came_from))

    def _run(self, work: Coroutine[None, None, None]) -> None:
        # What is asked for now takes the place of what a slow folder has not told yet.
        self.run_worker(
            work,
            group="picker",
            description="Reads a folder",
            exclusive=True,
            exit_on_error=False,
        )

    async def _read(self, folder: Path, came_from: str) -> None:
        reading = asyncio.ensure_future(apart(partial(read_folder, folder)))
        done, _ = await asyncio.wait({reading}, timeout=_PATIENCE)
        if not done:
            self.files.show_words(folder, READING)
        self._show(await reading, came_from)

    def _show(self, found: PictureFolder, came_from: str = "") -> None:
        self._shown = found
        if found.problem:
            self.files.show_words(found.path, one_line(found.problem, limit=200))
        else:
            self.files.show_folder(found, came_from)
            if not self.files.count:
                self.files.show_words(found.path, EMPTY)
        self._say("")
        self._show_state()

    async def _take_path(self, typed: str) -> None:
        path = _path_of(typed, self.folder)
        kind = await apart(partial(_kind_of, path))
        if kind == "folder":
            self._type_no_more()
            self.folder = path
            await self._read(path, "")
        elif kind == "file":
            self.dismiss((path,))
        else:
            self._say(f"There is no such file or folder: {path}")

    async def _complete(self, typed: str) -> None:
        path, rest = _path_of(typed, self.folder), ""
        if not typed.endswith("/"):
            path, rest = path.parent, path.name
        found = await apart(partial(read_folder, path))
        names = [
            f"{entry.name}/" if entry.is_folder else entry.name
            for entry in found.entries
            if entry.name.startswith(rest) and (rest or not entry.name.startswith("."))
        ]
        if self.line.value != typed:
            return
        if not names:
            self._say(found.problem or "Nothing there begins so.")
            return
        self.line.value = one_for_one(typed[: len(typed) - len(rest)] + _common(names))
        self.line.cursor_position = len(self.line.value)
        self._say("" if len(names) == 1 else f"{len(names)} begin so.")

    def _say(self, problem: str) -> None:
        words = plain(one_line(problem, limit=300), "$warning") if problem else plain(HINT)
        self.query_one("#picker-problem", Static).update(words, layout=False)

    def _show_state(self) -> None:
        files, shown = self.files, self._shown
        path = one_line(_home_as_tilde(self.folder), limit=300)
        typed = one_line(files.typed, limit=60)
        self.query_one("#picker-path", Static).update(
            assembled((showable(f"{path}/ "), "$text-quiet"), (typed, "bold $accent")),
            layout=False,
        )
        pictures = sum(not entry.is_folder for entry in shown.entries)
        words = [f"{pictures:,} picture{'s' if pictures != 1 else ''}"]
        if shown.others:
            words.append(f"{shown.others:,} other file{'s' if shown.others != 1 else ''}")
        if marks := len(files.marks):
            words.insert(0, f"{marks} marked: enter takes {'them' if marks > 1 else 'it'}")
        self.query_one("#picker").border_subtitle = plain(one_line(" · ".join(words)))


def _common(names: Sequence[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)
    ends = (n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(ends, min(len(first), len(last)))]


def _kind_of(path: Path) -> str:
    try:
        if path.is_dir():
            return "folder"
        return "file" if path.is_file() else ""
    except (OSError, ValueError):
        return ""


def _path_of(typed: str, folder: Path) -> Path:
    """The path that is typed in `folder`."""
    with suppress(RuntimeError):  # No home of that name.
        return folder / Path(typed).expanduser()
    return folder / typed


def _home_as_tilde(folder: Path) -> str:
    """`folder` as it is shown, with a tilde for the home folder."""
    with suppress(ValueError, RuntimeError):
        inner = folder.relative_to(Path.home())
        return "~" if str(inner) == "." else f"~/{inner}"
    return str(folder).rstrip("/")
