"""darkroom generate: one request, from a prompt to files."""

from __future__ import annotations

import sys

import click
from msgspec.structs import replace

from tui.catalog.card import ModelCard
from tui.catalog.price import images_expected
from tui.cli.copies import copy_out, output_problem
from tui.cli.documents import entry_document, print_object
from tui.cli.drafting import (
    assigned,
    begin_draft,
    find_source,
    read_prompt,
    refuse_violations,
)
from tui.cli.exits import DONE, FAILED, REFUSED, UNKNOWN, USAGE, complain, leave
from tui.cli.foreground import run_to_end
from tui.cli.setting import configuration, endpoint_name, model_catalogue, prepared_paths
from tui.generation.clients import Clients
from tui.generation.request import GenerationRequest, expected_cost
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.history.wording import advice, caption, dollars, outcome
from tui.paths import find_paths
from tui.text import one_line, showable

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
@click.argument("prompt", required=False, metavar="[PROMPT|-]")
@click.option("-m", "--model", metavar="ID", help="The model; see darkroom models.")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter, such as size=2k; see darkroom models ID.",
)
@click.option(
    "-i", "--image", "images", metavar="FILE|URL", multiple=True, help="A reference image."
)
@click.option("-o", "--output", metavar="FILE|DIR", help="Copy the pictures there as well.")
@click.option("--from", "origin", metavar="ENTRY", help="Begin with what a past entry sent.")
@click.option("--dry-run", is_flag=True, help="Show the request and its price; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of paths.")
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.pass_context
def command(
    context: click.Context,
    prompt: str | None,
    model: str | None,
    parameters: tuple[str, ...],
    images: tuple[str, ...],
    output: str | None,
    origin: str | None,
    dry_run: bool,
    as_json: bool,
    endpoint: str | None,
) -> None:
    """Make pictures from a prompt; - reads it from standard input.

    Prints the paths of the pictures, one a line. -p and -i may be repeated.

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the endpoint,
    4 outcome unknown, 130 interrupted.
    """
    paths = find_paths() if dry_run else prepared_paths()
    config = configuration(paths)
    catalogue = model_catalogue(paths)
    store = HistoryStore(paths)
    everywhere = context.find_root().params
    name = endpoint_name(config, endpoint or everywhere.get("endpoint"), paths)
    named = model or everywhere.get("model")
    draft = begin_draft(config, name, catalogue, store, model=named, origin=origin)
    card = catalogue.card(draft.model)
    if prompt is not None:
        draft = replace(draft, prompt=read_prompt(prompt))
    draft = assigned(draft, card, parameters)
    sources = [find_source(card, image) for image in images]
    if sources:
        draft = replace(draft, references=tuple(source.reference for source in sources))
    refuse_violations(draft, card, store)
    if output is not None:
        most = images_expected(card, draft.own_values)
        if problem := output_problem(output, most):
            leave(f"{problem}; nothing was sent", USAGE)
    if dry_run:
        _print_request(draft.request(name, card), card, as_json)
        return
    if sources:
        draft = replace(draft, references=tuple(source.keep(paths.data) for source in sources))
    entry = run_to_end(draft.request(name, card), card, store, Clients(config, paths))
    _print_outcome(entry, card, store, as_json)
    copied = output is None or copy_out(entry, store, output)
    sys.exit(_exit_code(entry) if copied else FAILED)


def _print_request(request: GenerationRequest, card: ModelCard, as_json: bool) -> None:
    cost = expected_cost(request, card)
    amount = cost.estimate_usd if cost else None
    if as_json:
        print_object(
            {
                "endpoint": request.endpoint,
                "model": request.model,
                "prompt": request.prompt,
                "parent": request.parent,
                "parameters": request.parameters,
                "references": request.references,
                "estimate_usd": amount,
            }
        )
        return
    rows = [
        ("endpoint", request.endpoint),
        ("model", request.model),
        ("prompt", request.prompt),
        *((name, str(value)) for name, value in request.parameters.items()),
        *(("reference", reference.name) for reference in request.references),
        ("cost", dollars(amount)),
    ]
    width = max(len(one_line(name)) for name, _ in rows)
    for name, value in rows:
        click.echo(showable(f"{one_line(name):<{width}}  {one_line(value)}"))


def _print_outcome(entry: Entry, card: ModelCard, store: HistoryStore, as_json: bool) -> None:
    if as_json:
        print_object(entry_document(entry, store))
    for image in entry.images:
        complain(caption(entry, image, card.name))
        if not as_json:
            click.echo(bytes(store.absolute(image.file)))
    for note in entry.response.notes if entry.response else ():
        complain(note)
    if entry.error is not None:
        complain(f"{outcome(entry)}: {entry.error.message} {advice(entry.error)}")


def _exit_code(entry: Entry) -> int:
    if entry.status == "done":
        return DONE
    if entry.status == "unknown":
        return UNKNOWN
    return REFUSED if _is_refused(entry) else FAILED


def _is_refused(entry: Entry) -> bool:
    """Whether the endpoint declined; a key that is missing counts, wrong settings do not."""
    error = entry.error
    if error is None or error.kind not in REFUSALS:
        return False
    return error.kind == "auth" or error.status is not None
