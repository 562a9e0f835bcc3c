"""The session: what the studio was at, so that it can go on there after a quit or a crash."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import msgspec
import tomli
import tomli_w
from msgspec.structs import replace

from tui.decoding import convert
from tui.generation.counts import Spread
from tui.generation.draft import Draft
from tui.generation.references import DraftReference

FORMAT = 1

_END = "# The end.\n"
_AS_JSON = ("values", "followed", "sent_seeds", "next_seeds", "images")
"""Parts of the draft that are written as JSON, which has the nulls that TOML lacks."""
_MARK = "\N{REPLACEMENT CHARACTER}"
_NOT_UTF8 = re.compile(f"[\ud800-\udfff{_MARK}]")
_MARKED = re.compile(f"{_MARK}([0-9a-f]{{4}})")


class UnreadableSession(Exception):
    """A file that holds no session of this version; the text says why."""


class PaneSizes(msgspec.Struct, frozen=True):
    """Cells of panes whose edges were moved; 0: as the style sheet has it."""

    history: int = 0
    """Columns."""
    form: int = 0
    """Columns."""
    prompt: int = 0
    """Rows."""
    details: int = 0
    """Rows."""


class Session(msgspec.Struct, frozen=True):
    """The draft, and what is on the screen beside it."""

    draft: Draft
    pane: str = ""
    """The pane that a narrow terminal shows; empty: the first."""
    shown: str = ""
    """Id of the entry in the picture pane; empty: none."""
    cursor: str = ""
    """Id of the entry under the cursor of the list; empty: the newest."""
    query: str = ""
    """What the search field holds."""
    details: bool = False
    """Whether the details of the entry under the cursor are shown."""
    sizes: PaneSizes = PaneSizes()


class _DraftTable(msgspec.Struct, frozen=True):
    """A draft as its table has it."""

    model: str
    prompt: str
    values: str
    followed: str
    counting: frozenset[str]
    sent_seeds: str
    references: tuple[DraftReference, ...]
    parent: str
    next_seeds: str = "{}"
    images: str = "{}"
    spread: str = ""


class _Document(msgspec.Struct, frozen=True):
    """A session as its file has it."""

    format: Literal[1]
    draft: _DraftTable
    pane: str
    shown: str
    cursor: str
    query: str
    details: bool = False
    sizes: PaneSizes = PaneSizes()


def resumed(draft: Draft, first: Draft) -> Draft:
    """`draft` as it was left; models that it had no values for begin as in `first`."""
    others = {model: own for model, own in first.values.items() if model not in draft.values}
    return replace(draft, values={**others, **draft.values})


def encode_session(session: Session) -> bytes:
    """`session` as the TOML text of its file, from which it comes back exactly.

    Raises ValueError or RecursionError for values that are nested or written too deep or long to
    be read again.
    """
    document = {"format": FORMAT, **msgspec.to_builtins(session)}
    draft = document["draft"]
    draft["counting"] = sorted(draft["counting"])
    for name in _AS_JSON:
        draft[name] = json.dumps(draft[name], ensure_ascii=False)
    return (tomli_w.dumps(_marked(document)) + _END).encode("utf-8")


def decode_session(data: bytes) -> Session:
    """The session in `data`. Raises UnreadableSession for anything else."""
    try:
        text = data.decode("utf-8")
        if not text.endswith(f"\n{_END}"):
            # What was cut off may still be TOML.
            raise UnreadableSession("cut off: its end is missing")
        document = convert(_unmarked(tomli.loads(text)), _Document)
        return Session(
            draft=_draft(document.draft),
            pane=document.pane,
            shown=document.shown,
            cursor=document.cursor,
            query=document.query,
            details=document.details,
            sizes=document.sizes,
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableSession(str(error)) from error


def _draft(table: _DraftTable) -> Draft:
    values = dict[str, dict[str, Any]]
    numbers = dict[str, int]
    spread: Spread = "apart" if table.spread == "apart" else "together"
    return Draft(
        model=table.model,
        prompt=table.prompt,
        values=convert(json.loads(table.values), values),
        followed=convert(json.loads(table.followed), values),
        counting=table.counting,
        sent_seeds=convert(json.loads(table.sent_seeds), numbers),
        next_seeds=convert(json.loads(table.next_seeds), numbers),
        images=convert(json.loads(table.images), numbers),
        spread=spread,
        references=table.references,
        parent=table.parent,
    )


def _marked(value: Any) -> Any:
    """`value` with lone surrogates, which UTF-8 has no place for, written as marks and digits."""
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    if isinstance(value, str):
        return _NOT_UTF8.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", value)
    return value


def _unmarked(value: Any) -> Any:
    """What `_marked` made `value` of."""
    if isinstance(value, dict):
        return {key: _unmarked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    if isinstance(value, str):
        return _MARKED.sub(lambda found: chr(int(found[1], 16)), value)
    return value
