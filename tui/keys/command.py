"""Commands that print a key."""

from __future__ import annotations

import subprocess
import time

from tui.commands import finish, output, start
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
        printed = output(process, deadline, _LARGEST)
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
