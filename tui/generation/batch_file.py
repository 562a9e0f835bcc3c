"""A file of many prompts, one a line, read into what would be sent.

A line is a prompt, which may end in flags as in the editor; or flags alone, quoted as in a shell:
`--prompt "a fox" --seed 1`; or a JSON object: `{"prompt": "a fox", "model": "kling", "seed": 1}`,
whose other keys are parameters, as are those of an object `parameters` in it. Blank lines, and
those that begin with `#`, are left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.catalog.flags import MODEL, NEGATIVE, Flag, Meaning, read_flags
from tui.catalog.loading import Catalogue
from tui.catalog.validation import read_value, sentence_of
from tui.config import JSON
from tui.decoding import from_json
from tui.generation.draft import Draft
from tui.generation.flagged import follow_flags
from tui.text import storable

_PROMPT = "prompt"
_PARAMETERS = "parameters"
_REFERENCES = "references"
_COMMENT = "#"
_FLAG = re.compile(r"--(?P<name>[A-Za-z][\w-]*)(?:=(?P<value>.*))?", re.ASCII | re.DOTALL)
_OBJECT = re.compile(r"\{\s*[\"}]")
"""How an object begins, and no prompt such as `{red|blue} fox`."""

_PIECE = re.compile(r"[\[\]{},\s]+\Z|\[\s*[{\"]")
"""What an object over several lines begins with, and a list of objects."""


class BatchLine(Struct, frozen=True):
    """A line that may be sent."""

    number: int
    """In the file, from 1."""
    draft: Draft
    card: ModelCard
    """Of the draft's model."""


class BatchProblem(Struct, frozen=True):
    """Why a line may not be sent."""

    number: int
    """In the file, from 1."""
    message: str
    """A sentence; it holds outside text."""

    def __str__(self) -> str:
        return f"line {self.number}: {self.message}"


class Batch(Struct, frozen=True):
    """All lines of a file; where there are problems, none may be sent."""

    lines: tuple[BatchLine, ...] = ()
    problems: tuple[BatchProblem, ...] = ()


class _Unfit(Exception):
    """A line cannot be meant; each argument is a sentence."""


def read_batch(data: bytes, base: Draft, catalogue: Catalogue) -> Batch:
    """The lines in `data`, each begun with the model and the values of `base`.

    What the card of its model has against a line is a problem too.
    """
    lines: list[BatchLine] = []
    problems: list[BatchProblem] = []
    for number, line in _lines(data):
        try:
            draft, card = _read_checked(line, base, catalogue)
        except _Unfit as unfit:
            problems += [BatchProblem(number, str(message)) for message in unfit.args]
        else:
            lines.append(BatchLine(number, draft, card))
    return Batch(tuple(lines), tuple(problems))


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that say something, by their numbers."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        stripped = line.strip()
        # There are blanks that are no blanks as bytes, such as the wide one of ideographs.
        says_something = stripped.decode("utf-8", "replace").strip()
        if says_something and not stripped.startswith(_COMMENT.encode()):
            yield number, stripped


def _read_checked(line: bytes, base: Draft, catalogue: Catalogue) -> tuple[Draft, ModelCard]:
    draft = _read(line, base, catalogue)
    card = catalogue.card(draft.model)
    if violations := draft.violations(card):
        raise _Unfit(*(sentence_of(violation, card) for violation in violations))
    return draft, card


def _read(line: bytes, base: Draft, catalogue: Catalogue) -> Draft:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise _Unfit("This is not UTF-8 text.") from None
    if _OBJECT.match(text):
        return _from_object(text, base, catalogue)
    if _PIECE.match(text):
        raise _Unfit("This is a piece of JSON; write each object whole, on a line of its own.")
    if _FLAG.fullmatch(text.split(maxsplit=1)[0]):
        return _from_flags(text, base, catalogue)
    draft, meanings = follow_flags(replace(base, prompt=text), catalogue)
    _refuse_wrong(meanings)
    return draft


def _from_flags(text: str, base: Draft, catalogue: Catalogue) -> Draft:
    flags = list(_flags(text))
    prompts = [flag.value for flag in flags if flag.name == _PROMPT]
    if len(prompts) > 1:
        raise _Unfit("There is more than one --prompt.")
    flags = [flag for flag in flags if flag.name != _PROMPT]
    reading = read_flags(flags, catalogue, catalogue.card(base.model), base.own_values)
    _refuse_wrong(reading.meanings)
    draft = base.with_model(reading.card)
    for name, value in reading.values.items():
        draft = draft.with_value(name, value)
    return replace(draft, prompt="".join(prompts) + reading.suffix)


def _flags(text: str) -> Iterator[Flag]:
    """The flags that a line is made of; several words are the value of `--no` alone."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _Unfit(f"Its quotes do not pair up: {error}.") from None
    name, values = "", list[str]()
    for word in [*words, "--end"]:
        found = _FLAG.fullmatch(word)
        if found is None:
            if values and name != NEGATIVE:
                raise _Unfit(f"--{name} takes one value; quote it, or leave out {word}.")
            values.append(word)
            continue
        if name:
            yield Flag(name, " ".join(values))
        name = found["name"].lower()
        values = [] if found["value"] is None else [found["value"]]


def _refuse_wrong(meanings: tuple[Meaning, ...]) -> None:
    if wrong := [f"{meaning.text}." for meaning in meanings if meaning.wrong]:
        raise _Unfit(*wrong)


def _from_object(text: str, base: Draft, catalogue: Catalogue) -> Draft:
    fields = _decoded(text)
    prompt, model = fields.pop(_PROMPT, ""), fields.pop(MODEL, base.model)
    inner = fields.pop(_PARAMETERS, {})
    if not isinstance(prompt, str) or not isinstance(model, str):
        raise _Unfit("Prompt and model must be text.")
    if not isinstance(inner, dict):
        raise _Unfit("Its parameters must be an object.")
    if _REFERENCES in fields:
        raise _Unfit("A batch takes no references.")
    if twice := fields.keys() & inner.keys():
        raise _Unfit(*(f"{name} is given twice." for name in sorted(twice)))
    draft = base.with_model(catalogue.card(model)) if model != base.model else base
    card = catalogue.card(draft.model)
    draft = replace(draft, prompt=prompt)
    for name, value in {**fields, **inner}.items():
        draft = draft.with_value(name, _meant(card, name, value))
    return draft


def _decoded(text: str) -> dict[str, JSON]:
    try:
        fields = from_json(text, dict[str, msgspec.Raw])
        decoded: dict[str, JSON] = {name: from_json(value) for name, value in fields.items()}
        whole = str(decoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Unfit(f"This is not JSON: {error}.") from None
    if storable(whole) != whole:
        raise _Unfit("It holds half a character, which no request can carry.")
    return decoded


def _meant(card: ModelCard, name: str, value: JSON) -> JSON:
    """`value` of the parameter `name`; text is read as a person means it, where the card knows."""
    parameter = card.parameter(name)
    if parameter is None or not isinstance(value, str):
        return value
    try:
        return read_value(parameter, value)
    except ValueError as error:
        raise _Unfit(f"{name}: {error}.") from None
