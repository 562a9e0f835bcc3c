"""A key that goes through a whole session in the studio, and is found nowhere afterwards."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.servers import echoing
from tests.e2e.programs import needs
from tests.pseudo_terminal import PseudoTerminal
from tui.paths import Paths

KEY = "canary-4f2a9c77d1e04b0e93"
READY = b"Write what you want to see"
CRASHING = """
import sys
sys.argv = ["darkroom"]
from tui.api.client import ImagesClient
from tui.screens.studio import StudioScreen
send = StudioScreen._send
def crash(self, prompt):
    if "crash" in self.editor.text:
        clients = self.app._clients._open
        key = next(iter(clients.values()))._key.reveal()
        raise RuntimeError("the key is " + key)
    send(self, prompt)
StudioScreen._send = crash
from tui.cli import main
main()
"""
KEY_SOURCES = ["env", "file", "command", "stored"]


@pytest.fixture(params=KEY_SOURCES)
def source(request: pytest.FixtureRequest, paths: Paths) -> str:
    """The `key` of the configuration, in TOML."""
    file = paths.data / "the-key"
    match request.param:
        case "env":
            return '{ env = "CANARY_VARIABLE" }'
        case "file":
            file.touch(0o600)
            file.write_text(KEY)
            return f'{{ file = "{file}" }}'
        case "command":
            file.touch(0o600)
            file.write_text(KEY)
            return f'{{ command = ["cat", "{file}"] }}'
    (paths.config / "keys").mkdir(0o700)
    stored = paths.config / "keys" / "studio.key"
    stored.touch(0o600)
    stored.write_text(KEY)
    return '{ env = "NOT_SET_ANYWHERE" }'


@pytest.fixture
def server() -> Iterator[str]:
    """An endpoint that refuses, and quotes the whole request in its refusal."""
    with echoing(400) as endpoint:
        yield endpoint.base_url


@needs("ps")
def test_the_key_is_found_nowhere_after_errors_a_crash_and_an_export(
    paths: Paths, source: str, server: str
) -> None:
    paths.config_file.write_text(
        f'endpoint = "studio"\nlog = "debug"\n[endpoints.studio]\n'
        f'base_url = "{server}"\nkey = {source}\n'
    )
    environment = {
        "DARKROOM_HOME": str(paths.data),
        "TERM": "xterm-256color",
        "CANARY_VARIABLE": KEY if "CANARY" in source else "",
    }
    studio = PseudoTerminal("-c", CRASHING, size=(120, 40), environment=environment)
    studio.wait_for(READY)
    studio.send(b"a fox", b"\n")
    studio.wait_for(b"are wrong")
    processes = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, check=True)
    studio.send(b"\x1bOQ", b"\x1b[200~crash\x1b[201~")
    studio.wait_for(b"crash")
    studio.send(b"\n")
    assert studio.finish() == 1
    studio.close()
    export = PseudoTerminal("-m", "tui", "doctor", "--bundle", environment=environment)
    export.finish()
    export.close()
    assert b"the key is [key]" in studio.written

    (entry,) = paths.history.rglob("*.toml")
    assert "[key]" in entry.read_text("utf-8")
    (bundle,) = paths.reports.glob("*.zip")
    with zipfile.ZipFile(bundle) as archive:
        exported = b"".join(archive.read(name) for name in archive.namelist())
    for place in (studio.written, export.written, processes.stdout, exported):
        assert KEY.encode() not in place
    own = {paths.data / "the-key", paths.config / "keys" / "studio.key"}
    files = [path for path in paths.data.rglob("*") if path.is_file() and path not in own]
    assert {"darkroom.log", entry.name, bundle.name} <= {path.name for path in files}
    assert any(path.name.startswith("crash-") for path in files)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_files_are_private_under_any_umask(paths: Paths) -> None:
    program = (
        "import os, sys; os.umask(0); sys.argv = ['darkroom']; from tui.cli import main; main()"
    )
    studio = PseudoTerminal(
        "-c",
        program,
        size=(120, 40),
        environment={
            "DARKROOM_HOME": str(paths.data / "home"),
            "DARKROOM_DEMO_LATENCY": "0",
            "DARKROOM_LOG": "debug",
            "TERM": "xterm-256color",
        },
    )
    studio.wait_for(READY)
    studio.send(b"a fox", b"\n")
    studio.wait_for(b"today $0.00")
    studio.wait_for(lambda _: any(_pictures(paths.data / "home")))
    studio.send(b"\x11")
    studio.send(b"\x11")
    assert studio.finish() == 0
    studio.close()
    for path in (paths.data / "home").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def _pictures(home: Path) -> Iterator[Path]:
    return home.glob("images/*/*/*/*-1.???")
