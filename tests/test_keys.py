"""Keys: from each source, checked before use, and never shown."""

from __future__ import annotations

import io
import logging
import os
import selectors
import sys
import traceback
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from stat import S_IMODE
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tui.commands import stop_commands
from tui.config import KeySource
from tui.keys import (
    Finding,
    KeyProblem,
    KeyStore,
    NoKey,
    NoKeyring,
    Secret,
    find_key,
    judge,
    key_store,
    keyring_problem,
    looks_like_a_key,
    promising,
    survey,
    ways_to_set,
)

CANARY = "sk-CANARY-3f9a51c2"
OTHER = "sk-CANARY-of-another"


def _print(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; sys.stdout.write({text!r})")


def _problem(
    source: KeySource, environment: dict[str, str] | None = None, store: KeyStore | None = None
) -> str:
    """What is said where there is no usable key; nothing that comes with it shows one."""
    with pytest.raises(KeyProblem) as raised:
        find_key(source, environment or {}, store)
    assert "CANARY" not in "".join(traceback.format_exception(raised.value))
    error: BaseException | None = raised.value
    while error is not None:
        assert "CANARY" not in f"{error} {error!r} {vars(error)!r}"
        for frame, _ in traceback.walk_tb(error.__traceback__):
            inside = f"{os.sep}tui{os.sep}keys{os.sep}" in frame.f_code.co_filename
            variables = {n: v for n, v in frame.f_locals.items() if n != "environment"}
            assert not inside or source.command or "CANARY" not in repr(variables)
        error = error.__cause__ or error.__context__
    return str(raised.value)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.touch(0o600)
    return file


def test_a_key_comes_from_the_environment() -> None:
    secret = find_key(KeySource(env="MY_KEY"), {"MY_KEY": CANARY})
    assert secret.reveal() == CANARY
    assert secret.source == "$MY_KEY"


def test_a_key_comes_from_a_private_file(key_file: Path) -> None:
    key_file.write_text(f"{CANARY}\n")
    assert find_key(KeySource(file=str(key_file))).reveal() == CANARY


def test_a_key_file_may_lie_in_the_home_folder(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file.write_text(CANARY)
    monkeypatch.setenv("HOME", str(key_file.parent))
    assert find_key(KeySource(file="~/key")).reveal() == CANARY


def test_a_key_comes_from_a_command() -> None:
    assert find_key(KeySource(command=_print(f"{CANARY}\r\n"))).reveal() == CANARY


def test_a_command_is_started_without_a_shell() -> None:
    command = (sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME;`id`")
    assert find_key(KeySource(command=command)).reveal() == "$HOME;`id`"


def test_a_command_does_not_take_what_is_typed_into_the_terminal() -> None:
    kept, (typed, keyboard) = os.dup(0), os.pipe()
    os.write(keyboard, b"typed")
    os.close(keyboard)
    os.dup2(typed, 0)
    try:
        command = (sys.executable, "-c", "import sys; print('key' + sys.stdin.read())")
        assert find_key(KeySource(command=command)).reveal() == "key"
        assert os.read(0, 5) == b"typed"
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(typed)


BAD = {
    "empty": "",
    "blanks": " \t\r\n",
    "two lines": f"{CANARY}\nmore",
    "blank inside": f"{CANARY} more",
    "control character": f"{CANARY}\x1b[31m",
    "NUL": f"{CANARY}\0",
    "DEL": f"{CANARY}\x7f",
    "not ASCII": f"{CANARY}é",
    "not even a letter": f"{CANARY}\N{ZERO WIDTH SPACE}",
    "too long": CANARY * 300,
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_a_value_that_no_header_can_carry_is_refused_unseen(value: str, key_file: Path) -> None:
    key_file.write_text(value, "utf-8", newline="")
    problem = _problem(KeySource(env="MY_KEY"), {"MY_KEY": value})
    assert "$MY_KEY" in problem
    assert str(key_file) in _problem(KeySource(file=str(key_file)))


def test_a_key_that_a_command_prints_is_checked_like_any_other() -> None:
    assert "python" in _problem(KeySource(command=_print(f"{CANARY} more")))
    garbage = f"import os; os.write(1, b'\\xff' + {CANARY.encode()!r})"
    assert "python" in _problem(KeySource(command=(sys.executable, "-c", garbage)))
    assert "no key in the command" in _problem(KeySource(command=_print(" \n")))


@settings(deadline=None)
@given(st.text(st.characters()))
def test_every_value_is_a_key_that_a_header_can_carry_or_refused(value: str) -> None:
    try:
        key = find_key(KeySource(env="MY_KEY"), {"MY_KEY": value}).reveal()
    except KeyProblem:
        return
    assert key == value.strip()
    assert key.isascii()
    assert key.isprintable()
    assert " " not in key


def test_blanks_around_a_key_are_taken_off() -> None:
    assert find_key(KeySource(env="K"), {"K": f" \t{CANARY}\r\n"}).reveal() == CANARY


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_can_reach_is_refused_with_the_remedy(
    key_file: Path, mode: int
) -> None:
    key_file.write_text(CANARY)
    key_file.chmod(mode)
    assert f"chmod 600 {key_file}" in _problem(KeySource(file=str(key_file)))


def _make_missing(path: Path) -> None:
    path.unlink()


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


def _make_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _make_binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + CANARY.encode())


@pytest.mark.parametrize("make", [_make_missing, _make_folder, _make_fifo, _make_binary])
def test_what_is_no_readable_key_file_is_a_problem_that_names_it(
    key_file: Path, make: Callable[[Path], None]
) -> None:
    make(key_file)
    assert str(key_file) in _problem(KeySource(file=str(key_file)))


@pytest.mark.parametrize(
    "command",
    [
        ("no-such-command-anywhere",),
        ("",),
        ("a\0b",),
        (sys.executable, "-c", f"print({CANARY!r}); raise SystemExit(1)"),
        (sys.executable, "-c", f"raise SystemExit({CANARY!r})"),
    ],
)
def test_a_command_that_fails_is_a_problem_without_its_output(command: tuple[str, ...]) -> None:
    assert "failed" in _problem(KeySource(command=command))


def test_a_file_name_that_cannot_be_is_a_problem() -> None:
    assert "cannot be read" in _problem(KeySource(file="a\0b"))


def test_a_file_that_cannot_be_read_to_its_end_is_a_problem(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    key_file.write_text(CANARY)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fail)
        assert "cannot be read: OSError" in _problem(KeySource(file=str(key_file)))


def test_a_home_that_nobody_has_is_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _problem(KeySource(file="~nobody-at-all/key")) == "no key in ~nobody-at-all/key"


def test_a_key_file_may_be_a_link(key_file: Path, tmp_path: Path) -> None:
    key_file.write_text(CANARY)
    link = tmp_path / "link"
    link.symlink_to(key_file)
    assert find_key(KeySource(file=str(link))).reveal() == CANARY
    key_file.chmod(0o644)
    assert "read by others" in _problem(KeySource(file=str(link)))
    key_file.unlink()
    assert _problem(KeySource(file=str(link))) == f"no key in {link}"


def test_the_file_that_is_judged_is_the_one_that_is_read(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file.write_text(CANARY)
    real = os.open

    def swap(path: Path, flags: int) -> int:
        descriptor = real(path, flags)
        path.unlink()
        path.write_text(OTHER)
        return descriptor

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", swap)
        assert find_key(KeySource(file=str(key_file))).reveal() == CANARY


@given(mode=st.integers(0, 0o777))
def test_a_key_file_is_read_only_while_its_owner_alone_may(mode: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "key")
        file.write_text(CANARY)
        file.chmod(mode)
        source = KeySource(file=str(file))
        if mode & 0o077:
            assert "chmod 600" in _problem(source)
        elif mode & 0o400:
            assert find_key(source).reveal() == CANARY


@given(content=st.binary(max_size=80) | st.text(st.characters(codec="ascii")).map(str.encode))
def test_every_file_holds_a_key_that_a_header_can_carry_or_is_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "key")
        file.touch(0o600)
        file.write_bytes(content)
        try:
            key = find_key(KeySource(file=str(file))).reveal()
        except KeyProblem as problem:
            assert str(file) in str(problem)
        else:
            assert key == content.decode().strip()
            assert key.isascii()
            assert key.isprintable()
            assert " " not in key


class _Keyring(ModuleType):
    """The names of the keyring package that are used; the tests run without the package."""

    def __init__(self, passwords: dict[tuple[str, str], str] | None = None) -> None:
        super().__init__("keyring")
        self.passwords = passwords or {}
        self.priority = 5.0
        self.failing: set[str] = set()
        """Names of the functions that raise."""
        self.forgetful = False
        """Keeps what it is given, and gives back something else."""

    def get_keyring(self) -> _Keyring:
        self._call("get_keyring")
        return self

    def get_password(self, service: str, username: str) -> str | None:
        self._call("get_password")
        if self.forgetful:
            return OTHER
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._call("set_password")
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._call("delete_password")
        del self.passwords[service, username]

    def _call(self, name: str) -> None:
        if name in self.failing:
            raise _KeyringLocked(f"{CANARY} {self.passwords}")


class _KeyringLocked(Exception):
    """What the keyring says may hold anything."""


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> _Keyring:
    """A keyring that works and is empty."""
    keyring = _Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    return keyring


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring package is not installed."""
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    """Where the key of the endpoint `studio` is kept; nothing is there yet."""
    return KeyStore(tmp_path / "config" / "keys", "studio")


def test_a_key_comes_from_a_keyring(keyring: _Keyring) -> None:
    keyring.passwords["token360", "darkroom"] = CANARY
    assert find_key(KeySource(keyring="token360")).reveal() == CANARY
    assert _problem(KeySource(keyring="other")) == "no key in keyring other"
    keyring.passwords["token360", "darkroom"] = f"{CANARY} more"
    assert "keyring token360 holds blanks" in _problem(KeySource(keyring="token360"))


@pytest.mark.usefixtures("no_keyring")
def test_a_keyring_that_is_not_installed_is_a_problem_with_the_remedy() -> None:
    assert "darkroom-tui[keyring]" in _problem(KeySource(keyring="darkroom"))


def test_a_keyring_that_is_locked_is_a_problem(keyring: _Keyring, key_file: Path) -> None:
    key_file.write_text(OTHER)
    keyring.failing = {"get_password"}
    source = KeySource(keyring="token360", file=str(key_file))
    assert _problem(source) == "the keyring does not answer: _KeyringLocked"


def test_a_keyring_that_does_not_work_at_all_leads_on_and_is_named(
    keyring: _Keyring, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = KeySource(env="MY_KEY", keyring="token360", file=str(key_file))

    def check(reason: str) -> None:
        key_file.write_text(CANARY)
        assert find_key(source, {}).reveal() == CANARY
        key_file.unlink()
        expected = f"no key in $MY_KEY, nor in keyring token360 ({reason}), nor in {key_file}"
        assert _problem(source) == expected
        key_file.touch(0o600)

    keyring.priority = 0
    check("no keyring is set up on this machine")
    keyring.failing = {"get_keyring"}
    check("the keyring package does not load: _KeyringLocked")
    monkeypatch.setitem(sys.modules, "keyring", None)
    check("the keyring package is not installed: darkroom-tui[keyring]")


def test_a_keyring_whose_backend_is_not_installed_is_not_said_to_be_missing(
    keyring: _Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> None:
        raise ModuleNotFoundError("No module named 'backend'", name="backend")

    monkeypatch.setattr(keyring, "get_keyring", load)
    assert "does not load: ModuleNotFoundError" in _problem(KeySource(keyring="token360"))


def test_no_source_at_all_is_a_problem() -> None:
    assert _problem(KeySource()) == "no key source is configured"


def test_all_places_without_a_key_are_named(store: KeyStore, tmp_path: Path) -> None:
    source = KeySource(env="MY_KEY", file=str(tmp_path / "none" / "key"))
    stored = "stored by `darkroom key set studio`"
    assert _problem(KeySource(), {}, store) == f"no key {stored}"
    assert _problem(source, {"MY_KEY": " \t"}, store) == (
        f"no key in $MY_KEY, nor in {source.file}, nor {stored}"
    )
    with pytest.raises(NoKey):
        find_key(source, {}, store)


@pytest.mark.parametrize(("in_env", "in_keyring", "in_file"), [*product([True, False], repeat=3)])
@pytest.mark.parametrize("further", ["command", "stored in a file", "stored in the keyring"])
def test_the_first_place_that_has_a_key_counts(
    in_env: bool,
    in_keyring: bool,
    in_file: bool,
    further: str,
    keyring: _Keyring,
    key_file: Path,
    store: KeyStore,
) -> None:
    environment = {"MY_KEY": "from-environment"} if in_env else {}
    keyring.passwords = {("token360", "darkroom"): "from-keyring"} if in_keyring else {}
    key_file.write_text("from-file") if in_file else key_file.unlink()
    command = _print("from-command") if further == "command" else ()
    keep = store.keep_in_keyring if further == "stored in the keyring" else store.keep_in_file
    assert keep(Secret("from-store", "a test")) is None
    source = KeySource(env="MY_KEY", keyring="token360", file=str(key_file), command=command)
    found = find_key(source, environment, store)
    expected = [
        (in_env, "from-environment", "$MY_KEY"),
        (in_keyring, "from-keyring", "keyring token360"),
        (in_file, "from-file", str(key_file)),
        (further == "command", "from-command", f"the command {sys.executable}"),
        (further == "stored in a file", "from-store", str(store.file)),
        (True, "from-store", "keyring darkroom-studio"),
    ]
    assert (found.reveal(), found.source) == next(e[1:] for e in expected if e[0])


def test_an_unusable_key_is_never_passed_over(
    keyring: _Keyring, key_file: Path, store: KeyStore
) -> None:
    store.keep_in_file(Secret(OTHER, "a test"))
    source = KeySource(env="MY_KEY", keyring="token360", file=str(key_file), command=("false",))
    assert "$MY_KEY" in _problem(source, {"MY_KEY": f"{CANARY} more"}, store)
    assert str(key_file) in _problem(source, {}, store)
    key_file.unlink()
    assert "false failed: exit status 1" in _problem(source, {}, store)
    store.file.chmod(0o640)
    assert f"chmod 600 {store.file}" in _problem(KeySource(), {}, store)


class _Watching(selectors.DefaultSelector):
    """Does something once the command is seen to run, instead of waiting for its output."""

    fifo: Path
    seen: io.BufferedReader
    then: Callable[[], object]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not hasattr(type(self), "seen"):
            type(self).seen = self.fifo.open("rb")
            assert self.seen.readline() == b"up\n"
            if type(self).then() is TimeoutError:
                return []
        return super().select(timeout)


@pytest.fixture
def watching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Watching]]:
    class Watching(_Watching):
        fifo = tmp_path / "fifo"

    os.mkfifo(Watching.fifo)
    monkeypatch.setattr(selectors, "DefaultSelector", Watching)
    yield Watching
    # The last one that had it open for writing is gone, or this would wait for ever.
    assert Watching.seen.read() == b""
    Watching.seen.close()


def _lingering(fifo: Path) -> KeySource:
    """A command that waits for one that it has started, which opens `fifo` and waits for ever."""
    script = '(echo up; exec sleep 3600) >"$0" & wait'
    return KeySource(command=("sh", "-c", script, str(fifo)))


def test_a_command_that_takes_too_long_is_ended_with_all_it_has_started(
    watching: type[_Watching],
) -> None:
    watching.then = lambda: TimeoutError
    assert _problem(_lingering(watching.fifo)) == "the command sh failed: no key within 30 s"


def test_a_command_is_ended_with_all_it_has_started_when_the_user_interrupts(
    watching: type[_Watching],
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    watching.then = interrupt
    with pytest.raises(KeyboardInterrupt):
        find_key(_lingering(watching.fifo))


def test_commands_can_be_stopped(watching: type[_Watching]) -> None:
    watching.then = stop_commands
    assert _problem(_lingering(watching.fifo)) == "the command sh failed: exit status -9"
    stop_commands()


def test_a_command_that_goes_on_after_its_output_has_its_time_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.keys.command._TIMEOUT", 0.2)
    source = KeySource(command=("sh", "-c", "exec sleep 3600 >&-"))
    assert _problem(source) == "the command sh failed: no key within 0.2 s"


def test_a_command_that_prints_without_end_is_ended() -> None:
    assert "more than a key" in _problem(KeySource(command=("yes", CANARY)))


def test_a_command_shows_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    script = f"import sys; sys.stderr.write({CANARY!r}); print('key')"
    assert find_key(KeySource(command=(sys.executable, "-c", script))).reveal() == "key"
    assert capfd.readouterr() == ("", "")


def test_a_survey_tells_what_each_place_has(
    keyring: _Keyring, key_file: Path, store: KeyStore
) -> None:
    key_file.write_text(CANARY)
    source = KeySource(env="MY_KEY", keyring="token360", file=str(key_file), command=("false",))
    command = "the command false"
    kept = Finding("darkroom key set studio", "absent")
    assert survey(source, {}, store) == (
        Finding("$MY_KEY", "absent"),
        Finding("keyring token360", "absent"),
        Finding(str(key_file), "found", used=True),
        Finding(command, "not asked"),
        kept,
    )
    store.keep_in_file(Secret(CANARY, "a test"))
    keyring.passwords["token360", "darkroom"] = CANARY
    found = survey(source, {"MY_KEY": OTHER}, store)
    assert found == (
        Finding("$MY_KEY", "found", used=True),
        Finding("keyring token360", "found", differs=True),
        Finding(str(key_file), "found", differs=True),
        Finding(command, "not asked"),
        Finding(str(store.file), "found", differs=True),
    )
    assert "CANARY" not in repr(found)
    assert [finding.differs for finding in survey(source, {"MY_KEY": CANARY}, store)] == [False] * 5


def test_a_survey_tells_why_a_place_is_unusable_and_what_would_come_after_it(
    keyring: _Keyring, key_file: Path, store: KeyStore
) -> None:
    keyring.priority = 0
    source = KeySource(keyring="token360", command=("false",))
    failed = "the command false failed: exit status 1"
    assert survey(source, {}, store)[:2] == (
        Finding("keyring token360", "unusable", reason="no keyring is set up on this machine"),
        Finding("the command false", "unusable", reason=failed),
    )
    store.keep_in_file(Secret(CANARY, "a test"))
    source = KeySource(env="MY_KEY", command=("no-such-command",))
    blanks = "the key in $MY_KEY holds blanks or characters no header can carry"
    assert survey(source, {"MY_KEY": f"{CANARY} more"}, store) == (
        Finding("$MY_KEY", "unusable", reason=blanks),
        Finding("the command no-such-command", "not asked"),
        Finding(str(store.file), "found"),
    )


@given(values=st.lists(st.sampled_from(["", CANARY, OTHER, "not a key"]), min_size=3, max_size=3))
def test_a_survey_agrees_with_what_is_found(values: list[str]) -> None:
    with TemporaryDirectory() as folder:
        files = Path(folder, "key"), Path(folder, "studio.key")
        for file, value in zip(files, values[1:], strict=True):
            if value:
                file.touch(0o600)
                file.write_text(value)
        source = KeySource(env="MY_KEY", file=str(files[0]))
        environment, store = {"MY_KEY": values[0]}, KeyStore(Path(folder), "studio")
        findings = survey(source, environment, store)
        try:
            used = find_key(source, environment, store)
        except KeyProblem:
            assert not any(finding.used for finding in findings)
        else:
            assert [finding.source for finding in findings if finding.used] == [used.source]
            assert [finding.differs for finding in findings] == [
                value in {CANARY, OTHER} and value != used.reveal() for value in values
            ]


def test_the_sources_that_promise_a_key_are_told_without_asking_them() -> None:
    source = KeySource(env="MY_KEY", keyring="none", file="none", command=("none", "at all"))
    others = ("keyring none", "none", "the command none")
    assert promising(source, {"MY_KEY": " "}) == others
    assert promising(source, {"MY_KEY": CANARY}) == ("$MY_KEY", *others)
    assert promising(KeySource(), {}) == ()


@pytest.mark.parametrize("name", ["token360", "a", "my.own_server-2", "a" * 64])
def test_a_key_is_kept_for_names_that_are_safe_in_file_names(name: str, tmp_path: Path) -> None:
    store = key_store(tmp_path, name)
    assert store is not None
    assert store.file.parent == store.marker.parent == tmp_path
    assert store.command == f"darkroom key set {name}"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", ".a", "-a", "A", "é", "a\n", "a" * 65]
)
def test_no_key_is_kept_for_other_names(name: str, tmp_path: Path) -> None:
    assert key_store(tmp_path, name) is None


@given(name=st.text(max_size=70))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    store = key_store(Path("/keys"), name)
    if store is not None:
        assert os.path.normpath(store.file) == str(store.file)
        assert store.file.parent == Path("/keys")
        assert store.file.name.casefold() == store.file.name


@pytest.mark.parametrize("umask", [0o000, 0o077])
@pytest.mark.parametrize("there", [None, 0o755])
def test_what_is_kept_is_private(store: KeyStore, umask: int, there: int | None) -> None:
    if there:
        store.folder.mkdir(parents=True)
        store.folder.chmod(there)
    before = os.umask(umask)
    try:
        assert store.keep_in_file(Secret(CANARY, "a test")) is None
    finally:
        os.umask(before)
    assert store.file.read_bytes() == CANARY.encode()
    assert S_IMODE(store.file.stat().st_mode) == 0o600
    assert S_IMODE(store.folder.stat().st_mode) == 0o700
    assert [path.name for path in store.folder.iterdir()] == ["studio.key"]


def test_a_link_in_the_place_of_a_kept_key_is_replaced_not_followed(
    store: KeyStore, tmp_path: Path
) -> None:
    store.folder.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    store.file.symlink_to(elsewhere)
    store.keep_in_file(Secret(CANARY, "a test"))
    assert not store.file.is_symlink()
    assert elsewhere.read_text() == "precious"
    assert find_key(KeySource(), {}, store).reveal() == CANARY


def test_a_key_is_kept_in_one_place_at_a_time(store: KeyStore, keyring: _Keyring) -> None:
    assert not store.is_filled()
    entry = ("darkroom-studio", "darkroom")
    for _ in range(2):
        assert store.keep_in_file(Secret(CANARY, "a test")) is None
        assert (store.file.exists(), store.marker.exists()) == (True, False)
        assert keyring.passwords == {}
        assert store.is_filled()
        for key in (OTHER, CANARY):
            assert store.keep_in_keyring(Secret(key, "a test")) is None
            assert (store.file.exists(), store.marker.exists()) == (False, True)
            assert keyring.passwords == {entry: key}
            assert store.is_filled()
    assert store.marker.read_bytes() == b""
    assert S_IMODE(store.marker.stat().st_mode) == 0o600


def test_a_key_that_stays_behind_in_the_keyring_is_told(store: KeyStore, keyring: _Keyring) -> None:
    store.keep_in_keyring(Secret(CANARY, "a test"))
    keyring.failing = {"delete_password"}
    left = store.keep_in_file(Secret(OTHER, "a test"))
    assert left is not None
    assert left.startswith("the keyring may still have an older key as darkroom-studio: ")
    assert "CANARY" not in left
    assert find_key(KeySource(), {}, store).reveal() == OTHER


def test_a_key_that_stays_behind_in_the_file_is_told_and_not_used(
    store: KeyStore, keyring: _Keyring
) -> None:
    store.file.mkdir(parents=True)
    left = store.keep_in_keyring(Secret(CANARY, "a test"))
    assert left is not None
    assert left.startswith(f"{store.file} still has an older key: ")
    assert find_key(KeySource(), {}, store).reveal() == CANARY


def test_a_keyring_that_gives_back_something_else_keeps_nothing(
    store: KeyStore, keyring: _Keyring
) -> None:
    keyring.forgetful = True
    with pytest.raises(KeyProblem, match="does not give back"):
        store.keep_in_keyring(Secret(CANARY, "a test"))
    assert keyring.passwords == {}
    assert not store.is_filled()


def test_a_keyring_entry_without_its_marker_does_not_stay(
    store: KeyStore, keyring: _Keyring
) -> None:
    store.folder.parent.mkdir(parents=True)
    store.folder.write_text("a file in the way")
    with pytest.raises(OSError, match="a file, not a folder"):
        store.keep_in_keyring(Secret(CANARY, "a test"))
    assert keyring.passwords == {}


def test_what_is_kept_can_be_removed(store: KeyStore, keyring: _Keyring) -> None:
    other = KeyStore(store.folder, "other")
    other.keep_in_file(Secret(OTHER, "a test"))
    other.keep_in_keyring(Secret(OTHER, "a test"))
    for keep in (store.keep_in_file, store.keep_in_keyring):
        keep(Secret(CANARY, "a test"))
        store.remove()
        assert not store.is_filled()
    store.keep_in_keyring(Secret(CANARY, "a test"))
    del keyring.passwords[store.service, "darkroom"]
    store.remove()
    assert not store.is_filled()
    assert find_key(KeySource(), {}, other).reveal() == OTHER


def test_what_the_keyring_does_not_give_up_is_not_removed(
    store: KeyStore, keyring: _Keyring
) -> None:
    store.keep_in_keyring(Secret(CANARY, "a test"))
    keyring.priority = 0
    with pytest.raises(NoKeyring):
        store.remove()
    assert store.is_filled()


def test_a_keyring_entry_that_is_gone_is_named(store: KeyStore, keyring: _Keyring) -> None:
    store.keep_in_keyring(Secret(CANARY, "a test"))
    keyring.passwords.clear()
    assert _problem(KeySource(), {}, store) == "no key in keyring darkroom-studio"
    keyring.priority = -1
    assert _problem(KeySource(), {}, store) == (
        "no key in keyring darkroom-studio (no keyring is set up on this machine)"
    )


def test_a_folder_that_cannot_be_looked_into_is_not_passed_over(store: KeyStore) -> None:
    store.folder.parent.mkdir(parents=True)
    store.folder.symlink_to(store.folder)
    assert store.is_filled()
    problem = _problem(KeySource(), {}, KeyStore(store.folder, "studio"))
    assert str(store.folder) in problem


def test_a_keyring_that_works_passes_a_trial_that_leaves_nothing(keyring: _Keyring) -> None:
    assert keyring_problem() is None
    assert keyring.passwords == {}
    keyring.failing = {"delete_password"}
    assert keyring_problem() is None


def test_a_keyring_that_does_not_work_does_not_pass_a_trial(
    keyring: _Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.failing = {"set_password"}
    assert keyring_problem() == "the keyring does not answer: _KeyringLocked"
    keyring.failing = set()
    keyring.forgetful = True
    assert keyring_problem() == "the keyring does not give back what it was given"
    keyring.priority = 0
    assert keyring_problem() == "no keyring is set up on this machine"
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert keyring_problem() == "the keyring package is not installed: darkroom-tui[keyring]"


@given(st.text(st.characters()))
def test_a_value_is_judged_without_being_shown(value: str) -> None:
    judged = judge(f"{CANARY}{value}", "a test")
    assert "CANARY" not in f"{judged} {judged!r}"
    assert isinstance(judged, KeyProblem | Secret)


def test_a_secret_is_shown_by_its_source_alone(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(CANARY, "$MY_KEY")
    logging.getLogger("test").warning("%s %r", secret, secret)
    printed = io.StringIO()
    Console(file=printed, width=200).print(secret, {"key": [secret]})
    with pytest.raises(ValueError, match="key from") as raised:
        raise ValueError(secret)
    story = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    shown = [repr(secret), str(secret), f"{secret:}", f"{[secret]}", "".join(story.format())]
    for text in [*shown, caplog.text, printed.getvalue()]:
        assert "<key from $MY_KEY>" in text
        assert CANARY not in text


def test_the_ways_to_set_a_key_name_what_can_hold_one(tmp_path: Path) -> None:
    store = key_store(tmp_path, "studio")
    both = ways_to_set(KeySource(env="MY_KEY", file="~/key"), store)
    assert both == ["run darkroom key set studio", "set $MY_KEY"]
    assert ways_to_set(KeySource(env="MY_KEY"), None) == ["set $MY_KEY"]
    assert ways_to_set(KeySource(), None) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("sk-0123456789", True),
        ("0a1b2c3d4e5f6a7b8c9d0e", True),
        ("STUDIO_KEY", False),
        ("a-long-name-without-a-figure", False),
        ("~/keys/studio.key", False),
        ("", False),
    ],
)
def test_a_key_in_the_place_of_a_name_is_seen(text: str, is_one: bool) -> None:
    assert looks_like_a_key(text) is is_one
