"""The endpoints that there are and their drafts, while somebody works on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tui.api.addresses import BadAddress, read_address
from tui.config import BUILT_IN_ENDPOINTS, DEMO, Config, EndpointSettings, KeySource
from tui.generation.checkup.redaction import bare_address
from tui.generation.endpoint_draft import Draft, DraftId
from tui.generation.endpoint_troubles import Trouble, troubles
from tui.keys import Finding

Tone = Literal["good", "bad", "quiet"]
Glances = Mapping[str, Finding | None]
"""What is seen of each endpoint's key without asking anybody; None where none is wanted."""

BLANK = "blank"
REHEARSAL = "a rehearsal, costs nothing"
_PROFILES = ("openai", "local", "token360")


class Row(Struct, frozen=True):
    """An endpoint as the list shows it. Its texts may hold outside text."""

    id: DraftId
    name: str
    where: str
    """The host of its address."""
    key: str
    """What is known of its key, in words."""
    tone: Tone
    """How good that is."""
    note: str
    """What is special about it: `built in`, `unsaved` and the like; empty for nothing."""
    is_used: bool
    is_unsaved: bool


class EndpointDesk:
    """Gives drafts of the endpoints in `config`, and keeps those that were changed."""

    def __init__(self, config: Config, keys: Path) -> None:
        """`keys` is the folder in which keys are stored."""
        self.config = config
        self._keys = keys
        self._drafts: dict[DraftId, Draft] = {}
        self._news = 0

    @property
    def ids(self) -> list[DraftId]:
        """What there is, in order: those of the configuration, then the new ones."""
        return [*self.config.endpoints, *(id for id in self._drafts if isinstance(id, int))]

    @property
    def unsaved(self) -> list[Draft]:
        """The drafts that would be lost."""
        return list(self._drafts.values())

    @property
    def profiles(self) -> list[str]:
        """What a new endpoint may begin with: the known ones, the user's own, and BLANK."""
        own = [name for name in self.config.endpoints if name not in BUILT_IN_ENDPOINTS]
        return [*_PROFILES, *own, BLANK]

    def draft(self, id: DraftId) -> Draft:
        """The draft of one of `ids`, without changes where it has none."""
        if id in self._drafts:
            return self._drafts[id]
        assert isinstance(id, str)
        return Draft(id, self.config.endpoints[id])

    def keep(self, draft: Draft) -> None:
        """Take `draft` over; one without changes is as good as none."""
        if draft.is_changed:
            self._drafts[draft.id] = draft
        else:
            self._drafts.pop(draft.id, None)

    def drop(self, id: DraftId) -> None:
        """Forget what was changed of `id`; a new one is gone."""
        self._drafts.pop(id, None)

    def begin(self, profile: str) -> Draft:
        """A new endpoint that begins with the settings of one of `profiles`."""
        self._news += 1
        blank = EndpointSettings(key=KeySource())
        base = blank if profile == BLANK else self.config.endpoints.get(profile, blank)
        draft = Draft(self._news, base)
        self.keep(draft)
        return draft

    def saved(self, draft: Draft) -> None:
        """Take it that `draft` was saved; what was typed since then stays unsaved."""
        if draft.id not in self._drafts:
            return
        later = self._drafts.pop(draft.id)
        base = draft.settings()
        if later != draft:
            typed = {field: value for field, value in later.typed.items() if field != "name"}
            self.keep(Draft(draft.name, base, typed).on(base))

    def follow(self, config: Config) -> None:
        """Go on with `config`, which was read anew. What was typed stays.

        A changed endpoint that it no longer has becomes a new one of that name.
        """
        self.config = config
        for draft in self.unsaved:
            if draft.is_new:
                continue
            del self._drafts[draft.id]
            if settings := config.endpoints.get(draft.name):
                self.keep(draft.on(settings))
            else:
                self._news += 1
                typed = {**draft.typed, "name": draft.name}
                self.keep(Draft(self._news, draft.base, typed))

    def troubles(self, draft: Draft) -> dict[str, Trouble]:
        """What stands against saving `draft`, by field."""
        return troubles(draft, self.config.endpoints, self._keys)

    def rows(self, used: str, glances: Glances) -> list[Row]:
        """All endpoints as the list shows them; `used` is the name of the one in use."""
        return [self._row(self.draft(id), used, glances) for id in self.ids]

    def _row(self, draft: Draft, used: str, glances: Glances) -> Row:
        settings = draft.base
        key, tone = _key_words(draft, glances)
        is_demo = draft.id == DEMO
        where = REHEARSAL if is_demo else host_of(str(draft.value("base_url")))
        return Row(
            id=draft.id,
            name=draft.name or "(no name yet)",
            where=where,
            key="" if is_demo else key,
            tone=tone,
            note="unsaved" if draft.is_changed else origin(draft.name, settings),
            is_used=draft.id == used,
            is_unsaved=draft.is_changed,
        )


def origin(name: str, settings: EndpointSettings) -> str:
    """Whether an endpoint is built in, or one that was changed; empty for the user's own."""
    built_in = BUILT_IN_ENDPOINTS.get(name)
    if built_in is None:
        return ""
    return "built in" if settings == built_in else "changed"


def host_of(base_url: str) -> str:
    """Host and port of an address, or as much of it as may be shown where it is none."""
    try:
        address = read_address(base_url.strip())
    except BadAddress:
        return bare_address(base_url)
    return address.url.partition("://")[2].partition("/")[0]


def _key_words(draft: Draft, glances: Glances) -> tuple[str, Tone]:
    if draft.is_new or draft.id not in glances:
        return "", "quiet"
    glance = glances[draft.name]
    if glance is None:
        return "no key needed", "quiet"
    match glance.state:
        case "found":
            return "key found", "good"
        case "absent":
            return "no key", "bad"
        case "unusable":
            return "key unusable", "bad"
    return "key in a keyring" if glance.source.startswith("keyring ") else "key by command", "quiet"
