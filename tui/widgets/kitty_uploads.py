"""The pictures that a terminal with kitty's graphics keeps for a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from tui.images.cells import KittyPicture


class KittyUploads:
    """Knows which pictures the terminal has, and takes them away again."""

    def __init__(self, widget: Widget) -> None:
        self.known: set[int] = set()
        """Ids of the pictures that the terminal knows."""
        self._widget = widget

    def watch(self) -> None:
        """Upload pictures again after another program had the terminal, which may have forgotten
        them; to be called when the widget is mounted.
        """
        self._widget.app.app_resume_signal.subscribe(self._widget, self._forget, immediate=True)

    def remove(self, picture: KittyPicture | None) -> None:
        """Have the terminal forget a picture, if it knows it."""
        if picture is not None and picture.id in self.known:
            self.known.remove(picture.id)
            # There is no public way to the terminal that keeps in step with Textual's writes.
            if (driver := self._widget.app._driver) is not None:
                driver.write(picture.removal)

    def _forget(self, _: object) -> None:
        self.known.clear()
        self._widget.refresh()
