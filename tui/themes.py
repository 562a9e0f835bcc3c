"""Themes as data: TOML files of Textual's colours, bundled or the user's."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import tomli
from msgspec.structs import replace

from tui.decoding import convert
from tui.text import one_line

_PROBLEM_LIMIT = 300
_NAME = re.compile(r"\w[\w .-]{0,39}")
_COLOURS = (
    "primary", "secondary", "accent", "background", "surface", "panel", "foreground",
    "success", "warning", "error",
)  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_VARIABLE = re.compile(r"[a-z][a-z0-9-]*")
_VARIABLE_COLOUR = re.compile(r"#[0-9a-fA-F]{6}( \d{1,3}%)?|transparent")
_WORD = r"(not )?(bold|dim|italic|reverse|strike|underline)"
_VARIABLE_STYLE = re.compile(rf"none|{_WORD}( {_WORD})*")


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The colours of one theme, each as `#rrggbb`.

    All values are checked here, since Textual ends the application over a wrong one.
    """

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
    """Textual's CSS variables: a text style such as `bold` where the name ends in `-style` or
    `-style-hover`, and otherwise a colour, which may have an opacity: `#rrggbb 40%`."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("`name` holds 1 to 40 letters, digits, blanks, dots and hyphens")
        for name in _COLOURS:
            if not _COLOUR.fullmatch(getattr(self, name)):
                raise ValueError(f"`{name}` is not a colour like #d05030")
        for name, value in self.variables.items():
            is_style = name.endswith(("-style", "-style-hover"))
            form = _VARIABLE_STYLE if is_style else _VARIABLE_COLOUR
            if not _VARIABLE.fullmatch(name) or not form.fullmatch(value):
                kind = "text style" if is_style else "colour"
                raise ValueError(f"the variable `{name}` is not a {kind}")


class Themes(msgspec.Struct):
    """What was found, by name, and a sentence for each file that could not be used."""

    found: dict[str, ThemeFile] = {}
    problems: list[str] = []


def load_themes(user_folder: Path) -> Themes:
    """The bundled themes, and those in `user_folder`, which may replace bundled ones."""
    themes = Themes()
    for folder in (_bundled_folder(), user_folder):
        for file in sorted(folder.glob("*.toml")):
            try:
                theme = _read_theme(file)
            except OSError as error:
                themes.problems.append(_problem(file, error.strerror or str(error)))
            except (ValueError, RecursionError) as error:
                themes.problems.append(_problem(file, str(error)))
            else:
                themes.found[theme.name] = theme
    return themes


def _read_theme(file: Path) -> ThemeFile:
    if not file.is_file():
        raise ValueError("not a file")
    return decode_theme(file.read_bytes())


def decode_theme(data: bytes) -> ThemeFile:
    """The theme that `data`, the bytes of its file, describes.

    Raises ValueError or RecursionError for anything else.
    """
    return _completed(convert(tomli.loads(data.decode("utf-8-sig")), ThemeFile))


def _completed(theme: ThemeFile) -> ThemeFile:
    """`theme` with the studio's own variables, where it does not set them."""
    own = {
        "border-quiet": _mixed(theme.panel, theme.foreground, 0.2),
        "text-quiet": _mixed(theme.background, theme.foreground, 0.65),
    }
    return replace(theme, variables={**own, **theme.variables})


def _mixed(one: str, other: str, share: float) -> str:
    """The colour that lies `share` of the way from `one` to `other`."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()


def _problem(file: Path, reason: str) -> str:
    return one_line(f"{file.name}: {reason}", limit=_PROBLEM_LIMIT)


def _bundled_folder() -> Path:
    """In a wheel themes lie inside the package, in a checkout beside it."""
    inside = Path(__file__).parent / "themes"
    return inside if inside.is_dir() else inside.parent.parent / "themes"
