"""What a prompt asks for: scene, subjects, weather, palette and technique.

Known words decide through the lexicon. All other words, and the prompt as a whole, pull by a stable
hash, so that two prompts which share no known word still look different, and the same prompt always
looks the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from tui.demo.art import lexicon
from tui.demo.art.colour import from_hex
from tui.demo.art.palettes import PALETTES, Palette

_LONGEST = 4000
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+|\d+")
_SCENE_MOODS = {
    "mountains": ("mountain",), "hills": ("field", "farm"), "dunes": ("desert", "sand"),
    "sea": ("sea", "water"), "woods": ("forest",), "city": ("city",), "cosmos": ("space",),
    "lanterns": ("lamp", "night"), "still_life": ("interior", "pottery", "warm"),
    "bloom": ("flower", "garden"), "portrait": ("portrait",), "hall": ("ruin", "interior"),
    "depths": ("deep", "water"), "currents": ("pop",), "marble": ("gold",),
    "geometry": ("geometry", "pop"), "emblem": ("dream",),
}  # fmt: skip
# The hour and the season colour everything else.
_HOURS = frozenset(
    {"night", "sunset", "dawn", "dusk", "day", "snow", "autumn", "fire", "neon", "storm"}
)
_DARK_SCENES = frozenset({"lanterns", "cosmos"})
_OPEN_SCENES = (
    "mountains", "hills", "dunes", "sea", "woods", "city", "cosmos", "lanterns", "bloom", "hall",
    "depths", "currents", "marble", "geometry", "still_life", "emblem",
)  # fmt: skip
_USUAL_TECHNIQUES = ("plain",) * 9 + ("gouache",) * 5 + ("oil",) * 3 + (
    "watercolour", "halftone", "woodcut", "impression",
)  # fmt: skip
# Who stands in an emblem when the prompt names nobody.
_WANDERERS = (
    "tree",
    "figure",
    "birds",
    "balloon",
    "gate",
    "deer",
    "windmill",
    "tent",
    "house",
    "sailboat",
)
# What the weather is when the prompt does not speak of it.
_CHANCE_TRAITS = tuple(
    frozenset(traits.split())
    for traits in ("", "", "", "", "clouds", "clouds", "stars", "sunset", "dawn", "fog", "crescent", "lake", "pine", "coast")
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


def _share(*parts: object) -> float:
    return stable_hash(*parts) / 2**64


def read(prompt: str) -> Reading:
    """Read any prompt; there is none that cannot be painted."""
    words = _words(prompt)
    traits = frozenset(trait for word in words for trait in lexicon.TRAITS.get(word, ()))
    if not traits:
        traits = _CHANCE_TRAITS[stable_hash("trait", prompt) % len(_CHANCE_TRAITS)]
    subjects = tuple(
        dict.fromkeys(name for word in words for name in lexicon.SUBJECTS.get(word, ()))
    )
    scene = _scene(prompt, words, subjects)
    techniques = [name for word in words for name in lexicon.TECHNIQUES.get(word, ())]
    usual = _USUAL_TECHNIQUES[stable_hash("technique", prompt) % len(_USUAL_TECHNIQUES)]
    technique = (
        max(set(techniques), key=lambda name: (techniques.count(name), name != "oil", name))
        if techniques
        else usual
    )
    return Reading(
        scene=scene,
        palette=_coloured(words, _palette(prompt, words, scene), prompt),
        technique=technique,
        traits=traits,
        subjects=subjects[:2] or ((_share_of(_WANDERERS, prompt),) if scene == "emblem" else ()),
        number=_number(words),
    )


def _share_of(names: tuple[str, ...], prompt: str) -> str:
    return names[stable_hash("wanderer", prompt) % len(names)]


def _words(prompt: str) -> list[str]:
    """The prompt's words in simple form, known plurals and endings taken off."""
    text = unicodedata.normalize("NFKD", prompt[:_LONGEST]).casefold()
    text = "".join(character for character in text if not unicodedata.combining(character))
    for phrase, word in lexicon.PHRASES.items():
        text = text.replace(phrase, f" {word} ")
    return [_simple(word) for word in _WORD.findall(text)]


def _simple(word: str) -> str:
    for candidate in (
        word,
        word.removesuffix("s"),
        word.removesuffix("es"),
        word[:-3] + "y" if word.endswith("ies") else word,
        word.removesuffix("ing"),
        word.removesuffix("ed"),
        word.removesuffix("y"),
    ):
        if candidate in _KNOWN:
            return candidate
    return word


_KNOWN = frozenset().union(
    lexicon.SCENES, lexicon.SUBJECTS, lexicon.MOODS, lexicon.TRAITS, lexicon.TECHNIQUES,
    lexicon.COLOURS, lexicon.NUMBERS, lexicon.COMMON,
)  # fmt: skip


def _unknown(words: list[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word not in _KNOWN][:60]


def _scene(prompt: str, words: list[str], subjects: tuple[str, ...]) -> str:
    scores: dict[str, float] = {}
    for place, word in enumerate(words):
        for name in lexicon.SCENES.get(word, ()):
            # What is named first is usually what the picture is of.
            scores[name] = scores.get(name, 0.0) + 2.0 + 0.6 / (1 + place)
    if "portrait" in words or "face" in words:
        scores["portrait"] = scores.get("portrait", 0.0) + 4
    elif not scores and any(word in lexicon.PEOPLE for word in words):
        scores["portrait"] = 2.5
    if subjects and not scores:
        home = lexicon.HOMES.get(subjects[0])
        scores["emblem"] = 2.3 + _share("emblem", prompt)
        if home:
            scores[home] = 2.0 + _share("home", prompt)
    if not scores:
        scores = dict.fromkeys(_OPEN_SCENES, 0.0)
        for word in _unknown(words):
            favourite = _OPEN_SCENES[stable_hash("scene", word) % len(_OPEN_SCENES)]
            scores[favourite] += 0.5
        for name in _OPEN_SCENES:
            scores[name] += _share("scene", name, prompt) * 0.9
    return max(scores, key=lambda name: (scores[name], name))


def _palette(prompt: str, words: list[str], scene: str) -> Palette:
    moods: dict[str, float] = {}
    for word in words:
        for mood in lexicon.MOODS.get(word, ()):
            weight = 2.2 if mood in _HOURS else 1.0
            moods[mood] = min(moods.get(mood, 0.0) + weight, 2 * weight)
    spread = 0.9 if moods else 2.4
    for mood in _SCENE_MOODS[scene]:
        moods[mood] = moods.get(mood, 0.0) + 0.55
    favourites = {
        PALETTES[stable_hash("palette", word) % len(PALETTES)].name for word in _unknown(words)
    }
    must_be_dark = "night" in moods or scene in _DARK_SCENES

    def score(palette: Palette) -> float:
        total = sum(weight for mood, weight in moods.items() if mood in palette.moods)
        total += 0.5 * (palette.name in favourites) + spread * _share(
            "palette", palette.name, prompt
        )
        if must_be_dark and not palette.dark:
            total -= 3
        if scene == "cosmos" and "space" not in palette.moods:
            total -= 0.6
        return total

    return max(PALETTES, key=score)


def _coloured(words: list[str], palette: Palette, prompt: str) -> Palette:
    """The palette drawn to the colours that are named, and stirred a little by the whole prompt."""
    palette = palette.turned(
        (_share("turn", prompt) - 0.5) * 0.3, 0.92 + 0.2 * _share("chroma", prompt)
    )
    named: list[str] = []
    for word, following in zip(words, [*words[1:], ""], strict=False):
        tint = lexicon.COLOURS.get(word)
        if tint is None:
            continue
        if following in lexicon.SUBJECTS or following in lexicon.PEOPLE or named:
            palette = palette.accented(from_hex(tint))
        else:
            palette = palette.tinted(from_hex(tint), 0.62)
        named.append(word)
        if len(named) == 3:
            break
    return palette


def _number(words: list[str]) -> int:
    for word in words:
        if word in lexicon.NUMBERS:
            return lexicon.NUMBERS[word]
        if word.isdecimal() and len(word) <= 2 and 0 < int(word) <= 12:
            return int(word)
    return 0
