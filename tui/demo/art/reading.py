"""What a prompt asks for: scene, subjects, weather, palette and technique.

Known words decide through the lexicon. All other words, and the prompt as a whole, pull by a stable
hash, so that two prompts which share no known word still look different, and the same prompt always
looks the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from tui.demo.art import lexicon
from tui.demo.art.colour import from_hex
from tui.demo.art.palettes import PALETTES, Palette

_LONGEST = 4000  # characters read for words; the hash covers all of a prompt
_MOST_UNKNOWN = 60
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]+|[^\W\d_{_IDEOGRAPHS}]+|\d+")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("y", ""), ("ing", ""), ("ing", "e"), ("ed", ""),
    ("ed", "e"), ("er", ""), ("ly", ""),
)  # fmt: skip
_SCENE_MOODS = {
    "mountains": ("mountain",), "hills": ("field", "farm"), "dunes": ("desert", "sand"),
    "sea": ("sea", "water"), "woods": ("forest",), "city": ("city",), "cosmos": ("space",),
    "lanterns": ("lamp", "night"), "still_life": ("interior", "pottery", "warm"),
    "bloom": ("flower", "garden"), "portrait": ("portrait",), "hall": ("ruin", "interior"),
    "depths": ("deep", "water"), "currents": ("pop",), "marble": ("gold",),
    "geometry": ("geometry", "pop"), "emblem": ("dream",),
}  # fmt: skip
# The hour, the season and fire colour everything else.
_STRONG_MOODS = frozenset("night sunset dawn dusk day snow autumn fire neon storm".split())
_DARK_SCENES = frozenset({"lanterns", "cosmos"})
# What a prompt without a known word may become.
_OPEN_SCENES = (
    "mountains", "hills", "dunes", "sea", "woods", "city", "cosmos", "lanterns", "bloom", "hall",
    "depths", "currents", "marble", "geometry", "still_life", "emblem",
)  # fmt: skip
_OPEN_SUBJECTS = (
    "tree", "figure", "birds", "balloon", "gate", "deer", "windmill", "tent", "house", "sailboat",
)  # fmt: skip
_OPEN_TECHNIQUES = ("plain",) * 9 + ("gouache",) * 5 + ("oil",) * 3 + (
    "watercolour", "halftone", "woodcut", "impression",
)  # fmt: skip
_OPEN_TRAITS = (
    "", "", "", "", "clouds", "clouds", "stars", "sunset", "dawn", "fog", "crescent", "lake",
    "pine", "coast",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one prompt come to; `number` is a count they name, 0 if none."""

    scene: str
    palette: Palette
    technique: str
    traits: frozenset[str]
    subjects: tuple[str, ...]
    number: int


def stable_hash(*parts: object) -> int:
    """A number of 64 bits that depends on `parts` alone, on every machine and in every process."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def read(prompt: str) -> Reading:
    """Read any prompt; there is none that cannot be painted."""
    identity, words = stable_hash(prompt), _words(prompt)
    subjects = tuple(dict.fromkeys(_named(lexicon.SUBJECTS, words)))
    scene = _scene(identity, words, subjects)
    if scene == "emblem" and not subjects:
        subjects = (_pick(_OPEN_SUBJECTS, "subject", identity),)
    traits = frozenset(_named(lexicon.TRAITS, words))
    if not traits:
        traits = frozenset(_pick(_OPEN_TRAITS, "trait", identity).split())
    return Reading(
        scene=scene,
        palette=_coloured(identity, words, _palette(identity, words, scene)),
        technique=_technique(identity, words),
        traits=traits,
        subjects=subjects[:2],
        number=_number(words),
    )


def _share(*parts: object) -> float:
    """A number from 0 to 1 that depends on `parts` alone."""
    return stable_hash(*parts) / 2**64


def _pick(choices: tuple[str, ...], *parts: object) -> str:
    return choices[stable_hash(*parts) % len(choices)]


def _words(prompt: str) -> list[str]:
    """The prompt's words without accents; ideographs one by one and in pairs."""
    text = "".join(_spelled(character) for character in prompt[:_LONGEST])
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(character for character in text if not unicodedata.combining(character))
    for phrase, word in lexicon.PHRASES.items():
        text = text.replace(phrase, f" {word} ")
    words: list[str] = []
    for word in _WORD.findall(text):
        if _IDEOGRAPH.match(word):
            words += [word[place : place + 2] for place in range(len(word) - 1)]
            words += word
        else:
            words.append(word)
    return words


def _spelled(character: str) -> str:
    """A pictograph's name in place of the pictograph: a fox's face is a fox."""
    if unicodedata.category(character) != "So":
        return character
    name = unicodedata.name(character, "").replace("FACE", "").replace("WITH", "")
    return f" {name} "


def _forms(word: str) -> Iterator[str]:
    """`word`, and what remains of it without the commonest English endings."""
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending) + instead
            yield stem
            if len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]


def _look_up(table: Mapping[str, tuple[str, ...]], word: str) -> tuple[str, ...]:
    return next((table[form] for form in _forms(word) if form in table), ())


def _named(table: Mapping[str, tuple[str, ...]], words: list[str]) -> list[str]:
    """Every name that the words stand for, in their order."""
    return [name for word in words for name in _look_up(table, word)]


def _unknown(words: list[str]) -> list[str]:
    known = {
        *lexicon.SCENES, *lexicon.SUBJECTS, *lexicon.MOODS, *lexicon.TECHNIQUES, *lexicon.COLOURS,
        *lexicon.COMMON,
    }  # fmt: skip
    strange = (word for word in dict.fromkeys(words) if known.isdisjoint(_forms(word)))
    return list(islice(strange, _MOST_UNKNOWN))


def _scene(identity: int, words: list[str], subjects: tuple[str, ...]) -> str:
    scores: defaultdict[str, float] = defaultdict(float)
    for place, word in enumerate(words):
        for name in _look_up(lexicon.SCENES, word):
            # What is named first is usually what the picture is of.
            scores[name] += 2 + 0.6 / (1 + place)
    if "portrait" in words or "face" in words:
        scores["portrait"] += 4
    elif not scores and any(word in lexicon.PEOPLE for word in words):
        scores["portrait"] = 2.5
    if subjects and not scores:
        scores["emblem"] = 2.3 + _share("emblem", identity)
        if subjects[0] in lexicon.HOMES:
            scores[lexicon.HOMES[subjects[0]]] = 2 + _share("home", identity)
    if not scores:
        for name in _OPEN_SCENES:
            scores[name] = _share("scene", name, identity)
        for word in _unknown(words):
            scores[_pick(_OPEN_SCENES, "scene", word)] += 0.5
    return max(scores, key=lambda name: (scores[name], name))


def _technique(identity: int, words: list[str]) -> str:
    named = Counter(_named(lexicon.TECHNIQUES, words))
    # "Painting" and "photo" are said of many things: a more particular word wins, then the first.
    usual = _pick(_OPEN_TECHNIQUES, "technique", identity)
    return max(named, key=lambda name: (named[name], name not in {"oil", "plain"}), default=usual)


def _palette(identity: int, words: list[str], scene: str) -> Palette:
    moods: dict[str, float] = {}
    for mood in _named(lexicon.MOODS, words):
        weight = 2.2 if mood in _STRONG_MOODS else 1.0
        moods[mood] = min(moods.get(mood, 0) + weight, 2 * weight)
    stray = 0.9 if moods else 2.4
    for mood in _SCENE_MOODS[scene]:
        moods[mood] = moods.get(mood, 0) + 0.55
    favourites = {_pick(_PALETTE_NAMES, "palette", word) for word in _unknown(words)}
    must_be_dark = "night" in moods or scene in _DARK_SCENES

    def score(palette: Palette) -> float:
        total = sum(weight for mood, weight in moods.items() if mood in palette.moods)
        total += 0.5 * (palette.name in favourites)
        total += stray * _share("palette", palette.name, identity)
        return total - 3 * (must_be_dark and not palette.dark)

    return max(PALETTES, key=score)


_PALETTE_NAMES = tuple(palette.name for palette in PALETTES)


def _coloured(identity: int, words: list[str], palette: Palette) -> Palette:
    """The palette stirred a little by the whole prompt, then drawn to the colours it names.

    The first colour is the picture's, unless it stands before a subject; later ones are accents.
    """
    palette = palette.turned(
        0.3 * (_share("turn", identity) - 0.5), 0.92 + 0.2 * _share("chroma", identity)
    )
    named = 0
    for word, following in zip(words, [*words[1:], ""], strict=False):
        tint = _look_up(lexicon.COLOURS, word)
        if not tint:
            continue
        if named or following in lexicon.PEOPLE or _look_up(lexicon.SUBJECTS, following):
            palette = palette.accented(from_hex(tint[0]))
        else:
            palette = palette.tinted(from_hex(tint[0]), 0.62)
        named += 1
        if named == 3:
            break
    return palette


def _number(words: list[str]) -> int:
    for word in words:
        if word in lexicon.NUMBERS:
            return lexicon.NUMBERS[word]
        if word.isdecimal() and len(word) <= 2 and 0 < int(word) <= 12:
            return int(word)
    return 0
