"""What an entry was made from, and what was made from it, as a tree."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from tui.history.comparing import compare, summary
from tui.history.entry import Entry

MOST = 500
"""Entries that a tree holds; of more, those nearest to the one that was asked for."""


class Kin(Struct, frozen=True):
    """An entry in the tree."""

    id: str
    parent: str
    """The one above it in the tree; empty at the root."""
    depth: int
    """How many stand between it and the root, the root counted."""
    guides: str
    """What leads to it from the left: `│ ├─`. One below its parent, with no guide of its own, is
    an only child."""
    beneath: str
    """The guides of a second line, from which its children go on."""


class Lineage(Struct, frozen=True):
    """The family of an entry."""

    kin: tuple[Kin, ...]
    """Each before its children, these from the oldest on."""
    is_whole: bool
    """False where there are more than these."""


def lineage(
    entry_id: str,
    parent_of: Callable[[str], str | None],
    children_of: Callable[[str], Sequence[str]],
    most: int = MOST,
) -> Lineage:
    """The tree that an entry belongs to, from its first ancestor to all that came of that.

    `parent_of` gives the id of an entry's parent, empty where it has none, and None where the entry
    is not in history any more; its children are found all the same. Entries that are made from each
    other in a circle, which no program writes, are each there once.
    """
    line, is_whole = _ancestors(entry_id, parent_of, most)
    children = dict(zip(line[1:], ([child] for child in line), strict=False))
    known = set(line)
    for ancestor in line:
        if not _add_descendants(ancestor, children_of, children, known, most):
            is_whole = False
            break
    return Lineage(tuple(_kin(line[-1], children)), is_whole)


class Family(Struct, frozen=True):
    """A tree with all that there is to show of it."""

    lineage: Lineage
    entries: dict[str, Entry]
    """Those of the tree that are in history still, by id."""
    changes: dict[str, str]
    """What was changed on the way to an entry from its parent: a line of outside text, by id."""


def read_family(
    entry_id: str,
    read: Callable[[str], Entry | None],
    children_of: Callable[[str], Sequence[str]],
    most: int = MOST,
) -> Family:
    """The family of an entry; `read` gives None for one that is not in history any more.

    It reads every entry of the tree, and belongs into a thread.
    """
    found: dict[str, Entry | None] = {}

    def parent_of(other: str) -> str | None:
        if other not in found:
            found[other] = read(other)
        entry = found[other]
        return None if entry is None else entry.parent

    tree = lineage(entry_id, parent_of, children_of, most)
    for kin in tree.kin:
        parent_of(kin.id)
    ids = {kin.id for kin in tree.kin}
    entries = {key: entry for key, entry in found.items() if entry is not None and key in ids}
    changes = {
        kin.id: summary(compare(entries[kin.parent], entries[kin.id]))
        for kin in tree.kin
        if kin.parent in entries and kin.id in entries
    }
    return Family(tree, entries, changes)


def _ancestors(
    entry_id: str, parent_of: Callable[[str], str | None], most: int
) -> tuple[list[str], bool]:
    """The line from an entry up to the root of its tree, and whether it is the whole line."""
    line = [entry_id]
    while parent := parent_of(line[-1]):
        if parent in line:
            # Ids sort by time: any way into the circle leads to the same root.
            circle = line.index(parent)
            eldest = line.index(min(line[circle:]), circle)
            return line[: eldest + 1], True
        if len(line) == most:
            return line, False
        line.append(parent)
    return line, True


def _add_descendants(
    ancestor: str,
    children_of: Callable[[str], Sequence[str]],
    children: dict[str, list[str]],
    known: set[str],
    most: int,
) -> bool:
    """Enter into `children` what came of `ancestor`, nearest first; whether there was room."""
    waiting = deque([ancestor])
    while waiting:
        parent = waiting.popleft()
        own = children.setdefault(parent, [])
        for child in children_of(parent):
            if child in known:
                continue
            if len(known) == most:
                return False
            known.add(child)
            own.append(child)
            waiting.append(child)
    return True


def _kin(root: str, children: Mapping[str, Sequence[str]]) -> Iterator[Kin]:
    # Not by recursion: who goes on from the last picture each time makes a line of hundreds.
    waiting = [Kin(root, "", 0, "", "")]
    while waiting:
        kin = waiting.pop()
        own = sorted(children.get(kin.id, ()))
        stem = kin.beneath
        yield Kin(kin.id, kin.parent, kin.depth, kin.guides, stem + ("│" if own else " "))
        if len(own) == 1:
            waiting.append(Kin(own[0], kin.id, kin.depth + 1, stem, stem))
            continue
        for child in reversed(own):
            is_last = child == own[-1]
            waiting.append(
                Kin(
                    child,
                    kin.id,
                    kin.depth + 1,
                    stem + ("└─" if is_last else "├─"),
                    stem + ("  " if is_last else "│ "),
                )
            )
