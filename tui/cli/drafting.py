"""From what is typed after `darkroom generate` to a draft that may be sent.

What cannot be meant ends the process with a sentence, before anything is written or sent.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tui.api.results import ReferenceImage
from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue
from tui.catalog.validation import Violation, check_reference, read_value, sentence_of
from tui.cli.exits import FAILED, USAGE, complain, leave
from tui.config import Config, opening_model
from tui.generation.draft import Draft, first_draft, loaded
from tui.generation.references import load_reference, read_reference
from tui.history.entry import EntryReference, UnreadableEntry
from tui.history.store import HistoryStore
from tui.images.references import keep_reference
from tui.images.verify import NotAnImage, verify_image
from tui.text import storable


@dataclass(frozen=True, slots=True)
class Source:
    """A reference as it was named; its file can be read, and is not copied yet."""

    named: str
    reference: EntryReference
    file: Path | None = None
    """None for an address."""
    violation: Violation | None = None
    """What the model has against the file."""

    def image(self) -> ReferenceImage:
        """What is sent for it."""
        if self.file is None:
            return ReferenceImage(url=self.reference.name)
        try:
            return read_reference(self.file)
        except OSError as error:
            leave(f"{self.named}: {_reason(error)}; nothing was sent", FAILED)

    def keep(self, data_folder: Path) -> EntryReference:
        """The reference with its copy in `data_folder`."""
        if self.file is None:
            return self.reference
        try:
            kept = keep_reference(self.file, data_folder)
        except (OSError, NotAnImage) as error:
            leave(f"{self.named}: {_reason(error)}; nothing was sent", FAILED)
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
    """The reference called `named`, a file or an address, held against the limits of `card`."""
    if named.casefold().startswith(("http://", "https://")):
        return Source(named, EntryReference(_text(named, "-i")))
    file = Path(named)
    try:
        facts = verify_image(file)
    except (OSError, NotAnImage) as error:
        leave(f"{named}: {_reason(error)}; nothing was sent", USAGE)
    violation = None
    if card.references is not None:
        violation = check_reference(card, facts.format, facts.bytes, facts.width, facts.height)
    return Source(named, EntryReference(storable(file.name), facts.sha256), file, violation)


def violations_of(draft: Draft, card: ModelCard, sources: Sequence[Source]) -> list[Violation]:
    """All that `card` has against sending `draft` with `sources`."""
    return [
        *draft.violations(card),
        *(
            Violation("references", f"{source.named}: {source.violation.message}")
            for source in sources
            if source.violation is not None
        ),
    ]


def lost_references(draft: Draft, store: HistoryStore) -> list[str]:
    """A sentence for each reference whose copy is no longer there."""
    return [
        f"references: the copy of {reference.name} is gone: {reference.file}."
        for reference in draft.references
        if reference.file and not _is_there(store, reference.file)
    ]


def refuse(problems: Iterable[str]) -> NoReturn:
    """End the process, all `problems` named."""
    for problem in problems:
        complain(problem)
    leave("nothing was sent", USAGE)


def images_of(draft: Draft, sources: Sequence[Source], store: HistoryStore) -> list[ReferenceImage]:
    """What is sent for the references of `draft`, which are `sources` if there are any."""
    if sources:
        return [source.image() for source in sources]
    try:
        return [load_reference(reference, store.absolute) for reference in draft.references]
    except OSError as error:
        leave(f"{error.filename}: {_reason(error)}; nothing was sent", FAILED)


def _fitted(draft: Draft, card: ModelCard) -> Draft:
    """`draft`, loaded from another model's entry, without values that `card` refuses."""
    for violation in draft.violations(card):
        if violation.parameter in draft.own_values:
            complain(f"left out {sentence_of(violation, card)}")
            draft = draft.with_value(violation.parameter, None)
    return draft


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
