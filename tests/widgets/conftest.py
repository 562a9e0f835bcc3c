"""What tests of widgets share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def nothing_looks_for_garbage() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
