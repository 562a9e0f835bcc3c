"""Files among the entries that are none, or that another version wrote.

All others load. The broken ones are counted on the screen and named by a check, and no command
and no key changes a byte of them. What a later version wrote is shown and not changed; keys that
nobody knows survive a change.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import Home
from tests.faults.cases.session import configure, studio_in
from tests.history.entries import EXAMPLE, ID

HISTORY, DOWN, STAR = b"\x1b[15~", b"\x1b[B", b"."
UNKNOWN_KEY = "mood = 'odd'"


def _of_50_mb(path: Path) -> None:
    with path.open("wb") as file:
        file.write(EXAMPLE.encode() + b"\n")
        file.truncate(50 * 1024 * 1024)


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


BROKEN: list[bytes | Callable[[Path], object]] = [
    b"",
    bytes(4096),
    EXAMPLE.encode()[: len(EXAMPLE) // 4],
    EXAMPLE.replace("rating = 0", "rating = 'high'").encode(),
    EXAMPLE.replace("[parameters]", "parameters = 7\n[x]").encode(),
    b"later = " + b"[" * 100_000 + b"\n",
    f"later = {'9' * 5000}\n".encode(),
    b'prompt = "\xff\xfe"\n',
    _of_50_mb,
    os.mkfifo,
    Path.mkdir,
    lambda path: path.symlink_to("nowhere"),
    _link_to_itself,
]


def test_others_load_and_what_cannot_be_read_is_counted_and_left(home: Home) -> None:
    quiet, later, odd = (_path(home, number) for number in (1, 2, 3))
    _put(quiet, EXAMPLE.replace("A weathered", "Quiet"))
    newer = EXAMPLE.replace("A weathered", "Newer").replace("format = 1", "format = 2")
    _put(later, newer + "\n[later]\nkey = true\n")
    unknown = EXAMPLE.replace("A weathered", "Odd")
    _put(odd, unknown.replace("rating = 0", f"rating = 0\n{UNKNOWN_KEY}"))
    broken = [_path(home, 10 + number) for number in range(len(BROKEN))]
    for path, content in zip(broken, BROKEN, strict=True):
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content(path)
    untouched = {path: _state(path) for path in (later, *broken)}
    configure(home)
    with studio_in(home) as studio:
        studio.wait_to_read("Odd lighthouse", "Newer lighthouse", "Quiet lighthouse")
        studio.wait_to_read(f"3 · {len(BROKEN)} unreadable")
        studio.press(HISTORY, STAR)
        studio.wait_until(lambda: "starred = true" in odd.read_text("utf-8"))
        studio.press(DOWN, STAR)
        studio.wait_to_read("Not changed: written by a later version of Darkroom")
        studio.leave()
    assert '\nmood = "odd"\n' in odd.read_text("utf-8")
    listed = home.run("history")
    assert (listed.code, len(listed.out.splitlines())) == (0, 3)
    assert listed.complaints[0].startswith(f"{len(BROKEN)} files cannot be read, and left alone")
    found = home.run("history", "lighthouse")
    assert len(found.out.splitlines()) == 3
    checked = home.run("history", "check", "--repair")
    assert [path for path in broken if f"{path}: cannot be read" not in checked.out] == []
    assert f"{len(BROKEN)} files cannot be read" in home.run("history", "reindex").err
    assert {path: _state(path) for path in untouched} == untouched


def _path(home: Home, number: int) -> Path:
    path = home.store.entry_path(f"{ID[:-6]}{number:06x}")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _put(path: Path, text: str) -> None:
    path.write_text(text.replace(ID, path.stem), "utf-8")


def _state(path: Path) -> tuple[Any, ...]:
    facts = path.lstat()
    is_small = stat.S_ISREG(facts.st_mode) and facts.st_size < 1_000_000
    return facts.st_mode, facts.st_ino, facts.st_mtime_ns, is_small and path.read_bytes()
