"""What is pasted presses no keys, wherever it is cut into pieces."""

from __future__ import annotations

import pytest

from tui.driver import PasteFilter

BEGIN, END = "\x1b[200~", "\x1b[201~"
TYPED = {
    "keys": ("\x1b[Aab\x1b", "\x1b[Aab\x1b"),
    "a paste": (f"a{BEGIN}b\nc{END}d", f"a{BEGIN}b\nc{END}d"),
    "escapes": (f"{BEGIN}\x1b[31mred\x1b\n\x1b{END}\x1b[B", f"{BEGIN}[31mred\n{END}\x1b[B"),
    "halves of marks": (f"{BEGIN}a{BEGIN}\x1b[201\x1b\x1b{END}", f"{BEGIN}a[200~[201{END}"),
    "two pastes": (f"{BEGIN}\x1b{END}\x1b[A{BEGIN}{END}", f"{BEGIN}{END}\x1b[A{BEGIN}{END}"),
}


@pytest.mark.parametrize(("typed", "parsed"), TYPED.values(), ids=TYPED.keys())
def test_a_paste_has_no_escapes_and_keys_keep_theirs(typed: str, parsed: str) -> None:
    for size in range(1, len(typed) + 1):
        passes = PasteFilter()
        pieces = [typed[start : start + size] for start in range(0, len(typed), size)]
        assert "".join(map(passes, pieces)) == parsed
