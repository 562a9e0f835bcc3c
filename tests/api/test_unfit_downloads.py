"""Downloads that came whole and are no good: fetched again, and kept in the end."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tests.api.fetching import PICTURE, downloader_of, fails
from tests.api.origins import PNG, Answer, Shelf, close, cut, in_turn, raw, reply
from tui.api.downloads import Unfit


def without_length(data: bytes) -> Answer:
    """An answer that ends with its connection, so that nobody can tell whether it is whole."""
    return raw(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + data)


def whole(path: Path) -> None:
    if path.read_bytes() != PNG:
        raise Unfit("it ends too early")


class Refusing:
    """A check that finds fault with everything: what it saw, and what it said."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.said: list[Unfit] = []

    def __call__(self, path: Path) -> None:
        self.seen.append(path.read_bytes())
        self.said.append(Unfit(f"fault {len(self.seen)}"))
        raise self.said[-1]


@pytest.mark.parametrize(
    "answer",
    [without_length(PNG[:500]), reply(200, PNG[:-1]), raw(b"HTTP/1.0 200 OK\r\n\r\n" + PNG[:9])],
    ids=["no length", "a length too small", "HTTP/1.0"],
)
async def test_a_cut_that_nothing_tells_is_found_by_the_check(serve, tmp_path, answer):
    origin = await serve(in_turn(answer, PICTURE))
    target = tmp_path / "a"
    download = await downloader_of(origin).fetch(f"{origin.url}/a.png", target, check=whole)
    assert download.bytes == len(PNG)
    assert target.read_bytes() == PNG
    assert len(origin.requests) == 2


async def test_the_check_sees_the_whole_file_from_a_thread(serve, tmp_path):
    origin = await serve(Shelf(PNG, [400]))
    calls = []

    def check(path: Path) -> None:
        calls.append((path, path.read_bytes(), threading.current_thread()))

    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=check)
    ((path, data, thread),) = calls
    assert (path, data) == (tmp_path / "a", PNG)
    assert thread is not threading.main_thread()


async def test_damage_in_every_attempt_is_told_in_the_end_and_the_bytes_stay(serve, tmp_path):
    origin = await serve(in_turn(*(without_length(PNG[:size]) for size in (500, 700, 600))))
    check = Refusing()
    with pytest.raises(Unfit, match="fault 3") as caught:
        await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=check)
    assert caught.value is check.said[2]
    assert check.seen == [PNG[:500], PNG[:700], PNG[:600]]
    assert (tmp_path / "a").read_bytes() == PNG[:600]
    assert len(origin.requests) == 3


async def test_the_same_bytes_twice_are_what_there_is(serve, tmp_path):
    origin = await serve(PICTURE)
    check = Refusing()
    with pytest.raises(Unfit):
        await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=check)
    assert (tmp_path / "a").read_bytes() == PNG
    assert len(origin.requests) == 2


async def test_nothing_is_resumed_after_damage(serve, tmp_path):
    shelves = Shelf(PNG[:600]), Shelf(PNG, [400]), Shelf(PNG)
    origin = await serve(in_turn(*shelves))
    await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=whole)
    assert ["range" in request.headers for request in origin.requests] == [False] * 3
    assert (tmp_path / "a").read_bytes() == PNG


AFTERWARDS = {"closed": close, "404": reply(404), "500": reply(500), "206": reply(206, PNG)}


@pytest.mark.parametrize("afterwards", AFTERWARDS.values(), ids=AFTERWARDS)
async def test_damaged_bytes_stay_when_no_others_come(serve, tmp_path, afterwards):
    origin = await serve(in_turn(without_length(PNG[:500]), afterwards))
    with pytest.raises(Unfit):
        await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=whole)
    assert (tmp_path / "a").read_bytes() == PNG[:500]


async def test_damaged_bytes_stay_when_the_time_is_over(serve, tmp_path):
    origin = await serve(without_length(PNG[:500]))
    downloader = downloader_of(origin, pauses=(9999.0,), deadline=2.0)
    with pytest.raises(Unfit):
        await downloader.fetch(f"{origin.url}/a.png", tmp_path / "a", check=whole)
    assert (tmp_path / "a").read_bytes() == PNG[:500]


async def test_half_of_another_file_does_not_stay(serve, tmp_path):
    target = tmp_path / "a"
    origin = await serve(in_turn(without_length(PNG[:500]), cut(PNG, 300)))
    await fails(downloader_of(origin).fetch(f"{origin.url}/a.png", target, check=whole), target)


async def test_another_failure_of_the_check_is_passed_on(serve, tmp_path):
    def check(path: Path) -> None:
        raise PermissionError

    origin = await serve(PICTURE)
    with pytest.raises(PermissionError):
        await downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=check)
    assert not (tmp_path / "a").exists()
    assert len(origin.requests) == 1


async def test_cancelling_during_the_check_leaves_no_file(serve, tmp_path):
    began, may_end = threading.Event(), threading.Event()

    def check(path: Path) -> None:
        began.set()
        may_end.wait(60)

    origin = await serve(PICTURE)
    fetching = downloader_of(origin).fetch(f"{origin.url}/a.png", tmp_path / "a", check=check)
    task = asyncio.create_task(fetching)
    await asyncio.to_thread(began.wait, 60)
    task.cancel()
    try:
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not (tmp_path / "a").exists()
    finally:
        may_end.set()
