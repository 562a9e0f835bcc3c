"""What the send key does: wait for what is on its way, object once, make requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace
from textual.screen import Screen
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.catalog.card import ModelCard
from tui.catalog.flags import Meaning
from tui.generation.counts import form_card
from tui.generation.draft import Draft
from tui.generation.request import GenerationRequest
from tui.history.entry import EntryReference
from tui.images.prepared import UnfitReference
from tui.screens.drafting import Drafting
from tui.screens.recalling import Recalling
from tui.screens.referencing import Referencing
from tui.text import one_line
from tui.widgets.steady import when_settled

Send: TypeAlias = Callable[[str], object]
"""Sends the draft with that prompt."""


class Sending:
    """Makes requests of the draft, unless something stands against them."""

    def __init__(
        self,
        screen: Screen[None],
        drafting: Drafting,
        recalling: Recalling,
        referencing: Referencing,
        *,
        show_prompt: Callable[[], object],
        sent: Callable[[tuple[GenerationRequest, ...], ModelCard], object],
    ) -> None:
        """`sent` gets what is to be sent, in this order, and the card that it was made for."""
        self._screen = screen
        self._drafting = drafting
        self._recalling = recalling
        self._referencing = referencing
        self._keeping = asyncio.Lock()
        self._show_prompt = show_prompt
        self._sent = sent
        self._insisted: Draft | None = None
        """The draft that is sent as it is, since it was objected to already."""

    def when_ready(self, send: Send) -> None:
        """Call `send` with the prompt of this moment, once the draft has all that belongs to it."""
        # What is typed from now on is for the next request.
        written: list[str] = []
        editor = self._drafting.editor
        editor.call_later(lambda: written.append(editor.text))
        # The editor too: the button takes the focus from it before it is pressed.
        when_settled((editor, self._screen.focused), partial(self._when_loaded, written, send))

    def send(self, prompt: str) -> None:
        """Send the draft with `prompt`; what the editor holds besides stays in the draft."""
        drafting = self._drafting
        drafting.draft = replace(drafting.draft, prompt=prompt)
        self._send_draft()
        drafting.draft = drafting.written

    def _when_loaded(self, written: Sequence[str], send: Send) -> None:
        """`written` is what the editor held when the user pressed, if it is there at all."""
        if loads := self._recalling.under_way:
            self._screen.run_worker(
                self._send_after(loads, send),
                group="send",
                description="Sends what is being loaded",
                exit_on_error=False,
            )
        else:
            send(written[0] if written else self._drafting.editor.text)

    async def _send_after(self, loads: Sequence[Worker[None]], send: Send) -> None:
        for each in loads:
            with suppress(WorkerFailed, WorkerCancelled):
                await each.wait()
        send(self._drafting.editor.text)

    def _send_draft(self) -> None:
        drafting, editor = self._drafting, self._drafting.editor
        draft, flags = drafting.flagged
        if not draft.prompt.strip():
            editor.problem = "Nothing sent: write a prompt first."
            self._show_prompt()
            return
        card = drafting.catalogue.card(draft.model)
        if problem := self._objection(draft, card, flags):
            self._refuse(problem)
            return
        insists, self._insisted = self._insisted is not None, None
        if flags:
            # They are values of the form from now on, and the prompt is what the model gets.
            if editor.text == drafting.draft.prompt:
                editor.put(draft.prompt)
            drafting.take(draft)
            self._screen.call_later(drafting.show)
        if draft.sent_references(card):
            self._screen.run_worker(
                self._send_with_references(draft, drafting.endpoint, card, insists=insists),
                group="send",
                description="Makes references ready, and sends",
                exit_on_error=False,
            )
        else:
            self._make_requests(draft, drafting.endpoint, card, ())

    async def _send_with_references(
        self, draft: Draft, endpoint: str, card: ModelCard, *, insists: bool
    ) -> None:
        """Send the draft as it was when the user pressed, once its references are ready."""
        # What is sent first is made ready first.
        async with self._keeping:
            states = await self._referencing.ready(draft, card)
            objections = [
                f"{state.reference.name}: {state.objection}" for state in states if state.objection
            ]
            if objections and not insists:
                self._insisted = self._drafting.draft
                self._refuse(f"{objections[0]} Send once more to send it as it is.")
                return
            try:
                kept = await self._referencing.kept(draft, card)
            except UnfitReference as error:
                self._refuse(str(error))
                return
            except OSError as error:
                self._refuse(f"The references cannot be kept: {error.strerror or error}.")
                return
        self._make_requests(draft, endpoint, card, kept)

    def _make_requests(
        self,
        draft: Draft,
        endpoint: str,
        card: ModelCard,
        references: tuple[EntryReference, ...],
    ) -> None:
        drafting = self._drafting
        requests = draft.requests(endpoint, card, references)
        drafting.draft = drafting.draft.after(card, requests)
        self._sent(requests, card)

    def _refuse(self, problem: str) -> None:
        self._screen.notify(one_line(problem), title="Not sent", severity="warning")

    def _objection(self, draft: Draft, card: ModelCard, flags: Sequence[Meaning]) -> str:
        """Why `draft`, which the flags are moved into, should not be sent; empty if it may be."""
        form = self._drafting.form
        if unreadable := form.unreadable:
            form.point_out()
            return unreadable[0]
        labels = {parameter.name: parameter.label for parameter in form_card(card).parameters}
        wrong = [flag.text for flag in flags if flag.wrong]
        violations = draft.objections(card)
        if not (wrong or violations) or self._insisted == self._drafting.draft:
            return ""
        self._insisted = self._drafting.draft
        if wrong:
            return f"{wrong[0]}. Send once more to leave it out."
        first = violations[0]
        label = labels.get(first.parameter, first.parameter.capitalize())
        how = "to send it as it is"
        if first.parameter == "references" and not draft.sent_references(card):
            how = "to send it without them"
        return f"{label}: {first.message}. Send once more {how}."
