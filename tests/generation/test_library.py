"""The endpoint's records: listed whole while they change, adopted once, deleted, matched."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from msgspec.structs import replace

from tests.cli.servers import Scripted, scripted
from tests.generation.conftest import KEY, Endpoint
from tests.generation.job_desks import Heard
from tests.generation.records import MODEL, Shelf, unsettled
from tui.api.client import ImagesClient, Record
from tui.api.errors import ApiError
from tui.catalog.card import ModelCard
from tui.config import Config, EndpointSettings
from tui.demo.faults import Faults
from tui.demo.server import demo_app
from tui.generation.adopting import Adopted, Adopter
from tui.generation.reconcile import Reconciler
from tui.generation.record_listing import RecordListing, keeps_no_list
from tui.generation.record_match import RecordMatch
from tui.generation.record_owners import RecordOwners
from tui.generation.record_removal import note_removed, remove_records
from tui.generation.request import GenerationRequest, new_entry
from tui.generation.run import run_job
from tui.history.check import examine
from tui.history.desk import HistoryDesk
from tui.history.entry import Entry, Response, new_id, now
from tui.history.entry_facts import entry_facts
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.keys import Secret
from tui.paths import Paths


class Library:
    """The demo endpoint in process, its requests counted, and a home."""

    def __init__(self, paths: Paths, store: HistoryStore, *faults: str) -> None:
        self.paths = paths
        self.store = store
        self.app = demo_app(paths.demo, faults=Faults.parse(faults))
        self.shelf = Shelf(paths.demo, KEY)
        self.desk = HistoryDesk(paths, lambda: datetime.now(UTC))
        self.client = self.another_client()

    def another_client(self) -> ImagesClient:
        settings = EndpointSettings(base_url="http://demo.invalid/v1")
        transport = httpx.ASGITransport(app=self.app)
        return ImagesClient(settings, Secret(KEY, "the test"), transport)

    @property
    def requests(self) -> Counter[str]:
        found: Counter[str] = self.app.state.traffic.requests
        return found

    @property
    def downloads(self) -> int:
        return sum(n for what, n in self.requests.items() if what.endswith("/content"))

    async def records(self) -> list[Record]:
        listing = RecordListing(self.client)
        return [record async for page in listing.all() for record in page]

    def owners(self) -> RecordOwners:
        return RecordOwners(self.paths, self.desk)

    def adopter(self, desk: HistoryDesk | None = None) -> Adopter:
        desk = desk or self.desk
        owners = RecordOwners(self.paths, desk)
        return Adopter(self.paths, desk, "studio", self.another_client(), owners)

    @property
    def entries(self) -> list[Entry]:
        return list(self.store.newest().entries)


@pytest.fixture
def library(paths: Paths, store: HistoryStore) -> Iterator[Library]:
    with unsettled():
        library = Library(paths, store)
        yield library
        library.desk.close()


async def test_a_thousand_records_are_listed_once_each_while_they_change(library: Library) -> None:
    shelf = library.shelf
    ids = [shelf.put(f"prompt {number}") for number in range(1000)][::-1]
    dropped: set[str] = set()
    made: list[str] = []
    listing = RecordListing(library.client)
    listed: list[str] = []
    async for page in listing.all():
        listed += [record.id for record in page]
        if len(listed) < 900 and len(made) < 9:
            made.append(shelf.put("meanwhile"))
            # The one to go on after, those before it, and one that is not listed yet.
            count = len(made)
            for record_id in (*listed[-count:], ids[-count]):
                if record_id not in dropped:
                    dropped.add(record_id)
                    shelf.drop(record_id)
    assert max(Counter(listed).values()) == 1
    assert set(ids) - dropped <= set(listed)
    assert listed[-len(made) :] == made[::-1], "those made meanwhile come at last"
    assert [each for each in listed if each in set(ids)] == [each for each in ids if each in listed]
    assert listing.times_resumed >= 8
    assert [record.id for record in listing.records[: len(made)]] == made[::-1]
    assert await listing.more() == ()
    new = shelf.put("later")
    assert [record.id for record in await listing.newer()] == [new]


@pytest.mark.parametrize("after", ["empty", "first page", "404"])
async def test_an_unknown_cursor_is_gone_round_whatever_the_endpoint_makes_of_it(
    after: str,
) -> None:
    ids = [f"r{number}" for number in range(9)]
    gone: set[str] = set()

    def answer(asked: str, _: object) -> tuple[int, object]:
        cursor = dict(parse_qsl(asked.partition("?")[2])).get("after")
        there = [each for each in ids if each not in gone]
        if cursor in gone:
            if after == "404":
                return 404, {"error": {"message": "no such record"}}
            there = [] if after == "empty" else there
        elif cursor:
            there = there[there.index(cursor) + 1 :]
        data = [{"id": each, "status": "completed", "created_at": 9} for each in there[:3]]
        return 200, {"data": data, "has_more": len(there) > 3}

    with scripted(answer) as endpoint:
        listing = RecordListing(_client(endpoint), 3)
        listed = [record.id for record in await listing.more()]
        gone.update(("r2", "r1"))
        while page := await listing.more():
            listed += [record.id for record in page]
    assert listed == ids


async def test_an_endpoint_that_repeats_its_list_is_not_asked_for_ever() -> None:
    with scripted(lambda *_: (200, {"data": [{"id": "r"}], "has_more": True})) as endpoint:
        listing = RecordListing(_client(endpoint))
        assert len(await listing.more()) == 1
        assert await listing.more() == ()
        assert await listing.newer() == ()
    assert len(endpoint.asked) <= 4


async def test_an_endpoint_without_a_list_is_told_from_one_that_fails(
    paths: Paths, store: HistoryStore
) -> None:
    for fault, is_listless in (("list-404", True), ("list-405", True), ("list-500", False)):
        with pytest.raises(ApiError) as caught:
            await RecordListing(Library(paths, store, fault).client).more()
        assert keeps_no_list(caught.value) is is_listless


async def test_what_no_entry_has_is_adopted_once(library: Library) -> None:
    shelf = library.shelf
    missing = [shelf.put(f"fox {number}") for number in range(3)]
    failed = shelf.put("owl", error="The server had an error.")
    records = await library.records()
    told: list[Adopted] = []
    found = await library.adopter().adopt(records, told.append)
    assert [each.result for each in found].count("adopted") == 3
    assert len(told) == 4
    by_record = {entry.response.records[0]: entry for entry in library.entries if entry.response}
    assert set(by_record) == {*missing, failed}
    for number, record_id in enumerate(missing):
        entry = by_record[record_id]
        assert (entry.status, entry.prompt, entry.model) == ("done", f"fox {number}", MODEL)
        assert (entry.endpoint, entry.parameters, entry.error) == ("studio", {}, None)
        assert abs(entry.created - now() + timedelta(hours=1)) < timedelta(minutes=1)
        (image,) = entry.images
        assert image.record == record_id
        kept = library.store.absolute(image.file).read_bytes()
        assert kept == next(library.paths.demo.rglob(f"{record_id}-1.png")).read_bytes()
    assert by_record[failed].status == "failed"
    error = by_record[failed].error
    assert error is not None
    assert "server had an error" in error.message
    downloads = library.downloads
    again = await library.adopter().adopt(await library.records())
    assert {each.result for each in again} == {"had"}
    assert library.downloads == downloads
    assert not examine(library.paths, now().timestamp()).problems
    assert not list(library.paths.locks.iterdir())


@pytest.mark.parametrize("fault", ["three-pages", "no-urls", "odd", "forever"])
async def test_odd_lists_come_to_an_end(paths: Paths, store: HistoryStore, fault: str) -> None:
    library = Library(paths, store, f"list-{fault}")
    with unsettled():
        ids = {library.shelf.put(f"fox {number}") for number in range(5)}
    records = await library.records()
    assert len({record.id for record in records}) == len(records)
    assert len(records) == 50 if fault == "three-pages" else ids >= {each.id for each in records}
    owners = library.owners().of(records)
    library.desk.close()
    assert owners == {}


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ("download-html", "no_answer"),
        ("download-truncated", "failed"),
        ("download-huge-png", "failed"),
        ("download-gif", "failed"),
        ("download-escapes", "adopted"),
        ("download-403-once", "adopted"),
        ("content-metadata", "no_answer"),
        ("content-file", "no_answer"),
    ],
)
async def test_what_comes_is_kept_only_if_it_is_a_picture(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch, fault: str, result: str
) -> None:
    monkeypatch.setattr("tui.api.downloads.PAUSES", (0.0,))
    library = Library(paths, store, fault)
    with unsettled():
        library.shelf.put("a fox")
    (found,) = await library.adopter().adopt(await library.records())
    library.desk.close()
    assert found.result == result, found.text
    statuses = {"adopted": ["done"], "failed": ["failed"], "no_answer": []}
    assert [entry.status for entry in library.entries] == statuses[result]
    assert [path.suffix for path in paths.images.rglob("*") if path.is_file()] == {
        "adopted": [".png"], "failed": [".rejected"], "no_answer": [],
    }[result]  # fmt: skip
    assert not examine(paths, now().timestamp()).problems


async def test_two_programs_at_once_make_one_entry_of_a_record(library: Library) -> None:
    for number in range(20):
        library.shelf.put(f"fox {number}")
    records = await library.records()
    desks = [HistoryDesk(library.paths, lambda: datetime.now(UTC)) for _ in range(2)]
    first, second = await asyncio.gather(*(library.adopter(desk).adopt(records) for desk in desks))
    for desk in desks:
        desk.close()
    results = Counter(each.result for each in (*first, *second))
    assert results["adopted"] == 20
    assert results["had"] + results["busy"] == 20
    assert len(library.entries) == 20
    assert {entry.status for entry in library.entries} == {"done"}
    assert library.downloads == 20


async def test_an_adoption_that_was_killed_is_taken_up_by_the_next(library: Library) -> None:
    """Killed before the picture came, and between its coming and the end of the entry."""
    ids = [library.shelf.put(f"fox {number}") for number in range(2)]
    records = await library.records()
    await library.adopter().adopt(records)
    claimed = {}
    for entry in library.entries:
        assert entry.response is not None
        record_id = entry.response.records[0]
        response = Response(sent=entry.created, records=(record_id,))
        claimed[record_id] = replace(entry, status="unknown", images=(), response=response)
        library.store.write(claimed[record_id])
        if record_id == ids[0]:
            library.store.absolute(entry.images[0].file).unlink()
    library.desk.catch_up()
    owners = library.owners().of(records)
    assert all(owners[each].is_unfinished(each) for each in ids)
    downloads = library.downloads
    found = await library.adopter().adopt(records)
    assert [each.result for each in found] == ["adopted"] * 2
    assert library.downloads == downloads + 1, "what is there is not fetched again"
    assert sorted(entry.images[0].record for entry in library.entries) == sorted(ids)
    library.store.write(claimed[ids[0]])
    reconciler = Reconciler(library.paths, library.store, _opener(library))
    assert (await reconciler.look(claimed[ids[0]].id)).result == "adopted"


async def test_an_adoption_that_fails_or_is_given_up_leaves_nothing(
    paths: Paths, store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.api.downloads.PAUSES", ())
    with unsettled():
        library = Library(paths, store, "content-404")
        library.shelf.put("fox")
        (record,) = await library.records()
        bare = Record(record.id, "completed", record.model, "fox", record.created, None, None)
        (found,) = await library.adopter().adopt([bare])
        assert found.result == "no_picture"
        assert "gives no picture" in found.text
        assert library.entries == []
        # With an address it is had by that.
        assert [e.result for e in await library.adopter().adopt([record])] == ["adopted"]
        library.shelf.put("owl")
        waits = asyncio.Event()

        async def never(*_: object) -> None:
            waits.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(ImagesClient, "download_record", never)
        task = asyncio.create_task(library.adopter().adopt(await library.records()))
        await waits.wait()
        assert len(library.entries) == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(library.entries) == 1


async def test_records_are_known_by_id_address_and_request(
    library: Library, card: ModelCard, request_of: Callable[..., GenerationRequest]
) -> None:
    """The last only where no more entries asked for the same than records were made of it."""
    entries = [await _generated(library, card, request_of(each)) for each in ("a", "b", "c", "c")]
    bare = [
        replace(each, response=replace(each.response or Response(), urls=())) for each in entries
    ]
    for entry in bare[1:]:
        library.store.write(entry)
    library.shelf.put("c", ago=0)
    stranger = library.shelf.put("c", ago=7200)
    library.desk.catch_up()
    records = await library.records()
    owners = library.owners().of(records)
    assert stranger not in owners
    by_prompt = {
        (record.prompt, owners[record.id].entry.id, owners[record.id].is_certain)
        for record in records
        if record.id in owners
    }
    assert {(each[0], each[2]) for each in by_prompt} == {("a", True), ("b", False), ("c", False)}
    assert len(by_prompt) == 4
    Trash(library.paths, library.store).discard(entries[0].id, now().date())
    library.desk.catch_up()
    found = await library.adopter().adopt(records)
    by_result = Counter(each.result for each in found)
    assert by_result == {"trashed": 1, "likely": 3, "adopted": 2}


def test_the_same_prompt_on_other_days_is_another_request(library: Library) -> None:
    days = [now() - timedelta(days=ago) for ago in (1, 5, 9)]
    entries = [
        Entry(new_id(day), day, "done", "studio", MODEL, "a fox", response=Response(sent=day))
        for day in days[:2]
    ]
    for entry in entries:
        library.store.write(entry)
    library.desk.catch_up()
    records = [
        Record(f"r{number}", "completed", MODEL, "a fox", day + timedelta(seconds=5), None, None)
        for number, day in enumerate(days)
    ]
    owners = library.owners().of(records)
    assert {id: owner.entry for id, owner in owners.items()} == {
        "r0": entries[0], "r1": entries[1],
    }  # fmt: skip


async def test_after_success_an_entry_learns_its_record(
    library: Library, card: ModelCard, request_of: Callable[..., GenerationRequest]
) -> None:
    entries = [await _generated(library, card, request_of(each)) for each in ("a", "b", "c", "c")]
    for entry in entries[1:]:
        library.store.write(replace(entry, response=replace(entry.response or Response(), urls=())))
    learned: list[Entry] = []
    told = asyncio.Event()

    def changed(entry: Entry) -> None:
        learned.append(entry)
        told.set()

    match = RecordMatch(library.desk, _opener(library), library.owners, changed, rest=0)
    listings = library.requests["GET /v1/images"]
    worker = asyncio.create_task(match.work())
    for entry in entries:
        match.ended(library.store.read(entry.id))
    await told.wait()
    assert library.requests["GET /v1/images"] == listings + 1, "one for all"
    assert sorted(entry.prompt for entry in learned) == ["a", "b"], "the others may be either's"
    for entry in learned:
        assert entry.images[0].record
        assert library.store.read(entry.id) == entry
    worker.cancel()
    await asyncio.wait({worker})


async def test_a_desk_of_jobs_has_its_entries_learn_their_records(
    paths: Paths,
    card: ModelCard,
    endpoint_with: Callable[..., Endpoint],
    request_of: Callable[..., GenerationRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.generation.record_match.REST", 0.0)
    heard = Heard(paths, endpoint_with(), card, Config())
    async with heard.working():
        job = await heard.submit(request_of("a fox"))
        await heard.until(lambda: bool(heard.mended))
    (entry,) = heard.mended
    assert (entry.id, entry.status) == (job.entry.id, "done")
    assert entry.images[0].record
    assert entry == heard.history.store.read(entry.id)
    heard.history.close()


async def test_an_endpoint_without_a_list_is_asked_once(
    paths: Paths, store: HistoryStore, card: ModelCard, request_of: Callable[..., GenerationRequest]
) -> None:
    library = Library(paths, store, "list-405")
    entries = [await _generated(library, card, request_of(each)) for each in ("a", "b")]
    asked = asyncio.Event()

    async def open_client(_: str) -> ImagesClient:
        asked.set()
        return library.client

    match = RecordMatch(library.desk, open_client, library.owners, lambda _: None, rest=0)
    worker = asyncio.create_task(match.work())
    match.ended(entries[0])
    await asked.wait()
    while entries[0].endpoint not in match._listless:  # noqa: ASYNC110 - until it was read
        await asyncio.sleep(0)
    match.ended(entries[1])
    assert not match._ended
    assert library.requests["GET /v1/images"] == 1
    worker.cancel()
    await asyncio.wait({worker})


async def test_a_deletion_tells_what_was_deleted_and_entries_stay(library: Library) -> None:
    ids = [library.shelf.put(f"fox {number}") for number in range(4)]
    records = await library.records()
    await library.adopter().adopt(records)
    library.shelf.drop(ids[0])
    library.desk.catch_up()
    owners = library.owners().of(records)
    progress: list[int] = []
    removal = await remove_records(
        library.client, [*ids[:3], ids[1]], lambda so_far: progress.append(len(so_far.deleted))
    )
    assert (removal.deleted, removal.gone) == ((ids[1], ids[2]), (ids[0],))
    assert removal.is_complete
    assert progress == [0, 1, 2]
    noted = await note_removed(library.desk, owners, [*removal.deleted, *removal.gone])
    assert len(noted) == 3
    for entry in noted:
        assert entry == library.store.read(entry.id)
        assert entry.response is not None
        assert entry.response.removed == (entry.images[0].record,)
        facts = {fact.name: fact.value for fact in entry_facts(entry)}
        assert facts["record"] == f"{entry.images[0].record} (deleted there)"
        assert library.store.absolute(entry.images[0].file).is_file()
    assert library.shelf.ids == [ids[3]]


async def test_a_deletion_that_fails_half_way_says_what_is_left() -> None:
    answers = iter([200, 500, 404, 401])
    with scripted(lambda *_: (next(answers), {"error": {"message": "no"}})) as endpoint:
        removal = await remove_records(_client(endpoint), ["a", "b", "c", "d", "e"])
    assert (removal.deleted, removal.gone, removal.untried) == (("a",), ("c",), ("e",))
    assert [(id, error.status) for id, error in removal.failed] == [("b", 500), ("d", 401)]


def _client(endpoint: Scripted) -> ImagesClient:
    return ImagesClient(EndpointSettings(base_url=endpoint.base_url), None)


def _opener(library: Library) -> Callable[[str], Any]:
    async def open_client(_: str) -> ImagesClient:
        return library.client

    return open_client


async def _generated(library: Library, card: ModelCard, request: GenerationRequest) -> Entry:
    entry = new_entry(request, card)
    library.store.write(entry)
    entry = await run_job(entry, _opener(library), library.store, lambda _: None)
    assert entry.status == "done"
    return entry
