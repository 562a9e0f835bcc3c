"""From what is typed after `darkroom generate` to a draft that may be sent.

What cannot be meant ends the process with a sentence, before anything is written or sent.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.catalog.validation import read_value, sentence_of
from tui.cli.exits import USAGE, complain, leave
from tui.config import Config, opening_model
from tui.generation.draft import Draft, first_draft, loaded
from tui.generation.references import DraftReference
from tui.history.entry import UnreadableEntry
from tui.history.store import HistoryStore
from tui.images.prepared import Treatment
from tui.text import storable


def begin_draft(
    config: Config,
    endpoint: str,
    catalogue: Catalogue,
    store: HistoryStore,
    *,
    model: str | None,
    origin: str | None,
) -> Draft:
    """The configured defaults of `model`, or what the entry `origin` sent, if one is named.

    Without either it is the model that the endpoint begins with.
    """
    draft = first_draft(catalogue, opening_model(config, endpoint, model), config.defaults)
    if origin is None:
        return draft
    try:
        entry = store.read(store.resolve(origin))
    except (LookupError, OSError, UnreadableEntry) as error:
        leave(_reason(error), USAGE)
    card = catalogue.card(model or entry.model)
    draft = loaded(draft, entry, card)
    return draft if card.id == catalogue.card(entry.model).id else _fitted(draft, card)


def read_prompt(argument: str) -> str:
    """The prompt: `argument`, or standard input for `-`, without the line break at its end."""
    if argument != "-":
        return _text(argument, "the prompt")
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        leave("the prompt on standard input is not UTF-8 text", USAGE)


def assigned(draft: Draft, card: ModelCard, assignments: Sequence[str]) -> Draft:
    """`draft` with each `NAME=VALUE` set, as `card` reads it."""
    for assignment in assignments:
        name, equals, value = _text(assignment, "-p").partition("=")
        if not equals or not name:
            leave(f"-p takes NAME=VALUE, not {assignment}", USAGE)
        try:
            draft = draft.with_value(name, read_value(card.parameter(name), value))
        except ValueError as error:
            leave(f"{name}: {error}; nothing was sent", USAGE)
    return draft


def named_reference(named: str, *, as_it_is: bool) -> DraftReference:
    """The reference called `named`, a file or an address."""
    if named.casefold().startswith(("http://", "https://")):
        return DraftReference(_text(named, "-i"), treatment="as it is")
    treatment: Treatment = "as it is" if as_it_is else "fitted"
    file = Path(named)
    return DraftReference(storable(file.name), str(file.absolute()), treatment)


def refuse(problems: Iterable[str]) -> NoReturn:
    """End the process, all `problems` named."""
    for problem in problems:
        complain(problem)
    leave("nothing was sent", USAGE)


def _fitted(draft: Draft, card: ModelCard) -> Draft:
    """`draft`, loaded from another model's entry, without values that `card` refuses."""
    for violation in draft.violations(card):
        if violation.parameter in draft.own_values:
            complain(f"left out {sentence_of(violation, card)}")
            draft = draft.with_value(violation.parameter, None)
    return draft


def _text(argument: str, what: str) -> str:
    """`argument` if it is text that can be sent and kept."""
    if storable(argument) != argument:
        leave(f"{what} is not UTF-8 text", USAGE)
    return argument


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
