"""Whatever users, endpoints, disks and clocks do, in which order: a simple model agrees.

Studios without a screen are processes of their own, two at most on one home, and are told what to
do. After each step money, history and files are held against what the model knows of them.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import signal
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import date
from pathlib import Path
from time import time

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from tests.demo.conftest import running
from tests.faults.conftest import FAULTS, Demo
from tests.faults.driven_studio import Answer, Command
from tests.faults.harm import Point
from tests.faults.ledger import check_ends, check_pictures, has_pictures
from tests.faults.small_studio import Plan, Press
from tests.faults.test_random_runs import Studios
from tests.thorough import THOROUGH
from tui.demo.faults import Faults
from tui.demo.records import Record
from tui.demo.server import demo_app
from tui.generation.repair import repair
from tui.history.check import examine
from tui.history.entry import UNFINISHED, Entry
from tui.history.index import HistoryIndex
from tui.history.query import Query
from tui.history.store import HistoryStore
from tui.history.trash import Trash
from tui.paths import Paths

EXAMPLES, STEPS = 25, 20
MOST_STUDIOS = 2
HALF_A_DAY = 12 * 3600
LATER = 3 * 24 * 3600
"""Seconds after which what was left over belongs to no job any more, whatever the clocks say."""
POST = "POST /v1/images/generations"
MOMENTS = (
    ("write", "history/DAY/.ID.toml.X.tmp"), ("rename", "history/DAY/ID.toml"),
    ("fsync", "history/DAY"), ("open", "locks/ID.lock"), ("unlink", "locks/ID.lock"),
    ("open", "history/DAY/ID.toml"), ("connect", "any"), ("send", POST), ("recv", POST),
    ("open", "images/DAY/ID-1.part"), ("write", "images/DAY/ID-1.part"),
    ("fsync", "images/DAY/ID-1.part"), ("rename", "images/DAY/ID-1.png"),
    ("read", "images/DAY/ID-1.part"),
)  # fmt: skip
"""Calls at which something may happen."""
_LOST = ("reset", "close", "cut-length", "truncated-json", "502-html", "empty-200")
_FAULTS = (
    *[""] * 12, *_LOST, "reset-early", "moderation-400", "429-once", "429-retry-after",
    "download-404", "download-503-once", "download-reset", "500", "data-empty",
)  # fmt: skip
_MARK = "mine = 'kept'"

presses = st.builds(
    Press,
    st.sampled_from(["fox", "owl", "hare"]),
    st.fixed_dictionaries(
        {"n": st.sampled_from([1, 1, 2]), "response_format": st.sampled_from(["url", "b64_json"])}
    ),
    st.sampled_from(_FAULTS),
)
whiches = st.integers(0, 5)


class Studio:
    """A studio that is told what to do."""

    def __init__(self, studios: Studios, ended: dict[int, int], plan: Plan) -> None:
        """`ended` has the exit codes of those that have ended, by process."""
        self._studios = studios
        self._ended = ended
        self.left_waiting: tuple[str, ...] = ()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(plan.reports)
            listener.listen()
            self._child = studios.start(plan)
            # The system gives numbers out again.
            ended.pop(self._child, None)
            self._connection, _ = listener.accept()
        self._answers = self._connection.makefile("rb")
        begun = self._answer()
        assert begun is not None

    def ask(self, command: Command) -> Answer | None:
        """Its answer; None where it was killed on the way."""
        self._connection.sendall(msgspec.json.encode(command) + b"\n")
        return self._answer()

    def kill(self) -> None:
        """Let it end at once."""
        os.kill(self._child, signal.SIGKILL)
        self._end(-signal.SIGKILL)

    def close(self) -> None:
        """Let it end as it does when it is left."""
        self._connection.shutdown(socket.SHUT_WR)
        self._end(0)

    def _answer(self) -> Answer | None:
        line = self._answers.readline()
        if not line:
            self._end(-signal.SIGKILL)
            return None
        answer = msgspec.json.decode(line, type=Answer)
        self.left_waiting = answer.left_waiting
        return answer

    def _end(self, code: int) -> None:
        self._answers.close()
        self._connection.close()
        while self._child not in self._ended:
            self._ended.update([self._studios.wait()])
        assert self._ended[self._child] == code


class Known:
    """What the model knows of an entry."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.rating = 0
        self.is_edited = False
        self.is_in_trash = False


class Core(RuleBasedStateMachine):
    """One home, and a model that is only a few dictionaries."""

    # The same for all runs, and set by the test.
    demo: Demo
    studios: Studios
    settlers: Studios
    ended: dict[int, int]
    memory: Path
    numbers = itertools.count()
    figures: Counter[str]
    paid_for: dict[str, tuple[str, str]]
    """Prompt and SHA-256 of the first picture of each record."""

    def __init__(self) -> None:
        super().__init__()
        self.name = str(next(self.numbers))
        self.folder = Path(tempfile.mkdtemp(dir=self.memory))
        home = self.folder / "home"
        self.paths = Paths(home, home, home)
        self.store = HistoryStore(self.paths)
        self.trash = Trash(self.paths, self.store)
        self.open: list[Studio] = []
        self.begun = 0
        self.clock = 0
        self.was_clock_set = False
        self.said: Counter[str] = Counter()
        self.faults: dict[str, set[str]] = {}
        self.known: dict[str, Known] = {}

    # Programs

    @initialize()
    def first(self) -> None:
        self._begin()

    @rule()
    def begin(self) -> None:
        if len(self.open) < MOST_STUDIOS:
            self._begin()

    @rule(which=whiches)
    def kill(self, which: int) -> None:
        if self.open:
            self.open.pop(which % len(self.open)).kill()

    @rule(which=whiches)
    def leave(self, which: int) -> None:
        if self.open:
            self.open.pop(which % len(self.open)).close()

    # Money

    @rule(which=whiches, press=presses)
    def press(self, which: int, press: Press) -> None:
        self._press(which, press)

    @rule(which=whiches, press=presses, moment=st.sampled_from(MOMENTS))
    def press_and_be_killed(self, which: int, press: Press, moment: tuple[str, str]) -> None:
        self._press(which, press, Point(*moment, 0, "KILL"))

    @rule(
        which=whiches,
        press=presses,
        moment=st.sampled_from(MOMENTS[:6] + MOMENTS[9:]),
        harm=st.sampled_from(["EIO", "ENOSPC", "EACCES", "ENOENT"]),
    )
    def press_and_be_refused(
        self, which: int, press: Press, moment: tuple[str, str], harm: str
    ) -> None:
        self._press(which, press, Point(*moment, 0, harm))

    @rule(which=whiches, press=presses, moment=st.sampled_from([("send", POST), ("recv", POST)]))
    def press_and_be_cut_off(self, which: int, press: Press, moment: tuple[str, str]) -> None:
        self._press(which, press, Point(*moment, 0, "ECONNRESET"))

    @rule(
        which=whiches,
        press=presses,
        moment=st.sampled_from(MOMENTS),
        then=st.sampled_from(["room", "room", "killed", "given up", "rated", "thrown away"]),
    )
    def press_while_the_disk_fills(
        self, which: int, press: Press, moment: tuple[str, str], then: str
    ) -> None:
        self._press(which, press, Point(*moment, 0, "FILL"))
        if (studio := self._studio(which)) is not None:
            if then == "killed":
                self.open.remove(studio)
                studio.kill()
            elif then == "given up":
                studio.ask(Command("stop"))
        self._meet_new_ones()
        for entry in self._entries()[:1]:
            # By another program, while a job is at work on it.
            if then == "rated":
                self.store.change(entry.id, lambda known: replace(known, rating=5))
                self.known[entry.id].rating = 5
            elif then == "thrown away":
                self._discard_elsewhere(entry)
        for studio in self.open:
            studio.ask(Command("make_room"))

    @rule(press=presses)
    def leave_waiting(self, press: Press) -> None:
        """Press and be killed before it is sent; whoever begins then has it wait."""
        self._press(0, press, Point("open", "locks/ID.lock", 0, "KILL"))
        while len(self.open) < MOST_STUDIOS:
            self._begin()

    @rule(which=whiches)
    def go_on(self, which: int) -> None:
        self._ask(which, Command("go_on"))

    @rule()
    def go_on_everywhere(self) -> None:
        for studio in (*self.open,):
            studio.ask(Command("go_on"))

    @rule(which=whiches, entry=whiches)
    def send_again(self, which: int, entry: int) -> None:
        if entry_id := self._some(entry):
            answer = self._ask(which, Command("send_again", entry_id))
            if answer is not None and answer.result != "absent":
                self._pressed(self.known[entry_id].prompt, answer)

    @rule(which=whiches, entry=whiches)
    def look(self, which: int, entry: int) -> None:
        if entry_id := self._some(entry):
            answer = self._ask(which, Command("look", entry_id))
            if answer is not None:
                self.figures[answer.result] += 1

    @rule(which=whiches, entry=whiches)
    def give_up(self, which: int, entry: int) -> None:
        if entry_id := self._some(entry):
            self._ask(which, Command("give_up", entry_id))

    # History

    @rule(which=whiches, entry=whiches)
    def discard(self, which: int, entry: int) -> None:
        entry_id = self._some(entry)
        if entry_id is None or (studio := self._studio(which)) is None:
            return
        if entry_id in studio.left_waiting:
            return  # What is under way cannot go to the trash.
        answer = studio.ask(Command("discard", entry_id))
        assert answer is not None
        if answer.result == "done":
            self.known[entry_id].is_in_trash = True
        else:
            self._learn_where(entry_id)

    @rule(which=whiches, entry=whiches)
    def restore(self, which: int, entry: int) -> None:
        entry_id = self._some(entry, in_trash=True)
        if entry_id is not None and (answer := self._ask(which, Command("restore", entry_id))):
            if answer.result == "done":
                self.known[entry_id].is_in_trash = False
            else:
                self._learn_where(entry_id)

    @rule(which=whiches, entry=whiches, rating=st.integers(1, 5))
    def rate(self, which: int, entry: int, rating: int) -> None:
        if entry_id := self._some(entry):
            answer = self._ask(which, Command("rate", entry_id, number=rating))
            if answer is not None and answer.result == "done":
                self.known[entry_id].rating = rating

    @rule(entry=whiches)
    def edit_with_an_editor(self, entry: int) -> None:
        entry_id = self._some(entry)
        if entry_id and not self.known[entry_id].is_edited:
            path = self.store.entry_path(entry_id)
            path.write_text(f"{_MARK}\n{path.read_text('utf-8')}", "utf-8")
            self.known[entry_id].is_edited = True

    @rule(seconds=st.integers(-HALF_A_DAY, HALF_A_DAY))
    def set_the_clock(self, seconds: int) -> None:
        self.clock = seconds
        self.was_clock_set = True
        for studio in self.open:
            studio.ask(Command("set_clock", number=seconds))

    # What must be so

    @invariant()
    def money(self) -> None:
        """Nothing is paid twice, and what may have been paid is never told as free."""
        everything = self._entries() + [each.entry for each in self.trash.entries()]
        traffic = self.demo.traffic
        for prompt, said in self.said.items():
            own = [entry for entry in everything if entry.prompt == prompt]
            made, posts = traffic.carried_out[prompt], traffic.posts_by_prompt[prompt]
            assert len(own) <= said
            assert made <= said
            if not any(fault.startswith("429") for fault in self.faults[prompt]):
                assert posts <= len(own), (prompt, posts, own)
            # By a wrong clock one cannot tell who of those that asked for the same made what.
            assert sum(map(has_pictures, own)) <= made or self.was_clock_set
            assert made <= sum(entry.may_cost for entry in own), own

    @invariant()
    def history(self) -> None:
        """Every entry is where it was left, with what the user made of it and its pictures."""
        entries = {entry.id: entry for entry in self._entries()}
        discarded = {each.entry.id: each.entry for each in self.trash.entries()}
        assert entries.keys().isdisjoint(discarded)
        places = {entry_id: known.is_in_trash for entry_id, known in self.known.items()}
        assert {id: id in discarded for id in entries | discarded} == places
        for entry_id, entry in (entries | discarded).items():
            known = self.known[entry_id]
            assert (entry.prompt, entry.rating) == (known.prompt, known.rating)
            assert entry.unknown.get("mine") == ("kept" if known.is_edited else None)
            for image in entry.images:
                path = self._picture(image.file, is_in_trash=known.is_in_trash)
                assert hashlib.sha256(path.read_bytes()).hexdigest() == image.sha256

    @invariant()
    def index(self) -> None:
        """The index says what the files say."""
        if self.paths.index.exists():
            self._check_index()

    def teardown(self) -> None:
        try:
            self._end()
        except AssertionError as error:
            files = [self.store.entry_path(entry.id) for entry in self._entries()]
            error.add_note("\n".join(path.read_text("utf-8") for path in files))
            raise
        finally:
            for studio in self.open:
                with suppress(ProcessLookupError):
                    studio.kill()
            shutil.rmtree(self.folder)

    def _end(self) -> None:
        """In the end every paid picture is there, and nothing else."""
        while self.open:
            self.open.pop().kill()
        self._meet_new_ones()
        for entry_id, known in self.known.items():
            if known.is_in_trash:
                self.trash.restore(entry_id)
                known.is_in_trash = False
        for _ in range(4):
            self._settle()
            if self._is_settled():
                break
        entries = self._entries()
        assert {entry.id for entry in entries} == self.known.keys()
        for prompt in self.said:
            own = [entry for entry in entries if entry.prompt == prompt]
            kept = {image.sha256 for entry in own for image in entry.images}
            assert self._paid_for(prompt) <= kept, "every paid picture is found"
            if not self.was_clock_set:
                _check_ends(own, self._made(prompt))
        check_pictures(self.paths, self.store, entries)
        self.history()
        self.money()
        self._check_index()
        self._check_left_over()
        self.figures["runs"] += 1
        self.figures["presses"] += self.said.total()
        self.figures["generations"] += sum(map(self._made, self.said))

    def _settle(self) -> None:
        """Let a small studio look for everything, as a person does in the end."""
        reports = self.folder / f"settling {next(self.numbers)}"
        reports.touch()
        plan = Plan(str(self.paths.data), self.demo.base_url, str(reports), settles=True)
        child = self.settlers.start(plan)
        assert self.settlers.wait() == (child, 0)

    def _is_settled(self) -> bool:
        kept = {image.sha256 for entry in self._entries() for image in entry.images}
        return all(self._paid_for(prompt) <= kept for prompt in self.said)

    def _paid_for(self, prompt: str) -> set[str]:
        """The first picture of each generation that was carried out: what a record leads to."""
        demo = self.memory / "demo"
        for path in (demo / "records").glob("*/*.json"):
            if path.name not in self.paid_for:
                record = msgspec.json.decode(path.read_bytes(), type=Record)
                first = b"".join((demo / "pictures" / n).read_bytes() for n in record.pictures[:1])
                self.paid_for[path.name] = record.prompt, hashlib.sha256(first).hexdigest()
        nothing = hashlib.sha256().hexdigest()
        return {sha256 for asked, sha256 in self.paid_for.values() if asked == prompt} - {nothing}

    def _check_index(self) -> None:
        with closing(HistoryIndex(self.paths.index)) as index:
            assert index.follow(self.store).is_whole
            rows = index.search(Query())
        assert [(row.id, row.status, row.rating) for row in rows] == [
            (entry.id, entry.status, entry.rating) for entry in self._entries()
        ]

    def _check_left_over(self) -> None:
        for finding in examine(self.paths, time() + LATER).findings:
            assert finding.kind in ("temporary", "unfinished"), finding
            repair(finding, self.store)
        self.store.locks.sweep(time() + LATER)
        entries = self._entries()
        files = {
            path.relative_to(self.paths.data).as_posix()
            for path in self.paths.data.rglob("*")
            if path.is_file() and not path.name.startswith("index.db")
        }
        known = {self.store.entry_name(entry.id) for entry in entries}
        # What came and is no picture is kept, as it may have been paid for.
        rejected = {file for file in files if file.endswith(".rejected")}
        assert files == known | rejected | {i.file for entry in entries for i in entry.images}

    # How it is done

    def _begin(self) -> None:
        self.begun += 1
        plan = Plan(
            str(self.paths.data),
            self.demo.base_url,
            str(self.folder / f"s{self.begun}"),
            impatience=0.3,
            harm=Point("", "", 0, "none"),
            clock=self.clock,
        )
        self.open.append(Studio(self.studios, self.ended, plan))

    def _press(self, which: int, press: Press, harm: Point | None = None) -> None:
        if not self.open:
            self._begin()
        prompt = f"{press.prompt} {self.name}"
        press = replace(press, prompt=prompt, parameters={"size": "1k", **press.parameters})
        self.faults.setdefault(prompt, set()).add(press.fault)
        answer = self._ask(which, Command("press", press=press, harm=harm))
        self._pressed(prompt, answer)

    def _pressed(self, prompt: str, answer: Answer | None) -> None:
        self.said[prompt] += 1
        self.faults.setdefault(prompt, set())
        self.figures[answer.result if answer else "killed"] += 1
        if answer is None or answer.result == "refused":
            # It may have come as far as history, or not.
            self._meet_new_ones()
        else:
            self.known[answer.id] = Known(prompt)

    def _meet_new_ones(self) -> None:
        for entry in self._entries():
            if entry.id not in self.known:
                self.known[entry.id] = Known(entry.prompt)

    def _learn_where(self, entry_id: str) -> None:
        """A disk that refuses may do so when an entry is on its way to the trash."""
        discarded = {each.entry.id for each in self.trash.entries()}
        self.known[entry_id].is_in_trash = entry_id in discarded

    def _studio(self, which: int) -> Studio | None:
        return self.open[which % len(self.open)] if self.open else None

    def _ask(self, which: int, command: Command) -> Answer | None:
        studio = self._studio(which)
        if studio is None:
            return None
        answer = studio.ask(command)
        if answer is None:
            self.open.remove(studio)
        return answer

    def _some(self, number: int, *, in_trash: bool = False) -> str | None:
        ids = [id for id, known in sorted(self.known.items()) if known.is_in_trash == in_trash]
        return ids[number % len(ids)] if ids else None

    def _discard_elsewhere(self, entry: Entry) -> None:
        try:
            self.trash.discard(entry.id, date(2026, 11, 28))
        except OSError:
            assert entry.status in UNFINISHED
        else:
            self.known[entry.id].is_in_trash = True

    def _entries(self) -> list[Entry]:
        listing = self.store.newest()
        assert listing.unreadable == ()
        return list(listing.entries)

    def _made(self, prompt: str) -> int:
        return self.demo.traffic.carried_out[prompt]

    def _picture(self, name: str, *, is_in_trash: bool) -> Path:
        if is_in_trash:
            for folder in self.paths.trash.iterdir():
                if (path := folder / name).is_file():
                    return path
        return self.store.absolute(name)


def _check_ends(entries: list[Entry], made: int) -> None:
    """Of entries that ask for the same, as many have their pictures as were made.

    Of several that were lost, a person chooses who gets which record. One that has some of its
    pictures may be left as it is then.
    """
    sent = [entry for entry in entries if entry.status != "cancelled"]
    some = [entry for entry in sent if entry.status == "unknown" and entry.images]
    done = sum(map(has_pictures, sent))
    if len(sent) > 1 and some:
        assert done <= made <= done + len(some)
        sent, made = [entry for entry in sent if entry not in some], done
    check_ends(sent, made)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one, with a short name."""
    with tempfile.TemporaryDirectory(
        dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None, prefix="darkroom-test-"
    ) as name:
        yield Path(name)


@pytest.mark.timeout(7200)
def test_a_simple_model_agrees_at_every_step(memory: Path) -> None:
    class Machine(Core):
        pass

    with ExitStack() as stack:
        app = demo_app(memory / "demo", faults=Faults(**FAULTS))
        Machine.demo = Demo(f"{stack.enter_context(running(app))}/v1", app.state.traffic)
        Machine.memory = memory
        Machine.studios = stack.enter_context(Studios("tests.faults.driven_studio"))
        Machine.settlers = stack.enter_context(Studios())
        Machine.figures = Counter()
        Machine.ended, Machine.paid_for = {}, {}
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES * THOROUGH,
                stateful_step_count=STEPS,
                # What processes do is not the same to the moment each time.
                phases=[Phase.generate],
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    print(f"\n{dict(Machine.figures)}")
