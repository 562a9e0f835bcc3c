"""API keys: found, checked, kept for later, and held out of sight."""

from __future__ import annotations

import os
import re
import selectors
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tui.config import KeySource
from tui.files import FOLDER_MODE, make_folder, settle_folder, write_durably
from tui.scrub import EVERY_SECRET

_Answer = TypeVar("_Answer")

_COMMAND_TIMEOUT = 30.0
_LARGEST = 64 * 1024
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,4096}")

# Without capitals: some file systems and keyrings take "Studio" for "studio".
_STORABLE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_KEYRING_USER = "darkroom"
_TRIAL_SERVICE = "darkroom trial"

_running: set[subprocess.Popen[bytes]] = set()
# Reentrant: a signal may ask to stop the commands while one is being started.
_starting = threading.RLock()


class KeyProblem(Exception):
    """There is no usable key; the text says what was looked at, never what was found."""


class NoKey(KeyProblem):
    """No place has a key, and none of them has anything wrong with it."""


class NoKeyring(KeyProblem):
    """The keyring does not work at all, whatever it is asked for."""


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


class KeyStore(Struct, frozen=True):
    """What `darkroom key set` keeps for one endpoint: a keyring entry, or a private file.

    An empty file marks that there is a keyring entry, so that nobody has to ask the keyring.
    """

    folder: Path
    name: str
    """Of the endpoint; fit for a file name."""

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.key"

    @property
    def marker(self) -> Path:
        return self.folder / f"{self.name}.keyring"

    @property
    def service(self) -> str:
        """Name of the keyring entry."""
        return f"darkroom-{self.name}"

    @property
    def command(self) -> str:
        return f"darkroom key set {self.name}"

    def is_filled(self) -> bool:
        """Whether a key is kept, as far as its file or its marker tells."""
        return _is_there(self.marker) or _is_there(self.file)

    def keep_in_file(self, key: Secret) -> str | None:
        """Keep `key` in a file, and not in the keyring; what could not be removed there, if any.

        Raises OSError when the file cannot be written.
        """
        self._write(self.file, key.reveal().encode("ascii"))
        if not _is_there(self.marker):
            return None
        try:
            self.marker.unlink()
            _forget(self.service)
        except (OSError, KeyProblem) as problem:
            return f"the keyring may still have an older key as {self.service}: {_reason(problem)}"
        return None

    def keep_in_keyring(self, key: Secret) -> str | None:
        """Keep `key` in the keyring, and not in a file; what could not be removed, if any.

        Raises KeyProblem when the keyring does not keep it, OSError when its marker cannot be
        written.
        """
        _keep(self.service, key)
        if not _is_there(self.marker):
            try:
                self._write(self.marker, b"")
            except OSError:
                with suppress(KeyProblem):
                    _forget(self.service)
                raise
        try:
            self.file.unlink(missing_ok=True)
            settle_folder(self.folder)
        except OSError as problem:
            return f"{self.file} still has an older key: {_reason(problem)}"
        return None

    def remove(self) -> None:
        """Remove what is kept. Raises KeyProblem or OSError when that cannot be done."""
        if _is_there(self.marker):
            _forget(self.service)
            self.marker.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)
        settle_folder(self.folder)

    def _write(self, path: Path, data: bytes) -> None:
        make_folder(self.folder)
        self.folder.chmod(FOLDER_MODE)
        write_durably(path, data)


def key_store(folder: Path, endpoint: str) -> KeyStore | None:
    """Where in `folder` the key of `endpoint` is kept; None for a name that no file may have."""
    return KeyStore(folder, endpoint) if _STORABLE_NAME.fullmatch(endpoint) else None


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


def judge(value: str, source: str) -> Secret | KeyProblem:
    """`value`, found in `source`, as the key that it is, or else what is wrong with it."""
    # Returned, not raised: a traceback would keep the variables of whoever knew the value.
    value = value.strip()
    if not value:
        return KeyProblem(f"no key in {source}")
    if not _PRINTABLE.fullmatch(value):
        return KeyProblem(f"the key in {source} holds blanks or characters no header can carry")
    return Secret(value, source)


def keyring_problem() -> str | None:
    """Why a key cannot be kept in the keyring; None when it kept something for a trial."""
    try:
        _keep(_TRIAL_SERVICE, Secret(os.urandom(12).hex(), "a trial"))
    except KeyProblem as problem:
        return str(problem)
    finally:
        with suppress(KeyProblem):
            _forget(_TRIAL_SERVICE)
    return None


def stop_commands() -> None:
    """End the commands that are being asked for a key, and whatever they have started."""
    with _starting:
        for process in tuple(_running):
            _kill(process)


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
        yield _Place(name, partial(_from_command, source.command), is_command=True)


def _stored(store: KeyStore) -> Iterator[_Place]:
    if _is_there(store.marker):
        yield _in_keyring(store.service)
    if _is_there(store.file):
        yield _Place(str(store.file), partial(_from_file, str(store.file)))
    if not store.is_filled():
        yield _Place(store.command, lambda: None, where=f"stored by `{store.command}`")


def _in_keyring(service: str) -> _Place:
    return _Place(f"keyring {service}", partial(_from_keyring, service))


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


def _from_command(command: tuple[str, ...]) -> str:
    name = f"the command {command[0]}"
    deadline = time.monotonic() + _COMMAND_TIMEOUT
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
        raise KeyProblem(f"{name} failed: no key within {_COMMAND_TIMEOUT:g} s") from None
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
    raise subprocess.TimeoutExpired(process.args, _COMMAND_TIMEOUT)


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


def _from_keyring(service: str) -> str | None:
    keyring = _keyring()
    password: str | None = _asked(lambda: keyring.get_password(service, _KEYRING_USER))
    return password


def _keep(service: str, key: Secret) -> None:
    """Put `key` into the keyring. Raises KeyProblem when it cannot be got back from there."""
    keyring = _keyring()
    _asked(lambda: keyring.set_password(service, _KEYRING_USER, key.reveal()))
    if not _asked(lambda: keyring.get_password(service, _KEYRING_USER) == key.reveal()):
        with suppress(KeyProblem):
            _forget(service)
        raise KeyProblem("the keyring does not give back what it was given")


def _forget(service: str) -> None:
    """Remove the entry `service` from the keyring, if it is there."""
    keyring = _keyring()
    if _asked(lambda: keyring.get_password(service, _KEYRING_USER) is not None):
        _asked(lambda: keyring.delete_password(service, _KEYRING_USER))


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


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # Whoever opens it says what is wrong.
    return True


def _reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
