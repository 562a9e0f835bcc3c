"""Each card against what the vendor says of its model: values, body, price, references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.model_facts import (
    ACCEPTED,
    GROUP,
    GROUPED,
    MOST_REFERENCES,
    OPENAI,
    PROMPT_LIMITS,
    REFERENCES_REFUSED,
    REFERENCES_TAKEN,
    REFUSED,
    SEEDREAMS,
    TOKEN360,
    ReferenceFile,
    group,
)
from tui.api.results import ReferenceImage
from tui.api.wire import request_body
from tui.catalog.card import ModelCard
from tui.catalog.loading import load_catalogue
from tui.catalog.price import estimate
from tui.catalog.validation import check, check_reference, request_fields
from tui.config import EndpointSettings

CATALOGUE = load_catalogue(Path("/nonexistent"))
CARDS = CATALOGUE.cards
PROMPT = "a fox"
REFERENCE = ReferenceImage(data=b"\x00\x01\x02", media_type="image/png")
ENCODED = "data:image/png;base64,AAEC"

OPENAI_ACCEPTED: list[dict[str, Any]] = [
    {},
    *({"size": size} for size in ("auto", "1024x1024", "1536x1024", "1024x1536")),
    *({"quality": quality} for quality in ("auto", "low", "medium", "high")),
    *({"n": n} for n in range(1, 11)),
    *({"background": background} for background in ("auto", "opaque")),
    *({"output_format": kind} for kind in ("png", "jpeg", "webp")),
    *({"moderation": level} for level in ("auto", "low")),
    *(
        {"output_format": kind, "output_compression": percent}
        for kind in ("jpeg", "webp")
        for percent in (0, 50, 100)
    ),
]
OPENAI_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"size": "1K"}, "size"),
    ({"size": "1000x1000"}, "size"),
    ({"quality": "hd"}, "quality"),
    ({"quality": "standard"}, "quality"),
    ({"n": 0}, "n"),
    ({"n": 11}, "n"),
    ({"background": "white"}, "background"),
    ({"output_format": "gif"}, "output_format"),
    ({"output_compression": 50}, "output_compression"),
    ({"output_format": "webp", "output_compression": 101}, "output_compression"),
    ({"output_format": "webp", "output_compression": -1}, "output_compression"),
    ({"moderation": "high"}, "moderation"),
    ({"style": "vivid"}, "style"),
    ({"seed": 7}, "seed"),
    ({"response_format": "url"}, "response_format"),
    ({"response_format": "b64_json"}, "response_format"),
]
LISTED_SIZES = tuple(model for model in OPENAI if model != "gpt-image-2")

ALSO_ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    *((model, {"background": "transparent"}) for model in LISTED_SIZES),
    *(
        (model, {"background": "transparent", "output_format": kind})
        for model in LISTED_SIZES
        for kind in ("png", "webp")
    ),
    # Both sides multiples of 16, at most 3 to 1, at most 3840×2160.
    *(
        ("gpt-image-2", {"size": size})
        for size in ("1008x1008", "1920x1088", "3840x2160", "2160x3840", "2304x768", "768x2304")
    ),
]
ALSO_REFUSED: list[tuple[str, dict[str, Any], str]] = [
    *(
        (model, {"background": "transparent", "output_format": "jpeg"}, "background")
        for model in LISTED_SIZES
    ),
    *(
        (model, {"size": size}, "size")
        for model in LISTED_SIZES
        for size in ("1792x1024", "1024x1792", "2048x2048")
    ),
    *(
        ("gpt-image-2", {"size": size}, "size")
        for size in ("1920x1080", "2320x768", "3856x2160", "3840x2176", "1016x1024")
    ),
    # Token360 grants n to Kling alone, and response_format to two of the Seedreams.
    *((model, {"n": 2}, "n") for model in SEEDREAMS),
    ("dola-seedream-5.0-lite", {"response_format": "url"}, "response_format"),
]


def _fields(*tables: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(model, case, id=f"{model}-{number}")
        for table in tables
        for model, cases in table.items()
        for number, case in enumerate(cases)
    ]


def _blamed(card: ModelCard, values: dict[str, Any], references: int = 0) -> list[str]:
    return [violation.parameter for violation in check(card, PROMPT, values, references)]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        *_fields(ACCEPTED, dict.fromkeys(OPENAI, OPENAI_ACCEPTED)),
        *(pytest.param(*case) for case in ALSO_ACCEPTED),
    ],
)
def test_what_the_model_takes_is_legal(model: str, values: dict[str, Any]) -> None:
    assert _blamed(CARDS[model], values) == []


@pytest.mark.parametrize(
    ("model", "case"),
    [
        *_fields(REFUSED, dict.fromkeys(OPENAI, OPENAI_REFUSED)),
        *(pytest.param(model, (values, blamed)) for model, values, blamed in ALSO_REFUSED),
    ],
)
def test_what_the_model_refuses_is_a_violation_of_that_parameter(
    model: str, case: tuple[dict[str, Any], str]
) -> None:
    values, blamed = case
    assert _blamed(CARDS[model], values) == [blamed]


@pytest.mark.parametrize("model", [*TOKEN360, *OPENAI])
def test_a_prompt_may_be_as_long_as_the_model_reads(model: str) -> None:
    card = CARDS[model]
    # Longer than 600 words loses detail, and is taken.
    limit = PROMPT_LIMITS.get(model, 3900)
    assert check(card, "x" * limit, {}) == ()
    if model in PROMPT_LIMITS:
        assert [found.parameter for found in check(card, "x" * (limit + 1), {})] == ["prompt"]


@pytest.mark.parametrize(("model", "most"), MOST_REFERENCES.items())
def test_there_may_be_as_many_references_as_the_model_takes(model: str, most: int) -> None:
    assert _blamed(CARDS[model], {}, most) == []
    assert _blamed(CARDS[model], {}, most + 1) == ["references"]


@pytest.mark.parametrize("model", GROUPED)
@pytest.mark.parametrize("references", range(1, 15))
def test_references_and_a_group_are_15_images_together(model: str, references: int) -> None:
    room = 15 - references
    assert _blamed(CARDS[model], group(room), references) == []
    assert _blamed(CARDS[model], group(room + 1), references) == [GROUP]


@pytest.mark.parametrize(("model", "file"), _fields(REFERENCES_TAKEN))
def test_a_reference_that_the_model_takes_is_legal(model: str, file: ReferenceFile) -> None:
    found = check_reference(CARDS[model], file.format.lower(), 1000, file.width, file.height)
    assert found is None


@pytest.mark.parametrize(("model", "file"), _fields(REFERENCES_REFUSED))
def test_a_reference_that_the_model_refuses_is_a_violation(model: str, file: ReferenceFile) -> None:
    assert check_reference(CARDS[model], file.format.lower(), 1000, file.width, file.height)


@pytest.mark.parametrize("model", SEEDREAMS)
def test_a_seedream_reference_has_36_million_pixels_at_most(model: str) -> None:
    assert check_reference(CARDS[model], "png", 1000, 6000, 6000) is None
    assert check_reference(CARDS[model], "png", 1000, 6001, 6000)


@pytest.mark.parametrize("model", [*SEEDREAMS, "kling-image-o1"])
def test_a_reference_has_10_megabytes_at_most(model: str) -> None:
    assert check_reference(CARDS[model], "png", 10_000_000, 400, 400) is None
    assert check_reference(CARDS[model], "png", 10_000_001, 400, 400)


@pytest.mark.parametrize("model", OPENAI)
def test_a_reference_for_openai_is_below_50_megabytes(model: str) -> None:
    for kind in ("png", "jpeg", "webp"):
        assert check_reference(CARDS[model], kind, 49_999_999, 400, 400) is None
        assert check_reference(CARDS[model], kind, 50_000_001, 400, 400)


# Format, bytes, width and height at each limit that the tables above leave out, and past it.
TAKEN_AT_THE_EDGE: list[tuple[str, tuple[str, int, int, int]]] = [
    *((model, ("png", 1000, 15, 240)) for model in SEEDREAMS),
    *((model, ("webp", 10_000_000, 6000, 6000)) for model in SEEDREAMS),
    *((model, ("jpeg", 1000, 24_000, 1500)) for model in SEEDREAMS),
    ("kling-image-o1", ("jpeg", 10_000_000, 300, 750)),
    *(("nano-banana-pro", (kind, 7_000_000, 1, 1)) for kind in ("png", "jpeg", "webp")),
    *((model, ("webp", 1000, 1, 9000)) for model in OPENAI),
]
REFUSED_PAST_THE_EDGE: list[tuple[str, tuple[str, int, int, int], str]] = [
    *((model, ("png", 1000, 15, 241), "16 to 1") for model in SEEDREAMS),
    *((model, ("png", 1000, 240, 14), "15 pixels") for model in SEEDREAMS),
    *((model, ("jpeg", 1000, 24_001, 1500), "36,000,000") for model in SEEDREAMS),
    ("kling-image-o1", ("png", 1000, 300, 299), "300 pixels"),
    ("kling-image-o1", ("jpeg", 10_000_001, 300, 300), "10 MB"),
    ("nano-banana-pro", ("png", 7_000_001, 64, 64), "7 MB"),
    *((model, ("gif", 1000, 400, 400), "is not taken") for model in (*TOKEN360[:-1], *OPENAI)),
    *((model, ("avif", 1000, 400, 400), "is not taken") for model in (*TOKEN360[:-1], *OPENAI)),
    ("glm-image", ("png", 1, 1, 1), "no references"),
]


@pytest.mark.parametrize(("model", "file"), TAKEN_AT_THE_EDGE)
def test_a_reference_at_the_edge_of_a_limit_is_legal(
    model: str, file: tuple[str, int, int, int]
) -> None:
    assert check_reference(CARDS[model], *file) is None


@pytest.mark.parametrize(("model", "file", "reason"), REFUSED_PAST_THE_EDGE)
def test_a_reference_past_the_edge_says_which_limit_it_was(
    model: str, file: tuple[str, int, int, int], reason: str
) -> None:
    found = check_reference(CARDS[model], *file)
    assert found is not None
    assert reason in found.message


BODIES: list[tuple[str, dict[str, Any], int, str]] = [
    ("seedream-4.5", {}, 0, '"watermark":false'),
    ("seedream-4.0", {}, 0, '"watermark":false'),
    ("dola-seedream-5.0-lite", {}, 0, '"watermark":false'),
    (
        "seedream-4.5",
        {"seed": 7, "size": "2304x1728", "watermark": True, GROUP: 4, "response_format": "url"},
        0,
        '"size":"2304x1728","seed":7,"watermark":true,"sequential_image_generation":"auto",'
        '"sequential_image_generation_options":{"max_images":4},"response_format":"url"',
    ),
    (
        "seedream-4.0",
        {"size": "1K", GROUP: 1},
        1,
        '"size":"1K","watermark":false,"sequential_image_generation":"disabled",'
        f'"image":"{ENCODED}"',
    ),
    (
        "dola-seedream-5.0-lite",
        {"size": "3K", "seed": -1},
        2,
        f'"size":"3K","seed":-1,"watermark":false,"image":["{ENCODED}","{ENCODED}"]',
    ),
    ("kling-image-o1", {}, 0, ""),
    ("kling-image-o1", {"size": "2k", "n": 4}, 0, '"n":4,"size":"2k"'),
    ("nano-banana-pro", {}, 0, ""),
    (
        "nano-banana-pro",
        {"quality": "4K", "ratio": "21:9"},
        1,
        f'"ratio":"21:9","quality":"4K","image":"{ENCODED}"',
    ),
    ("glm-image", {}, 0, ""),
    *((model, {}, 0, "") for model in OPENAI),
    (
        "gpt-image-2",
        {"n": 2, "size": "1920x1088", "quality": "high", "output_format": "webp"},
        0,
        '"size":"1920x1088","quality":"high","n":2,"output_format":"webp"',
    ),
    (
        "gpt-image-1.5",
        {"output_format": "jpeg", "output_compression": 80, "moderation": "low"},
        0,
        '"output_format":"jpeg","output_compression":80,"moderation":"low"',
    ),
]


@pytest.mark.parametrize(("model", "values", "references", "fields"), BODIES)
def test_the_body_holds_what_was_set_and_nothing_else(
    model: str, values: dict[str, Any], references: int, fields: str
) -> None:
    body = request_body(
        EndpointSettings(),
        model,
        PROMPT,
        request_fields(CARDS[model], values),
        [REFERENCE] * references,
    )
    comma = "," if fields else ""
    assert body.decode() == f'{{"model":"{model}","prompt":"{PROMPT}"{comma}{fields}}}'


PRICES: list[tuple[str, dict[str, Any], int, float]] = [
    ("seedream-4.5", {}, 0, 0.04),
    ("seedream-4.5", {"size": "4K"}, 14, 0.04),
    ("seedream-4.5", group(15), 0, 0.6),
    ("seedream-4.5", {GROUP: "disabled"}, 0, 0.04),
    ("seedream-4.0", {"size": "1K"}, 0, 0.03),
    ("seedream-4.0", group(4), 2, 0.12),
    ("dola-seedream-5.0-lite", {"size": "4K"}, 0, 0.035),
    ("kling-image-o1", {}, 0, 0.028),
    ("kling-image-o1", {"size": "2k"}, 10, 0.028),
    ("kling-image-o1", {"n": 9, "size": "1k"}, 0, 0.252),
    ("nano-banana-pro", {}, 0, 0.134),
    ("nano-banana-pro", {"quality": "2K", "ratio": "16:9"}, 0, 0.134),
    ("nano-banana-pro", {"quality": "4K"}, 0, 0.24),
    ("nano-banana-pro", {}, 14, 0.1494),
    ("nano-banana-pro", {"quality": "4K"}, 1, 0.2411),
    ("glm-image", {}, 0, 0.015),
]


@pytest.mark.parametrize(("model", "values", "references", "dollars"), PRICES)
def test_the_price_is_that_of_the_list(
    model: str, values: dict[str, Any], references: int, dollars: float
) -> None:
    assert estimate(CARDS[model], values, references) == pytest.approx(dollars)


@pytest.mark.parametrize("model", OPENAI)
def test_a_price_that_depends_on_what_the_model_chooses_is_unknown(model: str) -> None:
    assert estimate(CARDS[model], {}) is None
    assert estimate(CARDS[model], {"quality": "auto", "size": "1024x1024"}) is None
    known = estimate(CARDS[model], {"quality": "low", "size": "1024x1024"})
    assert known is not None
    assert known > 0


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("seedream-4-5-251128", "seedream-4.5"),
        ("seedream-4-0-250828", "seedream-4.0"),
        ("doubao-seedream-4-0-250828", "seedream-4.0"),
        ("seedream-5-0-260128", "dola-seedream-5.0-lite"),
        ("seedream-5-0-lite-260128", "dola-seedream-5.0-lite"),
        ("kling-image-o1", "kling-image-o1"),
        ("gemini-3-pro-image", "nano-banana-pro"),
        ("gemini-3-pro-image-preview", "nano-banana-pro"),
        ("glm-image", "glm-image"),
    ],
)
def test_the_vendors_own_names_are_known(name: str, model: str) -> None:
    found = CATALOGUE.find(name)
    assert found is not None
    assert found.id == model


@pytest.mark.parametrize(
    ("model", "least", "most"),
    [
        ("seedream-4.0", 7, 15),
        ("seedream-4.5", 8, 21),
        ("dola-seedream-5.0-lite", 29, 40),
        ("kling-image-o1", 30, 180),
        ("nano-banana-pro", 30, 180),
        ("glm-image", 15, 25),
    ],
)
def test_the_usual_time_is_one_that_was_measured(model: str, least: int, most: int) -> None:
    seconds = CARDS[model].typical_seconds
    assert seconds is not None
    assert least <= seconds <= most


@pytest.mark.parametrize("model", SEEDREAMS)
def test_a_parameter_that_is_known_to_be_ignored_says_so(model: str) -> None:
    seed = CARDS[model].parameter("seed")
    assert seed is not None
    assert seed.ignored
