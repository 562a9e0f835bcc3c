"""Component styles are worked out as Textual does, without making nodes again and again."""

from __future__ import annotations

import random
from typing import ClassVar

from textual.app import ComposeResult
from textual.css.stylesheet import Stylesheet
from textual.widget import Widget

from tui.guarded_app import GuardedApp
from tui.widgets.sparing_styles import SparingStylesheet

CLASSES = ("large", "quiet", "bare")


class Board(Widget, can_focus=True):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"board--line", "board--mark"}
    DEFAULT_CSS = """
    Board > .board--line { color: $primary; }
    Board.large > .board--line { text-style: bold; }
    Board.quiet > .board--line { color: $secondary; background: red; }
    Board:focus > .board--line { background: $panel; }
    .bare > .board--mark { color: green; text-style: italic; }
    """


class Boards(GuardedApp):
    def compose(self) -> ComposeResult:
        yield Board(id="first")
        yield Board(id="second")


def rules(widget: Widget) -> dict[str, object]:
    return {name: styles.get_rules() for name, styles in widget._component_styles.items()}


def rules_by_textual(widget: Widget) -> dict[str, object]:
    kept, widget._component_styles = widget._component_styles, {}
    try:
        Stylesheet._process_component_classes(widget.app.stylesheet, widget)
        return rules(widget)
    finally:
        widget._component_styles = kept


async def test_what_holds_is_what_textual_finds() -> None:
    app, dice, seen = Boards(), random.Random(1), []
    async with app.run_test() as pilot:
        assert isinstance(app.stylesheet, SparingStylesheet)
        board = app.query_one("#first", Board)
        for _ in range(40):
            match dice.randrange(3):
                case 0:
                    board.toggle_class(dice.choice(CLASSES))
                case 1:
                    app.query_one(dice.choice(["#first", "#second"])).focus()
                case _:
                    app.theme = dice.choice(["textual-dark", "textual-light"])
            await pilot.pause()
            assert rules(board) == rules_by_textual(board)
            if rules(board) not in seen:
                seen.append(rules(board))
    assert len(seen) > 6


async def test_the_nodes_that_styles_hang_on_are_made_once() -> None:
    app = Boards()
    async with app.run_test() as pilot:
        board = app.query_one("#first", Board)
        before = {name: styles.node for name, styles in board._component_styles.items()}
        assert before.keys() == Board.COMPONENT_CLASSES
        for name in CLASSES:
            board.add_class(name)
            await pilot.pause()
        after = {name: styles.node for name, styles in board._component_styles.items()}
        assert all(after[name] is node for name, node in before.items())


async def test_a_widget_is_drawn_anew_when_a_component_style_has_changed() -> None:
    app = Boards()
    async with app.run_test() as pilot:
        board, drawn = app.query_one("#first", Board), []
        await pilot.pause()
        board.refresh = lambda *_, **__: drawn.append(1) or board  # type: ignore[method-assign]
        app.stylesheet._process_component_classes(board)
        assert not drawn, "nothing is otherwise"
        board._classes.add("large")
        app.stylesheet._process_component_classes(board)
        assert drawn
        assert board.get_component_styles("board--line").text_style.bold
