"""Themes: the bundled ones are whole, and a broken one is a problem and no more."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w
from textual.app import App
from textual.theme import Theme

from tui.config import Config
from tui.themes import load_themes

NOWHERE = Path("/nonexistent")
COLOURS = (
    "primary secondary accent background surface panel foreground success warning error".split()
)
MINE = {"name": "mine", "dark": True, **dict.fromkeys(COLOURS, "#102030")}


def _theme(**changes: object) -> str:
    return tomli_w.dumps({**MINE, **changes})


def test_the_bundled_themes_load_without_a_problem() -> None:
    themes = load_themes(NOWHERE)
    assert themes.problems == []
    assert {"safelight", "daylight"} <= set(themes.found)


def test_there_is_a_dark_and_a_light_theme_and_the_default_is_among_them() -> None:
    themes = load_themes(NOWHERE)
    assert {theme.dark for theme in themes.found.values()} == {True, False}
    assert Config().theme in themes.found


def test_every_bundled_theme_sets_the_same_variables() -> None:
    themes = load_themes(NOWHERE).found
    assert len({frozenset(theme.variables) for theme in themes.values()}) == 1


def test_a_theme_of_the_user_joins_the_bundled_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(_theme(variables={"border-quiet": "#405060 40%"}))
    themes = load_themes(tmp_path)
    assert themes.problems == []
    assert set(themes.found) == {*load_themes(NOWHERE).found, "mine"}
    assert themes.found["mine"].primary == "#102030"
    assert themes.found["mine"].variables["border-quiet"] == "#405060 40%"


def test_a_theme_of_the_user_takes_the_place_of_the_bundled_one_of_its_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "any.toml").write_text(_theme(name="safelight"))
    assert load_themes(tmp_path).found["safelight"].accent == "#102030"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("block-cursor-text-style", "bold underline"),
        ("link-style-hover", "bold not underline"),
        ("button-focus-text-style", "none"),
        ("footer-background", "transparent"),
        ("input-selection-background", "#ff6b4a 35%"),
    ],
)
def test_variables_are_colours_and_text_styles(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / "mine.toml").write_text(_theme(variables={name: value}))
    assert load_themes(tmp_path).found["mine"].variables[name] == value


def test_variables_of_the_studio_that_a_theme_leaves_out_are_mixed_from_its_colours(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.toml").write_text(
        _theme(panel="#000000", background="#64c800", foreground="#c864ff")
    )
    variables = load_themes(tmp_path).found["mine"].variables
    assert variables == {"border-quiet": "#281433", "text-quiet": "#a587a6"}


BROKEN = {
    "empty": "",
    "zeros": "\0" * 100,
    "syntax": "name = ",
    "brackets": "a = " + "[" * 100_000,
    "five thousand digits": "a = " + "9" * 5000,
    "missing colour": tomli_w.dumps({k: v for k, v in MINE.items() if k != "accent"}),
    "unknown key": _theme(colour="#102030"),
    "wrong type": _theme(dark="yes"),
    "no colour": _theme(primary="nonsense"),
    "colour and more": _theme(primary="#102030\n"),
    "rule in a colour": _theme(error="#102030; } App { display: none"),
    "empty name": _theme(name=""),
    "markup in the name": _theme(name="[/x]"),
    "rule in a variable": _theme(variables={"border-quiet": "}{"}),
    "style for a colour": _theme(variables={"border-quiet": "bold"}),
    "colour for a style": _theme(variables={"link-style": "#102030"}),
    "none with others": _theme(variables={"link-style": "none bold"}),
    "reference": _theme(variables={"border-quiet": "$nowhere"}),
    "variable name": _theme(variables={"a b;": "#102030"}),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_theme_is_a_one_line_problem_and_the_others_load(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "broken.toml").write_text(text)
    (tmp_path / "mine.toml").write_text(_theme())
    themes = load_themes(tmp_path)
    assert len(themes.problems) == 1
    assert themes.problems[0].startswith("broken.toml: ")
    assert len(themes.problems[0].splitlines()) == 1
    assert set(themes.found) == {*load_themes(NOWHERE).found, "mine"}


def _make_folder(path: Path) -> None:
    path.mkdir()


def _make_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def _make_latin_1(path: Path) -> None:
    path.write_bytes(b'name = "\xe9"')


def _make_unreadable(path: Path) -> None:
    # Reading it fails with EIO, for root too.
    path.symlink_to("/proc/self/mem" if Path("/proc/self/mem").exists() else "nowhere")


@pytest.mark.parametrize(
    "make", [_make_folder, os.mkfifo, _make_dangling_link, _make_latin_1, _make_unreadable]
)
def test_what_is_no_readable_file_is_a_problem(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "broken.toml")
    themes = load_themes(tmp_path)
    assert len(themes.problems) == 1
    assert themes.problems[0].startswith("broken.toml: ")


def test_other_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "mine.toml~").write_text("mine")
    assert load_themes(tmp_path) == load_themes(NOWHERE)


async def test_textual_takes_every_theme_that_is_found(tmp_path: Path) -> None:
    variables = {"link-style": "bold", "footer-background": "transparent", "border": "#102030 9%"}
    (tmp_path / "mine.toml").write_text(_theme(variables=variables))
    for found in load_themes(tmp_path).found.values():
        colours = {name: getattr(found, name) for name in COLOURS}
        studio = App[None]()
        studio.register_theme(
            Theme(found.name, dark=found.dark, variables=found.variables, **colours)
        )
        studio.theme = found.name
        async with studio.run_test():
            assert studio.current_theme.name == found.name
