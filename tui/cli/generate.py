"""darkroom generate: one request, from a prompt to files."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import click

from tui.catalog.card import ModelCard
from tui.catalog.loading import Catalogue, load_catalogue
from tui.catalog.validation import read_value
from tui.cli.documents import entry_document, print_object
from tui.cli.exits import DONE, FAILED, INTERRUPTED, REFUSED, UNKNOWN, USAGE, complain, leave
from tui.cli.setting import configuration, endpoint_name, prepared_paths
from tui.config import JSON, Config
from tui.generation.clients import Clients
from tui.generation.draft import Draft, loaded
from tui.generation.queue import Job, JobQueue
from tui.generation.request import GenerationRequest, expected_cost
from tui.history.entry import Entry, EntryReference, UnreadableEntry
from tui.history.store import HistoryStore
from tui.history.wording import advice, caption, dollars, outcome
from tui.images.references import keep_reference
from tui.images.verify import NotAnImage
from tui.paths import Paths

REFUSALS = frozenset(
    {
        "auth",
        "no_credit",
        "forbidden",
        "content_filter",
        "model_not_found",
        "invalid_request",
        "rate_limited",
        "too_large",
    }
)
"""Kinds of failure in which the endpoint understood, and declined."""


@click.command("generate")
@click.argument("prompt", required=False)
@click.option("-m", "--model", metavar="ID", help="The model; see darkroom models.")
@click.option("-p", "--parameter", "parameters", metavar="NAME=VALUE", multiple=True)
@click.option("-i", "--image", "images", metavar="FILE|URL", multiple=True, help="A reference.")
@click.option("-o", "--output", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--from", "origin", metavar="ENTRY", help="Start from an entry of the history.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent and cost; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the entry as JSON.")
@click.option("--endpoint", metavar="NAME")
@click.pass_obj
def command(
    inherited_endpoint: str | None,
    prompt: str | None,
    model: str | None,
    parameters: tuple[str, ...],
    images: tuple[str, ...],
    output: Path | None,
    origin: str | None,
    dry_run: bool,
    as_json: bool,
    endpoint: str | None,
) -> None:
    """Make pictures from PROMPT, or from standard input where it is -.

    Prints the paths of the pictures, one a line.
    """
    paths = prepared_paths()
    config = configuration(paths)
    catalogue = load_catalogue(paths.cards)
    store = HistoryStore(paths)
    name = endpoint_name(config, endpoint or inherited_endpoint)
    draft = _draft(config, catalogue, store, model, origin)
    card = catalogue.card(draft.model)
    if prompt is not None:
        draft = replace(draft, prompt=sys.stdin.read() if prompt == "-" else prompt)
    for assignment in parameters:
        draft = draft.with_value(*_assignment(card, assignment))
    if images:
        draft = replace(draft, references=tuple(_reference(paths, image) for image in images))
    _refuse_violations(draft, card)
    _refuse_overwriting(output)
    request = draft.request(name, card)
    if dry_run:
        _print_request(request, card, as_json)
        return
    entry = _run(request, card, store, Clients(config, paths))
    if output is not None:
        _copy_out(entry, store, output)
    if as_json:
        print_object(entry_document(entry, store))
    else:
        _print_outcome(entry, card, store)
    sys.exit(_exit_code(entry))


def _draft(
    config: Config, catalogue: Catalogue, store: HistoryStore, model: str | None, origin: str | None
) -> Draft:
    chosen = catalogue.card(model or config.model).id
    draft = Draft(model=chosen, values=dict(config.defaults))
    if origin is None:
        return draft
    try:
        entry = store.read(store.resolve(origin))
    except (LookupError, OSError, UnreadableEntry) as error:
        leave(str(error), USAGE)
    card = catalogue.card(model or entry.model)
    return loaded(draft, entry, card)


def _assignment(card: ModelCard, text: str) -> tuple[str, JSON]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        leave(f"-p takes NAME=VALUE, not {text!r}", USAGE)
    try:
        return name, read_value(card.parameter(name), value)
    except ValueError as error:
        leave(f"{name}: {error}", USAGE)


def _reference(paths: Paths, source: str) -> EntryReference:
    if source.startswith(("http://", "https://")):
        return EntryReference(name=source)
    try:
        kept = keep_reference(Path(source), paths.data)
    except (OSError, NotAnImage) as error:
        leave(f"{source}: {error}", USAGE)
    return EntryReference(name=kept.name, sha256=kept.sha256, file=kept.file)


def _refuse_violations(draft: Draft, card: ModelCard) -> None:
    violations = draft.violations(card)
    for violation in violations:
        nearest = "" if violation.nearest is None else f" Nearest: {violation.nearest}."
        complain(f"{violation.parameter}: {violation.message}.{nearest}")
    if violations:
        leave("nothing was sent", USAGE)


def _refuse_overwriting(output: Path | None) -> None:
    if output is None or output.is_dir():
        return
    if output.exists():
        leave(f"{output} exists; nothing was sent", USAGE)
    if not output.parent.is_dir():
        leave(f"there is no folder {output.parent}; nothing was sent", USAGE)


def _print_request(request: GenerationRequest, card: ModelCard, as_json: bool) -> None:
    cost = expected_cost(request, card)
    amount = cost.estimate_usd if cost else None
    if as_json:
        print_object(
            {
                "endpoint": request.endpoint,
                "model": request.model,
                "prompt": request.prompt,
                "parameters": dict(request.parameters),
                "references": request.references,
                "estimate_usd": amount,
            }
        )
        return
    click.echo(f"endpoint  {request.endpoint}")
    click.echo(f"model     {request.model}")
    for name, value in request.parameters.items():
        click.echo(f"{name} = {value}")
    click.echo(f"cost      {dollars(amount)}")


def _run(
    request: GenerationRequest, card: ModelCard, store: HistoryStore, clients: Clients
) -> Entry:
    job: Job | None = None

    async def run() -> None:
        nonlocal job
        queue = JobQueue(store, clients.get, _say_state)
        worker = asyncio.create_task(queue.work())
        try:
            job = await queue.submit(request, card)
            await queue.finished()
        finally:
            worker.cancel()
            await asyncio.wait({worker})
            await clients.aclose()

    try:
        asyncio.run(run())
    except OSError as error:
        leave(f"the entry could not be saved: {error.strerror}; nothing was sent", FAILED)
    except KeyboardInterrupt:
        if job is not None:
            complain(f"stopped waiting; the entry {job.id} is {job.entry.status}")
        sys.exit(INTERRUPTED)
    if job is None:
        raise AssertionError("a queue that ended well has a job")
    return job.entry


def _say_state(job: Job) -> None:
    if job.entry.status == "running" and not job.entry.images and sys.stderr.isatty():
        complain(f"{job.id} sent to {job.entry.endpoint}, {job.entry.model}")


def _copy_out(entry: Entry, store: HistoryStore, output: Path) -> None:
    for number, image in enumerate(entry.images, start=1):
        source = store.absolute(image.file)
        target = output
        if output.is_dir():
            target = output / source.name
        elif len(entry.images) > 1:
            target = output.with_stem(f"{output.stem}-{number}")
        try:
            with source.open("rb") as picture, target.open("xb") as copy:
                shutil.copyfileobj(picture, copy)
        except OSError as error:
            leave(f"{target}: {error.strerror}; the picture is at {source}", FAILED)
        complain(f"copied to {target}")


def _print_outcome(entry: Entry, card: ModelCard, store: HistoryStore) -> None:
    for image in entry.images:
        complain(caption(entry, image, card.name))
        click.echo(store.absolute(image.file))
    for note in entry.response.notes if entry.response else ():
        complain(note)
    if entry.error is not None:
        complain(f"{outcome(entry)}: {entry.error.message} {advice(entry.error)}")


def _exit_code(entry: Entry) -> int:
    if entry.status == "done":
        return DONE
    if entry.status == "unknown":
        return UNKNOWN
    return REFUSED if entry.error and entry.error.kind in REFUSALS else FAILED
