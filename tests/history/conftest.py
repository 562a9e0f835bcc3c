from __future__ import annotations

from pathlib import Path

import pytest

from tui.history.store import HistoryStore
from tui.paths import Paths


@pytest.fixture
def store(tmp_path: Path) -> HistoryStore:
    return HistoryStore(Paths(tmp_path, tmp_path, tmp_path))
