"""API keys: found, checked, and kept out of sight."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tui.config import KeySource
from tui.scrub import EVERY_SECRET

_COMMAND_TIMEOUT = 30.0
_LARGEST_FILE = 64 * 1024
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,4096}")


class KeyProblem(Exception):
    """There is no usable key; the text says what was looked at, never what was found."""


class Secret:
    """A key that no repr, traceback or format string can show, nor any text that is scrubbed."""

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        self._value = value
        self.source = source
        EVERY_SECRET.learn((value,))

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return f"<key from {self.source}>"


def find_key(source: KeySource, environment: Mapping[str, str] = os.environ) -> Secret:
    """The key that `source` points at. Raises KeyProblem when there is none or it is unusable."""
    if source.env:
        return _checked(environment.get(source.env, ""), f"${source.env}")
    if source.keyring:
        return _checked(_from_keyring(source.keyring), f"keyring {source.keyring}")
    if source.file:
        return _checked(_from_file(Path(source.file).expanduser()), source.file)
    if source.command:
        return _checked(_from_command(source.command), f"the command {source.command[0]}")
    raise KeyProblem("no key source is configured")


def _checked(value: str, source: str) -> Secret:
    value = value.strip()
    if not value:
        raise KeyProblem(f"no key in {source}")
    if not _PRINTABLE.fullmatch(value):
        raise KeyProblem(f"the key in {source} holds blanks or characters no header can carry")
    return Secret(value, source)


def _from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise KeyProblem(f"{path} is not a file")
        if mode & 0o077:
            raise KeyProblem(f"{path} can be read by others; run: chmod 600 {path}")
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE).decode("utf-8")
    except (OSError, ValueError) as error:
        raise KeyProblem(f"{path} cannot be read: {type(error).__name__}") from None


def _from_command(command: tuple[str, ...]) -> str:
    try:
        # The terminal's keys belong to the studio: a command that asks for something gets nothing.
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise KeyProblem(f"the command {command[0]} failed: {type(error).__name__}") from None
    return result.stdout


def _from_keyring(service: str) -> str:
    try:
        import keyring
    except ImportError:
        raise KeyProblem("the keyring package is not installed: darkroom-tui[keyring]") from None
    try:
        return keyring.get_password(service, "darkroom") or ""
    except keyring.errors.KeyringError as error:
        raise KeyProblem(f"the keyring does not answer: {type(error).__name__}") from None
