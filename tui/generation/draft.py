"""The draft: what the studio would send now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tui.catalog.card import ModelCard, Parameter
from tui.catalog.legality import fault_of
from tui.catalog.loading import Catalogue
from tui.catalog.price import estimate, images_expected
from tui.catalog.validation import Violation, check, form_values, request_fields
from tui.config import JSON
from tui.generation.counts import IMAGES, Sharing, Spread, count_parameter, form_card, shares
from tui.generation.references import DraftReference, chosen_again, takes_references
from tui.generation.request import GenerationRequest
from tui.generation.seeds import SeedMode, drawn_seed, seed_after, seed_parameter
from tui.history.entry import Entry, EntryReference, count_references


class Total(Struct, frozen=True):
    """What all requests of one press of send ask for."""

    images: int
    """At most."""
    requests: int
    usd: float | None
    """By the card's price; None is unknown, which is not free."""


class Draft(Struct, frozen=True):
    """Model, prompt and parameter values; values are kept for every model that was set up."""

    model: str
    prompt: str = ""
    values: dict[str, dict[str, JSON]] = {}
    """Values that were set, by model and parameter name, the model last set at the end; None for
    one that was given back to the model, and shall not follow from another."""
    followed: dict[str, dict[str, JSON]] = {}
    """Values that came along from another model, by model and parameter name."""
    counting: frozenset[str] = frozenset()
    """Models whose seed goes on from that of the last request."""
    sent_seeds: dict[str, int] = {}
    """The seed that was last sent to a model; of several requests the first one's, from which
    the others follow."""
    next_seeds: dict[str, int] = {}
    """The seed after those that were last sent to a model."""
    images: dict[str, int] = {}
    """How many images are wanted of a model that takes no number of them."""
    spread: Spread = "together"
    """How images are shared out among requests."""
    references: tuple[DraftReference, ...] = ()
    """Input images, in order; they stay for the next model where one takes none."""
    parent: str = ""
    """Id of the entry the draft was loaded from."""

    @property
    def own_values(self) -> dict[str, JSON]:
        """What is set for the draft's model, by the user or because it came along."""
        held = {**self.followed.get(self.model, {}), **self.values.get(self.model, {})}
        return {name: value for name, value in held.items() if value is not None}

    @property
    def form_values(self) -> dict[str, JSON]:
        """`own_values`, and the number of images where the model takes none."""
        images = self.images.get(self.model)
        return self.own_values if images is None else {**self.own_values, IMAGES.name: images}

    def with_value(self, name: str, value: JSON) -> Draft:
        """The draft with one parameter of its model set; None leaves it to the model again."""
        if name == IMAGES.name:
            return self._with_images(value)
        others = {model: own for model, own in self.values.items() if model != self.model}
        own = {**self.values.get(self.model, {}), name: value}
        if value is None and self._last_set(name, self.model) is None:
            del own[name]
        return replace(self, values={**others, self.model: own})

    def with_model(self, card: ModelCard) -> Draft:
        """The draft for the model of `card`, with the values it was last given.

        A size and a seed that were set for another model come along where this one takes them and
        never had its own: one compares models with the same picture in mind. What costs money or
        means something else to another model does not.
        """
        if card.id == self.model:
            return self
        own = self.values.get(card.id, {})
        came = {
            parameter.name: value
            for parameter in card.parameters
            if _may_follow(parameter) and parameter.name not in own
            if (value := self._last_set(parameter.name, card.id)) is not None
            if fault_of(parameter, value) is None
        }
        return replace(self, model=card.id, followed={card.id: came})

    def seed_mode(self, card: ModelCard) -> SeedMode:
        """How the seed of the next request comes about."""
        parameter = seed_parameter(card)
        if self.model in self.counting:
            return "next"
        is_set = parameter is not None and parameter.name in self.own_values
        return "fixed" if is_set else "random"

    def with_seed_mode(self, card: ModelCard, mode: SeedMode) -> Draft:
        """The draft with another way to come by its seed.

        Fixed keeps the seed that is set, or else the last one; next goes on from the last one.
        """
        parameter = seed_parameter(card)
        if parameter is None:
            return self
        others = self.counting - {self.model}
        draft = replace(self, counting=others | {self.model} if mode == "next" else others)
        seed, last = self.own_values.get(parameter.name), self.sent_seeds.get(self.model)
        match mode:
            case "random":
                return draft.with_value(parameter.name, None)
            case "fixed" if seed is None:
                kept = drawn_seed(parameter) if last is None else last
                return draft.with_value(parameter.name, kept)
            case "next" if last is not None and seed in (None, last):
                following = self.next_seeds.get(self.model)
                following = seed_after(parameter, last) if following is None else following
                return draft.with_value(parameter.name, following)
        return draft

    def after(self, card: ModelCard, requests: Sequence[GenerationRequest]) -> Draft:
        """The draft to go on with once `requests` were made of it."""
        parameter = seed_parameter(card)
        if parameter is None:
            return self
        seeds = [request.parameters.get(parameter.name) for request in requests]
        first, last = seeds[0], seeds[-1]
        if not isinstance(first, int) or not isinstance(last, int):
            return self
        images = max(1, self.sharing(card).shared[-1])
        following = seed_after(parameter, last, images)
        draft = replace(
            self,
            sent_seeds={**self.sent_seeds, self.model: first},
            next_seeds={**self.next_seeds, self.model: following},
        )
        if self.model in self.counting:
            draft = draft.with_value(parameter.name, following)
        return draft

    def _last_set(self, name: str, model: str) -> JSON:
        """The value of a parameter that was last set for a model other than `model`."""
        for other, values in reversed(self.values.items()):
            if other != model and values.get(name) is not None:
                return values[name]
        return None

    def under(self, catalogue: Catalogue) -> Draft:
        """The draft with its models by the ids that `catalogue` has for them."""
        names = [name for name in self.values if name != self.model]
        # Last, so that what is set for the model in use counts where two names are one model's.
        names += [self.model] if self.model in self.values else []
        values = {catalogue.card(name).id: self.values[name] for name in names}
        return replace(
            self,
            model=catalogue.card(self.model).id,
            values=values,
            followed={catalogue.card(name).id: came for name, came in self.followed.items()},
            counting=frozenset(catalogue.card(name).id for name in self.counting),
            sent_seeds={catalogue.card(name).id: seed for name, seed in self.sent_seeds.items()},
            next_seeds={catalogue.card(name).id: seed for name, seed in self.next_seeds.items()},
            images={catalogue.card(name).id: number for name, number in self.images.items()},
        )

    def violations(self, card: ModelCard) -> tuple[Violation, ...]:
        """What `card` has against sending the draft as one request."""
        return check(card, self.prompt, self.own_values, count_references(self.references))

    def form_violations(self, card: ModelCard) -> tuple[Violation, ...]:
        """What `card` has against sending the draft in as many requests as it takes."""
        wide = form_card(card)
        return check(wide, self.prompt, self.form_values, count_references(self.references))

    def objections(self, card: ModelCard) -> tuple[Violation, ...]:
        """Those of `form_violations` that nobody wanted: without those of extra parameters.

        A parameter that the card does not list was added by hand, or came with a past request that
        had it: that it is sent is the point of it.
        """
        wide = form_card(card)
        return tuple(
            violation
            for violation in self.form_violations(card)
            if violation.parameter in ("prompt", "references")
            or wide.parameter(violation.parameter) is not None
        )

    def extras(self, card: ModelCard) -> dict[str, JSON]:
        """What is set that `card` does not list, by name: sent as it is."""
        values = self.own_values
        return {name: value for name, value in values.items() if card.parameter(name) is None}

    def request(
        self, endpoint: str, card: ModelCard, references: tuple[EntryReference, ...] = ()
    ) -> GenerationRequest:
        """The one request the draft amounts to, with a seed drawn where the model takes one.

        `references` are its input images, made ready and kept.
        """
        return self._request(endpoint, card, with_seed(card, self.own_values), references)

    def sharing(self, card: ModelCard) -> Sharing:
        """How its images are shared out among requests, each asking for some by number."""
        count, seed = count_parameter(card) or IMAGES, seed_parameter(card)
        values = self.form_values
        images = values.get(count.name, count.default)
        return Sharing(
            self.spread,
            together=shares(card, images, "together"),
            apart=shares(card, images, "apart"),
            group=images_expected(card, {**values, count.name: 1}),
            has_seeds=seed is not None and not (card.open and seed.name not in values),
        )

    def requests(
        self, endpoint: str, card: ModelCard, references: tuple[EntryReference, ...] = ()
    ) -> tuple[GenerationRequest, ...]:
        """The requests that one press of send makes, in order; at least one.

        `references` are its input images, made ready and kept. Their seeds follow one another, as
        many apart as images are asked for, so that no two ask for the same picture.
        """
        values = with_seed(card, self.own_values)
        shared, seed = self.sharing(card).shared, seed_parameter(card)
        found: list[GenerationRequest] = []
        for share in shared:
            own = _with_share(card, values, shared, share)
            found.append(self._request(endpoint, card, own, references))
            number = None if seed is None else values.get(seed.name)
            # Those below 0 often mean something else: any seed, for one.
            if seed is not None and isinstance(number, int) and number >= 0:
                values = {**values, seed.name: seed_after(seed, number, share)}
        return tuple(found)

    def sent_references(self, card: ModelCard) -> int:
        """How many input images go along: none to a model that takes none."""
        return count_references(self.references) if takes_references(card) else 0

    def total(self, card: ModelCard) -> Total:
        """What all its requests ask for, and what they cost by `card`."""
        shared = self.sharing(card).shared
        images, usd = 0, list[float | None]()
        for share, times in Counter(shared).items():
            values = _with_share(card, self.own_values, shared, share)
            images += times * images_expected(card, values)
            price = estimate(card, values, self.sent_references(card))
            usd.append(None if price is None else times * price)
        known = [price for price in usd if price is not None]
        return Total(images, len(shared), sum(known) if len(known) == len(usd) else None)

    def _request(
        self,
        endpoint: str,
        card: ModelCard,
        values: dict[str, JSON],
        references: tuple[EntryReference, ...],
    ) -> GenerationRequest:
        return GenerationRequest(
            endpoint=endpoint,
            model=card.id,
            prompt=self.prompt,
            parameters=request_fields(card, values),
            references=references,
            parent=self.parent,
        )

    def _with_images(self, images: JSON) -> Draft:
        others = {model: number for model, number in self.images.items() if model != self.model}
        if isinstance(images, int):
            others[self.model] = images
        return replace(self, images=others)


def first_draft(
    catalogue: Catalogue, model: str, defaults: Mapping[str, Mapping[str, JSON]]
) -> Draft:
    """An empty draft for `model`, with the configured `defaults` by model id or alias."""
    values = {catalogue.card(name).id: dict(values) for name, values in defaults.items()}
    return Draft(model=catalogue.card(model).id, values=values)


def with_seed(card: ModelCard, values: dict[str, JSON]) -> dict[str, JSON]:
    """`values` with a random seed where `card` takes one and none is set.

    It is drawn here and sent, so that the picture can be made again. A model that nobody described
    may refuse a field it was not asked for, and gets none.
    """
    parameter = seed_parameter(card)
    if card.open or parameter is None or values.get(parameter.name) is not None:
        return values
    return {**values, parameter.name: drawn_seed(parameter)}


def loaded(draft: Draft, entry: Entry, card: ModelCard) -> Draft:
    """`draft` with the model, prompt, parameters and references of `entry`."""
    others = {model: own for model, own in draft.values.items() if model != card.id}
    return replace(
        draft,
        model=card.id,
        prompt=entry.prompt,
        values={**others, card.id: form_values(card, entry.parameters)},
        followed={},
        # The seed that made the picture, not the one after it.
        counting=draft.counting - {card.id},
        images={model: number for model, number in draft.images.items() if model != card.id},
        references=tuple(chosen_again(reference) for reference in entry.references),
        parent=entry.id,
    )


def _with_share(
    card: ModelCard, values: dict[str, JSON], shared: Sequence[int], share: int
) -> dict[str, JSON]:
    """`values` for one of the requests that images are `shared` out among."""
    count = count_parameter(card)
    return values if count is None or len(shared) == 1 else {**values, count.name: share}


def _may_follow(parameter: Parameter) -> bool:
    return parameter.role in ("seed", "size") or parameter.kind == "size"
