"""Commands of the user's that the program runs: none outlives it, and none has its terminal."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from contextlib import suppress

_AT_ONCE = 64 * 1024
_running: set[subprocess.Popen[bytes]] = set()
# Reentrant: a signal may ask to stop the commands while one is being started.
_starting = threading.RLock()


def start(
    command: tuple[str, ...],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Begin to run `command`, without a shell; `finish` is to be called whatever comes of it.

    `stdin` and `stdout` are as in subprocess. Raises OSError or ValueError where it cannot be run.
    """
    with _starting:
        # The terminal belongs to the studio: a command that asks for something gets nothing, and
        # shows nothing. A session of its own is a group that can be ended as a whole.
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _running.add(process)
        return process


def output(process: subprocess.Popen[bytes], deadline: float, largest: int) -> bytes:
    """What `process` prints, until it is more than `largest` bytes.

    `deadline` is a time of the monotonic clock. Raises TimeoutExpired after it.
    """
    assert process.stdout is not None
    printed = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            received = os.read(process.stdout.fileno(), _AT_ONCE)
            printed += received
            if not received or len(printed) > largest:
                return bytes(printed)
    raise subprocess.TimeoutExpired(process.args, deadline)


def finish(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of `process`, however it came to its end."""
    if process.returncode is None:
        _kill(process)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # What it did not read is of no use any more.
                pipe.close()
    with _starting:
        _running.discard(process)


def stop_commands() -> None:
    """End the commands that run, and whatever they have started."""
    with _starting:
        for process in tuple(_running):
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
