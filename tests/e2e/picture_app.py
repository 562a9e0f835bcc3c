"""A screen around one picture: `python -m tests.e2e.picture_app IMAGE…`.

A line at the top and one at the bottom, a column on the left, the picture in a border.
"""

from __future__ import annotations

import os

from tui.terminal import begin_probe
from tui.tmux import ask_tmux

probe, question = begin_probe(), ask_tmux(os.environ)

# The terminal is asked before the slow imports.
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import ClassVar  # noqa: E402

from textual.app import ComposeResult  # noqa: E402
from textual.binding import BindingType  # noqa: E402
from textual.containers import Horizontal  # noqa: E402
from textual.screen import ModalScreen  # noqa: E402
from textual.widgets import Static  # noqa: E402

from tui.graphics_choice import choose_graphics  # noqa: E402
from tui.terminal import Graphics  # noqa: E402
from tui.widgets.image_view import ImageView  # noqa: E402
from tui.widgets.picture_format import PictureApp, format_for  # noqa: E402

LEFT_COLUMNS = 20


class Cover(ModalScreen[None]):
    """A box above the middle of everything."""

    CSS = """
    Cover { align: center middle; }
    Cover Static { width: 50%; height: 50%; background: rgb(0,0,0); }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("c", "dismiss", "Uncover")]

    def compose(self) -> ComposeResult:
        yield Static("cover")


class PictureScreen(PictureApp):
    CSS = f"""
    Screen {{ background: rgb(16,16,16); }}
    #top, #bottom {{ height: 1; background: rgb(120,0,120); }}
    #left {{ width: {LEFT_COLUMNS}; height: 1fr; background: rgb(0,60,60); }}
    ImageView {{ border: solid rgb(90,90,90); }}
    Screen {{ layers: below above; }}
    .box {{ layer: above; visibility: hidden; width: 30; height: 5; background: rgb(0,0,120); }}
    #upper {{ offset: 40 5; }}
    #lower {{ offset: 40 10; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("n", "turn", "Next image"),
        ("c", "cover", "Cover"),
        ("b", "boxes(2)", "Two boxes above the picture"),
        ("d", "boxes(1)", "One box"),
        ("v", "hide", "Hide"),
        ("s", "suspend", "Suspend"),
        ("q", "quit", "Quit"),
        *(
            (key, f"draw('{graphics}')", graphics)
            for key, graphics in (("6", "sixel"), ("2", "half"), ("0", "off"))
        ),
    ]

    def __init__(self, paths: list[Path]) -> None:
        super().__init__()
        self._paths = paths

    def compose(self) -> ComposeResult:
        yield Static("top", id="top")
        with Horizontal():
            yield Static("left", id="left")
            yield ImageView()
        yield Static("bottom", id="bottom")
        yield Static("upper", id="upper", classes="box")
        yield Static("lower", id="lower", classes="box")

    def on_mount(self) -> None:
        choice = choose_graphics("auto", facts, os.environ, tmux)
        self.picture_format = format_for(choice.graphics, facts, through_tmux=tmux is not None)
        self.view.show(self._paths[0])

    @property
    def view(self) -> ImageView:
        return self.query_one(ImageView)

    def action_turn(self) -> None:
        self._paths.append(self._paths.pop(0))
        self.view.show(self._paths[0])

    def action_cover(self) -> None:
        self.push_screen(Cover())

    def action_boxes(self, count: int) -> None:
        for box in self.query(".box"):
            box.visible = box.id in ("lower", "upper")[:count]

    def action_hide(self) -> None:
        self.view.display = not self.view.display

    def action_draw(self, graphics: Graphics) -> None:
        self.view.graphics = graphics

    def action_suspend(self) -> None:
        with self.suspend():
            print("\x1b[2J\x1b[H" + "elsewhere " * 200, flush=True)
            sys.stdin.readline()


facts, tmux = probe.finish(), question.answer()
if facts.true_colour:
    os.environ["COLORTERM"] = "truecolor"

if __name__ == "__main__":
    PictureScreen([Path(argument) for argument in sys.argv[1:]]).run()
