"""What is done with the file of a picture: a copy saved, its path copied, its folder shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from textual.geometry import Region
from textual.screen import Screen

from tui.screens.copy_folder import CopyFolder
from tui.screens.question import QuestionScreen
from tui.text import Shown, one_line, showable
from tui.viewer import NoViewer, reveal_in_folder
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.steady import open_over
from tui.widgets.text_prompt import TextPrompt

KINDS = (Shown("As it is"), Shown("Without metadata: prompt, camera, place"))
SAVE_TITLE = Shown("Save a copy as")
SAVE_HINT = Shown("A file, or a folder. Enter: save")
EXISTS_TITLE = Shown("It exists")
REPLACE = Shown("Replace it?")


class PictureFiles:
    """Does it over `screen`, and says what came of it there."""

    def __init__(
        self,
        screen: Screen[Any],
        folder: CopyFolder,
        anchor: Callable[[], Region],
        originals: Callable[[], Path],
    ) -> None:
        """`anchor` is where on the screen menus open; `originals` the folder that is left alone."""
        self._screen = screen
        self._anchor = anchor
        self._originals = originals
        self._folder = folder

    def copy_path(self, path: Path) -> None:
        """Copy the path of a picture to the clipboard."""
        self._screen.app.copy_to_clipboard(str(path))
        self._screen.notify("Copied.", timeout=3)

    def reveal(self, path: Path) -> None:
        """Show a picture in its folder, with the system's file manager."""
        self._run(self._reveal(path), "Shows a folder")

    def ask_to_save(self, path: Path) -> None:
        """Ask how and where a copy of a picture shall be saved."""

        def chosen(kind: int | None) -> None:
            if kind is not None:
                proposed = str(self._folder.path / path.name)
                prompt = TextPrompt(SAVE_TITLE, proposed, SAVE_HINT, is_offer=True)
                open_over(self._screen, prompt, partial(named, bool(kind)))

        def named(is_bare: bool, target: str | None) -> None:
            if target is not None and target.strip():
                self._save(path, target.strip(), is_bare=is_bare, may_replace=False)

        open_over(self._screen, ChoiceMenu(KINDS, 0, _bottom(self._anchor())), chosen)

    def _save(self, source: Path, target: str, *, is_bare: bool, may_replace: bool) -> None:
        self._run(
            self._saved(source, target, is_bare=is_bare, may_replace=may_replace),
            "Saves a copy",
        )

    async def _saved(self, source: Path, target: str, *, is_bare: bool, may_replace: bool) -> None:
        # Its decoders need not be there before.
        from tui.images.copying import Exists, NotCopied, save_copy

        try:
            path = await asyncio.to_thread(
                save_copy,
                source,
                target,
                is_bare=is_bare,
                may_replace=may_replace,
                originals=self._originals(),
            )
        except Exists as found:
            text = showable(f"{one_line(str(found.path), limit=300)} is there already.")
            question = QuestionScreen(EXISTS_TITLE, text, REPLACE)

            def answered(yes: bool | None) -> None:
                if yes:
                    self._save(source, target, is_bare=is_bare, may_replace=True)

            open_over(self._screen, question, answered)
        except NotCopied as problem:
            self._tell(str(problem), Shown("Not saved"))
        else:
            self._folder.path = path.parent
            self._screen.notify(one_line(str(path), limit=300), title="Saved")

    async def _reveal(self, path: Path) -> None:
        try:
            await asyncio.to_thread(reveal_in_folder, path)
        except NoViewer as problem:
            self._tell(str(problem), Shown("Not opened"))

    def _tell(self, problem: str, title: Shown) -> None:
        self._screen.notify(one_line(problem, limit=400), title=title, severity="warning")

    def _run(self, action: Coroutine[None, None, None], description: str) -> None:
        self._screen.run_worker(action, group="files", description=description, exit_on_error=False)


def _bottom(region: Region) -> Region:
    """A line at the lower end of `region`, over which a menu opens."""
    return Region(region.x, max(region.y, region.bottom - 1), min(region.width, 1), 1)
