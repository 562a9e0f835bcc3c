"""Themes as data: TOML files of Textual's colours, bundled or the user's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The colours of one theme, each as `#rrggbb`."""

    name: str
    dark: bool
    primary: str
    secondary: str
    accent: str
    background: str
    surface: str
    panel: str
    foreground: str
    success: str
    warning: str
    error: str
    variables: dict[str, str] = {}


@dataclass
class Themes:
    """What was found, by name, and a sentence for each file that could not be used."""

    found: dict[str, ThemeFile] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def load_themes(user_folder: Path) -> Themes:
    """The bundled themes, and those in `user_folder`, which may replace bundled ones."""
    themes = Themes()
    for file in (*_toml_files(_bundled_folder()), *_toml_files(user_folder)):
        try:
            theme = msgspec.convert(tomllib.loads(file.read_text("utf-8")), ThemeFile)
        except (OSError, ValueError, RecursionError) as error:
            themes.problems.append(f"{file.name}: {error}")
        else:
            themes.found[theme.name] = theme
    return themes


def _toml_files(folder: Traversable) -> Iterator[Traversable]:
    if folder.is_dir():
        yield from sorted(
            (file for file in folder.iterdir() if file.name.endswith(".toml")),
            key=lambda file: file.name,
        )


def _bundled_folder() -> Traversable:
    """In a wheel themes lie inside the package, in a checkout beside it."""
    inside = files("tui") / "themes"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "themes"
