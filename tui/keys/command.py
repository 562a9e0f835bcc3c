"""Commands that print a key: none outlives the process that asks it."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from contextlib import suppress

from tui.keys.secret import KeyProblem

_TIMEOUT = 30.0
_LARGEST = 64 * 1024

_running: set[subprocess.Popen[bytes]] = set()
# Reentrant: a signal may ask to stop the commands while one is being started.
_starting = threading.RLock()


def printed_by(command: tuple[str, ...]) -> str:
    """What `command` prints. Raises KeyProblem, with nothing of what it printed."""
    name = f"the command {command[0]}"
    deadline = time.monotonic() + _TIMEOUT
    try:
        process = _start(command)
    except (OSError, ValueError) as error:
        raise KeyProblem(f"{name} failed: {type(error).__name__}") from None
    try:
        printed = _output(process, deadline)
        if len(printed) > _LARGEST:
            raise KeyProblem(f"{name} failed: it printed more than a key")
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise KeyProblem(f"{name} failed: no key within {_TIMEOUT:g} s") from None
    finally:
        _finish(process)
    if code != 0:
        raise KeyProblem(f"{name} failed: exit status {code}")
    return printed.decode("utf-8", "replace")


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    with _starting:
        # The terminal belongs to the studio: a command that asks for something gets nothing, and
        # shows nothing. A session of its own is a group that can be ended as a whole.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _running.add(process)
        return process


def _output(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """What `process` prints, until it is more than a key can be. Raises TimeoutExpired."""
    assert process.stdout is not None
    printed = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            received = os.read(process.stdout.fileno(), _LARGEST)
            printed += received
            if not received or len(printed) > _LARGEST:
                return printed
    raise subprocess.TimeoutExpired(process.args, _TIMEOUT)


def _finish(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of `process`, however it came to its end."""
    assert process.stdout is not None
    if process.returncode is None:
        _kill(process)
        process.wait()
    process.stdout.close()
    with _starting:
        _running.discard(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def stop_commands() -> None:
    """End the commands that are being asked for a key, and whatever they have started."""
    with _starting:
        for process in tuple(_running):
            _kill(process)
