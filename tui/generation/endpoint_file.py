"""What the settings of endpoints are read from and written to: config.toml, and where keys are."""

from __future__ import annotations

import os

from msgspec import Struct

from tui.api.endpoints import choose_endpoint, key_at_a_glance
from tui.config import Config, load_config
from tui.config_edit import remove_endpoint, save_endpoint, use_endpoint
from tui.generation.checkup.redaction import secret_headers
from tui.generation.endpoint_draft import Draft
from tui.keys import Finding, key_store, ways_to_set
from tui.paths import Paths
from tui.scrub import EVERY_SECRET


class Found(Struct, frozen=True):
    """What was read."""

    config: Config
    glances: dict[str, Finding | None]
    """What is seen of each endpoint's key without asking anybody; None where none is wanted."""
    key_notes: dict[str, str]
    """The same as sentences, with what to do where there is no key."""
    used: str
    """The endpoint that is used."""


class EndpointFile:
    """Reads and writes; every call may take its time, and belongs into a thread.

    Each raises ConfigError where config.toml cannot be used or changed; it is untouched then.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self.path = paths.config_file

    def read(self, used: str) -> Found:
        """What there is now; the endpoint in use stays `used` unless it is gone."""
        config = load_config(self.path)
        glances = {
            name: key_at_a_glance(name, settings, os.environ, self._paths)
            for name, settings in config.endpoints.items()
        }
        if used not in config.endpoints:
            used = choose_endpoint(config, None, os.environ, self._paths)
        notes = {name: self._key_note(name, config, glance) for name, glance in glances.items()}
        return Found(config, glances, notes, used)

    def save(self, draft: Draft) -> None:
        """Write what `draft` changes, on top of what the file says by now."""
        there = load_config(self.path).endpoints.get(draft.name)
        if there is not None and not draft.is_new:
            draft = draft.on(there)
        settings = draft.settings()
        EVERY_SECRET.learn(settings.headers[name] for name in secret_headers(settings.headers))
        save_endpoint(self.path, draft.name, settings, replace=not draft.is_new)

    def use(self, name: str) -> None:
        """Make the endpoint `name` the one that is used where none is named."""
        use_endpoint(self.path, name)

    def remove(self, name: str) -> None:
        """Take what the file says of the endpoint `name` out of it."""
        remove_endpoint(self.path, name)

    def _key_note(self, name: str, config: Config, glance: Finding | None) -> str:
        source = config.endpoints[name].key
        if source is None or glance is None:
            return ""
        match glance.state:
            case "found":
                return f"Found: {glance.source}."
            case "unusable":
                return f"It cannot be used: {glance.reason}."
            case "not asked":
                return f"Asked when it is needed: {glance.source}."
        ways = ways_to_set(source, key_store(self._paths.keys, name))
        return f"None is found yet: {', or '.join(ways) or 'put one there'}."
