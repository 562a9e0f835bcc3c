"""The system's keyring, which may be missing, locked or broken in any way."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from tui.keys.secret import KeyProblem, NoKeyring, Secret

_Answer = TypeVar("_Answer")

_USER = "darkroom"
_TRIAL_SERVICE = "darkroom trial"


def keyring_problem() -> str | None:
    """Why a key cannot be kept in the keyring; None when it kept something for a trial."""
    try:
        keep(_TRIAL_SERVICE, Secret(os.urandom(12).hex(), "a trial"))
    except KeyProblem as problem:
        return str(problem)
    finally:
        with suppress(KeyProblem):
            forget(_TRIAL_SERVICE)
    return None


def read_keyring(service: str) -> str | None:
    """The password of the entry `service`, None where there is none. Raises KeyProblem."""
    keyring = _keyring()
    password: str | None = _asked(lambda: keyring.get_password(service, _USER))
    return password


def keep(service: str, key: Secret) -> None:
    """Put `key` into the keyring. Raises KeyProblem when it cannot be got back from there."""
    keyring = _keyring()
    _asked(lambda: keyring.set_password(service, _USER, key.reveal()))
    if not _asked(lambda: keyring.get_password(service, _USER) == key.reveal()):
        with suppress(KeyProblem):
            forget(service)
        raise KeyProblem("the keyring does not give back what it was given")


def forget(service: str) -> None:
    """Remove the entry `service`, if it is there. Raises KeyProblem."""
    keyring = _keyring()
    if _asked(lambda: keyring.get_password(service, _USER) is not None):
        _asked(lambda: keyring.delete_password(service, _USER))


def _keyring() -> Any:
    """The keyring package. Raises NoKeyring where it is missing or has nothing to keep keys in."""
    try:
        import keyring

        if keyring.get_keyring().priority > 0:
            return keyring
        problem = "no keyring is set up on this machine"
    except Exception as error:  # noqa: BLE001 - a backend may fail in any way while it loads
        problem = f"the keyring package does not load: {type(error).__name__}"
        if isinstance(error, ModuleNotFoundError) and error.name == "keyring":
            problem = "the keyring package is not installed: darkroom-tui[keyring]"
    raise NoKeyring(problem)


def _asked(call: Callable[[], _Answer]) -> _Answer:
    """What the keyring answers. Raises KeyProblem, with nothing of what the keyring says."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - each backend raises what it likes
        problem = KeyProblem(f"the keyring does not answer: {type(error).__name__}")
    raise problem
