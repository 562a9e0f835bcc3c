"""darkroom doctor: what can be done here, what cannot, and what to do about it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from tui.cli.documents import print_object
from tui.cli.exits import DONE, FAILED, complain, leave
from tui.paths import Paths, find_paths
from tui.scrub import EVERY_SECRET
from tui.terminal import begin_probe
from tui.text import Shown, one_line, showable

if TYPE_CHECKING:
    from tui.generation.checkup.facts import Section

GRACE = 0.5
"""Seconds a terminal may take to answer."""
WITHIN = (
    "it holds what doctor found, config.toml without its values that may be secret, the log and "
    "reports of crashes; no keys, no prompts, no pictures"
)


@click.command("doctor")
@click.option("--online", is_flag=True, help="Ask the endpoint for its models, which is free.")
@click.option("--bundle", is_flag=True, help="Write a zip file for a bug report; print its path.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.pass_context
def command(
    context: click.Context, online: bool, bundle: bool, as_json: bool, endpoint: str | None
) -> None:
    """Say what this terminal, configuration, key and endpoint can do.

    Sends nothing over the network without --online.

    \b
    Exit codes: 0 nothing stands in the way of generating, 1 something does;
    with --bundle: 0 it is written.
    """
    if bundle and as_json:
        raise click.UsageError("--bundle and --json do not go together.", context)
    terminal = begin_probe().finish(GRACE)
    from tui.generation.checkup.facts import document, is_ready
    from tui.generation.checkup.whole import Subject, examine

    paths = find_paths()
    named = endpoint or context.find_root().params.get("endpoint")
    sections = examine(Subject(paths, os.environ, terminal, named, online))
    if bundle:
        _write_bundle(sections, paths)
        return
    if as_json:
        print_object(document(sections))
    else:
        _print(sections)
    sys.exit(DONE if is_ready(sections) else FAILED)


def _write_bundle(sections: tuple[Section, ...], paths: Paths) -> None:
    from tui.generation.checkup.bundle import write_bundle

    try:
        path = write_bundle(sections, paths)
    except OSError as error:
        leave(f"{paths.reports} cannot be written: {error.strerror or error}", FAILED)
    click.echo(bytes(path))
    complain(WITHIN)


def _print(sections: tuple[Section, ...]) -> None:
    width = max(len(fact.name) for section in sections for fact in section.facts)
    for section in sections:
        click.echo(one_line(section.title))
        for fact in section.facts:
            click.echo(_line(fact.name, fact.text, width))
            if fact.advice:
                click.echo(_line("", f"→ {fact.advice}", width))
        click.echo()
    blocking = sum(fact.blocks for section in sections for fact in section.facts)
    match blocking:
        case 0:
            click.echo("Nothing stands in the way of generating.")
        case 1:
            click.echo("One thing stands in the way of generating.")
        case _:
            click.echo(one_line(f"{blocking} things stand in the way of generating."))


def _line(label: str, text: str, width: int) -> Shown:
    return showable(f"  {label:<{width}}  {one_line(EVERY_SECRET.text(text))}")
