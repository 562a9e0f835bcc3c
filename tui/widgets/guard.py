"""The last line before the terminal: no text that is drawn can act on it.

All that widgets draw, Textual's own included, becomes a string in `Strip.render`. Textual drops
five of the sixty-five control characters there, and neither a link's address nor bidi overrides
are looked at. `tui.text` makes such characters visible long before; this is for what forgot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.segment import Segment
from textual.strip import Strip

from tui.text import disarmed

_textual_render: Callable[[Strip, Console], str] = Strip.render


def install_guard() -> None:
    """Let every strip that is rendered in this process pass the guard. Pictures draw themselves,
    and are no strips of text: see `picture_strip`."""
    Strip.render = _guarded_render  # type: ignore[assignment, method-assign]


def is_installed() -> bool:
    """Whether `install_guard` was called, and nobody replaced it since."""
    return Strip.render is _guarded_render


def _guarded_render(strip: Strip, console: Console) -> str:
    if strip._render_cache is None and not all(map(_is_harmless, strip._segments)):
        harmless = Strip(list(_disarmed_segments(strip._segments)), strip.cell_length)
        strip._render_cache = _textual_render(harmless, console)
    return _textual_render(strip, console)


def _is_harmless(segment: Segment) -> bool:
    text, style, _ = segment
    # str.isprintable is a tenth of the price of the pattern, and true of nearly every segment.
    if not text.isprintable() and disarmed(text) != text:
        return False
    link = style.link if style is not None else None
    return link is None or disarmed(link) == link


def _disarmed_segments(segments: list[Segment]) -> Iterator[Segment]:
    for text, style, control in segments:
        if style is not None and style.link is not None:
            style = style.update_link(disarmed(style.link) or None)
        yield Segment(disarmed(text), style, control)
