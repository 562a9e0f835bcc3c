"""Outside text reaches the screen through `tui.text` and `tui.widgets.plain`, and not otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mypy import api as mypy_api

from tests.outside_text import findings

PACKAGE = Path(__file__).parent.parent / "tui"
SOURCES = sorted(PACKAGE.rglob("*.py"))
KNOWS_TEXTUAL = "from textual.widgets import Static\n"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_text_on_its_way_to_the_screen_was_seen_to(path: Path) -> None:
    found = findings(path.read_text("utf-8"), path.name)
    assert not found, "\n".join(f"{path}:{one.line}: {one.what}" for one in found)


@pytest.mark.parametrize(
    "source",
    [
        "self.notify(f'failed: {error}')",
        "self.notify(message)",
        "self.notify('ok', title=entry.prompt)",
        "self.notify(str(error), markup=False)",
        "self.notify(entry.error.message or 'failed')",
        "Static(prompt)",
        "Static(f'{name}')",
        "Static(content=name)",
        "Static(showable(name))",  # Without control characters, and still markup.
        "Label(entry.model)",
        "Button('Send ' + key)",
        "Option(line)",
        "widget.update(text)",
        "widget.update(f'{count} of {name}')",
        "widget.update('%s' % name)",
        "widget.update('{}'.format(name))",
        "table.add_row('a') or table.add_row(name)",
        "self.border_title = name",
        "self.border_subtitle = f'{count}'",
        "self.border_title = showable(name)",
        "self.border_title: str = name",
        "widget.tooltip = entry.prompt",
        "self.sub_title = model",
        "Content(name)",
        "Content.from_markup(name)",
        "Text.from_markup(f'{name}')",
        "Text(name)",
        "Segment(f' {name} ', style)",
        "Shown(name)",
        "Shown(f'{name}')",
        "app.exit(message=reason)",
        "SystemCommand(f'Go to {title}', 'Go', go)",
        "SystemCommand('Go', help_text, go)",
        "Static(name, markup=True)",
        "click.echo(name)",
        "click.echo(f'{name}')",
        "print('x')",
        "sys.stderr.write('x')",
        "sys.__stdout__.write(text)",
        "def render(self) -> str:\n    return self.name",
        "def show(text: str):\n    Static(text)",
        "def show(text):\n    line = plain(text)\n    line = text\n    Static(line)",
        "def make() -> str: ...\nStatic(make())",
    ],
)
def test_text_that_nobody_saw_to_is_found(source: str) -> None:
    assert findings(KNOWS_TEXTUAL + source)


@pytest.mark.parametrize(
    "source",
    [
        "self.notify('Nothing sent.')",
        "self.notify(one_line(message, limit=300), title=one_line(title))",
        "self.notify(showable(a) if a else 'nothing')",
        "def tell():\n    text = showable(x)\n    self.notify(text)",
        "def tell(text: Shown):\n    self.notify(text)",
        "Static()",
        "Static(id=name, classes=name)",
        "Static('Price')",
        "Static(plain(one_line(name)))",
        "Static(assembled((name, 'bold')))",
        "widget.update(plain(x).truncate(4))",
        "def notice(self) -> Content: ...\nwidget.update(self.notice())",
        "def show(content: Content):\n    Static(content)",
        "def show(self):\n    content = plain(x)\n    Static(content)",
        "stylesheet.update(screen)",
        "self.app.stylesheet.update(screen)",
        "self.border_title = 'History'",
        "self.border_subtitle = plain(x)",
        "self.border_subtitle = None",
        "Segment(' ' * 4, style)",
        "Text(showable(name))",
        "Shown('…')",
        "app.exit(result, 3)",
        "SystemCommand('Go', 'There', self.action(name))",
        "click.echo(showable(name))",
        "click.echo(bytes(path))",
        "file.write(data)",
        "def render(self, console) -> str: ...",
        "def render(self) -> Content: ...",
    ],
)
def test_text_that_was_seen_to_is_not_complained_of(source: str) -> None:
    assert findings(KNOWS_TEXTUAL + source) == []


def test_what_does_not_know_textual_may_update_what_it_likes() -> None:
    assert findings("table.update(text)") == []
    assert findings("self.title = name") == []


FORGOT = """
from tui.history.entry import Entry
from tui.text import Shown, one_line
from tui.widgets.plain import assembled, editor_line, plain, segment

def show(entry: Entry) -> None:
    plain(entry.prompt)
    assembled((entry.model, "bold"))
    segment(f"{entry.prompt}")
    editor_line(entry.prompt + one_line(entry.model))
    plain(one_line(entry.prompt))
    plain(Shown("ours"))
"""


def test_mypy_finds_text_that_did_not_pass(tmp_path: Path) -> None:
    module = tmp_path / "forgot.py"
    module.write_text(FORGOT)
    options = ["--config-file", os.devnull, "--no-error-summary", "--follow-imports=silent"]
    found, _, _ = mypy_api.run([*options, str(module)])
    lines = [int(line.split(":")[1]) for line in found.splitlines() if ": error: " in line]
    assert lines == [7, 8, 9, 10], found
