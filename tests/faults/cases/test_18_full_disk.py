"""A disk that is full, or a quota that is used up: before a request, and once it was paid for.

Nothing is sent where it cannot be written down first. What was paid for is held until there is
room, then saved without another request, and everything that was there before is as it was.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.api.origins import Received, reply
from tests.cli.conftest import Home
from tests.faults.cases.session import ESCAPE, JOBS, configure, origin_with, studio_in
from tests.images.pictures import encoded, quadrants
from tui.history.entry import Entry

SAVE_NOW = b"s"
PICTURE = encoded(quadrants(), "PNG")


class Disk:
    """The disk of a home."""

    program: tuple[str, ...] = ()
    """What the studio is started with."""
    reason = ""

    def fill(self) -> None:
        """Let it take nothing more."""

    def clear(self) -> None:
        """Let there be room again."""


class SmallDisk(Disk):
    """A file system of its own, of two megabytes."""

    reason = "No space left on device"

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", 0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def clear(self) -> None:
        self._filler.unlink()


class Quota(Disk):
    """One whose quota is used up while a file is there; no other rights are needed for it."""

    reason = os.strerror(errno.EDQUOT)

    def __init__(self, mark: Path) -> None:
        self._mark = mark
        self.program = (
            "-c",
            f"""
import errno, os, sys
fsync = os.fsync
def refusing(file):
    if os.path.exists({str(mark)!r}):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
    fsync(file)
os.fsync = refusing
sys.argv[0] = "darkroom"
from tui.cli import main
main()
""",
        )

    def fill(self) -> None:
        self._mark.touch()

    def clear(self) -> None:
        self._mark.unlink()


@pytest.fixture(params=["small disk", "quota"])
def disk(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "quota":
        yield Quota(tmp_path / "used-up")
        return
    home.folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(home.folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own takes rights; the quota is tried all the same")
    try:
        yield SmallDisk(home.folder)
    finally:
        subprocess.run(["umount", "--lazy", str(home.folder)], check=True)


def test_nothing_is_sent_unwritten_and_what_was_paid_for_is_held(home: Home, disk: Disk) -> None:
    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            if request.document["prompt"].endswith("filled"):
                disk.fill()
            url = f"http://{request.headers['host']}/picture.png"
            await reply(200, {"data": [{"url": url}]})(request, writer)
        else:
            is_there = request.target == "/picture.png"
            await reply(200 if is_there else 404, PICTURE, "image/png")(request, writer)

    with origin_with(answer) as origin:
        configure(home, studio=f"{origin.url}/v1")
        with studio_in(home, *disk.program) as studio:
            studio.send("a fox")
            (old,) = studio.wait_for_status("done")
            before = _kept(home, old)
            disk.fill()
            studio.send(" unsent")
            studio.wait_to_read(f"The entry could not be saved: {disk.reason}. Nothing was sent.")
            assert (origin.posts, home.entries) == (1, (old,))
            disk.clear()
            studio.send(" filled")
            studio.wait_to_read("cannot be saved")
            studio.press(JOBS)
            studio.wait_to_read(disk.reason, "It is kept; make room or mend the")
            disk.clear()
            # Whoever made room says so, and need not wait for the next try.
            studio.press(SAVE_NOW)
            studio.wait_for_status("done", "done")
            studio.press(ESCAPE)
            studio.wait_until(lambda: not studio.screen.shows("0 waiting"))
            studio.leave()
    assert origin.posts == 2
    assert _kept(home, old) == before
    new, _ = home.entries
    assert [(home.folder / image.file).read_bytes() for image in new.images] == [PICTURE]
    assert home.run("history", "check").code == 0


@pytest.mark.parametrize("command", [("generate", "a fox"), ("history",)])
def test_output_that_nobody_takes_is_said_and_loses_nothing(
    home: Home, command: tuple[str, ...]
) -> None:
    item = {"b64_json": base64.b64encode(PICTURE).decode()}
    with origin_with(reply(200, {"data": [item]})) as origin, Path("/dev/full").open("wb") as full:
        configure(home, studio=f"{origin.url}/v1")
        if command[0] != "generate":
            assert home.run("generate", "a fox").code == 0
        with home.started(*command, stdout=full) as process:
            assert process.stderr is not None
            told = process.stderr.read()
            assert process.wait() == 1
    assert told.endswith(b"darkroom: standard output: No space left on device\n")
    assert origin.posts == 1
    assert (home.folder / home.entry.images[0].file).read_bytes() == PICTURE


def _kept(home: Home, entry: Entry) -> list[bytes]:
    """What the disk has of an entry and of its pictures."""
    files = [home.store.entry_path(entry.id), *(home.folder / im.file for im in entry.images)]
    return [path.read_bytes() for path in files]
