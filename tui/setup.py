"""All that the application is started with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from tui.catalog.loading import Catalogue
from tui.config import Config
from tui.generation.draft import Draft, first_draft
from tui.generation.session import Session, resumed
from tui.paths import Paths
from tui.terminal import Graphics, TerminalFacts
from tui.themes import Themes


def local_time() -> datetime:
    """The present in the machine's zone."""
    return datetime.now().astimezone()


class Setup(Struct, frozen=True):
    """What is known before the first frame, and what was asked for."""

    paths: Paths
    config: Config
    catalogue: Catalogue
    themes: Themes
    endpoint: str
    model: str
    theme: str
    names_model: bool = False
    """Whether the model was asked for, and is not just the one to begin with."""
    graphics: Graphics = "half"
    terminal: TerminalFacts = TerminalFacts()
    through_tmux: bool = False
    """Whether kitty's pictures are for the terminal outside tmux."""
    problems: tuple[str, ...] = ()
    """Sentences about files that could not be used, to be shown at the start."""
    clock: Callable[[], datetime] = local_time

    def opening_draft(self, session: Session | None) -> Draft:
        """What the studio begins with: where the last session left it, unless a model is named."""
        draft = first_draft(self.catalogue, self.model, self.config.defaults)
        if session is not None:
            draft = resumed(session.draft.under(self.catalogue), draft)
            if self.names_model:
                draft = draft.with_model(self.catalogue.card(self.model))
        return draft
