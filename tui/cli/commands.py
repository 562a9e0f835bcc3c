"""The commands, each loaded when it is used."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tui import __version__

COMMANDS = {
    "generate": "Make pictures from a prompt.",
    "batch": "Make pictures from a file of prompts; resumable.",
    "history": "List entries, newest first; show, star and check them.",
    "show": "Print pictures in this terminal: of files, entries, a search.",
    "images": "The endpoint's records: list, download, adopt, delete them.",
    "stats": "Images, spend and waiting by day, week or model.",
    "jobs": "What waits, runs, or was sent with its outcome unknown.",
    "reconcile": "Look for pictures whose answers were lost; sends nothing again.",
    "curl": "An entry's request as curl, its key as a variable.",
    "models": "The catalogue: models, their parameters, limits and prices.",
    "endpoints": "Servers: list, add, test and remove them.",
    "key": "Keep an endpoint's key in the keyring or a private file.",
    "doctor": "What works here, what does not, and what to do about it.",
    "serve": "Serve the demo endpoint on a loopback port.",
}
"""Commands and their one-line help, in the order to list them; modules bear the same names."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is called, and not for the list of commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"tui.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[OPTIONS]",
    subcommand_metavar="[COMMAND]",
)
@click.version_option(__version__, prog_name="darkroom", message="%(prog)s %(version)s")
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.option("--model", metavar="ID", help="The model to begin with.")
@click.option("--theme", metavar="NAME", help="The studio's theme.")
@click.option(
    "--graphics",
    metavar="WAY",
    help="How the studio draws pictures: auto, kitty, sixel, half or off.",
)
@click.pass_context
def darkroom(
    context: click.Context,
    endpoint: str | None,
    model: str | None,
    theme: str | None,
    graphics: str | None,
) -> None:
    """A terminal studio for image-generation APIs.

    Without a command it opens the studio. DARKROOM_ENDPOINT, DARKROOM_MODEL, DARKROOM_THEME and
    DARKROOM_GRAPHICS stand for the options, DARKROOM_HOME for the folder that everything is in.
    """
    if context.invoked_subcommand is None:
        from tui.cli.studio import StudioOptions, open_studio

        sys.exit(open_studio(StudioOptions(endpoint, model, theme, graphics)))
