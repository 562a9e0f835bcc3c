"""A Textual application of the studio's shape that does nothing: what start-up is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Header, Input, OptionList, Select, Static, TextArea

READY = "key bar"


class BareApp(App[None]):
    CSS = """
    OptionList { width: 30; }
    #form { width: 32; }
    #keys { height: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Header()
        with Horizontal():
            yield OptionList(*(f"entry {number}" for number in range(50)))
            with Vertical():
                yield TextArea(id="editor")
            with Vertical(id="form"):
                yield Select([(name, name) for name in ("one", "two", "three")])
                for number in range(8):
                    yield Input(placeholder=f"field {number}", compact=True)
                yield Button("Send")
        yield Static(READY, id="keys")

    def on_mount(self) -> None:
        self.query_one("#editor").focus()


if __name__ == "__main__":
    BareApp().run()
