"""darkroom doctor: what can be done here, what cannot, and what to do about it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from tui.cli.documents import print_object
from tui.cli.exits import DONE, FAILED, complain, leave
from tui.cli.findings import print_sections
from tui.paths import Paths, find_paths
from tui.terminal import begin_probe
from tui.tmux import ask_tmux

if TYPE_CHECKING:
    from tui.generation.checkup.facts import Section

GRACE = 0.5
"""Seconds a terminal may take to answer."""
WITHIN = (
    "it holds what doctor found, config.toml without its values that may be secret, the log and "
    "reports of crashes; no keys, no prompts, no pictures"
)


@click.command("doctor")
@click.option("--online", is_flag=True, help="Ask the endpoint what it offers, which is free.")
@click.option("--bundle", is_flag=True, help="Write a zip file for a bug report; print its path.")
@click.option("--images", is_flag=True, help="Draw test cards, and ask which are right.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.pass_context
def command(
    context: click.Context,
    online: bool,
    bundle: bool,
    images: bool,
    as_json: bool,
    endpoint: str | None,
) -> None:
    """Say what this terminal, configuration, key and endpoint can do.

    Sends nothing over the network without --online.

    \b
    Exit codes: 0 nothing stands in the way of generating, 1 something does;
    with --bundle: 0 it is written; with --images: 0 the cards were judged.
    """
    if bundle and as_json:
        raise click.UsageError("--bundle and --json do not go together.", context)
    if images and (online or bundle or as_json):
        raise click.UsageError("--images goes alone.", context)
    probe, question = begin_probe(), ask_tmux(os.environ)
    terminal, tmux = probe.finish(GRACE), question.answer()
    if images:
        from tui.cli.testcards import show_testcards

        show_testcards(find_paths(), terminal, os.environ, tmux)
    from tui.generation.checkup.facts import document, is_ready
    from tui.generation.checkup.whole import Subject, examine

    paths = find_paths()
    named = endpoint or context.find_root().params.get("endpoint")
    sections = examine(Subject(paths, os.environ, terminal, tmux, named, online))
    if bundle:
        _write_bundle(sections, paths)
        return
    if as_json:
        print_object(document(sections))
    else:
        print_sections(sections)
    sys.exit(DONE if is_ready(sections) else FAILED)


def _write_bundle(sections: tuple[Section, ...], paths: Paths) -> None:
    from tui.generation.checkup.bundle import write_bundle

    try:
        path = write_bundle(sections, paths)
    except OSError as error:
        leave(f"{paths.reports} cannot be written: {error.strerror or error}", FAILED)
    click.echo(bytes(path))
    complain(WITHIN)
