"""An endpoint's settings while they are changed, and not saved yet."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui.config import JSON, EndpointSettings, KeySource
from tui.generation.endpoint_values import (
    PLACE,
    SEVERAL,
    SOURCES,
    STORED,
    TIMES,
    read_extra,
    read_headers,
    read_seconds,
    shown_values,
)

DraftId: TypeAlias = "str | int"
"""The name of an endpoint that there is, or the number of one that is not saved yet."""


class Draft(Struct, frozen=True):
    """The settings of an endpoint, and what the user made of them without saving."""

    id: DraftId
    base: EndpointSettings
    """As config.toml has it, or the profile that a new one begins with."""
    typed: dict[str, JSON] = {}
    """What differs from `base`, by field."""

    # A header or a command may hold a secret, so that no repr may show them.
    def __repr__(self) -> str:
        return f"Draft(fields={sorted(self.typed)})"

    @property
    def is_new(self) -> bool:
        """Whether config.toml does not have it yet."""
        return isinstance(self.id, int)

    @property
    def is_changed(self) -> bool:
        """Whether anything would be lost without saving."""
        return self.is_new or bool(self.typed)

    @property
    def name(self) -> str:
        """Its name; what was typed of it where it is new."""
        return self.id if isinstance(self.id, str) else str(self.typed.get("name", ""))

    @property
    def key_kind(self) -> str:
        """Where its key is: one of KEY_KINDS, or SEVERAL."""
        return str(self.value("key"))

    @property
    def key_is_changed(self) -> bool:
        """Whether its key would be looked for elsewhere."""
        return any(field in self.typed for field in ("key", *SOURCES.values()))

    def value(self, field: str) -> JSON:
        """What the form shows in `field`: text as typed, or a choice."""
        if field == PLACE:
            source = SOURCES.get(self.key_kind)
            return self.value(source) if source else ""
        if field == "name":
            return self.name
        return self.typed.get(field, shown_values(self.base)[field])

    def with_value(self, field: str, value: JSON) -> Draft:
        """The draft with one field as the user left it; None is an empty text."""
        if field == PLACE:
            field = SOURCES.get(self.key_kind, "")
        value = "" if value is None else value
        normal = shown_values(self.base)
        typed = {name: kept for name, kept in self.typed.items() if name != field}
        if field == "name" or (field in normal and normal[field] != value):
            typed[field] = value
        return replace(self, typed=typed)

    def on(self, base: EndpointSettings) -> Draft:
        """The same changes on top of `base`, which was read anew."""
        moved = Draft(self.id, base, {})
        for field, value in self.typed.items():
            moved = moved.with_value(field, value)
        return moved

    def settings(self) -> EndpointSettings:
        """The settings that the draft amounts to; only for one without troubles."""
        changes: dict[str, Any] = {}
        for field, value in self.typed.items():
            if field in ("key", *SOURCES.values()):
                changes["key"] = self._key()
            elif field in TIMES:
                changes[field] = read_seconds(str(value))
            elif field == "headers":
                changes[field] = read_headers(str(value))
            elif field == "extra":
                changes[field] = read_extra(str(value))
            elif field == "default_model":
                changes["model"] = str(value).strip()
            elif field == "base_url":
                changes[field] = str(value).strip().rstrip("/")
            elif field != "name":
                changes[field] = value
        return replace(self.base, **changes)

    def _key(self) -> KeySource | None:
        kind, place = self.key_kind, str(self.value(PLACE)).strip()
        match kind:
            case "variable":
                return KeySource(env=place)
            case "file":
                is_bare = not place.startswith("~")
                return KeySource(file=str(Path(place).absolute()) if is_bare else place)
            case "keyring":
                return KeySource(keyring=place)
            case "command":
                return KeySource(command=tuple(shlex.split(place)))
            case _ if kind == STORED:
                return KeySource()
            case _ if kind == SEVERAL:
                return self.base.key
        return None
