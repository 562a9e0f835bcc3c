from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.demo.records import Order, Record, RecordError, Records, UnknownCursorError

KEY = "sk-one"


def keep(records: Records, key: str = KEY, prompt: str = "a fox") -> str:
    record_id = records.new_id()
    records.save(key, Record(record_id, "glm-image", prompt, "completed", 1_700_000_000))
    return record_id


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Records, list[str]]:
    """Seven records, and their ids, oldest first."""
    records = Records(tmp_path_factory.mktemp("seven"))
    return records, [keep(records) for _ in range(7)]


def test_a_record_and_its_pictures_are_seen_by_another_process(folder: Path) -> None:
    records = Records(folder)
    record_id = records.new_id()
    name = f"{record_id}-1.png"
    record = Record(record_id, "glm-image", "ein Füchslein 🦊", "completed", 7, (name,))
    records.save(KEY, record, [b"picture"])

    other = Records(folder)
    path = other.picture(name)
    assert other.find(KEY, record_id) == record
    assert path is not None
    assert path.read_bytes() == b"picture"


def test_records_and_pictures_are_private(folder: Path) -> None:
    records = Records(folder)
    record_id = records.new_id()
    records.save(
        KEY, Record(record_id, "m", "p", "completed", 7, (f"{record_id}-1.png",)), [b"picture"]
    )
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in folder.rglob("*")}
    assert modes == {True: 0o700, False: 0o600}


def test_the_key_is_nowhere_in_the_folder(folder: Path) -> None:
    keep(Records(folder), key="sk-very-secret")
    paths = list(folder.rglob("*"))
    assert not any("sk-very-secret" in str(path) for path in paths)
    assert not any(b"sk-very-secret" in path.read_bytes() for path in paths if path.is_file())


def test_a_failed_record_keeps_its_error(folder: Path) -> None:
    error = RecordError("The server had an error.", "api_error", "500")
    records = Records(folder)
    record_id = records.new_id()
    records.save(KEY, Record(record_id, "m", "p", "failed", 7, error=error))
    found = records.find(KEY, record_id)
    assert found is not None
    assert found.error == error


def test_a_key_sees_its_own_records_alone(folder: Path) -> None:
    records = Records(folder)
    mine, theirs = keep(records), keep(records, key="sk-two")
    assert [record.id for record in records.page(KEY, limit=9).records] == [mine]
    assert records.find(KEY, theirs) is None
    assert not records.delete(KEY, theirs)
    assert records.find("sk-two", theirs) is not None


def test_a_deleted_record_is_gone_with_its_pictures(folder: Path) -> None:
    records = Records(folder)
    record_id = records.new_id()
    names = (f"{record_id}-1.png", f"{record_id}-2.png")
    records.save(KEY, Record(record_id, "m", "p", "completed", 7, names), [b"one", b"two"])
    assert records.delete(KEY, record_id)
    assert records.find(KEY, record_id) is None
    assert [records.picture(name) for name in names] == [None, None]
    assert not records.delete(KEY, record_id)


def test_ids_sort_by_age_even_when_drawn_at_once_in_several_threads(folder: Path) -> None:
    records = Records(folder)
    drawn: list[list[str]] = []

    def draw() -> None:
        drawn.append([records.new_id() for _ in range(500)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(ids == sorted(ids) for ids in drawn)
    assert len({record_id for ids in drawn for record_id in ids}) == 2000


@pytest.mark.parametrize(
    "name", ["../secret", "img_0", "", "img_" + "0" * 24, "/etc/passwd", "img_" + "Z" * 24]
)
def test_a_name_that_is_no_picture_or_record_finds_nothing(folder: Path, name: str) -> None:
    records = Records(folder)
    keep(records)
    (folder / "secret").write_bytes(b"secret")
    assert records.find(KEY, name) is None
    assert records.picture(name) is None
    assert not records.delete(KEY, name)


def test_a_record_that_cannot_be_read_is_left_out(folder: Path) -> None:
    records = Records(folder)
    first, broken, last = keep(records), keep(records), keep(records)
    next(folder.rglob(f"{broken}.json")).write_bytes(b"{")
    assert [record.id for record in records.page(KEY, limit=9).records] == [last, first]


def test_a_listing_of_nothing_is_empty(folder: Path) -> None:
    page = Records(folder).page(KEY, limit=20)
    assert (page.records, page.has_more) == ((), False)


@pytest.mark.parametrize("side", ["after", "before"])
def test_a_cursor_that_is_not_there_is_an_error(
    seven: tuple[Records, list[str]], side: str
) -> None:
    with pytest.raises(UnknownCursorError):
        seven[0].page(KEY, limit=3, **{side: "img_" + "0" * 24})  # type: ignore[arg-type]


orders = st.sampled_from(["asc", "desc"])


@given(order=orders, limit=st.integers(1, 9))
def test_walking_forward_meets_every_record_once_in_order(
    seven: tuple[Records, list[str]], order: Order, limit: int
) -> None:
    records, ids = seven
    met: list[str] = []
    more = True
    while more:
        page = records.page(KEY, limit=limit, order=order, after=met[-1] if met else None)
        met += [record.id for record in page.records]
        more = page.has_more
    assert met == (ids if order == "asc" else ids[::-1])


@given(order=orders, limit=st.integers(1, 9))
def test_walking_backward_from_the_end_meets_every_other_record_once(
    seven: tuple[Records, list[str]], order: Order, limit: int
) -> None:
    records, ids = seven
    in_order = ids if order == "asc" else ids[::-1]
    met = [in_order[-1]]
    more = True
    while more:
        page = records.page(KEY, limit=limit, order=order, before=met[0])
        met = [record.id for record in page.records] + met
        more = page.has_more
    assert met == in_order


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(prompt=st.text())
def test_any_prompt_is_kept_as_it_was(folder: Path, prompt: str) -> None:
    records = Records(folder)
    found = records.find(KEY, keep(records, prompt=prompt))
    assert found is not None
    assert found.prompt == prompt
