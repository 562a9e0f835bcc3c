"""What was done to an input image, and what leaves the machine, in words."""

from __future__ import annotations

from tui.images.prepared import PreparedReference

_NAMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


def size_words(count: int) -> str:
    """A number of bytes for people: `812 B`, `94 kB`, `2.1 MB`."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


def sent_words(prepared: PreparedReference) -> str:
    """What is sent: format, pixels and bytes."""
    return (
        f"{_NAMES[prepared.format]} {prepared.width}×{prepared.height}, "
        f"{size_words(prepared.bytes)}"
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
