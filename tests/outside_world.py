"""Text that means harm, in every place that Darkroom reads text from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import tomli_w

from tui.history.entry import Entry, EntryImage, EntryReference, Failure, Response, new_id
from tui.history.store import HistoryStore
from tui.paths import Paths
from tui.text import storable

SEQUENCES = {
    "colour": "\x1b[38;5;123m",
    "position report": "\x1b[6n",
    "clear": "\x1b[2J",
    "clipboard, BEL": "\x1b]52;c;ZXZpbA==\x07",
    "clipboard, ST": "\x1b]52;c;ZXZpbA==\x1b\\",
    "clipboard, no end": "\x1b]52;c;ZXZpbA==",
    "title": "\x1b]0;pwned\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "DCS": "\x1bPq#0;2;0;0;0#0~~\x1b\\",
    "APC": "\x1b_Ga=T,f=24;AAAA\x1b\\",
    "reset": "\x1bc",
    "CSI in C1": "\x9b31m",
    "OSC in C1": "\x9d52;c;ZXZpbA==\x9c",
    "other C0": "\x00\x01\x05\x07\x08\x0b\x0c\x0e\x0f\x1a\x7f",
    "other C1": "\x84\x85\x8d\x90\x98\x9e\x9f",
    "bidi": "\u202egnp.exe\u2066x\u200f",
    "hidden": "a\u200bb\ufeffc\u2028d\U000e0041e",
    "lone surrogate": "\ud83d alone",
}
MARKUP = {
    "bell": "[@click=app.bell]bell[/]",
    "quit": "[@click=app.quit]quit[/]",
    "quit by name": "[@click=app.exit()]x",
    "style": "[red]x[/red][#ff0]",
    "hyperlink": "[link='http://evil.example']x[/link]",
    "closing": "[/]",
    "a path": "[/tmp/x.png]",
    "unfinished": "[/",
    "opening": "[bold ",
    "pydantic": "[type=value_error, input_value={'q[0].h': 1}]",
    "reference": "[x](http://e)",
}
PAYLOADS = {**SEQUENCES, **MARKUP}

MARKS = (
    "Qprompt", "Qerror", "Qhint", "Qmodel", "Qvendor", "Qlabel", "Qchoice", "Qdefault", "Qhelp",
    "Qendpoint", "Qcard", "Qtheme", "Qfile", "Qout", "Qseed", "Qkey", "Qhost",
    "Qheader", "Qcommand", "Qextra", "Qother",
)  # fmt: skip
"""Begin each text from outside, so that one sees where it is shown, and that it is."""
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def world(paths: Paths, payload: str, now: datetime = NOW) -> dict[str, Entry]:
    """Put `payload` wherever a home can hold it. The entries, by what they are there for.

    The model is Qmodel, its endpoint cannot be reached, and another cannot even be asked.
    """
    _write(paths.config_file, _config(payload))
    _write(paths.cards / "own.toml", _card(payload))
    (paths.cards / file_name(f"Qcard{payload}.toml")).write_text("id = 7\n", "utf-8")
    _write(paths.cards / "broken.toml", {"id": "broken", f"Qcard{payload}": 1})
    paths.themes.mkdir(exist_ok=True)
    (paths.themes / file_name(f"Qtheme{payload}.toml")).write_text("name = 7\n", "utf-8")
    _write(paths.themes / "theme.toml", {"name": f"Qtheme{payload}"})
    store = HistoryStore(paths)
    inner = payload.replace("/", "|")
    entries = {
        "failed": _entry(payload, now, 1, status="failed", error=_failure(payload)),
        "missing": _entry(payload, now, 2, images=(_image(f"images/Qfile{inner}.png"),)),
        "outside": _entry(payload, now, 3, images=(_image(f"../Qout{inner}.png"),)),
        "partial": _entry(
            payload,
            now,
            4,
            status="partial",
            error=_failure(payload),
            images=(
                _image(f"images/Qfile{inner}.png"),
                _image("images/none.png"),
            ),
        ),
    }
    for entry in entries.values():
        store.write(entry)
    return entries


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(storable(tomli_w.dumps(document)), "utf-8")


def _config(payload: str) -> dict[str, Any]:
    name = f"Qendpoint{payload}"
    odd = {
        "base_url": f"https://h{payload}Qhost/v1",
        "key": {"command": [f"Qcommand{payload}"]},
        "model": f"Qmodel{payload}",
        "headers": {f"Qheader{payload}": payload},
        "extra": {f"Qextra{payload}": payload},
    }
    return {
        "endpoint": name,
        "model": f"Qmodel{payload}",
        "endpoints": {name: {"base_url": "http://127.0.0.1:9/v1"}, f"Qother{payload}": odd},
        "searches": {f"Qother{payload}": "Qprompt"},
        "keymap": {"show-history": f"Qkey{payload.replace(',', '')},f5"},
    }


def _card(payload: str) -> dict[str, Any]:
    return {
        "id": f"Qmodel{payload}",
        "name": f"Qmodel{payload}",
        "vendor": f"Qvendor{payload}",
        "help": f"Qhelp{payload}",
        "parameter": [
            {
                "name": f"Qname{payload}",
                "kind": "choice",
                "label": f"Qlabel{payload}",
                "choices": ["a", "b", f"Qchoice{payload}"],
                "default": f"Qchoice{payload}",
                "help": f"Qhelp{payload}",
            },
            {"name": "note", "kind": "text", "default": f"Qdefault{payload}"},
            {"name": "steps", "kind": "integer", "minimum": 1, "maximum": 9},
        ],
    }


def _failure(payload: str) -> Failure:
    return Failure(
        kind="server",
        message=f"Qerror{payload}",
        hint=f"Qhint{payload}",
        status=500,
        body=f"Qbody{payload}",
    )


def _image(file: str) -> EntryImage:
    return EntryImage(file.replace("\0", ""), "0" * 64, 1, 8, 8, f"Qformat{file[-3:]}")


def _entry(payload: str, now: datetime, minutes: int, **facts: Any) -> Entry:
    created = now - timedelta(minutes=minutes)
    facts = {"status": "done", **facts}
    return Entry(
        id=new_id(created),
        created=created,
        endpoint=f"Qendpoint{payload}",
        model=f"Qmodel{payload}",
        prompt=f"Qprompt{payload}",
        tags=(f"Qtag{payload}",),
        note=f"Qnote{payload}",
        parameters={"seed": f"Qseed{payload}", f"Qname{payload}": f"Qvalue{payload}"},
        references=(EntryReference(name=f"Qreference{payload}"),),
        response=Response(
            sent=created,
            received=created + timedelta(seconds=4),
            served_by=f"Qserved{payload}",
            request_id=f"Qrequest{payload}",
            urls=(f"https://e.example/{payload}",),
            notes=(f"Qnotes{payload}",),
        ),
        **facts,
    )


def file_name(name: str) -> str:
    return (
        "".join(character for character in name if character not in "/\0")[:80]
        .encode("utf-8", "replace")
        .decode()
    )
