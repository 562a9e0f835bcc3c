"""What the command palette offers beside Textual's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.app import SystemCommand

from tui.screens.studio import PANES, StudioScreen
from tui.text import one_line


def studio_commands(studio: StudioScreen) -> Iterator[SystemCommand]:
    """What can be done in the studio."""
    yield SystemCommand("Send", "Send the prompt as it stands", studio.action_send)
    yield SystemCommand(
        "Earlier prompt", "Put the one before into the editor", studio.editor.action_older
    )
    yield SystemCommand(
        "Later prompt", "Put the one after into the editor", studio.editor.action_newer
    )
    for name, title in PANES.items():
        show = partial(studio.action_show_pane, name)
        yield SystemCommand(one_line(f"Go to {title.lower()}"), "Put the focus there", show)
    yield SystemCommand(
        "Contact sheet", "The pictures of what history lists", studio.action_open_sheet
    )
    yield SystemCommand("Reset panes", "As large as they were at first", studio.action_reset_panes)


def opening_commands(
    jobs: Callable[[], object], statistics: Callable[[], object], endpoints: Callable[[], object]
) -> Iterator[SystemCommand]:
    """The screens that open over the studio."""
    yield SystemCommand("Jobs", "What runs, what waits, what is lost", jobs)
    yield SystemCommand("Statistics", "Images, spend and waiting", statistics)
    yield SystemCommand("Endpoints", "Servers: change, test, choose one", endpoints)
