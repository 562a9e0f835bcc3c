"""What the terminal can draw, asked without holding up the start.

The questions go out before the slow imports, and the answers are read after them. Every terminal
answers the last one, for its primary device attributes, so nothing is to be expected after that.
"""

from __future__ import annotations

import atexit
import os
import re
import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

try:
    import fcntl
    import struct
    import termios
except ImportError:  # Windows: no terminal is found there, and pictures are drawn in half cells.
    HAS_TERMIOS = False
else:
    HAS_TERMIOS = True

Graphics: TypeAlias = Literal["kitty", "sixel", "half", "off"]
"""How pictures are drawn; half: two pixels in each character cell."""
Environment: TypeAlias = Mapping[str, str]

DEFAULT_CELL_PIXELS = (10, 20)
"""Width and height of a cell where the terminal does not say: the VT340's."""

_KITTY_QUERY = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_VERSION_QUERY = b"\x1b[>0q"
_CELL_SIZE_QUERY = b"\x1b[16t"
_COLOUR_QUERY = b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m"
"""Sets a background of 24 bits and asks which one is set."""
_ATTRIBUTES_QUERY = b"\x1b[c"
_WIPE_LINE = b"\r\x1b[K"
_SIXEL_QUERIES = b"\x1b[?1;1;0S\x1b[?2;4;0S"

_KITTY_ANSWER = re.compile(rb"\x1b_Gi=31;([^\x1b]*)\x1b\\")
_VERSION_ANSWER = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_CELL_SIZE_ANSWER = re.compile(rb"\x1b\[6;(\d{1,4});(\d{1,4})t")
_COLOUR_ANSWER = re.compile(rb"\x1bP[01]\$r([^\x1b]*)\x1b\\")
_TRUE_COLOUR = re.compile(rb"48[:;]2[:;]:?1[:;]2[:;]3")
_ATTRIBUTES_ANSWER = re.compile(rb"\x1b\[\?([\d;]*)c")
_REGISTERS_ANSWER = re.compile(rb"\x1b\[\?1;(?:0;(\d{1,5})|\d*)S")
_SIXEL_SIZE_ANSWER = re.compile(rb"\x1b\[\?2;(?:0;(\d{1,5});(\d{1,5})|\d*)S")
_ANSWERS = (
    _KITTY_ANSWER,
    _VERSION_ANSWER,
    _CELL_SIZE_ANSWER,
    _COLOUR_ANSWER,
    _ATTRIBUTES_ANSWER,
    _REGISTERS_ANSWER,
    _SIXEL_SIZE_ANSWER,
)
_BEGUN_ANSWER = re.compile(rb"\x1b(\[([?6][\d;]*)?|[P_][^\x1b]*\x1b?)?\Z")

_SIXEL_ATTRIBUTE = b"4"
_SILENT_TERMINALS = ("", "dumb", "linux", "unknown")
_KEY_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?")
_MULTIPLEXERS = ("tmux", "screen")
_REMOTE_GRACE = 1.0
_BEGUN_GRACE = 0.5


class SixelLimits(Struct, frozen=True):
    """What a sixel picture may not exceed; what a terminal draws beyond is lost or wrong."""

    colours: int = 256
    width: int = 4096
    """Pixels."""
    height: int = 4096


USUAL_SIXEL_LIMITS = SixelLimits()


class TerminalFacts(Struct, frozen=True):
    """What the terminal answered."""

    tty: bool = False
    """Whether standard input and output are a terminal, and ours to use."""
    version: str = ""
    """Name and version as the terminal gives them, such as `kitty(0.41.1)`; outside text."""
    kitty: bool = False
    """Whether it acknowledges the kitty graphics protocol, which says nothing of placeholders."""
    true_colour: bool = False
    """Whether it says that it has 24-bit colours; many that have do not say so."""
    sixel: bool = False
    sixel_limits: SixelLimits = USUAL_SIXEL_LIMITS
    cell_pixels: tuple[int, int] = DEFAULT_CELL_PIXELS
    """Width and height of one cell."""
    typed_ahead: str = ""
    """What came from the keyboard between the questions and the answers."""


class Probe:
    """Questions on their way; `finish` has to be called before anything else reads the keys."""

    def __init__(self, input: int, output: int, environment: Environment) -> None:
        self._input = input
        self._output = output
        self._environment = environment
        self._received = b""
        self._attributes_before: list[Any] | None = None
        self._tty = HAS_TERMIOS and _is_foreground_terminal(input, output)
        if self._tty and environment.get("TERM", "") not in _SILENT_TERMINALS:
            with suppress(OSError, termios.error):
                self._ask()

    def finish(self, grace: float = 0.1) -> TerminalFacts:
        """What the terminal has answered, waiting at most `grace` seconds for it.

        An answer that has begun is waited for half a second, and a terminal at the other end of
        ssh a whole one, since a late answer would look like key presses. Does not raise.
        """
        if self._attributes_before is not None:
            if self._environment.get("SSH_CONNECTION"):
                grace = max(grace, _REMOTE_GRACE)
            with suppress(OSError), self._restoring():
                self._read_until(_ATTRIBUTES_ANSWER, grace)
                facts = understand(self._received)
                if facts.sixel and facts.version.startswith("XTerm"):
                    # Only xterm is known for limits that pictures reach: 1000 × 1000 pixels,
                    # and sixteen colours in older versions.
                    os.write(self._output, _SIXEL_QUERIES)
                    self._read_until(_SIXEL_SIZE_ANSWER, grace)
        facts = understand(self._received)
        cell_pixels = read_cell_pixels(self._output) if self._tty else None
        return replace(facts, tty=self._tty, cell_pixels=cell_pixels or facts.cell_pixels)

    def _ask(self) -> None:
        before = termios.tcgetattr(self._input)
        quiet = [*before[:6], [*before[6]]]
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
        self._attributes_before = before
        atexit.register(self._restore)
        termios.tcsetattr(self._input, termios.TCSANOW, quiet)
        os.write(self._output, _queries(self._environment))

    @contextmanager
    def _restoring(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._restore()
            atexit.unregister(self._restore)

    def _restore(self) -> None:
        if self._attributes_before is not None:
            with suppress(OSError, termios.error):  # The terminal may be gone.
                termios.tcsetattr(self._input, termios.TCSANOW, self._attributes_before)

    def _read_until(self, answer: re.Pattern[bytes], grace: float) -> None:
        deadline = time.monotonic() + grace
        while not answer.search(self._received):
            extra = _BEGUN_GRACE if _BEGUN_ANSWER.search(self._received) else 0.0
            remaining = max(0.0, deadline + extra - time.monotonic())
            if not select.select([self._input], [], [], remaining)[0]:
                return
            received = os.read(self._input, 4096)
            if not received:
                return
            self._received += received


def begin_probe(input: int = 0, output: int = 1, environment: Environment = os.environ) -> Probe:
    """Ask the terminal at the file descriptors `input` and `output`; returns at once.

    Nothing is asked where they are not a terminal, or the process is in the background.
    """
    return Probe(input, output, environment)


def read_cell_pixels(output: int = 1) -> tuple[int, int] | None:
    """Width and height of a cell as the kernel knows them, or None. Asks nobody; never waits."""
    if not HAS_TERMIOS:
        return None
    try:
        answer = fcntl.ioctl(output, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("HHHH", answer)
    if not (rows and columns and width >= columns and height >= rows):
        return None
    return width // columns, height // rows


def understand(received: bytes) -> TerminalFacts:
    """What a terminal has answered, in any order and among key presses."""
    typed = received
    for answer in _ANSWERS:
        typed = answer.sub(b"", typed)
    kitty = _KITTY_ANSWER.search(received)
    version = _VERSION_ANSWER.search(received)
    colour = _COLOUR_ANSWER.search(received)
    attributes = _ATTRIBUTES_ANSWER.search(received)
    return TerminalFacts(
        version=version[1].decode("utf-8", "replace") if version else "",
        kitty=kitty is not None and kitty[1] == b"OK",
        true_colour=colour is not None and _TRUE_COLOUR.search(colour[1]) is not None,
        sixel=attributes is not None and _SIXEL_ATTRIBUTE in attributes[1].split(b";"),
        sixel_limits=_sixel_limits(received),
        cell_pixels=_cell_pixels(received),
        typed_ahead=_BEGUN_ANSWER.sub(b"", typed).decode("utf-8", "ignore"),
    )


def typed_text(keys: str) -> str:
    """The text among `keys`, as a terminal sends them: arrows and control keys are left out."""
    text = _KEY_SEQUENCE.sub("", keys).replace("\r", "\n")
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _sixel_limits(received: bytes) -> SixelLimits:
    usual = USUAL_SIXEL_LIMITS
    registers = _REGISTERS_ANSWER.search(received)
    size = _SIXEL_SIZE_ANSWER.search(received)
    return SixelLimits(
        colours=_limited(registers[1], usual.colours) if registers else usual.colours,
        width=_limited(size[1], usual.width) if size else usual.width,
        height=_limited(size[2], usual.height) if size else usual.height,
    )


def _limited(answer: bytes | None, limit: int) -> int:
    return max(2, min(int(answer), limit)) if answer else limit


def _cell_pixels(received: bytes) -> tuple[int, int]:
    if answer := _CELL_SIZE_ANSWER.search(received):
        height, width = int(answer[1]), int(answer[2])
        if width and height:
            return width, height
    return DEFAULT_CELL_PIXELS


def _queries(environment: Environment) -> bytes:
    queries = [_VERSION_QUERY, _CELL_SIZE_QUERY]
    if not _in_multiplexer(environment):  # It would pass them on, or take them for a title.
        queries.append(_COLOUR_QUERY)
        if environment.get("TERM_PROGRAM") != "Apple_Terminal":  # It would print this one.
            queries.append(_KITTY_QUERY)
    # A terminal that does not know a query may print parts of it.
    return b"".join((*queries, _WIPE_LINE, _ATTRIBUTES_QUERY))


def _in_multiplexer(environment: Environment) -> bool:
    return bool(environment.get("TMUX")) or environment.get("TERM", "").startswith(_MULTIPLEXERS)


def _is_foreground_terminal(input: int, output: int) -> bool:
    # The kernel stops a background process that touches the terminal's settings.
    try:
        return os.isatty(input) and os.isatty(output) and os.tcgetpgrp(input) == os.getpgrp()
    except OSError:
        return False
