"""What each model takes, gives and costs, typed in from the vendors' own pages.

Cards and the demo endpoint are each held against these tables, and so against each other; none of
this may be read from either.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Fields = dict[str, Any]
GROUP = "sequential_image_generation"
SEEDREAMS = ("seedream-4.5", "seedream-4.0", "dola-seedream-5.0-lite")
GROUPED = SEEDREAMS[:2]
"""Those that make a group of related images."""
TOKEN360 = (*SEEDREAMS, "kling-image-o1", "nano-banana-pro", "glm-image")
OPENAI = ("gpt-image-2", "gpt-image-1.5", "gpt-image-1-mini", "gpt-image-1")


def group(most: int) -> Fields:
    """A group of at most so many images, as it is sent."""
    return {GROUP: "auto", f"{GROUP}_options": {"max_images": most}}


def _sizes(*sizes: str) -> list[Fields]:
    return [{"size": size} for size in sizes]


TIER_PIXELS = {
    "1K": ("1024x1024", "1280x720", "720x1280"),
    "2K": (
        "2048x2048", "2304x1728", "1728x2304", "2848x1600", "1600x2848", "2496x1664", "1664x2496",
        "3136x1344",
    ),
    "3K": (
        "3072x3072", "3456x2592", "2592x3456", "4096x2304", "2304x4096", "3744x2496", "2496x3744",
        "4704x2016",
    ),
    "4K": (
        "4096x4096", "4704x3520", "3520x4704", "5504x3040", "3040x5504", "4992x3328", "3328x4992",
        "6240x2656",
    ),
}  # fmt: skip
"""Seedream's recommended sizes, by the tier they belong to."""
TIERS = {
    "seedream-4.5": ("2K", "4K"),
    "seedream-4.0": ("1K", "2K", "4K"),
    "dola-seedream-5.0-lite": ("2K", "3K", "4K"),
}
KLING_PIXELS = {
    "1k": (
        "1024x1024", "1248x832", "832x1248", "1168x880", "880x1168", "768x1360", "1360x768",
        "1552x656",
    ),
    "2k": (
        "2048x2048", "2496x1664", "1664x2496", "2336x1760", "1760x2336", "1536x2720", "2720x1536",
        "3104x1312",
    ),
}  # fmt: skip
NANO_BANANA_PIXELS = {
    "1:1": ("1024x1024", "2048x2048", "4096x4096"),
    "2:3": ("848x1264", "1696x2528", "3392x5056"),
    "3:2": ("1264x848", "2528x1696", "5056x3392"),
    "3:4": ("896x1200", "1792x2400", "3584x4800"),
    "4:3": ("1200x896", "2400x1792", "4800x3584"),
    "4:5": ("928x1152", "1856x2304", "3712x4608"),
    "5:4": ("1152x928", "2304x1856", "4608x3712"),
    "9:16": ("768x1376", "1536x2752", "3072x5504"),
    "16:9": ("1376x768", "2752x1536", "5504x3072"),
    "21:9": ("1584x672", "3168x1344", "6336x2688"),
}
"""By ratio, at 1K, 2K and 4K."""
RESOLUTIONS = ("1K", "2K", "4K")

ACCEPTED: dict[str, list[Fields]] = {
    "seedream-4.5": [
        *_sizes(*TIERS["seedream-4.5"], *TIER_PIXELS["2K"], *TIER_PIXELS["4K"], "3024x1296"),
        # 3,686,400 and 16,777,216 pixels exactly, also at 16 to 1.
        *_sizes("2560x1440", "1440x2560", "1920x1920", "7680x480", "480x7680"),
        *_sizes("16384x1024", "1024x16384"),
    ],
    "seedream-4.0": [
        *_sizes(*TIERS["seedream-4.0"]),
        *_sizes(*TIER_PIXELS["1K"], *TIER_PIXELS["2K"], *TIER_PIXELS["4K"]),
        # 921,600 and 16,777,216 pixels exactly, also at 16 to 1.
        *_sizes("960x960", "3840x240", "240x3840", "16384x1024", "1024x16384"),
    ],
    "dola-seedream-5.0-lite": [
        *_sizes(*TIERS["dola-seedream-5.0-lite"]),
        *_sizes(*TIER_PIXELS["2K"], *TIER_PIXELS["3K"], *TIER_PIXELS["4K"]),
        *_sizes("2560x1440", "1920x1920", "7680x480", "480x7680", "16384x1024", "1024x16384"),
    ],
    "kling-image-o1": [
        {},
        *({"n": n} for n in range(1, 10)),
        *_sizes("1k", "2k", *KLING_PIXELS["1k"], *KLING_PIXELS["2k"]),
        {"n": 9, "size": "2k"},
    ],
    "nano-banana-pro": [
        {},
        *({"ratio": ratio} for ratio in NANO_BANANA_PIXELS),
        *({"quality": quality} for quality in RESOLUTIONS),
        {"ratio": "21:9", "quality": "4K"},
    ],
    "glm-image": [{}],
}
"""Fields that are taken, beside the model and the prompt."""

REFUSED: dict[str, list[tuple[Fields, str]]] = {
    "seedream-4.5": [
        ({"size": "1K"}, "size"),
        ({"size": "3K"}, "size"),
        ({"size": "2559x1440"}, "size"),
        ({"size": "1919x1920"}, "size"),
        ({"size": "4097x4096"}, "size"),
    ],
    "seedream-4.0": [
        ({"size": "3K"}, "size"),
        ({"size": "1279x720"}, "size"),
        ({"size": "959x960"}, "size"),
        ({"size": "4096x4097"}, "size"),
    ],
    "dola-seedream-5.0-lite": [
        ({"size": "1K"}, "size"),
        ({"size": "2559x1440"}, "size"),
        ({"size": "4097x4096"}, "size"),
        ({GROUP: "disabled"}, GROUP),
    ],
    "kling-image-o1": [
        ({"n": 0}, "n"),
        ({"n": 10}, "n"),
        ({"n": "2"}, "n"),
        ({"size": "4k"}, "size"),
        ({"size": "1024x1025"}, "size"),
        ({"size": "1920x1080"}, "size"),
        ({"seed": 7}, "seed"),
        ({"watermark": False}, "watermark"),
        ({"ratio": "16:9"}, "ratio"),
        ({"quality": "2K"}, "quality"),
    ],
    "nano-banana-pro": [
        ({"ratio": "auto"}, "ratio"),
        ({"ratio": "1:4"}, "ratio"),
        ({"ratio": "8:1"}, "ratio"),
        ({"ratio": "16:10"}, "ratio"),
        ({"quality": "1k"}, "quality"),
        ({"quality": "3K"}, "quality"),
        ({"quality": "hd"}, "quality"),
        ({"size": "2K"}, "size"),
        ({"n": 2}, "n"),
        ({"seed": 7}, "seed"),
    ],
    "glm-image": [
        ({"size": "1280x1280"}, "size"),
        ({"quality": "hd"}, "quality"),
        ({"n": 1}, "n"),
        ({"seed": 7}, "seed"),
        ({"watermark_enabled": False}, "watermark_enabled"),
    ],
}
"""Fields that are not taken, and the one to blame."""

for _model in SEEDREAMS:
    ACCEPTED[_model] += [
        {},
        *({"seed": seed} for seed in (-1, 0, 7, 2_147_483_647)),
        {"watermark": True},
        {"watermark": False},
    ]
    REFUSED[_model] += [
        ({"size": "auto"}, "size"),
        ({"size": "7681x480"}, "size"),
        ({"size": "480x7681"}, "size"),
        ({"size": 2048}, "size"),
        ({"seed": -2}, "seed"),
        ({"seed": 2_147_483_648}, "seed"),
        ({"seed": "7"}, "seed"),
        ({"watermark": "off"}, "watermark"),
        ({"ratio": "16:9"}, "ratio"),
        ({"quality": "4K"}, "quality"),
    ]
for _model in GROUPED:
    ACCEPTED[_model] += [
        {GROUP: "disabled"},
        {GROUP: "auto"},
        *(group(most) for most in range(1, 16)),
        {"response_format": "url"},
        {"response_format": "b64_json"},
    ]
    REFUSED[_model] += [
        ({GROUP: "sometimes"}, GROUP),
        (group(0), GROUP),
        (group(16), GROUP),
        ({"response_format": "png"}, "response_format"),
        ({"output_format": "png"}, "output_format"),
    ]

PROMPT_LIMITS = {"kling-image-o1": 2500, **dict.fromkeys(OPENAI, 32_000)}
"""Characters; for the others no limit is published that refuses anything."""

MOST_REFERENCES = {
    **dict.fromkeys(SEEDREAMS, 14),
    "kling-image-o1": 10,
    "nano-banana-pro": 14,
    "glm-image": 0,
    **dict.fromkeys(OPENAI, 16),
}


class ReferenceFile(NamedTuple):
    """An input image; `format` as Pillow writes it."""

    width: int
    height: int
    format: str = "PNG"


_SEEDREAM_TAKES = (
    ReferenceFile(15, 15),
    ReferenceFile(240, 15),
    ReferenceFile(15, 240, "JPEG"),
    ReferenceFile(64, 64, "WEBP"),
)
_SEEDREAM_REFUSES = (ReferenceFile(14, 15), ReferenceFile(15, 14), ReferenceFile(241, 15))

REFERENCES_TAKEN: dict[str, list[ReferenceFile]] = {
    **{model: [*_SEEDREAM_TAKES] for model in SEEDREAMS},
    "kling-image-o1": [
        ReferenceFile(300, 300),
        ReferenceFile(750, 300, "JPEG"),
        ReferenceFile(300, 750),
    ],
    "nano-banana-pro": [
        ReferenceFile(64, 64),
        ReferenceFile(64, 64, "JPEG"),
        ReferenceFile(64, 64, "WEBP"),
    ],
    "glm-image": [],
}
REFERENCES_REFUSED: dict[str, list[ReferenceFile]] = {
    **{model: [*_SEEDREAM_REFUSES] for model in SEEDREAMS},
    "kling-image-o1": [
        ReferenceFile(299, 300),
        ReferenceFile(751, 300),
        ReferenceFile(300, 751),
        ReferenceFile(300, 300, "WEBP"),
    ],
    "nano-banana-pro": [],
    "glm-image": [ReferenceFile(64, 64)],
}
