"""What sending asks for and will cost, and what is spent already."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import Shown, one_line
from tui.widgets.plain import assembled, plain

_GAP = 2
_BETWEEN = Shown(" · ")
_BREAK = Shown("\n")


class PriceLine(Widget):
    """The price at the left, and what is beside it at the right, or beneath it in two lines.

    Where there is no room for all of it, the price itself is there the longest.
    """

    asked: reactive[str] = reactive("")
    """What it is the price of."""
    price: reactive[str] = reactive("")
    beside: reactive[str] = reactive("")

    def render(self) -> Content:
        width = self.size.width
        asked = plain(one_line(self.asked, limit=100), "$foreground")
        price = plain(one_line(self.price, limit=100), "$foreground")
        beside = plain(one_line(self.beside, limit=100))
        gap = plain(_BETWEEN if self.asked else Shown(""), "$foreground")
        whole = assembled(asked, gap, price)
        if self.size.height > 1 and whole.cell_length <= width:
            return assembled(whole, _BREAK, beside)
        if self.size.height > 1:
            asked = asked.truncate(width, ellipsis=True)
            return assembled(asked, _BREAK, _apart(price, beside, width))
        if whole.cell_length > width:
            room = max(0, width - gap.cell_length - price.cell_length)
            whole = assembled(asked.truncate(room, ellipsis=True), gap, price)
        return _apart(whole, beside, width)


def _apart(left: Content, right: Content, width: int) -> Content:
    """Both at the ends of a line of `width` cells; `left` alone where there is no room."""
    room = width - left.cell_length
    if right.cell_length + _GAP > room:
        return left.truncate(width, ellipsis=True)
    return assembled(left, right.pad_left(room - right.cell_length))
