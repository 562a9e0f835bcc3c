"""A history folder that is read-only, missing, a file, on a disk that is gone, or a link.

Where nothing can be written the studio says why, sends nothing and still shows what can be read.
Nothing is created anywhere else. A folder that is missing is made, and a link is followed.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.api.origins import Origin, reply
from tests.cli.conftest import Home
from tests.faults.cases.session import configure, origin_with, studio_in
from tests.images.pictures import encoded, quadrants
from tui.catalog.card import ModelCard
from tui.generation.request import GenerationRequest, new_entry

HISTORY, STAR = b"\x1b[15~", b"."
PICTURE = {"data": [{"b64_json": base64.b64encode(encoded(quadrants(), "PNG")).decode()}]}


@pytest.fixture
def origin(home: Home, tmp_path: Path, card: ModelCard) -> Iterator[Origin]:
    """An endpoint for a home whose history has one entry, of a user with nothing else."""
    (tmp_path / "user").mkdir()
    home.environment["HOME"] = str(tmp_path / "user")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        home.environment.pop(name, None)
    entry = new_entry(GenerationRequest("studio", card.id, "an owl from before", {}), card)
    home.store.write(replace(entry, status="done"))
    with origin_with(reply(200, PICTURE)) as origin:
        configure(home, studio=f"{origin.url}/v1")
        yield origin
    assert list((tmp_path / "user").rglob("*")) == []


@pytest.fixture
def read_only(home: Home) -> Iterator[Callable[[Path], None]]:
    """Makes a folder read-only, for root too."""
    done: list[Path] = []

    def make(folder: Path) -> None:
        done.append(folder)
        if os.geteuid():
            for path in (folder, *folder.rglob("*")):
                path.chmod(path.stat().st_mode & 0o555)
            return
        mount = ["mount", "--bind", str(folder), str(folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("root writes into every folder, and here it cannot mount any")
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)

    yield make
    for folder in done:
        if os.geteuid():
            for path in (folder, *folder.rglob("*")):
                path.chmod(path.stat().st_mode | 0o200)
        else:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _refused(home: Home, origin: Origin, reason: str, *, has_entries: bool) -> None:
    """The studio starts and shows what there is, and what is sent is refused with the reason."""
    with studio_in(home) as studio:
        if has_entries:
            studio.wait_to_read("an owl from before")
        studio.send("a fox")
        studio.wait_to_read(f"The entry could not be saved: {reason}. Nothing was sent.")
        if has_entries:
            studio.press(HISTORY, STAR)
            studio.wait_to_read(f"Not changed: {reason}")
        studio.leave()
    assert origin.posts == 0


def test_read_only_it_is_shown_and_not_changed(
    home: Home, origin: Origin, read_only: Callable[[Path], None]
) -> None:
    before = home.entry
    read_only(home.folder / "history")
    reason = "Permission denied" if os.geteuid() else "Read-only file system"
    _refused(home, origin, reason, has_entries=True)
    assert home.entry == before


def test_in_a_home_that_is_read_only_commands_show_it(
    home: Home, origin: Origin, read_only: Callable[[Path], None]
) -> None:
    read_only(home.folder)
    for arguments in ((), ("generate", "a fox")):
        refused = home.run(*arguments)
        assert (refused.code, refused.out) == (1, "")
        (complaint,) = refused.complaints
        assert complaint.startswith(f"cannot write to {home.folder}/")
    assert "an owl from before" in home.run("history").out
    assert origin.posts == 0


@pytest.mark.parametrize("name", ["file", "gone"])
def test_where_there_is_no_folder_nothing_is_made_in_its_place(
    home: Home, origin: Origin, tmp_path: Path, name: str
) -> None:
    history, target = home.folder / "history", tmp_path / "mounted" / "history"
    history.rename(tmp_path / "kept")
    if name == "file":
        history.write_text("mine")
    else:
        history.symlink_to(target)
    reason = {"file": "is a file, not a folder", "gone": "is a link that leads nowhere"}[name]
    _refused(home, origin, reason, has_entries=False)
    assert history.read_text() == "mine" if name == "file" else not target.parent.exists()
    assert len(list((tmp_path / "kept").rglob("*.toml"))) == 1


@pytest.mark.parametrize("name", ["missing", "link"])
def test_a_missing_folder_is_made_and_a_link_followed(
    home: Home, origin: Origin, tmp_path: Path, name: str
) -> None:
    history = home.folder / "history"
    history.rename(tmp_path / "kept")
    if name == "link":
        history.symlink_to(tmp_path / "kept")
    with studio_in(home) as studio:
        studio.send("a fox")
        studio.wait_for_ends(2 if name == "link" else 1)
        studio.leave()
    assert origin.posts == 1
    assert home.entries[0].status == "done"
    assert len(list((tmp_path / "kept").rglob("*.toml"))) == (2 if name == "link" else 1)
    assert history.is_symlink() == (name == "link")
