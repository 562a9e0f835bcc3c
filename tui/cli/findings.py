"""What an examination found, printed for people."""

from __future__ import annotations

import click

from tui.generation.checkup.facts import Section, verdict
from tui.scrub import EVERY_SECRET
from tui.text import Shown, one_line, showable


def print_sections(sections: tuple[Section, ...]) -> None:
    """Print every fact with what to do about it, and what they come to, on standard output."""
    width = max(len(fact.name) for section in sections for fact in section.facts)
    for section in sections:
        click.echo(one_line(section.title))
        for fact in section.facts:
            click.echo(_line(fact.name, fact.text, width))
            if fact.advice:
                click.echo(_line("", f"→ {fact.advice}", width))
        click.echo()
    found = [fact for section in sections for fact in section.facts]
    click.echo(one_line(verdict(found)))


def _line(label: str, text: str, width: int) -> Shown:
    return showable(f"  {label:<{width}}  {one_line(EVERY_SECRET.text(text))}")
