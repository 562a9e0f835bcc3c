"""The pictures that a terminal with kitty's graphics keeps for a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from tui.tmux import through_tmux
from tui.widgets.picture_format import PictureFormat, before_exit, follow_format

if TYPE_CHECKING:
    from tui.images.cells import KittyPicture


class KittyUploads:
    """Knows which pictures the terminal has, and takes them away again."""

    def __init__(self, widget: Widget) -> None:
        self.known: dict[int, KittyPicture] = {}
        """The pictures that the terminal knows, by id."""
        self._widget = widget
        self._is_through_tmux = False
        self._removals: dict[int, str] = {}

    def watch(self) -> None:
        """Upload pictures again after another program had the terminal, which may have forgotten
        them, or graphics were switched; to be called when the widget is mounted.
        """
        self._widget.app.app_resume_signal.subscribe(self._widget, self._forget, immediate=True)
        follow_format(self._widget, self._follow)
        before_exit(self._widget, self._take_all_away)

    def upload(self, picture: KittyPicture) -> str:
        """What has to go out before the first cells of `picture`: nothing once it is known."""
        if picture.id in self.known:
            return ""
        self.known[picture.id] = picture
        if self._removals.pop(picture.id, None) is not None:
            return ""
        return self._to_terminal(picture.upload)

    def remove(self, picture: KittyPicture | None) -> None:
        """Have the terminal forget a picture, if it knows it, once it is no longer on the screen:
        its placeholders would show nothing from then on until the next update.
        """
        if picture is not None and picture.id in self.known:
            del self.known[picture.id]
            self._removals[picture.id] = self._to_terminal(picture.removal)
            if not self._widget.call_after_refresh(self.close):
                self.close()

    def close(self) -> None:
        """Have the terminal forget now what it is to forget; to be called when the widget goes."""
        # There is no public way to the terminal that keeps in step with Textual's writes.
        driver = self._widget.app._driver
        # While another program has the terminal, nobody takes what is written.
        if self._removals and driver is not None and not getattr(driver, "is_suspended", False):
            driver.write("".join(self._removals.values()))
        self._removals.clear()

    def _take_all_away(self, _: object) -> None:
        for picture in self.known.values():
            self._removals[picture.id] = self._to_terminal(picture.removal)
        self.known.clear()
        self.close()

    def _to_terminal(self, commands: str) -> str:
        return through_tmux(commands) if self._is_through_tmux else commands

    def _follow(self, format: PictureFormat) -> None:
        # Who switches through all of them may do so because nothing is seen: tmux has another
        # client, say, whose terminal knows of no picture.
        self._is_through_tmux = format.through_tmux
        self.known.clear()

    def _forget(self, _: object) -> None:
        self.known.clear()
        self._widget.refresh()
