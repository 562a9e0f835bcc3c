"""What is done to jobs, with what stands against it asked or told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

from textual.app import App

from tui.catalog.card import ModelCard
from tui.config import ConfigError
from tui.generation.budget import Decision, OverBudget, Scope
from tui.generation.job_desk import JobDesk
from tui.generation.lost import NotARecord
from tui.generation.queue import EndedJob, Job
from tui.generation.request import GenerationRequest
from tui.history.entry import Entry, UnreadableEntry
from tui.history.wording import advice
from tui.screens.question import QuestionScreen
from tui.text import Shown, one_line, showable
from tui.widgets.text_prompt import TextPrompt

ASK_TITLE = Shown("Budget")
ASK = Shown("Send it all the same?")
TWICE_TITLE = Shown("Send again")
TWICE = Shown("Send it again, and perhaps pay twice?")
ELSEWHERE_TITLE = Shown("Save elsewhere")
ELSEWHERE_HINT = Shown("A folder with room. Enter: save copies there")
CLEAR_TITLE = Shown("Clear all")
CLEAR = Shown("Cancel what waits?")
_NOTHING = "Nothing was sent."
_MAYBE = "It may have been made and charged, and what was made may still be found."
Action: TypeAlias = Callable[[], Coroutine[None, None, None]]
Submit: TypeAlias = Callable[..., Awaitable[Job]]
"""Queues something; takes `agreed`, whether the user agreed to go above a cap."""


class JobActions:
    """Acts on jobs, whichever screens come and go meanwhile."""

    def __init__(self, app: App[None], desk: JobDesk) -> None:
        self._app = app
        self._desk = desk
        self._warned: set[tuple[Scope, date]] = set()
        # What is sent keeps its order, and one question comes after the other.
        self._doing = asyncio.Lock()

    def take_up(self, began: datetime) -> None:
        """Have what earlier runs left, before that moment, and say what waits."""
        self._begin(partial(self._take_up, began), in_turn=False)

    def send(self, requests: Sequence[GenerationRequest], card: ModelCard) -> None:
        """Queue requests in their order; where one goes above a cap, after a question.

        The first that is not queued ends it.
        """
        self._begin(partial(self._submit_all, requests, card))

    def stop(self, job_id: str) -> None:
        """Wait no longer for a job, or cancel one that waits."""
        self._begin(partial(self._stop, job_id), in_turn=False)

    def edit(self, job_id: str, then: Callable[[Entry], object]) -> None:
        """Take a job that waits out of the queue; `then` gets its entry."""
        self._begin(partial(self._edit, job_id, then), in_turn=False)

    def save_elsewhere(self, job_id: str) -> None:
        """Put copies of what could not be saved where the user says."""
        self._begin(partial(self._save_elsewhere, job_id))

    def send_again(self, ended: EndedJob) -> None:
        """Queue the request of an ended job again; asks where that may be to pay twice."""
        self._begin(partial(self._send_again, ended))

    def look_again(self, job_id: str, record: str = "") -> None:
        """Look for the pictures of an ended job, or take those of a record."""
        self._begin(partial(self._look_again, job_id, record), in_turn=False)

    def give_up(self, job_id: str) -> None:
        """Look for a lost job no longer."""
        self._begin(partial(self._give_up, job_id), in_turn=False)

    def clear_all(self) -> None:
        """Cancel what waits, after a question, and take what ended off the board."""
        self._begin(self._clear_all)

    def resume(self) -> None:
        """Go on with the queue, under the caps that config.toml has now."""
        self._begin(self._resume)

    def _begin(self, action: Action, *, in_turn: bool = True) -> None:
        self._app.run_worker(
            self._in_turn(action) if in_turn else action(),
            group="job-actions",
            description="Acts on a job",
            exit_on_error=False,
        )

    async def _in_turn(self, action: Action) -> None:
        async with self._doing:
            await action()

    async def _take_up(self, began: datetime) -> None:
        if jobs := await self._desk.take_up(began):
            what = "1 request" if len(jobs) == 1 else f"{len(jobs)} requests"
            text = f"{what} left waiting last time. f4: look, send, edit or cancel."
            self._app.notify(one_line(text), title="Jobs", timeout=10)

    async def _submit_all(self, requests: Sequence[GenerationRequest], card: ModelCard) -> None:
        agreed = False
        if len(requests) > 1 and (against := await self._desk.objections(requests, card)):
            # One question about all of them, or there would be as many as requests.
            agreed = await self._ask(ASK_TITLE, showable("\n".join(against)), ASK)
            if not agreed:
                return
            await self._desk.make_room(requests, card)
        for number, request in enumerate(requests):
            sent = f"Sent: {number} of {len(requests)} requests." if number else _NOTHING
            submit = partial(self._desk.submit, request, card)
            if not await self._submit(partial(submit, agreed=True) if agreed else submit, sent):
                return

    async def _submit(self, submit: Submit, sent: str = _NOTHING) -> bool:
        """Whether it was queued; `sent` says what was before it."""
        try:
            try:
                job = await submit()
            except OverBudget as over:
                decision = over.decision
                if decision.verdict != "ask":
                    self._tell(f"{decision.sentence} {_how_to_go_on(decision)}", "Not sent")
                    return False
                if not await self._ask(ASK_TITLE, showable(decision.sentence), ASK):
                    return False
                job = await submit(agreed=True)
        except OverBudget as over:
            # What others spent while the question stood.
            self._tell(over.decision.sentence, "Not sent")
        except OSError as error:
            text = f"The entry could not be saved: {error.strerror or error}. {sent}"
            self._app.notify(one_line(text, limit=300), title="Not sent", severity="error")
        else:
            self._warn(job)
            return True
        return False

    async def _resume(self) -> None:
        if self._desk.queue.board.refusal is not None:
            try:
                await asyncio.to_thread(self._desk.read_caps)
            except ConfigError as error:
                self._tell(f"The caps stay as they were: {error}", "Budget")
        self._desk.queue.resume()
        self._desk.told()

    async def _stop(self, job_id: str) -> None:
        try:
            await self._desk.queue.stop(job_id)
        except OSError as error:
            self._tell_of_no_end(error)

    async def _edit(self, job_id: str, then: Callable[[Entry], object]) -> None:
        try:
            entry = await self._desk.queue.withdraw(job_id)
        except OSError as error:
            self._tell_of_no_end(error)
            return
        if entry is not None:
            then(entry)

    async def _save_elsewhere(self, job_id: str) -> None:
        prompt = TextPrompt(ELSEWHERE_TITLE, "", ELSEWHERE_HINT)
        typed = await self._app.push_screen_wait(prompt)
        if typed is None:
            return
        # Imported here since it brings httpx and Pillow along.
        from tui.api.errors import ApiError
        from tui.images.verify import NotAnImage

        folder = _folder_of(typed)
        try:
            places = await self._desk.queue.save_elsewhere(job_id, folder)
        except OSError as error:
            self._tell(f"Nothing was saved in {folder}: {error.strerror or error}.", "Not saved")
        except (ApiError, NotAnImage) as error:
            self._tell(f"It cannot be saved: {error}", "Not saved")
        else:
            names = ", ".join(place.name for place in places) or "nothing: all of it is saved"
            self._tell(f"In {folder}: {names}. The job still waits for room.", "Saved elsewhere")

    async def _send_again(self, ended: EndedJob) -> None:
        if ended.may_be_charged:
            failure = ended.entry.error
            text = showable(advice(failure) if failure is not None else _MAYBE)
            if not await self._ask(TWICE_TITLE, text, TWICE):
                return
        await self._submit(partial(self._desk.send_again, ended))

    async def _look_again(self, job_id: str, record: str) -> None:
        try:
            await self._desk.look_again(job_id, (record,) if record else ())
        except (NotARecord, OSError, UnreadableEntry) as error:
            self._tell(f"It cannot be looked for: {error}.", "Jobs")

    async def _give_up(self, job_id: str) -> None:
        try:
            await self._desk.give_up(job_id)
        except (OSError, UnreadableEntry) as error:
            self._tell(f"It cannot be given up: {error}.", "Jobs")

    async def _clear_all(self) -> None:
        if count := len(self._desk.queue.waiting):
            what = "1 request waits" if count == 1 else f"{count} requests wait"
            text = showable(f"{what}, and nothing of it was sent. They stay in history.")
            if not await self._ask(CLEAR_TITLE, text, CLEAR):
                return
        try:
            await self._desk.clear_all()
        except OSError as error:
            self._tell_of_no_end(error)

    async def _ask(self, title: Shown, text: Shown, question: Shown) -> bool:
        return bool(await self._app.push_screen_wait(QuestionScreen(title, text, question)))

    def _warn(self, job: Job) -> None:
        """Say that most of a cap is used; once a day for each."""
        warning = job.warning
        if warning is None or warning.standing is None:
            return
        key = (warning.standing.scope, job.entry.created.astimezone().date())
        if key not in self._warned:
            self._warned.add(key)
            self._tell(warning.sentence, "Budget")

    def _tell_of_no_end(self, error: OSError) -> None:
        self._tell(f"It could not be cancelled: {error.strerror or error}. It waits on.", "Jobs")

    def _tell(self, text: str, title: str) -> None:
        self._app.notify(
            one_line(text, limit=300), title=one_line(title, limit=40), severity="warning"
        )


def _folder_of(typed: str) -> Path:
    return Path(typed.strip()).expanduser().absolute()


def _how_to_go_on(decision: Decision) -> str:
    scope = decision.standing.scope if decision.standing else "day"
    return f"The prompt is kept. Raise {scope}_usd in config.toml to send more."
