"""The command line over a home of its own, in this process or as the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any

import pytest

from tests.demo.conftest import tiny_picture
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tui.cli import main
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.paths import Paths

DARKROOM = Path(sys.executable).with_name("darkroom")
KEY = "sk-CANARY-0123456789abcdefghij"
QUICK = ("-m", "kling-image-o1", "-p", "size=1k")
"""Arguments for pictures that are painted quickly."""


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    code: int | str | None
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines on standard error, each without the name of the command before it."""
        lines = self.err.splitlines()
        assert all(line.startswith("darkroom: ") for line in lines), self.err
        return [line.removeprefix("darkroom: ") for line in lines]


@dataclass
class Home:
    """A folder for everything, and what the commands that use it find in the environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inherited = {name: v for name, v in os.environ.items() if not name.startswith("DARKROOM_")}
        self.environment = {
            **inherited,
            "DARKROOM_HOME": str(self.folder),
            "DARKROOM_DEMO_LATENCY": "0",
            "STUDIO_KEY": KEY,
        }
        self.environment.pop("TOKEN360_API_KEY", None)

    @property
    def store(self) -> HistoryStore:
        return HistoryStore(Paths(self.folder, self.folder, self.folder))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, newest first."""
        return self.store.newest().entries

    @property
    def entry(self) -> Entry:
        """The only entry there is."""
        (entry,) = self.entries
        return entry

    @property
    def files(self) -> list[Path]:
        """Every file, whoever wrote it."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def configure(self, text: str) -> None:
        """Write config.toml."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "config.toml").write_text(text, "utf-8")

    def use(self, base_url: str) -> None:
        """Make the server at `base_url` the endpoint; its key is KEY."""
        self.configure(f"""\
endpoint = "studio"
[endpoints.studio]
base_url = "{base_url}"
key = {{ env = "STUDIO_KEY" }}
timeout = 60
""")

    def run(self, *arguments: str | bytes, input: bytes = b"") -> Finished:
        """The installed command, to its end."""
        finished = subprocess.run(
            [DARKROOM, *arguments],
            input=input,
            env=self.environment,
            capture_output=True,
            timeout=PATIENCE,
        )
        return Finished(finished.returncode, finished.stdout.decode(), finished.stderr.decode())

    @contextmanager
    def started(self, *arguments: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
        """The installed command while it runs; ended when the test is done with it."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        process = subprocess.Popen([DARKROOM, *arguments], env=self.environment, **streams)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def on_terminal(home: Home, *arguments: str) -> PseudoTerminal:
    """The command with a terminal of 80 columns for all its streams."""
    return PseudoTerminal("-m", "tui", *arguments, environment=home.environment)


Run = Callable[..., Finished]


@pytest.fixture(scope="package", autouse=True)
def tiny_pictures() -> Iterator[None]:
    """What is tested here is not the painter; the installed command paints all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.generation.paint", tiny_picture)
        yield


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: `run("history", "--json")`."""

    def run(*arguments: str, stdin: bytes | None = b"") -> Finished:
        with monkeypatch.context() as patch:
            for name in os.environ:
                if name not in home.environment:
                    patch.delenv(name)
            for name, value in home.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["darkroom", *arguments])
            patch.setattr(sys, "stdin", _stream(stdin))
            with pytest.raises(SystemExit) as left:
                main()
        captured = capfd.readouterr()
        return Finished(left.value.code or 0, captured.out, captured.err)

    return run


def _stream(data: bytes | None) -> IO[str] | None:
    return None if data is None else TextIOWrapper(BytesIO(data), "utf-8")
