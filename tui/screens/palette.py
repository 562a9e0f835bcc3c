"""What the command palette offers beside Textual's own."""

from __future__ import annotations

from collections.abc import Iterator
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
    yield SystemCommand(
        "Add references", "Choose files for the model to go by", studio.action_choose_references
    )
    yield SystemCommand(
        "Go to references", "Put the focus on those of the draft", studio.action_show_references
    )
    yield SystemCommand(
        "Reference from the clipboard", "The picture there", studio.action_paste_reference
    )
    yield SystemCommand(
        "Use as reference",
        "The picture under history's cursor, or those marked",
        studio.action_use_as_reference,
    )
    for name, title in PANES.items():
        show = partial(studio.action_show_pane, name)
        yield SystemCommand(one_line(f"Go to {title.lower()}"), "Put the focus there", show)
    yield SystemCommand("View picture", "As large as the screen", studio.picture.action_view)
    yield SystemCommand(
        "Contact sheet", "The pictures of what history lists", studio.action_open_sheet
    )
    yield SystemCommand("Reset panes", "As large as they were at first", studio.action_reset_panes)


_OVER_THE_STUDIO = (
    ("Jobs", "What runs, what waits, what is lost", "open_jobs"),
    ("Library", "What the endpoint keeps of what was made", "open_library"),
    ("Statistics", "Images, spend and waiting", "open_statistics"),
    ("Endpoints", "Servers: change, test, choose one", "open_endpoints"),
    ("Refresh models", "Ask the endpoint what it offers", "refresh_models"),
)
_EVERYWHERE = (
    ("Switch graphics", "Draw pictures another way", "switch_graphics"),
    ("Theme", "Change the colours", "change_theme"),
    ("Keys", "List the keys that work here", "show_help_panel"),
    ("Quit", "Leave Darkroom", "quit"),
)


def commands_on(screen: Screen[object], studio: StudioScreen) -> Iterator[SystemCommand]:
    """All that the palette offers while `screen` is the one that is used."""
    own = studio_commands(studio) if screen is studio else screen_commands(screen)
    yield from own
    for title, help, action in (*(_OVER_THE_STUDIO if screen is studio else ()), *_EVERYWHERE):
        act = partial(screen.app.run_action, f"app.{action}")
        yield SystemCommand(one_line(title), one_line(help), act)


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
