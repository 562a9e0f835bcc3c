"""Theme files as Textual has themes."""

from __future__ import annotations

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
