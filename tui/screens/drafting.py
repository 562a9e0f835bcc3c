"""The studio's draft: what is written and set, for which endpoint, and what it would cost."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from textual.screen import Screen

from tui.catalog.flags import Meaning
from tui.catalog.loading import Catalogue
from tui.config import DEMO
from tui.generation.counts import IMAGES
from tui.generation.draft import Draft
from tui.generation.flagged import as_written, follow_flags
from tui.generation.form_state import FormState, form_state
from tui.history.spending import Spending
from tui.history.wording import dollars
from tui.widgets.parameter_form import ModelChoice, ParameterForm
from tui.widgets.prompt_editor import PromptEditor


class Drafting:
    """Holds the draft; editor and form follow it."""

    def __init__(
        self,
        screen: Screen[None],
        editor: Callable[[], PromptEditor],
        form: Callable[[], ParameterForm],
        draft: Draft,
        *,
        endpoint: str,
        catalogue: Catalogue,
        is_own: bool,
        followed: Callable[[], object],
        changed: Callable[[], object],
    ) -> None:
        """`is_own` says whether `draft` is the user's own, which keeps its model.

        `followed` is called after editor and form followed the draft, `changed` after it changed.
        """
        self._screen = screen
        self._editor = editor
        self._form = form
        self._draft = draft
        self._followed = followed
        self._changed = changed
        self._is_own = is_own
        self.endpoint = endpoint
        self.catalogue = catalogue
        self.card = catalogue.card(draft.model)
        self.spent = Spending()
        """What today has cost."""

    @property
    def editor(self) -> PromptEditor:
        """What follows the draft's prompt, and is ahead of it while the user types."""
        return self._editor()

    @property
    def form(self) -> ParameterForm:
        """What follows the draft's model and values."""
        return self._form()

    @property
    def draft(self) -> Draft:
        """What would be sent now, with the flags still in its prompt."""
        return self._draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        if draft == self._draft:
            return
        self._draft = draft
        if self._screen.is_mounted:
            self.follow()
            self._changed()

    @property
    def written(self) -> Draft:
        """The draft with the prompt that the editor holds."""
        return replace(self.draft, prompt=self.editor.text)

    @property
    def flagged(self) -> tuple[Draft, tuple[Meaning, ...]]:
        """The draft with the flags of its prompt in its parameters, and what each means."""
        return follow_flags(self.draft, self.catalogue, count=IMAGES)

    def as_written(self, prompt: str) -> str:
        """What the editor holds for a `prompt` that was sent."""
        return as_written(prompt, self.catalogue, self.draft.model)

    def touch(self) -> None:
        """Have the draft as the user's own from now on."""
        self._is_own = True

    def edit(self, draft: Draft) -> None:
        """Take over what the user made of the draft."""
        self.touch()
        self.draft = draft

    def take(self, draft: Draft) -> None:
        """Take over a draft that may be for another model; `show` has the form for it."""
        self.card = self.catalogue.card(draft.model)
        self.draft = draft

    async def use(self, draft: Draft) -> None:
        """Take over a draft that may be for another model, and show it."""
        self.take(draft)
        await self.show()

    async def put(self, draft: Draft) -> None:
        """Have `draft` in form and editor."""
        await self.use(draft)
        self.editor.put(draft.prompt)

    async def show(self) -> None:
        """Have the form for the draft's model."""
        await self.form.show_card(self._form_state())
        self.follow()

    def show_spending(self, spent: Spending) -> None:
        """Show what today has cost so far."""
        self.spent = spent
        self.follow()

    async def use_endpoint(self, endpoint: str, model: str) -> None:
        """Draft for `endpoint` from now on; for `model`, unless the user made a choice."""
        self.endpoint = endpoint
        card = self.catalogue.card(model)
        if not self._is_own and card != self.card:
            await self.use(self.draft.with_model(card))
        self.follow()

    async def use_catalogue(self, catalogue: Catalogue) -> None:
        """Follow what is known of models now; what is written and set stays."""
        self.catalogue = catalogue
        draft = self.draft.under(catalogue)
        card = catalogue.card(draft.model)
        if card.parameters == self.card.parameters:
            self.card, self.draft = card, draft
        else:
            self.take(draft)
        self.form.show_models(model_choices(catalogue))
        await self.form.follow_card(self._form_state())
        self.follow()

    async def use_model(self, model: str) -> None:
        """Draft for another model, with the values it was last given."""
        card = self.catalogue.card(model)
        if card.id != self.draft.model:
            await self.use(self.draft.with_model(card))

    def follow(self) -> None:
        """Show the draft as it is now."""
        editor, form = self.editor, self.form
        draft, flags = self.flagged
        editor.show_flags(flags)
        for flag in flags:
            if flag.wrong:
                editor.problem = flag.text
        state = self._form_state()
        form.show_state(state)
        for violation in state.violations:
            if violation.parameter == "prompt" and self.draft.prompt.strip():
                editor.problem = violation.message
        self._show_price(draft)
        form.show_offer(self.catalogue.offers(self.card.id))
        self._followed()

    def _form_state(self) -> FormState:
        """What the form shows; the flags of the prompt count, unless they name another model."""
        flagged, _ = self.flagged
        draft = flagged if flagged.model == self.draft.model else self.draft
        violations = draft.form_violations(self.card)
        return form_state(self.draft, self.card, self.catalogue, violations)

    def _show_price(self, draft: Draft) -> None:
        card = self.catalogue.card(draft.model)
        total = draft.total(card)
        images = f"{total.images} image{'s' if total.images != 1 else ''}"
        if total.requests > 1:
            images = f"{images} · {total.requests} requests"
        amount = dollars(total.usd) if total.usd is None else f"≈ {dollars(total.usd)}"
        beside = "free here" if self.endpoint == DEMO else f"today {self.spent}"
        self.form.show_price(images, amount, beside)


def model_choices(catalogue: Catalogue) -> list[ModelChoice]:
    """The models of `catalogue` as the form offers them."""
    return [
        ModelChoice(card.id, card.name, is_offered=catalogue.offers(card.id) is not False)
        for card in catalogue.cards.values()
    ]
