"""The picture on the clipboard, from programs that are really run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images.pictures import encoded, quadrants
from tui.images import clipboard
from tui.images.clipboard import clipboard_commands, clipboard_picture
from tui.images.prepared import UnfitReference


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the only programs there are, for who sits at a Wayland desktop."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-test")
    monkeypatch.delenv("DISPLAY", raising=False)
    return folder


def _program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o700)


def test_the_kind_that_there_is_is_asked_for(programs: Path, tmp_path: Path) -> None:
    picture = encoded(quadrants(), "JPEG")
    (tmp_path / "held").write_bytes(picture)
    _program(
        programs,
        "wl-paste",
        f'case "$*" in *image/jpeg*) exec /bin/cat {tmp_path}/held;; esac; echo none; exit 1',
    )
    assert clipboard_picture() == picture


def test_what_goes_wrong_is_said(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnfitReference, match=r"needs wl-paste .*, xclip .* or pngpaste"):
        clipboard_picture()
    _program(programs, "wl-paste", "exit 1")
    with pytest.raises(UnfitReference, match="no picture on the clipboard"):
        clipboard_picture()
    monkeypatch.setattr(clipboard, "MAX_BYTES", 2**20)
    _program(programs, "wl-paste", "exec /bin/cat /dev/zero")
    with pytest.raises(UnfitReference, match="larger than 1 MiB"):
        clipboard_picture()
    monkeypatch.setattr(clipboard, "PATIENCE", 0.2)
    _program(programs, "wl-paste", "exec /bin/sleep 60")
    with pytest.raises(UnfitReference, match=r"within 0\.2 seconds"):
        clipboard_picture()


@pytest.mark.parametrize(
    ("platform", "environment", "there", "program"),
    [
        ("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ["wl-paste", "xclip"], "wl-paste"),
        ("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ["xclip"], "xclip"),
        ("linux", {"DISPLAY": ":0"}, ["wl-paste", "xclip"], "xclip"),
        ("linux", {}, ["wl-paste", "xclip"], None),
        ("darwin", {}, ["pngpaste"], "pngpaste"),
        ("darwin", {}, ["xclip"], None),
    ],
)
def test_the_program_of_the_desktop_is_run(
    platform: str, environment: dict[str, str], there: list[str], program: str | None
) -> None:
    def which(name: str) -> str | None:
        return f"/bin/{name}" if name in there else None

    if program is None:
        with pytest.raises(UnfitReference, match="pngpaste"):
            clipboard_commands(platform, environment, which)
    else:
        commands = clipboard_commands(platform, environment, which)
        assert {command[0] for command in commands} == {program}
