"""darkroom generate: one request, from a prompt to files."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec.structs import replace

from tui.api.endpoints import find_settings
from tui.catalog.card import ModelCard
from tui.catalog.price import images_expected
from tui.catalog.validation import sentence_of
from tui.cli.copies import copy_out, output_problem
from tui.cli.differences import tell_differences
from tui.cli.documents import entry_document, print_object
from tui.cli.drafting import (
    assigned,
    begin_draft,
    named_reference,
    read_prompt,
    refuse,
)
from tui.cli.dry_run import show_dry_run
from tui.cli.exits import DONE, FAILED, REFUSED, UNKNOWN, USAGE, complain, leave
from tui.cli.foreground import run_to_end
from tui.cli.masking import masked, refuse_masks
from tui.cli.references import find_references
from tui.cli.setting import configuration, endpoint_name, model_catalogue, prepared_paths
from tui.generation.clients import Clients
from tui.history.entry import Entry
from tui.history.store import HistoryStore
from tui.history.wording import advice, caption, outcome
from tui.paths import find_paths

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
@click.option(
    "--as-is",
    is_flag=True,
    help="Send the files of -i unchanged, camera and place included.",
)
@click.option(
    "--mask",
    metavar="FILE",
    help="A PNG, transparent where the first reference may change; needs /images/edits.",
)
@click.option("-o", "--output", metavar="FILE|DIR", help="Copy the pictures there as well.")
@click.option("--from", "origin", metavar="ENTRY", help="Begin with what a past entry sent.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print what would be sent, what stands against it and its price; send nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of paths.")
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.pass_context
def command(
    context: click.Context,
    prompt: str | None,
    model: str | None,
    parameters: tuple[str, ...],
    images: tuple[str, ...],
    as_is: bool,
    mask: str | None,
    output: str | None,
    origin: str | None,
    dry_run: bool,
    as_json: bool,
    endpoint: str | None,
) -> None:
    """Make pictures from a prompt; - reads it from standard input.

    Prints the paths of the pictures, one a line. -p and -i may be repeated.

    A reference is sent upright and without metadata; one beyond the model's limits
    is scaled or encoded anew, which is told. A URL is passed on where the endpoint
    takes such.

    A request that the model would refuse is not sent. --dry-run prints it all the
    same, with what is wrong, and ends with 2 then. With --json it prints one
    object: endpoint, method, url, body, violations, estimate_usd. The body is to
    the byte what would be sent; without --json it is laid out for reading, and a
    reference of more than 1 KB is counted instead of written out. Where references
    go to /images/edits, the body is a list of the form's parts: name and value, or
    of a file name, filename, content_type, bytes and sha256.

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the endpoint,
    4 outcome unknown, 130 interrupted.
    """
    paths = find_paths() if dry_run else prepared_paths()
    config = configuration(paths)
    everywhere = context.find_root().params
    name = endpoint_name(config, endpoint or everywhere.get("endpoint"), paths)
    catalogue = model_catalogue(paths, config, name)
    store = HistoryStore(paths)
    named = model or everywhere.get("model")
    draft = begin_draft(config, name, catalogue, store, model=named, origin=origin)
    card = catalogue.card(draft.model)
    if prompt is not None:
        draft = replace(draft, prompt=read_prompt(prompt))
    draft = assigned(draft, card, parameters)
    if images:
        chosen = tuple(named_reference(image, as_it_is=as_is) for image in images)
        draft = replace(draft, references=chosen)
    if mask is not None:
        draft = masked(draft, mask)
    settings = find_settings(config, name)
    refuse_masks(draft, name, settings)
    with TemporaryDirectory() as unsent:
        references = find_references(
            draft, card, settings, endpoint=name, config=config, paths=paths, store=store,
            folder=Path(unsent) if dry_run else None,
        )  # fmt: skip
        violations = draft.violations(card)
        if dry_run or not violations:
            references.prepare()
        violations = (*violations, *references.violations)
        if references.problems or (violations and not dry_run):
            sentences = [sentence_of(violation, card) for violation in violations]
            refuse([*sentences, *references.problems])
        if output is not None:
            most = images_expected(card, draft.own_values)
            if problem := output_problem(output, most):
                leave(f"{problem}; nothing was sent", USAGE)
        if dry_run:
            request = draft.request(name, card, references.named())
            sent = references.images()
            show_dry_run(request, card, settings, sent, violations, as_json=as_json)
            sys.exit(USAGE if violations else DONE)
        kept = references.keep()
    references.tell()
    entry = run_to_end(draft.request(name, card, kept), card, store, Clients(config, paths))
    print_outcome(entry, card, store, as_json)
    copied = output is None or copy_out(entry, store, output)
    sys.exit(exit_code(entry) if copied else FAILED)


def print_outcome(entry: Entry, card: ModelCard, store: HistoryStore, as_json: bool) -> None:
    """Print the pictures of `entry`, or all of it as JSON, and say what is to be said of it."""
    if as_json:
        print_object(entry_document(entry, store))
    for image in entry.images:
        complain(caption(entry, image, card.name))
        if not as_json:
            click.echo(bytes(store.absolute(image.file)))
    tell_differences(entry)
    for note in entry.response.notes if entry.response else ():
        complain(note)
    if entry.error is not None:
        complain(f"{outcome(entry)}: {entry.error.message} {advice(entry.error)}")


def exit_code(entry: Entry) -> int:
    """The exit code that tells how `entry` ended."""
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
