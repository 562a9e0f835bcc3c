"""What a user installs: the wheel has all that the program reads, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path

import pytest

from tui import __version__
from tui.catalog.loading import load_catalogue
from tui.themes import load_themes

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tui"

ASK = """
from pathlib import Path

import tui
from tui.catalog.loading import load_catalogue
from tui.themes import load_themes

nowhere = Path("nowhere")
print(Path(tui.__file__).parent)
print(*sorted(load_themes(nowhere).found))
print(*load_catalogue(nowhere).cards)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, as an installer lays it down."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def distribution(unpacked: Path) -> PathDistribution:
    """What an installer knows of the wheel."""
    (metadata,) = unpacked.glob("*.dist-info")
    return PathDistribution(metadata)


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _run(unpacked: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with `arguments`, to which the unpacked wheel is what is installed."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(unpacked),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DARKROOM_HOME": str(home),
        "DARKROOM_DEMO_LATENCY": "0",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=unpacked.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_file_of_the_package_and_every_theme_is_in_the_wheel(unpacked: Path) -> None:
    expected = _files(PACKAGE) | {f"themes/{name}" for name in _files(ROOT / "themes")}
    assert _files(unpacked / "tui") == expected


def test_the_wheel_holds_what_is_read_at_run_time(unpacked: Path) -> None:
    package = unpacked / "tui"
    for pattern in ("themes/*.toml", "catalog/cards/*.toml", "styles/*.tcss", "py.typed"):
        assert list(package.glob(pattern)), pattern


def test_the_wheel_holds_the_package_alone(unpacked: Path, distribution: PathDistribution) -> None:
    name = f"darkroom_tui-{__version__}.dist-info"
    assert {path.name for path in unpacked.iterdir()} == {"tui", name}
    assert not [path for path in _files(unpacked) if re.search(r"(^|/)(tests?|conftest)\b", path)]
    assert (unpacked / name / "licenses" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert distribution.version == __version__


def test_the_command_is_the_only_entry_point(distribution: PathDistribution) -> None:
    (entry_point,) = distribution.entry_points
    assert entry_point == EntryPoint("darkroom", "tui.cli:main", "console_scripts")


def test_what_only_developers_need_is_not_required(distribution: PathDistribution) -> None:
    required = {re.split(r"[^\w-]", line)[0] for line in distribution.requires or ()}
    assert {"click", "httpx", "textual"} <= required
    assert required.isdisjoint({"pytest", "hypothesis", "hatchling", "mypy", "openai", "ruff"})


def test_themes_and_cards_load_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    printed = _run(unpacked, tmp_path, "-c", ASK)
    assert printed.returncode == 0, printed.stderr
    package, themes, cards = printed.stdout.splitlines()
    assert Path(package) == unpacked / "tui"
    assert themes.split() == sorted(load_themes(tmp_path).found)
    assert cards.split() == list(load_catalogue(tmp_path).cards)


def test_the_wheel_makes_a_picture(unpacked: Path, tmp_path: Path) -> None:
    arguments = ["generate", "a fox in the snow", "-m", "kling-image-o1", "-p", "size=1k"]
    made = _run(unpacked, tmp_path, "-m", "tui", *arguments)
    assert made.returncode == 0, made.stderr
    assert Path(made.stdout.strip()).read_bytes().startswith(b"\x89PNG")
