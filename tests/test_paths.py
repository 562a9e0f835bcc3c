"""Where things lie, and that nothing is written elsewhere."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.paths import Paths, find_paths


def _paths(home: Path) -> Paths:
    return find_paths({"DARKROOM_HOME": str(home)})


def test_darkroom_home_holds_everything(tmp_path: Path) -> None:
    paths = _paths(tmp_path)
    everything = [paths.config_file, paths.cards, paths.themes, paths.history, paths.images]
    assert {path.parent for path in [*everything, paths.demo]} == {tmp_path}


def test_darkroom_home_may_be_relative_or_start_at_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert _paths(Path("here")).data == tmp_path / "here"
    assert _paths(Path("~/there")).data == tmp_path / "home" / "there"


def test_the_home_of_a_user_that_does_not_exist_is_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _paths(Path("~no-such-user/x")).data == tmp_path / "~no-such-user" / "x"


@pytest.mark.parametrize("environment", [{}, {"DARKROOM_HOME": ""}])
def test_without_darkroom_home_the_folders_are_the_platform_s(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    paths = find_paths(environment)
    folders = (paths.config, paths.data, paths.cache)
    assert paths.cache not in (paths.config, paths.data)
    assert all(folder.is_relative_to(tmp_path) for folder in folders)
    assert all("darkroom" in folder.parts for folder in folders)


def test_finding_the_folders_creates_none(tmp_path: Path) -> None:
    _paths(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_prepared_folders_are_private_and_empty(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "a" / "config", tmp_path / "b" / "data", tmp_path / "c" / "cache")
    paths.prepare()
    paths.prepare()
    for folder in (paths.config, paths.data, paths.cache):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        assert list(folder.iterdir()) == []


def test_a_file_in_place_of_a_folder_is_reported_by_its_name_and_left(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    with pytest.raises(NotADirectoryError) as raised:
        Paths(tmp_path / "config", tmp_path / "data", tmp_path / "cache").prepare()
    assert raised.value.filename == str(tmp_path / "data")
    assert (tmp_path / "data").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder none may write to")
def test_a_folder_that_takes_no_files_is_reported(tmp_path: Path) -> None:
    # Not even root can create a file there.
    with pytest.raises(OSError, match="/proc/self"):
        Paths(tmp_path, Path("/proc/self"), tmp_path).prepare()
