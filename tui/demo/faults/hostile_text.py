"""Texts that try to command a terminal, or a program that shows them."""

from __future__ import annotations

ESCAPES = (
    "\x1b[31mred\x1b[2J \x1b]0;title\x07 \x1b]52;c;ZXZpbA==\x1b\\ \x9b6n \x9d8;;http://evil.invalid\x9c"
    " \x1bPq#0\x1b\\ \x1b_Ga=T;AAAA\x1b\\ \x1bc \x1b[6n \x08\x7f\x00 \x1b]52;c;"
)
"""Control sequences: CSI, OSC in both forms and without an end, DCS, APC, a reset."""

MARKUP = (
    "[@click=app.quit]press[/] [/tmp/x.png] [/ [link=http://evil.invalid]here[/link]"
    " [type=value_error, input_value={'q[0].h': 1}] [bold"
)
"""What Textual and Rich take for markup, well formed and not."""

BIDI = "\u202etxet desrever\u202c \u2066isolated \u200b\u200d\ufeff \U000e0041\U000e0042"
"""Changes of direction, characters without width, tags."""

LONG_LINE = "x" * 1_000_000
MANY_LINES = "line\n" * 10_000
