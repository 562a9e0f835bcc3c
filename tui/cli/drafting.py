"""From what is typed after `darkroom generate` to a draft that may be sent.

What cannot be meant ends the process with a sentence, before anything is written or sent.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.catalog.validation import Violation, check_reference, read_value, written
from tui.cli.exits import FAILED, USAGE, complain, leave
from tui.config import Config, opening_model
from tui.generation.draft import Draft, first_draft, loaded
from tui.history.entry import EntryReference, UnreadableEntry
from tui.history.store import HistoryStore
from tui.images.references import keep_reference
from tui.images.verify import NotAnImage, verify_image
from tui.text import storable


@dataclass(frozen=True, slots=True)
class Source:
    """A reference as it was named; its file is read and found fit, and not copied yet."""

    reference: EntryReference
    file: Path | None
    """None for an address."""

    def keep(self, data_folder: Path) -> EntryReference:
        """The reference with its copy in `data_folder`."""
        if self.file is None:
            return self.reference
        try:
            kept = keep_reference(self.file, data_folder)
        except (OSError, NotAnImage) as error:
            leave(f"{self.file}: {_reason(error)}; nothing was sent", FAILED)
        return EntryReference(self.reference.name, kept.sha256, kept.file)


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


def find_source(card: ModelCard, named: str) -> Source:
    """The reference called `named`, a file or an address, if `card` takes it."""
    if named.casefold().startswith(("http://", "https://")):
        return Source(EntryReference(_text(named, "-i")), None)
    file = Path(named)
    try:
        facts = verify_image(file)
    except (OSError, NotAnImage) as error:
        leave(f"{named}: {_reason(error)}; nothing was sent", USAGE)
    if card.references is not None:
        violation = check_reference(card, facts.format, facts.bytes, facts.width, facts.height)
        if violation is not None:
            leave(f"{named}: {violation.message}; nothing was sent", USAGE)
    return Source(EntryReference(storable(file.name), facts.sha256), file)


def refuse_violations(draft: Draft, card: ModelCard, store: HistoryStore) -> None:
    """End the process, all violations named, where `card` or a lost reference forbids sending."""
    problems = [_sentence(violation, card) for violation in draft.violations(card)]
    problems += [
        f"references: the copy of {reference.name} is gone: {reference.file}."
        for reference in draft.references
        if reference.file and not _is_there(store, reference.file)
    ]
    for problem in problems:
        complain(problem)
    if problems:
        leave("nothing was sent", USAGE)


def _fitted(draft: Draft, card: ModelCard) -> Draft:
    """`draft`, loaded from another model's entry, without values that `card` refuses."""
    for violation in draft.violations(card):
        if violation.parameter in draft.own_values:
            complain(f"left out {_sentence(violation, card)}")
            draft = draft.with_value(violation.parameter, None)
    return draft


def _sentence(violation: Violation, card: ModelCard) -> str:
    parameter = card.parameter(violation.parameter)
    sentence = f"{violation.parameter}: {violation.message}."
    if parameter is None or violation.nearest is None:
        return sentence
    return f"{sentence} Nearest: {written(parameter, violation.nearest)}."


def _is_there(store: HistoryStore, name: str) -> bool:
    try:
        return store.absolute(name).is_file()
    except ValueError:
        return False


def _text(argument: str, what: str) -> str:
    """`argument` if it is text that can be sent and kept."""
    if storable(argument) != argument:
        leave(f"{what} is not UTF-8 text", USAGE)
    return argument


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
