"""darkroom serve: the demo endpoint for other clients, on loopback only."""

from __future__ import annotations

import socket

import click
import uvicorn
from starlette.applications import Starlette

from tui.cli.exits import FAILED, USAGE, leave
from tui.cli.setting import prepared_paths
from tui.demo.faults import KINDS, Faults
from tui.demo.server import demo_app

HOST = "127.0.0.1"
PORT = 8360


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS")
@click.option("--fault", "faults", multiple=True, metavar="KIND[=RATE]", help="help lists them.")
def command(port: int, latency: float, faults: tuple[str, ...]) -> None:
    """Serve the demo endpoint on a loopback port. Any bearer key is good.

    Prints the base URL once it answers.
    """
    if "help" in faults:
        for kind, meaning in KINDS.items():
            click.echo(f"{kind:<24} {meaning}")
        return
    try:
        chosen = Faults.parse(faults)
    except ValueError as error:
        leave(str(error), USAGE)
    paths = prepared_paths()

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        leave(f"port {port}: {error.strerror}", FAILED)
    listener.listen()
    click.echo(f"http://{HOST}:{listener.getsockname()[1]}/v1")
    _serve(demo_app(paths.demo, latency=latency, faults=chosen), listener)


def _serve(app: Starlette, listener: socket.socket) -> None:
    """Answer on `listener` until interrupted."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    server.run(sockets=[listener])
