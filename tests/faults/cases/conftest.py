"""A home for the program, and the demo endpoint that fails as prompts say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import KEY, Home
from tests.demo.conftest import running
from tests.faults.cases.session import FaultsByPrompt
from tests.faults.conftest import FAULTS, Demo
from tui.demo.faults import Faults
from tui.demo.server import demo_app


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty home; whatever was done in it, the key is in no file and every entry is read."""
    home = Home(tmp_path / "home")
    yield home
    assert [path for path in home.files if KEY.encode() in path.read_bytes()] == []


@pytest.fixture(scope="package")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo endpoint on a port, which plays the faults that prompts end with."""
    app = demo_app(tmp_path_factory.mktemp("failing"), faults=Faults(**FAULTS))
    with running(FaultsByPrompt(app)) as origin:  # type: ignore[arg-type]
        yield Demo(f"{origin}/v1", app.state.traffic)
