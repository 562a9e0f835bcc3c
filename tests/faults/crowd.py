"""Many jobs at once through one queue, each with its own faults and its own end."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.api.origins import canary
from tui.api.client import ImagesClient
from tui.catalog.card import ModelCard
from tui.config import EndpointSettings
from tui.demo.faults import KINDS, operation_of
from tui.demo.faults.kinds import STREAMS
from tui.generation.queue import Job, JobQueue
from tui.generation.request import GenerationRequest
from tui.history.entry import UNFINISHED, Entry
from tui.history.store import HistoryStore

WAITED_FOR = frozenset(
    "429-once 429-retry-after 429-retry-after-date 429-retry-after-past 429-retry-after-ms".split()
)
"""Faults after which a request may be sent once more."""
AT_A_TIME = 12
LATEST_STOP = 0.3
"""Seconds after a job was sent by which somebody gives up who does."""

OPERATIONS = ("generate", "download", "list", "content")
_ALONE = frozenset(("item-null", "item-text"))
"""Faults that leave no object which another one could change."""
_HEAVY = ("large", "endless", "gzip-bomb", "huge-png", "gif")
_SUBJECTS = "fox lighthouse harbour café 灯台 [bold] 'quoted' \N{FOX FACE}".split()


@dataclass(frozen=True)
class Plan:
    """One job: what is asked, which faults it meets, and when somebody gives up, in seconds.

    Where `waits_for_key`, the endpoint's key is not there before somebody gives up.
    """

    number: int
    subject: str = "a fox"
    parameters: dict[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    stopped_after: float | None = None
    waits_for_key: bool = False

    @property
    def prompt(self) -> str:
        """What no other job asks for."""
        return f"{self.subject} {self.number}"

    @property
    def endpoint(self) -> str:
        """A name for the endpoint that plays the faults."""
        return f"endpoint-{self.number}"


def plans(count: int, seed: int) -> list[Plan]:
    """So many jobs by the dice: every fault that a job can meet comes up, alone and with others."""
    dice = random.Random(seed)
    kinds = {name: [kind for kind in KINDS if operation_of(kind) == name] for name in OPERATIONS}
    weights = {
        name: [1 if kind.endswith(_HEAVY) else 10 for kind in kinds[name]] for name in OPERATIONS
    }

    def some(operation: str, number: int) -> list[str]:
        return dice.choices(kinds[operation], weights[operation], k=number)

    def plan(number: int) -> Plan:
        faults = some("generate", dice.choice((0, 0, 1, 1, 1, 2)))
        if dice.random() < 0.35:
            faults += some("download", 1)
        if dice.random() < 0.1:
            faults += ["download-403-once", *some(dice.choice(("list", "content")), 1)]
        if dice.random() < 0.5:
            faults.append("forgets-idempotency")
        parameters: dict[str, Any] = {"size": "1k"}
        if dice.random() < 0.3:
            parameters["n"] = dice.randint(1, 3)
        if dice.random() < 0.3:
            parameters["response_format"] = dice.choice(("url", "b64_json"))
        if not STREAMS.isdisjoint(faults) and dice.random() < 0.7:
            parameters["stream"] = True
        if alone := _ALONE.intersection(faults):
            faults = sorted(alone)[:1]
        waits_for_key = dice.random() < 0.02
        gives_up = waits_for_key or dice.random() < 0.25
        return Plan(
            number,
            dice.choice(_SUBJECTS),
            parameters,
            tuple(dict.fromkeys(faults)),
            dice.uniform(0, LATEST_STOP) if gives_up else None,
            waits_for_key,
        )

    return [plan(number) for number in range(count)]


@dataclass
class _Stages:
    """How far a job is."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Crowd:
    """Runs plans through one queue; `settings_of` tells how the endpoint of a plan is reached.

    `heard` is called with every job that changes.
    """

    def __init__(
        self,
        store: HistoryStore,
        card: ModelCard,
        settings_of: Callable[[tuple[str, ...]], EndpointSettings],
        heard: Callable[[Job], None] = lambda job: None,
    ) -> None:
        self._store = store
        self._card = card
        self._settings_of = settings_of
        self._heard = heard
        self._stages: dict[str, _Stages] = defaultdict(_Stages)
        self._plans: dict[str, Plan] = {}
        self.unheard: list[str] = []
        """What went wrong in the background, in words."""

    async def run(self, plans: Sequence[Plan]) -> list[Entry]:
        """The entries of the plans as history has them when all are over, in the plans' order."""
        asyncio.get_running_loop().set_exception_handler(self._complain)
        queue = JobQueue(self._store, self._open_client, self._follow)
        slots = asyncio.Semaphore(AT_A_TIME)
        working = asyncio.create_task(queue.work())
        ids = await asyncio.gather(*(self._carry_out(plan, queue, slots) for plan in plans))
        await queue.finished()
        working.cancel()
        await asyncio.wait({working})
        assert queue.jobs == ()
        return [self._store.read(entry_id) for entry_id in ids]

    async def _carry_out(self, plan: Plan, queue: JobQueue, slots: asyncio.Semaphore) -> str:
        self._plans[plan.endpoint] = plan
        request = GenerationRequest(plan.endpoint, self._card.id, plan.prompt, plan.parameters)
        async with slots:
            job = await queue.submit(request, self._card)
            stages = self._stages[plan.endpoint]
            await stages.begun.wait()
            try:
                async with asyncio.timeout(plan.stopped_after):
                    await stages.over.wait()
            except TimeoutError:
                await queue.stop(job.id)
                await stages.over.wait()
        return job.id

    async def _open_client(self, endpoint: str) -> ImagesClient:
        plan = self._plans[endpoint]
        if plan.waits_for_key:
            self._stages[endpoint].begun.set()
            await asyncio.Event().wait()
        return ImagesClient(self._settings_of(plan.faults), canary())

    def _follow(self, job: Job) -> None:
        self._heard(job)
        stages = self._stages[job.entry.endpoint]
        if job.entry.status != "queued":
            stages.begun.set()
        if job.entry.status not in UNFINISHED:
            stages.over.set()

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.unheard.append(f"{context.get('message')} {context.get('exception')!r}")
