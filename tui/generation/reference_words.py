"""What was done to an input image, and what leaves the machine, in words."""

from __future__ import annotations

from tui.history.wording import file_size
from tui.images.prepared import FORMAT_NAMES, PreparedReference


def sent_words(prepared: PreparedReference) -> str:
    """What is sent: format, pixels and bytes."""
    return (
        f"{FORMAT_NAMES[prepared.format]} {prepared.width}×{prepared.height}, "
        f"{file_size(prepared.bytes)}"
    )


def changed_words(prepared: PreparedReference) -> str:
    """What was done to it, as a sentence."""
    if not prepared.changes:
        return "Nothing was done to it."
    words = ", ".join(prepared.changes)
    return f"{words[0].upper()}{words[1:]}."


def prepared_words(prepared: PreparedReference) -> str:
    """What is sent, and what was done for it."""
    facts = sent_words(prepared)
    return f"{facts} ({', '.join(prepared.changes)})" if prepared.changes else facts
