"""Theme files as Textual has themes."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App
from textual.theme import Theme

from tui.themes import ThemeFile


def textual_theme(theme: ThemeFile) -> Theme:
    """A theme file as Textual's own object."""
    return Theme(
        name=theme.name,
        dark=theme.dark,
        primary=theme.primary,
        secondary=theme.secondary,
        accent=theme.accent,
        background=theme.background,
        surface=theme.surface,
        panel=theme.panel,
        foreground=theme.foreground,
        success=theme.success,
        warning=theme.warning,
        error=theme.error,
        variables=dict(theme.variables),
    )


def register_themes(app: App[None], themes: Iterable[ThemeFile], chosen: str) -> None:
    """Let `app` know `themes`, and use the one that is chosen, if there is such a one."""
    for theme in themes:
        app.register_theme(textual_theme(theme))
    if chosen in app.available_themes:
        app.theme = chosen


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Our own variables for one of Textual's themes, which lack them."""
    if theme.dark:
        return {"border-quiet": "#505050", "text-quiet": "#a0a0a0"}
    return {"border-quiet": "#c0c0c0", "text-quiet": "#606060"}
