"""Model cards of the user, alone and over the bundled card of their id."""

from __future__ import annotations

from random import Random
from typing import Any

import tomli

from tests.fuzz.driving import ACCEPTED, Parts, Target
from tests.fuzz.mutations import Mutator
from tui.catalog.card import ModelCard, Parameter
from tui.catalog.card_errors import CardError, card_of, document_of, text_of
from tui.catalog.legality import fault_of
from tui.catalog.loading import BUNDLED_CARDS, Catalogue
from tui.catalog.price import estimate, images_expected, price_basis
from tui.catalog.sizes import parse_size, presets_by_ratio
from tui.catalog.validation import (
    check,
    check_reference,
    options,
    read_value,
    request_fields,
    sentence_of,
    written,
)
from tui.text import one_line

_FILES = {file.stem: file.read_bytes() for file in sorted(BUNDLED_CARDS.glob("*.toml"))}
_DOCUMENTS: dict[str, dict[str, Any]] = {
    document["id"]: document
    for document in (tomli.loads(data.decode()) for data in _FILES.values())
}
_HEAD = b"""\
id = "mine"
name = "Mine"
aliases = ["mine-1", "MINE"]
without = ", without {}"
prompt_limit = 4000
references = { max = 14, formats = ["png", "jpeg"], max_bytes = 10_000_000, min_side = 14, \
max_pixels = 36_000_000, max_aspect = 16, max_with_images = 15, mention = "image {}" }
typical_seconds = 14
"""
_PRICE = b"""\
price = { usd_per_image = 0.04, usd_per_reference = 0.001, as_of = 2026-10-01, \
case = [{ when = { size = ["2K", "4K"] }, usd_per_image = 0.1 }] }
"""
_SIZE = b"""
[[parameter]]
name = "size"
kind = "size"
default = "2048x2048"
tiers = ["2K", "4K", "auto"]
presets = ["2048x2048", "2304x1728"]
min_pixels = 3_686_400
max_pixels = 16_777_216
max_aspect = 16.0
multiple_of = 16
min_side = 64
max_side = 8192
"""
_CHOICE = b"""
[[parameter]]
name = "quality"
kind = "choice"
choices = ["low", "high", 2, true]
always = true
default = "low"
"""
_OTHERS = (
    b"""
[[parameter]]
name = "n"
kind = "integer"
role = "count"
minimum = 1
maximum = 10
step = 1
default = 1
""",
    b"""
[[parameter]]
name = "guidance"
kind = "number"
minimum = 0.5
maximum = 20.0
needs = [{ parameter = "quality", among = ["high"], values = [1.5] }]
""",
    b"""
[[parameter]]
name = "watermark"
kind = "switch"
default = false
""",
    b"""
[[parameter]]
name = "sequence"
kind = "group"
maximum = 15
group = { on = "auto", off = "disabled", options = "sequence_options", count = "max_images" }
""",
    b"""
[[parameter]]
name = "negative_prompt"
kind = "text"
help = \"\"\"
What must not
be there.\"\"\"
""",
)
_BARE = b'id = "seedream-4.5"\nprompt_limit = 20\n'
_MUTATOR = Mutator(
    [
        *[data for data in _FILES.values() if len(data) < 1_500],
        *(b'id = "mine"\n' + _SIZE + other for other in (b"", *_OTHERS[:1], *_OTHERS[2:])),
        *(b'id = "mine"\n' + _CHOICE + other for other in _OTHERS),
        _HEAD + _OTHERS[0],
        _HEAD + _PRICE + _SIZE,
        _BARE,
    ],
    [
        b"[[parameter]]\n", b"[price]\n", b"[references]\n", b"name = ", b"kind = ", b"default = ",
        b'"size"', b'"integer"', b'"number"', b'"choice"', b'"switch"', b'"text"', b'"group"',
        b'"seed"', b'"count"', b'"auto"', b'"2K"', b'"99k"', b'"1x1"', b'"999999x999999"',
        b'"16:9"',
        b"minimum = ", b"maximum = ", b"step = ", b"choices = []\n", b"presets = ", b"tiers = []\n",
        b"only_presets = true\n", b"max_side = ", b"min_side = 4000\n", b"multiple_of = ",
        b"max_aspect = 1.0\n", b"needs = []\n", b"among = []", b"1000000000", b"1e308", b"inf",
        b"nan", b"-inf", b"true", b"2026-10-01", b"2026-10-01T00:00:00Z", b"07:03:12", b"[1]",
        b"{}", b'{ a = "b" }', b"\n", b" = ", b"#", b"'''", b'"""', b'id = "seedream-4.5"\n',
        b'"x - at `$.parameter[99]`"', b'"Expected `int`"', b'"`"',
    ],
)  # fmt: skip
_WORDS = (
    "1", "0", "-1", "2k", "4K", "3:2", "16:9", "9999:1", "2304x1728", "1x1", "999999x1", "auto",
    "high", "up to 4", "on", "off", "7.5", "1e308", "nan", "random", "", "999999999999999999", "x",
)  # fmt: skip


def _example(dice: Random) -> Parts:
    return _MUTATOR.example(dice), dice.randrange(1 << 30)


def _attempt(parts: Parts) -> str:
    data, number = parts
    try:
        text = text_of(data)
        document = document_of(text)
        base = _DOCUMENTS.get(str(document.get("id")), {})
        card = card_of({**base, **document}, text)
    except CardError as error:
        said = str(error)
        assert one_line(said)
        line = said.removeprefix(", line ").partition(":")[0]
        if said.startswith(", line "):
            assert 1 <= int(line) <= text_lines(data)
            return "refused, with its line"
        return "refused"
    dice = Random(number)
    Catalogue({card.id: card}).find(card.id.upper())
    _judge(card, dice)
    return ACCEPTED


def text_lines(data: bytes) -> int:
    return data.count(b"\n") + 1


def _judge(card: ModelCard, dice: Random) -> None:
    """All that a form, a price and a request make of a card that was accepted."""
    begun = card.starting_values()
    assert not [v for v in check(card, "x", begun) if v.parameter in begun and not _needs(card, v)]
    values = dict(begun)
    for parameter in card.parameters:
        assert len(options(parameter)) <= 20_000
        presets_by_ratio(parameter)
        try:
            value = read_value(parameter, dice.choice(_WORDS))
        except ValueError as error:
            assert str(error)
            continue
        values[parameter.name] = value
        written(parameter, value)
        _judge_value(parameter, value)
    for violation in check(card, "x", values, dice.choice((0, 1, 99))):
        assert sentence_of(violation, card)
    check_reference(card, dice.choice(("png", "webp")), 1 << 40, dice.choice((1, 5000)), 3000)
    price = estimate(card, values, 2)
    assert price is None or price >= 0
    price_basis(card)
    assert images_expected(card, values) >= 1
    request_fields(card, values)


def _judge_value(parameter: Parameter, value: Any) -> None:
    """What is offered in place of a value that is not legal is legal."""
    fault = fault_of(parameter, value)
    if fault is None:
        return
    assert fault.message
    assert fault_of(parameter, fault.nearest) is None, (value, fault)
    if parameter.kind == "size" and isinstance(fault.nearest, str):
        assert parse_size(fault.nearest) or fault.nearest in parameter.tiers


def _needs(card: ModelCard, violation: Any) -> bool:
    parameter = card.parameter(violation.parameter)
    return parameter is not None and bool(parameter.needs)


TARGET = Target("cards", _example, _attempt)
