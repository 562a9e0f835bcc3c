"""darkroom key: an endpoint's key, kept where only its owner can read it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from tui.cli.exits import FAILED, USAGE, complain, leave
from tui.cli.setting import configuration, prepared_paths
from tui.config import BUILT_IN_ENDPOINTS, DEMO, Config, KeySource
from tui.keys import KeyProblem, KeyStore, Secret, judge, key_store, keyring_problem, promising
from tui.paths import Paths, find_paths
from tui.terminal import HAS_TERMIOS
from tui.text import one_line

if HAS_TERMIOS:
    import termios

NOT_AN_ARGUMENT = (
    "a key is never an argument, which others can read: "
    "name the endpoint, then type the key or pipe it in."
)
TERMINAL = "/dev/tty"
LINE = 4096
"""Bytes of a line that a terminal hands over at most; it drops what is beyond them."""
PIPED = 64 * 1024


class Discreet(click.Command):
    """Repeats nothing of what it does not understand: it may be a key."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _unrepeated(ctx):
            return super().parse_args(ctx, args)


class DiscreetGroup(Discreet, click.Group):
    """The same for what should have been a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        with _unrepeated(ctx):
            return super().resolve_command(ctx, args)


@contextmanager
def _unrepeated(context: click.Context) -> Iterator[None]:
    try:
        yield
    except click.MissingParameter:
        raise
    except click.UsageError:
        raise click.UsageError(NOT_AN_ARGUMENT, context) from None


@click.group("key", cls=DiscreetGroup, no_args_is_help=False)
def command() -> None:
    """Keep an endpoint's key in the keyring or a private file."""


@command.command("set", cls=Discreet)
@click.argument("name", metavar="NAME")
@click.option("--file", "in_file", is_flag=True, help="Keep it in a file, not in the keyring.")
def set_key(name: str, in_file: bool) -> None:
    """Keep a key for the endpoint NAME: typed, or piped in.

    What is typed is not shown; of standard input the first line is the key. It is kept in the
    system's keyring where that works, otherwise in a file that you alone can read; which of the
    two is said before. A key that the endpoint's settings lead to counts before it.
    """
    paths = prepared_paths()
    source, store = _place_for(name, configuration(paths), paths)
    trouble = None if in_file else keyring_problem()
    in_keyring = not in_file and trouble is None
    if trouble is not None:
        complain(
            f"the keyring does not work here ({trouble}): "
            f"the key will be kept in {store.file}, readable by you alone"
        )
    replaced = store.is_filled()
    _keep(_read_key(store, in_keyring), store, in_keyring)
    where = f"in the keyring as {store.service}" if in_keyring else f"in {store.file}"
    complain(f"the key for {name} is kept {where}{', instead of an older one' * replaced}")
    for other in promising(source):
        complain(
            f"{other} is set, and counts before it"
            if other == f"${source.env}"
            else f"{other} counts before it, if it has a key"
        )


@command.command("remove", cls=Discreet)
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Remove the key that is kept for the endpoint NAME."""
    paths = find_paths()
    store = key_store(paths.keys, name)
    if store is None or not store.is_filled():
        # What is stored may be removed even when its endpoint is no longer configured.
        _place_for(name, configuration(paths), paths)
        leave(f"no key is kept for {name}", FAILED)
    try:
        store.remove()
    except (KeyProblem, OSError) as problem:
        leave(f"the key for {name} is not removed: {_reason(problem)}", FAILED)
    complain(f"the key that was kept for {name} is removed")


def _place_for(name: str, config: Config, paths: Paths) -> tuple[KeySource, KeyStore]:
    """Where the key for the endpoint `name` is looked for, and where it is kept.

    Ends the process with a sentence where none can be kept, which repeats no unknown name.
    """
    known = {**BUILT_IN_ENDPOINTS, **config.endpoints}
    if name not in known:
        leave(f"there is no endpoint of that name; there are: {', '.join(sorted(known))}", USAGE)
    source = known[name].key
    if source is None:
        remedy = "" if name == DEMO else f"; if it does, give endpoints.{name} a `key = {{}}`"
        leave(f"{name} wants no key{remedy}", USAGE)
    store = key_store(paths.keys, name)
    if store is None:
        leave(
            f"no key can be kept for {name}: the name of its endpoint has to be of small letters, "
            "digits and . _ - alone, 64 at most",
            USAGE,
        )
    return source, store


def _read_key(store: KeyStore, in_keyring: bool) -> Secret:
    if sys.stdin is not None and sys.stdin.isatty():
        where = "the keyring" if in_keyring else str(store.file)
        prompt = f"Key for {store.name}, to be kept in {where} (not shown):"
        key = judge(_typed(prompt), "what was typed")
    else:
        key = judge(_piped(), "standard input")
    if not isinstance(key, Secret):
        leave(f"{key}; nothing was stored", USAGE)
    return key


def _keep(key: Secret, store: KeyStore, in_keyring: bool) -> None:
    try:
        left_over = store.keep_in_keyring(key) if in_keyring else store.keep_in_file(key)
    except KeyProblem as problem:
        leave(f"{problem}; nothing was stored; try --file", FAILED)
    except OSError as problem:
        leave(f"{store.folder} cannot be written: {_reason(problem)}; nothing was stored", FAILED)
    if left_over is not None:
        complain(left_over)


def _piped() -> str:
    if sys.stdin is None:
        return ""
    return sys.stdin.buffer.readline(PIPED).decode("utf-8", "replace")


def _typed(prompt: str) -> str:
    """A line that is typed into the terminal, and not shown there.

    Ends the process with a sentence where there is no terminal, or one that shows what is typed.
    """
    if not HAS_TERMIOS:
        leave("a key cannot be typed unseen on this system; pipe it in", FAILED)
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        leave("there is no terminal to type the key into; pipe it in", FAILED)
    try:
        with _silent(terminal):
            os.write(terminal, one_line(prompt).encode() + b" ")
            line = os.read(terminal, LINE)
            os.write(terminal, b"\n")
    except termios.error:
        leave("the terminal would show what is typed; pipe the key in", FAILED)
    finally:
        os.close(terminal)
    if len(line) == LINE:
        leave("the key is longer than a line of a terminal; pipe it in", USAGE)
    return line.decode("utf-8", "replace")


@contextmanager
def _silent(terminal: int) -> Iterator[None]:
    """`terminal` reads lines and shows nothing of them; raises termios.error if it does."""
    before = termios.tcgetattr(terminal)
    silent = termios.tcgetattr(terminal)
    silent[0] |= termios.ICRNL
    silent[3] |= termios.ICANON | termios.ISIG
    silent[3] &= ~(termios.ECHO | termios.ECHONL)
    # These keys would leave the terminal to the shell without its echo.
    off = os.fpathconf(terminal, "PC_VDISABLE").to_bytes(1, "big")
    silent[6][termios.VQUIT] = silent[6][termios.VSUSP] = off
    with _ended_by_interrupt():
        try:
            # What was typed before is dropped, since it has been shown.
            termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
            if termios.tcgetattr(terminal)[3] & termios.ECHO:
                raise termios.error("the echo stays on")
            yield
        finally:
            # What comes after the line is dropped as well: it may be the rest of a secret.
            with suppress(termios.error):
                termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


@contextmanager
def _ended_by_interrupt() -> Iterator[None]:
    """SIGTERM, and SIGHUP of a terminal that closes, are the interrupt key for a while."""
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    ]
    try:
        for number in numbers:
            signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
