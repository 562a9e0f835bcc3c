"""The places where a key may be, looked into in order."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.config import KeySource
from tui.keys.command import printed_by
from tui.keys.secret import KeyProblem, NoKey, NoKeyring, Secret, judge
from tui.keys.store import KeyStore, is_there
from tui.keys.system_keyring import read_keyring

_LARGEST = 64 * 1024
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Finding(Struct, frozen=True):
    """What one source has, told without the key."""

    source: str
    state: Literal["found", "absent", "unusable", "not asked"]
    """A command is not asked where its key would not be used."""
    used: bool = False
    """Whether this is the key that the endpoint is given."""
    differs: bool = False
    """Whether the key is another one than that which is used."""
    reason: str = ""
    """Why it is unusable."""


def find_key(
    source: KeySource,
    environment: Mapping[str, str] = os.environ,
    store: KeyStore | None = None,
) -> Secret:
    """The key of the first place that has one: those of `source`, then `store`.

    Raises NoKey when none has one, and KeyProblem when what comes first is unusable.
    """
    looked_at = []
    for place in _places(source, environment, store):
        where = place.where or f"in {place.name}"
        try:
            if secret := place.look():
                return secret
        except NoKeyring as problem:
            where += f" ({problem})"
        looked_at.append(where)
    if not looked_at:
        raise NoKey("no key source is configured")
    raise NoKey(f"no key {', nor '.join(looked_at)}")


def survey(
    source: KeySource,
    environment: Mapping[str, str] = os.environ,
    store: KeyStore | None = None,
) -> tuple[Finding, ...]:
    """What each place has in which `find_key` would look, in its order."""
    findings = []
    used: Secret | None = None
    decided = False
    for place in _places(source, environment, store):
        if decided and place.is_command:
            findings.append(Finding(place.name, "not asked"))
            continue
        try:
            secret = place.look()
        except KeyProblem as problem:
            findings.append(Finding(place.name, "unusable", reason=str(problem)))
            decided = decided or not isinstance(problem, NoKeyring)
            continue
        if secret is None:
            findings.append(Finding(place.name, "absent"))
        elif decided:
            differs = used is not None and used.reveal() != secret.reveal()
            findings.append(Finding(place.name, "found", differs=differs))
        else:
            used, decided = secret, True
            findings.append(Finding(place.name, "found", used=True))
    return tuple(findings)


def promising(source: KeySource, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The sources that come before a stored key and may have one; none of them is asked."""
    if _from_environment(source.env, environment) is None:
        source = replace(source, env="")
    return tuple(place.name for place in _configured(source, environment))


def ways_to_set(source: KeySource, store: KeyStore | None) -> list[str]:
    """What to do so that there is a key, each as a command to the reader: `set $NAME`."""
    ways = [f"run {store.command}"] if store else []
    return [*ways, f"set ${source.env}"] if source.env else ways


class _Place(Struct, frozen=True):
    """One place to look for a key."""

    name: str
    read: Callable[[], str | None]
    """What is there; None when nothing is. Raises KeyProblem when that cannot be told."""
    where: str = ""
    """What comes after "no key" instead of "in" and the name."""
    is_command: bool = False

    def look(self) -> Secret | None:
        """The key; None when there is none. Raises KeyProblem when it is unusable."""
        found = _judged(self.read(), self.name)
        if isinstance(found, KeyProblem):
            raise found
        return found


def _judged(value: str | None, source: str) -> Secret | KeyProblem | None:
    return None if value is None else judge(value, source)


def _places(
    source: KeySource, environment: Mapping[str, str], store: KeyStore | None
) -> Iterator[_Place]:
    yield from _configured(source, environment)
    if store is not None:
        yield from _stored(store)


def _configured(source: KeySource, environment: Mapping[str, str]) -> Iterator[_Place]:
    if source.env:
        # Not a partial, whose repr would show the environment.
        yield _Place(f"${source.env}", lambda: _from_environment(source.env, environment))
    if source.keyring:
        yield _in_keyring(source.keyring)
    if source.file:
        yield _Place(source.file, partial(_from_file, source.file))
    if source.command:
        name = f"the command {source.command[0]}"
        yield _Place(name, partial(printed_by, source.command), is_command=True)


def _stored(store: KeyStore) -> Iterator[_Place]:
    if is_there(store.marker):
        yield _in_keyring(store.service)
    if is_there(store.file):
        yield _Place(str(store.file), partial(_from_file, str(store.file)))
    if not store.is_filled():
        yield _Place(store.command, lambda: None, where=f"stored by `{store.command}`")


def _in_keyring(service: str) -> _Place:
    return _Place(f"keyring {service}", partial(read_keyring, service))


def _from_environment(name: str, environment: Mapping[str, str]) -> str | None:
    return environment.get(name, "").strip() or None


def _from_file(file: str) -> str | None:
    path = Path(file)
    with suppress(RuntimeError):  # "~someone" that nobody is: a folder of that name.
        path = path.expanduser()
    try:
        # What is judged is what is read, and opening a pipe does not wait for its other end.
        descriptor = os.open(path, _READING)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise KeyProblem(f"{path} cannot be read: {type(error).__name__}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise KeyProblem(f"{path} is not a file")
        if mode & 0o077:
            raise KeyProblem(f"{path} can be read by others; run: chmod 600 {path}")
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            return opened.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise KeyProblem(f"{path} cannot be read: {type(error).__name__}") from None
    finally:
        os.close(descriptor)
