"""The words the painter knows, read from `lexicon.toml`: what each names."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_TABLES: dict[str, dict[str, str]] = tomllib.loads(
    files("tui.demo.art").joinpath("lexicon.toml").read_text("utf-8")
)


def _by_word(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The table turned round: for every word the names it stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for name, words in table.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), name)
    return found


PHRASES = _TABLES["phrases"]
SCENES = _by_word(_TABLES["scenes"])
SUBJECTS = _by_word(_TABLES["subjects"])
MOODS = _by_word(_TABLES["moods"])
TRAITS = _by_word(_TABLES["traits"])
TECHNIQUES = _by_word(_TABLES["techniques"])
COLOURS = _by_word(_TABLES["colours"])
NUMBERS = {word: int(names[0]) for word, names in _by_word(_TABLES["numbers"]).items()}
HOMES = _TABLES["homes"]
PEOPLE = frozenset(_TABLES["lists"]["people"].split())
COMMON = frozenset(_TABLES["lists"]["common"].split())
