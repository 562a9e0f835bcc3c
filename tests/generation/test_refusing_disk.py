"""A disk that refuses what was paid for: it is kept until the disk takes it, and paid once."""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.origins import Received, reply, success
from tests.generation.test_run import reads_well
from tests.generation.test_run_over_sockets import (
    ACCEPTED,
    ITEMS,
    PICTURES,
    Bench,
    bench,
    leftovers,
    serve,
)
from tui.api import spool
from tui.files import new_file
from tui.generation import holding, saving
from tui.generation.progress import Pause
from tui.generation.repair import repair
from tui.generation.run import SAVED_AT_ONCE
from tui.history.check import examine
from tui.history.store import HistoryStore
from tui.paths import Paths

__all__ = ["bench", "serve"]


class Disk:
    """Refuses while `is_full`, wherever it was told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self.refused = 0
        self._patch = monkeypatch

    def refuses(self, holder: object, name: str, after: bool = False) -> None:
        """Let that function refuse; `after` it has done its work."""
        real: Callable[..., Any] = getattr(holder, name)

        def refusing(*arguments: Any, **options: Any) -> Any:
            # It may be mended meanwhile.
            is_full = self.is_full
            if is_full and after:
                real(*arguments, **options)
            if is_full:
                self.refused += 1
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **options)

        self._patch.setattr(holder, name, refusing)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(holding, "PAUSES", (0.0,))
    return Disk(monkeypatch)


def _mended_after(bench: Bench, disk: Disk, pauses: int) -> None:
    """Let there be room again once that many pauses were told."""
    hear = bench._hear

    def heard(progress: Any) -> None:
        hear(progress)
        disk.is_full = len(_pauses(bench)) < pauses

    bench._hear = heard  # type: ignore[method-assign]


def _pauses(bench: Bench) -> list[Pause]:
    return [told for told in bench.told if isinstance(told, Pause)]


def _filling(answer: Any, disk: Disk) -> Any:
    """A server whose disk, or rather ours, is full from the request on."""

    async def answering(request: Received, writer: asyncio.StreamWriter) -> None:
        disk.is_full = True
        await answer(request, writer)

    return answering


@pytest.mark.parametrize(
    ("holder", "name", "after"),
    [
        (saving, "_make_room", False),
        (saving, "settle", False),
        (saving, "rename_durably", False),
        (saving, "rename_durably", True),
        (spool, "make_folder", False),
        (spool, "new_file", False),
        (HistoryStore, "write", False),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_pictures_inside_an_answer_are_kept_until_the_disk_takes_them(
    serve: Any, bench: Bench, paths: Paths, disk: Disk, holder: object, name: str, after: bool
) -> None:
    disk.refuses(holder, name, after)
    _mended_after(bench, disk, 3)
    if holder is spool:
        # The spool is done before anybody waits.
        disk.refuses(saving, "_make_room")
    origin = await serve(_filling(reply(200, success(data=ITEMS)), disk))
    entry = await bench.run(origin.settings())
    assert disk.refused
    assert (entry.status, bench.bytes_of(entry)) == ("done", PICTURES)
    assert bench.entry == entry
    assert origin.posts == 1
    assert not leftovers(paths)
    for pause in _pauses(bench):
        assert pause.reason == "not_saved"
        assert "No space left on device" in pause.sentences
        assert "cannot be saved" in pause.words


@pytest.mark.parametrize("after", [False, True])
async def test_a_picture_that_was_fetched_is_not_fetched_again(
    serve: Any, bench: Bench, paths: Paths, disk: Disk, after: bool
) -> None:
    disk.refuses(saving, "rename_durably", after)
    _mended_after(bench, disk, 3)

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            disk.is_full = True
            address = f"{origin.url}/media/a.png"
            await reply(200, success(data=[{"url": address}]))(request, writer)
        else:
            await reply(200, PICTURES[0], "image/png")(request, writer)

    origin = await serve(answer)
    entry = await bench.run(origin.settings())
    assert (entry.status, bench.bytes_of(entry)) == ("done", PICTURES[:1])
    assert [one.method for one in origin.requests] == ["POST", "GET"]
    assert len(_pauses(bench)) == 3
    assert not leftovers(paths)


async def test_bytes_that_are_no_picture_are_kept_until_the_disk_takes_them(
    serve: Any, bench: Bench, paths: Paths, disk: Disk
) -> None:
    disk.refuses(saving, "rename_durably")
    _mended_after(bench, disk, 2)
    nonsense = base64.b64encode(b"\x89PNG\r\n\x1a\n no more").decode()
    answer = reply(200, success(data=[{"b64_json": nonsense}]))
    entry = await bench.run((await serve(_filling(answer, disk))).settings())
    assert entry.status == "failed"
    (rejected,) = paths.images.rglob("*.rejected")
    assert rejected.read_bytes() == b"\x89PNG\r\n\x1a\n no more"


async def test_giving_up_ends_and_leaves_what_came_to_a_check(
    serve: Any, bench: Bench, paths: Paths, store: HistoryStore, disk: Disk
) -> None:
    disk.refuses(saving, "rename_durably")
    origin = await serve(_filling(ACCEPTED, disk))
    job = asyncio.create_task(bench.run(origin.settings()))
    await bench.until(lambda: len(_pauses(bench)) > 1)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert bench.entry.status == "unknown"
    assert leftovers(paths)

    disk.is_full = False
    for finding in examine(paths, time.time() + 7200).findings:
        repair(finding, store)
    (entry,) = store.newest().entries
    assert (entry.status, bench.bytes_of(entry)) == ("partial", PICTURES[:1])
    assert not leftovers(paths)


async def test_what_is_given_up_while_it_is_saved_is_tried_once_more_without_a_pause() -> None:
    told: list[Pause] = []
    held = holding.Holding(told.append)
    tries = 0

    async def save() -> str:
        nonlocal tries
        tries += 1
        held.give_up()
        if tries == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return "saved"

    assert await held.until_saved(save) == "saved"
    assert (tries, told) == (2, [])


async def test_what_is_given_up_in_a_pause_is_saved_once_under_its_own_number(
    serve: Any, bench: Bench, paths: Paths, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "PAUSES", (3600.0,))
    disk.refuses(saving, "rename_durably")
    items = [{"error": {"message": "too dark"}}, ITEMS[0]]
    origin = await serve(_filling(reply(200, success(data=items)), disk))
    job = asyncio.create_task(bench.run(origin.settings()))
    await bench.until(lambda: bool(_pauses(bench)))
    disk.is_full = False
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (bench.entry.status, bench.bytes_of(bench.entry)) == ("partial", PICTURES[:1])
    assert bench.entry.images[0].file.endswith("-2.png")
    assert not leftovers(paths)


@pytest.mark.parametrize("as_address", [False, True])
async def test_copies_go_elsewhere_and_it_is_saved_again_when_the_user_says_so(
    serve: Any,
    bench: Bench,
    paths: Paths,
    disk: Disk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    as_address: bool,
) -> None:
    monkeypatch.setattr(holding, "PAUSES", (3600.0,))
    disk.refuses(saving.PictureSaver, "_place")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            disk.is_full = True
            items = [{"url": f"{origin.url}/media/a.png"}] if as_address else ITEMS * 2
            await reply(200, success(data=items))(request, writer)
        else:
            await reply(200, PICTURES[0], "image/png")(request, writer)

    origin = await serve(answer)
    job = asyncio.create_task(bench.run(origin.settings()))
    made = PICTURES[:1] if as_address else [*PICTURES, *PICTURES]
    # No more are saved at once.
    await bench.until(lambda: len(_pauses(bench)) == min(SAVED_AT_ONCE, len(made)))
    assert bench.pictures is not None
    copies = await bench.pictures.save_elsewhere(elsewhere)
    assert [copy.read_bytes() for copy in copies] == made
    assert sorted(elsewhere.iterdir()) == sorted(copies)
    assert await bench.pictures.save_elsewhere(elsewhere) == copies, "the same again"
    copies[0].write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        await bench.pictures.save_elsewhere(elsewhere)
    assert copies[0].read_bytes() == b"mine"
    with pytest.raises(OSError):
        await bench.pictures.save_elsewhere(tmp_path / "nowhere")

    disk.is_full = False
    bench.pictures.save_again()
    entry = await job
    assert (entry.status, bench.bytes_of(entry)) == ("done", made)
    assert await bench.pictures.save_elsewhere(tmp_path) == (), "nothing is left to save"
    assert origin.posts == 1
    assert not leftovers(paths)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENAMETOOLONG, "File name too long"), "File name too long"),
        (OSError(errno.EFBIG, None), "[Errno 27] None"),
    ],
)
async def test_what_no_room_would_help_is_told_at_once(
    serve: Any, bench: Bench, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
) -> None:
    def hopeless(part: Path) -> None:
        raise error

    monkeypatch.setattr(saving, "_make_room", hopeless)
    entry = await bench.run((await serve(ACCEPTED)).settings())
    assert entry.status == "unknown"
    assert entry.error is not None
    assert (entry.error.kind, entry.error.charged) == ("not_saved", "maybe")
    assert entry.error.message == f"Could not be saved: {said}"
    assert "may still hold the picture" in entry.error.hint
    assert "Nothing was sent" not in entry.error.hint
    assert reads_well(entry.error)
    assert not _pauses(bench)


def test_a_picture_that_fills_the_disk_goes_on_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = PICTURES[0]
    encoded = base64.b64encode(picture)
    for room in (0, 1, 5000, 100_000, len(picture) - 1):
        monkeypatch.setattr(spool, "new_file", lambda path, room=room: _SmallFile(path, room))
        spooling = spool.Spool(lambda number: tmp_path / f"{number}.part")
        sink = spooling.begin()
        assert sink is not None
        for start in range(0, len(encoded), 7000):
            sink.write(encoded[start : start + 7000])
        spooled = spooling.find(sink.close())
        assert spooled is not None
        assert (spooled.problem, spooled.image.data) == ("", picture)
        assert spooling.held == len(picture)
        assert list(tmp_path.iterdir()) == []


def test_memory_is_not_filled_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "new_file", lambda path: _SmallFile(path, 0))
    monkeypatch.setattr(spool, "MOST_HELD", len(PICTURES[0]) - 1)
    spooling = spool.Spool(lambda number: tmp_path / f"{number}.part")
    sink = spooling.begin()
    assert sink is not None
    sink.write(base64.b64encode(PICTURES[0]))
    spooled = spooling.find(sink.close())
    assert spooled is not None
    assert "No space left on device" in spooled.problem
    assert spooling.error is not None
    assert list(tmp_path.iterdir()) == []


class _SmallFile:
    """A file on a disk that has room for `room` bytes."""

    def __init__(self, path: Path, room: int) -> None:
        self._file = new_file(path)
        self._room = room

    def __enter__(self) -> _SmallFile:
        self._opened = self._file.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._file.__exit__(*error)

    def write(self, data: bytes) -> None:
        fits = data[: self._room]
        self._room -= len(fits)
        self._opened.write(fits)
        if len(fits) < len(data):
            self._opened.flush()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self) -> None:
        self._opened.flush()
