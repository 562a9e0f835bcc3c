"""What sending will cost, and what is spent already."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import Shown, one_line
from tui.widgets.plain import assembled, plain

_GAP = 2


class PriceLine(Widget):
    """The price at the left, and what is beside it at the right, or beneath it in two lines."""

    price: reactive[str] = reactive("")
    beside: reactive[str] = reactive("")

    def render(self) -> Content:
        width = self.size.width
        price = plain(one_line(self.price, limit=100), "$foreground")
        beside = plain(one_line(self.beside, limit=100))
        if self.size.height > 1:
            return assembled(price, Shown("\n"), beside)
        room = width - price.cell_length
        if beside.cell_length + _GAP > room:
            return price.truncate(width, ellipsis=True)
        return assembled(price, beside.pad_left(room - beside.cell_length))
