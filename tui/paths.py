"""Where things lie on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from tui.files import make_folder, new_file

APPLICATION = "darkroom"


class Paths(Struct, frozen=True):
    """The three folders that everything of Darkroom lies in; with DARKROOM_HOME they are one."""

    config: Path
    data: Path
    cache: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def cards(self) -> Path:
        """The user's model cards."""
        return self.config / "models"

    @property
    def themes(self) -> Path:
        """The user's themes."""
        return self.config / "themes"

    @property
    def keys(self) -> Path:
        """Keys that `darkroom key set` has stored."""
        return self.config / "keys"

    @property
    def session(self) -> Path:
        """What the studio was last at."""
        return self.data / "session.toml"

    @property
    def history(self) -> Path:
        return self.data / "history"

    @property
    def batches(self) -> Path:
        """Which lines of which batch were sent, so that none is sent twice."""
        return self.data / "batches"

    @property
    def images(self) -> Path:
        return self.data / "images"

    @property
    def trash(self) -> Path:
        """Entries and pictures that were thrown away, until they are removed for good."""
        return self.data / "trash"

    @property
    def index(self) -> Path:
        """What makes history quick to search; made from it."""
        return self.cache / "index.db"

    @property
    def thumbnails(self) -> Path:
        """Small copies of pictures; disposable."""
        return self.cache / "thumbnails"

    @property
    def previews(self) -> Path:
        """Pictures scaled for the panes that they were shown in; disposable."""
        return self.cache / "previews"

    @property
    def records(self) -> Path:
        """Pictures of the endpoint's records that were looked at; disposable."""
        return self.cache / "records"

    @property
    def references(self) -> Path:
        """Input images made ready to be sent, until they are; disposable."""
        return self.cache / "references"

    @property
    def reports(self) -> Path:
        """Crash reports and bundles for bug reports."""
        return self.cache / "reports"

    @property
    def logs(self) -> Path:
        """The log, where it is wanted, and its older parts."""
        return self.cache / "logs"

    @property
    def catalogue(self) -> Path:
        """What each endpoint said of its models when it was last asked; disposable."""
        return self.cache / "catalogue"

    @property
    def locks(self) -> Path:
        """Who works on which entry at this moment; empty when nobody does."""
        return self.cache / "locks"

    @property
    def demo(self) -> Path:
        """Records and pictures of the demo endpoint."""
        return self.cache / "demo"

    def prepare(self) -> None:
        """Create the folders and see that they can be written.

        Raises OSError, with the folder's name, where they cannot.
        """
        for folder in (self.config, self.data, self.cache):
            make_folder(folder)
        probe = self.data / f".write-test-{os.urandom(4).hex()}"
        with new_file(probe):
            pass
        probe.unlink()


def find_paths(environment: Mapping[str, str] = os.environ) -> Paths:
    """The folders as `environment` and the platform have them; nothing is created."""
    if home := environment.get("DARKROOM_HOME"):
        folder = Path(home)
        with suppress(RuntimeError):  # "~someone" that nobody is: a folder of that name.
            folder = folder.expanduser()
        folder = folder.absolute()
        return Paths(folder, folder, folder)
    import platformdirs

    return Paths(
        platformdirs.user_config_path(APPLICATION, appauthor=False),
        platformdirs.user_data_path(APPLICATION, appauthor=False),
        platformdirs.user_cache_path(APPLICATION, appauthor=False),
    )
