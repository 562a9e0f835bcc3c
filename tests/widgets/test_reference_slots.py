"""The slots by themselves: the mouse, and widths that have room for little."""

from __future__ import annotations

import pytest
from textual import on

from tests.screens.stage import Stage
from tests.screens.waiting import text_of
from tui.generation.reference_slots import Slot, Slots
from tui.widgets.reference_slots import ReferenceSlots

LONG = Slot("a very long name of a picture.png", "2", "PNG 1024×768, 812 kB", "1024×768, 812 kB")
BAD = Slot("gone.png", "1", remark="There is no such file: /a/rather/long/path.", tone="bad")
SHOWN = Slots((BAD, LONG), "2 of 14")


class _Slots(Stage):
    """Hears what is wished."""

    def __init__(self) -> None:
        self.slots = ReferenceSlots()
        super().__init__(self.slots, css="studio.tcss")
        self.wished: list[tuple[str, int]] = []

    @on(ReferenceSlots.Wished)
    def _wished(self, event: ReferenceSlots.Wished) -> None:
        self.wished.append((event.wish, event.index))


async def test_a_click_goes_there_and_a_second_one_shows_or_adds() -> None:
    app = _Slots()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.click(ReferenceSlots, offset=(20, 0))
        assert app.wished == [("add", 0)]
        app.slots.show(SHOWN, can_undo=False)
        await pilot.pause()
        lines = text_of(app.slots).splitlines()
        add = next(y for y, line in enumerate(lines) if "+ add" in line)
        first = next(y for y, line in enumerate(lines) if "gone.png" in line)
        await pilot.click(ReferenceSlots, offset=(2, first))
        assert (app.slots.cursor, app.wished[1:]) == (0, [])
        await pilot.click(ReferenceSlots, offset=(2, first))
        await pilot.click(ReferenceSlots, offset=(2, add))
        assert app.wished[1:] == [("view", 0), ("add", 2)]
        await pilot.click(ReferenceSlots, offset=(2, 0))
        assert len(app.wished) == 3


@pytest.mark.parametrize("width", [10, 20, 30, 60, 120])
async def test_every_line_is_as_wide_as_there_is_room(width: int) -> None:
    app = _Slots()
    async with app.run_test(size=(width, 20)) as pilot:
        app.slots.show(SHOWN, can_undo=False)
        await pilot.pause()
        for y in range(app.slots.size.height):
            assert app.slots.render_line(y).cell_length == app.slots.size.width
        text = " ".join(text_of(app.slots).split())
        assert "gone.png" in text or width < 20
        if width == 20:
            assert "1024×768, 812 kB" in text
        if width >= 60:
            assert "a very long name of a picture.png" in text
            assert "PNG 1024×768, 812 kB" in text


async def test_keys_work_only_where_there_is_something_for_them() -> None:
    app = _Slots()
    async with app.run_test(size=(40, 20)) as pilot:
        app.slots.show(SHOWN, can_undo=True)
        app.slots.focus()
        app.slots.go_to(1)
        await pilot.press("r", "M", "J", "K", "t", "m", "u")
        assert app.wished == [("sooner", 1), ("treatment", 0), ("mention", 0), ("undo", 0)]
        app.wished.clear()
        app.slots.show(Slots((LONG,), "1", "None takes any.", is_taken=False), can_undo=False)
        await pilot.press("down", "enter", "v", "u", "x")
        assert app.wished == [("view", 0), ("remove", 0)]
        app.slots.show(Slots(note="None takes any.", is_taken=False), can_undo=False)
        assert not app.slots.can_focus
