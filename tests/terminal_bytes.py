"""What a program wrote to its terminal, taken apart."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

_SEQUENCE = re.compile(
    r"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1bP(?P<dcs>[^\x1b]*)\x1b\\"
    r"|\x1b_(?P<apc>[^\x1b]*)\x1b\\"
    r"|\x1b(?P<other>.?)",
    re.DOTALL,
)
_OWN_CSI = re.compile(
    r"[\d;]*m"  # colours
    r"|[\d;]*H"  # moving
    r"|\d*[JK]"  # clearing
    r"|\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"  # modes
    r"|>\d+u|<u"  # kitty's keys
    r"|\?(?:2026|2048)\$p|>0q|16t|c|\?1;1;0S|\?2;4;0S"  # questions
)
_OWN_DCS = re.compile(r"\$qm")
_OWN_APC = re.compile(r"Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA")
_OWN_OSC = re.compile(r"22;[a-z-]+")
_ACTING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmful(written: bytes, *, pictures: bool = False) -> list[str]:
    """All in `written` that no program of ours sends: sequences, and characters that act.

    `pictures` allows those of the sixel and kitty protocols.
    """
    text = written.decode("utf-8", "surrogateescape")
    found = [
        f"…{text[max(0, match.start() - 30) : match.end() + 10]!r}"
        for match in _SEQUENCE.finditer(text)
        if not _is_ours(match, pictures)
    ]
    rest = _SEQUENCE.sub("", text)
    found += [
        f"{character!r} in …{rest[max(0, index - 30) : index + 10]!r}"
        for index, character in enumerate(rest)
        if (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\r\n")
        or character in _ACTING
    ]
    return found


def _is_ours(match: re.Match[str], pictures: bool) -> bool:
    match match.lastgroup:
        case "csi":
            return _OWN_CSI.fullmatch(match["csi"]) is not None
        case "dcs":
            is_sixel = pictures and re.fullmatch(r"[\d;]*q[!-~\s]*", match["dcs"]) is not None
            return is_sixel or _OWN_DCS.fullmatch(match["dcs"]) is not None
        case "apc":
            is_kitty = pictures and re.fullmatch(r"G[\w=,;+/]*", match["apc"]) is not None
            return is_kitty or _OWN_APC.fullmatch(match["apc"]) is not None
        case "osc":
            return _OWN_OSC.fullmatch(match["osc"]) is not None
    return False


@dataclass
class Modes:
    """The modes of a terminal after all that was written to it."""

    private: set[int] = field(default_factory=set)
    """DEC private modes that are set; those that a terminal has set at first are not counted."""
    reset: set[int] = field(default_factory=set)
    """Those among the latter that are reset."""
    kitty_keys: int = 0
    """How many key modes lie on kitty's stack."""

    @property
    def are_as_at_first(self) -> bool:
        return not self.private and not self.reset and self.kitty_keys == 0


_SET_AT_FIRST = frozenset({7, 25})
_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])|\x1b\[([<>])\d*u")


def modes_after(written: bytes) -> Modes:
    """What `written` leaves a terminal with."""
    modes = Modes()
    for match in _MODE.finditer(written):
        if match[3]:
            modes.kitty_keys += 1 if match[3] == b">" else -1
            continue
        number, is_set = int(match[1]), match[2] == b"h"
        changed = modes.reset if number in _SET_AT_FIRST else modes.private
        is_change = is_set != (number in _SET_AT_FIRST)
        (changed.add if is_change else changed.discard)(number)
    return modes
