"""darkroom serve: the demo endpoint for other clients, on loopback only."""

from __future__ import annotations

import math
import socket
import sys

import click

from tui.cli.exits import FAILED, INTERRUPTED, USAGE, leave
from tui.cli.setting import prepared_paths
from tui.demo.faults import GROUPS, KINDS, Faults
from tui.demo.server import demo_app, http_server
from tui.text import showable

HOST = "127.0.0.1"
PORT = 8360


class _WithFaults(click.Command):
    """The command, whose help lists the faults as well."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        for heading, kinds in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl(list(kinds.items()))


@click.command("serve", cls=_WithFaults)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=PORT,
    help=f"The port, {PORT} if not given; 0 takes one that is free.",
)
@click.option(
    "--latency",
    metavar="SECONDS",
    type=float,
    default=0.0,
    help="Let each generation take so much longer.",
)
@click.option(
    "--fault",
    "faults",
    metavar="KIND[=RATE]",
    multiple=True,
    help="Play a fault, always or at a rate from 0 to 1; they are listed below.",
)
def command(port: int, latency: float, faults: tuple[str, ...]) -> None:
    """Serve the demo endpoint to other clients on this machine; any bearer key is good.

    Prints its base URL once it answers, and serves until interrupted.

    Faults are played at random, as --fault says, or on demand: a request with the header
    "X-Fault: KIND", or several kinds with commas between, meets these and no others. A picture's
    link plays the download faults of the request that it came with. No other endpoint knows the
    header.
    """
    if "help" in faults:
        width = max(map(len, KINDS))
        for kind, meaning in KINDS.items():
            click.echo(showable(f"{kind:<{width}} {meaning}"))
        return
    if not 0 <= latency < math.inf:
        leave("the latency is a number of seconds from 0 up", USAGE)
    try:
        chosen = Faults.parse(faults)
    except ValueError as error:
        leave(str(error), USAGE)
    paths = prepared_paths()
    listener = _listen(port)
    click.echo(showable(f"http://{HOST}:{listener.getsockname()[1]}/v1"))
    try:
        http_server(demo_app(paths.demo, latency=latency, faults=chosen)).run(sockets=[listener])
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _listen(port: int) -> socket.socket:
    """A socket that takes connections from now on, even before they are answered."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        leave(f"port {port}: {error.strerror}; choose another with --port", FAILED)
    return listener
