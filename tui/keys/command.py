"""Commands that print a key."""

from __future__ import annotations

import os
import selectors
import subprocess
import time

from tui.commands import finish, start
from tui.keys.secret import KeyProblem

_TIMEOUT = 30.0
_LARGEST = 64 * 1024


def printed_by(command: tuple[str, ...]) -> str:
    """What `command` prints. Raises KeyProblem, with nothing of what it printed."""
    name = f"the command {command[0]}"
    deadline = time.monotonic() + _TIMEOUT
    try:
        process = start(command, stdout=subprocess.PIPE)
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
        finish(process)
    if code != 0:
        raise KeyProblem(f"{name} failed: exit status {code}")
    return printed.decode("utf-8", "replace")


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
