"""What the command palette offers beside Textual's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

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
    yield SystemCommand("View picture", "As large as the screen", studio.picture.action_view)
    yield SystemCommand(
        "Contact sheet", "The pictures of what history lists", studio.action_open_sheet
    )
    yield SystemCommand("Reset panes", "As large as they were at first", studio.action_reset_panes)


def opening_commands(
    jobs: Callable[[], object],
    library: Callable[[], object],
    statistics: Callable[[], object],
    endpoints: Callable[[], object],
) -> Iterator[SystemCommand]:
    """The screens that open over the studio."""
    yield SystemCommand("Jobs", "What runs, what waits, what is lost", jobs)
    yield SystemCommand("Library", "What the endpoint keeps of what was made", library)
    yield SystemCommand("Statistics", "Images, spend and waiting", statistics)
    yield SystemCommand("Endpoints", "Servers: change, test, choose one", endpoints)


def screen_commands(screen: Screen[object]) -> Iterator[SystemCommand]:
    """What the keys in the key bar of a screen do, as far as they do it now."""
    titles = set()
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        words = tooltip or binding.description
        title = one_line(words[:1].upper() + words[1:])
        if enabled and binding.show and node is not screen.app and title not in titles:
            titles.add(title)
            # A key comes from the configuration.
            key = one_line(binding.key_display or binding.key, limit=20)
            act = partial(screen.app.run_action, binding.action, node)
            yield SystemCommand(title, one_line(f"Press {key}"), act)
