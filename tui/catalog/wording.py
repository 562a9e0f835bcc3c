"""What may be said of parameters, in sentences."""

from __future__ import annotations

from tui.catalog.card import Parameter


def range_text(parameter: Parameter) -> str:
    """What numbers `parameter` takes: `A whole number from 1 to 9.`"""
    what = "A whole number" if parameter.kind == "integer" else "A number"
    low, high = parameter.minimum, parameter.maximum
    if low is not None:
        what += f" from {low:,}"
    if high is not None:
        what += f" up to {high:,}" if low is None else f" to {high:,}"
    return f"{what}."
