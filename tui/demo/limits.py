"""What each model of the demo endpoint takes, and which pixels it gives.

This is a second table beside the model cards, on purpose: a mistake in a card shows as a refusal
here. Sources, read in October 2026: BytePlus ModelArk's image guide (Seedream), Kling's and
Runware's tables (Kling O1), Google's table for Gemini 3 Pro Image (Nano Banana Pro), docs.z.ai
(GLM-Image).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from tui.demo.errors import not_valid, quoted

Pixels = tuple[int, int]
ImageFormat = Literal["jpeg", "png"]

SEEDS = range(-1, 2**31)
_W_BY_H = re.compile(r"(\d{1,5})[xX](\d{1,5})")
_RATIO_IN_PROMPT = re.compile(r"(?<![\d:])(\d{1,2}:\d{1,2})(?![\d:])")


@dataclass(frozen=True, slots=True)
class SizeChoice:
    """What a request says of the picture's size; None where it says nothing."""

    prompt: str
    size: str | None = None
    ratio: str | None = None
    quality: str | None = None


class Sizing(Protocol):
    """How a model turns a request into pixels."""

    def pixels(self, choice: SizeChoice) -> Pixels:
        """Width and height. Raises Refusal for a size that the model does not make."""


@dataclass(frozen=True, slots=True)
class FreeSizing:
    """A tier, whose aspect ratio is read from the prompt, or any W×H within limits.

    `tiers` has the pixels of each tier by ratio, "1:1" always among them.
    """

    model: str
    tiers: Mapping[str, Mapping[str, Pixels]]
    least_pixels: int
    most_pixels: int
    most_aspect: int = 16
    default: str = "2048x2048"

    def pixels(self, choice: SizeChoice) -> Pixels:
        size = self.default if choice.size is None else choice.size
        if ratios := self.tiers.get(size.upper()):
            return _as_prompt_has_it(choice.prompt, ratios)
        if size.upper() in _SEEDREAM_TIERS:
            raise not_valid("size", f"the specified size is not supported for model {self.model}")
        match = _W_BY_H.fullmatch(size)
        if match is None:
            tiers = " or ".join(f"'{tier.lower()}'" for tier in self.tiers)
            raise not_valid(
                "size", f"size must be one of 'WIDTHxHEIGHT', {tiers}, not {quoted(size)}"
            )
        width, height = int(match[1]), int(match[2])
        if width * height < self.least_pixels:
            raise not_valid("size", f"image size must be at least {self.least_pixels} pixels")
        if width * height > self.most_pixels:
            raise not_valid("size", f"image size must be at most {self.most_pixels} pixels")
        if max(width, height) > self.most_aspect * min(width, height):
            limit = self.most_aspect
            raise not_valid("size", f"the aspect ratio must be between 1/{limit} and {limit}")
        return width, height


@dataclass(frozen=True, slots=True)
class ListedSizing:
    """A tier, whose aspect ratio is read from the prompt, or one of the tiers' W×H.

    `tiers` is as for FreeSizing; the first tier is the default.
    """

    tiers: Mapping[str, Mapping[str, Pixels]]

    def pixels(self, choice: SizeChoice) -> Pixels:
        size = next(iter(self.tiers)) if choice.size is None else choice.size.lower()
        if size in self.tiers:
            return _as_prompt_has_it(choice.prompt, self.tiers[size])
        sizes = {
            f"{width}x{height}": (width, height)
            for tier in self.tiers.values()
            for width, height in tier.values()
        }
        if size in sizes:
            return sizes[size]
        raise not_valid("size", f"size must be one of {', '.join([*self.tiers, *sizes])}")


@dataclass(frozen=True, slots=True)
class TableSizing:
    """An aspect ratio and a quality, each from a list; the first of each is the default."""

    qualities: tuple[str, ...]
    table: Mapping[str, tuple[Pixels, ...]]

    def pixels(self, choice: SizeChoice) -> Pixels:
        ratio = next(iter(self.table)) if choice.ratio is None else choice.ratio
        quality = self.qualities[0] if choice.quality is None else choice.quality
        if ratio not in self.table:
            raise not_valid("ratio", f"ratio must be one of {', '.join(self.table)}")
        if quality not in self.qualities:
            raise not_valid("quality", f"quality must be one of {', '.join(self.qualities)}")
        return self.table[ratio][self.qualities.index(quality)]


@dataclass(frozen=True, slots=True)
class FixedSizing:
    """One size for every picture."""

    size: Pixels

    def pixels(self, choice: SizeChoice) -> Pixels:
        return self.size


@dataclass(frozen=True, slots=True)
class ReferenceLimits:
    """Which input images a model takes: sides and areas in pixels, formats as Pillow names them."""

    most: int
    formats: tuple[str, ...]
    most_bytes: int
    least_side: int
    most_aspect: float
    most_pixels: int


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """One model: its names, the fields it has beside `model`, `prompt` and `response_format`,
    the fields it takes without a word and without effect, and its limits.

    `native` has the fields that only the vendor's own API has, as far as they have an effect here.
    `prompt_length` is in characters.
    """

    id: str
    served_by: str
    owned_by: str
    created: int
    sizing: Sizing
    fields: frozenset[str]
    ignored: frozenset[str] = frozenset()
    native: frozenset[str] = frozenset()
    prompt_length: int = 4000
    most_images: int = 1
    references: ReferenceLimits | None = None
    formats: tuple[ImageFormat, ...] = ("png",)
    watermark: bool = False


def _as_prompt_has_it(prompt: str, ratios: Mapping[str, Pixels]) -> Pixels:
    for ratio in _RATIO_IN_PROMPT.findall(prompt):
        if ratio in ratios:
            return ratios[ratio]
    return ratios["1:1"]


def _with_transposed(sizes: Mapping[str, tuple[Pixels, ...]]) -> dict[str, tuple[Pixels, ...]]:
    table = dict(sizes)
    for ratio, row in sizes.items():
        width, height = ratio.split(":")
        table.setdefault(f"{height}:{width}", tuple((high, wide) for wide, high in row))
    return table


_SEEDREAM_TIERS: dict[str, dict[str, Pixels]] = {
    "1K": {"1:1": (1024, 1024), "16:9": (1280, 720), "9:16": (720, 1280)},
    "2K": {
        "1:1": (2048, 2048),
        "4:3": (2304, 1728),
        "3:4": (1728, 2304),
        "16:9": (2848, 1600),
        "9:16": (1600, 2848),
        "3:2": (2496, 1664),
        "2:3": (1664, 2496),
        "21:9": (3136, 1344),
    },
    "3K": {
        "1:1": (3072, 3072),
        "4:3": (3456, 2592),
        "3:4": (2592, 3456),
        "16:9": (4096, 2304),
        "9:16": (2304, 4096),
        "3:2": (3744, 2496),
        "2:3": (2496, 3744),
        "21:9": (4704, 2016),
    },
    "4K": {
        "1:1": (4096, 4096),
        "4:3": (4704, 3520),
        "3:4": (3520, 4704),
        "16:9": (5504, 3040),
        "9:16": (3040, 5504),
        "3:2": (4992, 3328),
        "2:3": (3328, 4992),
        "21:9": (6240, 2656),
    },
}

_KLING_TIERS: dict[str, dict[str, Pixels]] = {
    "1k": {
        "1:1": (1024, 1024),
        "4:3": (1168, 880),
        "3:4": (880, 1168),
        "16:9": (1360, 768),
        "9:16": (768, 1360),
        "3:2": (1248, 832),
        "2:3": (832, 1248),
        "21:9": (1552, 656),
    },
    "2k": {
        "1:1": (2048, 2048),
        "4:3": (2336, 1760),
        "3:4": (1760, 2336),
        "16:9": (2720, 1536),
        "9:16": (1536, 2720),
        "3:2": (2496, 1664),
        "2:3": (1664, 2496),
        "21:9": (3104, 1312),
    },
}

_NANO_BANANA_SIZES = {
    "1:1": ((1024, 1024), (2048, 2048), (4096, 4096)),
    "2:3": ((848, 1264), (1696, 2528), (3392, 5056)),
    "3:4": ((896, 1200), (1792, 2400), (3584, 4800)),
    "4:5": ((928, 1152), (1856, 2304), (3712, 4608)),
    "9:16": ((768, 1376), (1536, 2752), (3072, 5504)),
}
_NANO_BANANA_WIDE = {"21:9": ((1584, 672), (3168, 1344), (6336, 2688))}

_SEEDREAM_REFERENCES = ReferenceLimits(
    most=14,
    formats=("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"),
    most_bytes=30_000_000,
    least_side=15,
    most_aspect=16,
    most_pixels=36_000_000,
)
_KLING_REFERENCES = ReferenceLimits(
    most=10,
    formats=("JPEG", "PNG"),
    most_bytes=10_000_000,
    least_side=300,
    most_aspect=2.5,
    most_pixels=36_000_000,
)
_NANO_BANANA_REFERENCES = ReferenceLimits(
    most=14,
    formats=("JPEG", "PNG", "WEBP"),
    most_bytes=30_000_000,
    least_side=1,
    most_aspect=16,
    most_pixels=36_000_000,
)

_SEEDREAM_FIELDS = frozenset({"size", "seed", "watermark", "image", "stream"})
_GROUP_FIELDS = frozenset({"sequential_image_generation", "sequential_image_generation_options"})

_ALL = (
    ModelLimits(
        id="seedream-4.5",
        served_by="seedream-4-5-251128",
        owned_by="bytedance",
        created=1_764_288_000,
        sizing=FreeSizing(
            "seedream-4-5-251128",
            {tier: _SEEDREAM_TIERS[tier] for tier in ("2K", "4K")},
            least_pixels=2560 * 1440,
            most_pixels=4096 * 4096,
        ),
        fields=_SEEDREAM_FIELDS | _GROUP_FIELDS,
        ignored=frozenset({"n"}),
        references=_SEEDREAM_REFERENCES,
        formats=("jpeg",),
        watermark=True,
    ),
    ModelLimits(
        id="seedream-4.0",
        served_by="seedream-4-0-250828",
        owned_by="bytedance",
        created=1_756_339_200,
        sizing=FreeSizing(
            "seedream-4-0-250828",
            {tier: _SEEDREAM_TIERS[tier] for tier in ("1K", "2K", "4K")},
            least_pixels=1280 * 720,
            most_pixels=4096 * 4096,
        ),
        fields=_SEEDREAM_FIELDS | _GROUP_FIELDS,
        ignored=frozenset({"n"}),
        references=_SEEDREAM_REFERENCES,
        formats=("jpeg",),
        watermark=True,
    ),
    ModelLimits(
        id="dola-seedream-5.0-lite",
        served_by="seedream-5-0-lite-260128",
        owned_by="bytedance",
        created=1_769_558_400,
        sizing=FreeSizing(
            "seedream-5-0-lite-260128",
            {tier: _SEEDREAM_TIERS[tier] for tier in ("2K", "3K", "4K")},
            least_pixels=2560 * 1440,
            most_pixels=4096 * 4096,
        ),
        fields=_SEEDREAM_FIELDS | {"output_format"},
        ignored=frozenset({"n"}),
        native=_GROUP_FIELDS,
        references=_SEEDREAM_REFERENCES,
        formats=("jpeg", "png"),
        watermark=True,
    ),
    ModelLimits(
        id="kling-image-o1",
        served_by="kling-image-o1",
        owned_by="kuaishou",
        created=1_764_547_200,
        sizing=ListedSizing(_KLING_TIERS),
        fields=frozenset({"n", "size", "image"}),
        prompt_length=2500,
        most_images=9,
        references=_KLING_REFERENCES,
    ),
    ModelLimits(
        id="nano-banana-pro",
        served_by="gemini-3-pro-image-preview",
        owned_by="google",
        created=1_763_596_800,
        sizing=TableSizing(
            ("1K", "2K", "4K"), _with_transposed(_NANO_BANANA_SIZES) | _NANO_BANANA_WIDE
        ),
        fields=frozenset({"ratio", "quality", "image"}),
        prompt_length=32_000,
        references=_NANO_BANANA_REFERENCES,
    ),
    ModelLimits(
        id="glm-image",
        served_by="glm-image",
        owned_by="zhipu",
        created=1_768_348_800,
        sizing=FixedSizing((1280, 1280)),
        fields=frozenset(),
    ),
)

MODELS: Mapping[str, ModelLimits] = {limits.id: limits for limits in _ALL}
