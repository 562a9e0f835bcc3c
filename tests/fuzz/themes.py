"""Themes of the user; Textual takes all those that are accepted."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from random import Random

from msgspec.structs import asdict
from textual.css.stylesheet import Stylesheet
from textual.theme import Theme

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.text import one_line
from tui.themes import ThemeFile, decode_theme

_FOLDER = Path(__file__).parents[2] / "themes"
_BUNDLED = [file.read_bytes() for file in sorted(_FOLDER.glob("*.toml"))]
_MUTATOR = Mutator(
    [
        *_BUNDLED,
        b'name = "mine"\ndark = true\n'
        + b"".join(
            name + b' = "#102030"\n'
            for name in b"primary secondary accent background surface panel foreground success"
            b" warning error".split()
        )
        + b'[variables]\nborder-quiet = "#405060 40%"\nlink-style = "bold not italic"\n',
    ],
    [
        b'"#102030"', b'"#102030 40%"', b'"#102030 999%"', b'"#fff"', b'"transparent"', b'"bold"',
        b'"none"', b'"not reverse"', b'"$primary"', b'"auto 60%"', b'"ansi_red"', b"[variables]\n",
        b"text = ", b"link-style = ", b"border = ", b"scrollbar = ", b"text-muted = ", b"name = ",
        b"dark = ", b"true", b"false", b"boost = ", b"\n", b'"', b"#", b"=", b"; }", b"-style",
        b"-style-hover", b"-lighten-1", b"surface-active = ", b"a-style = ", b" ", b"\\n",
    ],
)  # fmt: skip


def _example(dice: Random) -> Parts:
    return (_MUTATOR.example(dice),)


def _attempt(parts: Parts) -> str:
    try:
        theme = decode_theme(parts[0])
    except (ValueError, RecursionError) as error:
        assert one_line(str(error))
        return type(error).__name__
    assert 0 < len(theme.name) <= 40
    assert one_line(theme.name)
    _judge(theme)
    return ACCEPTED


def _judge(theme: ThemeFile) -> None:
    colours = asdict(theme)
    Theme(**colours).to_color_system().generate()
    for name, value in theme.variables.items():
        _parse(value, name.endswith(("-style", "-style-hover")))


@lru_cache(maxsize=4096)
def _parse(value: str, is_style: bool) -> None:
    """Textual reads `value` where the style sheets have such a variable."""
    sheet = Stylesheet(variables={"v": value})
    uses = "text-style: $v" if is_style else "color: $v; background: $v 50%; border: tall $v"
    sheet.add_source(f"A {{ {uses}; }}")
    sheet.parse()


TARGET = Target("themes", _example, _attempt)
