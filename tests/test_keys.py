"""Keys: from each source, checked before use, and never shown."""

from __future__ import annotations

import io
import logging
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tui.config import KeySource
from tui.keys import KeyProblem, Secret, find_key

CANARY = "sk-CANARY-3f9a51c2"


def _print(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; sys.stdout.write({text!r})")


def _problem(source: KeySource, environment: dict[str, str] | None = None) -> str:
    """What is said of a source without a usable key, with its whole traceback."""
    with pytest.raises(KeyProblem) as raised:
        find_key(source, environment or {})
    story = "".join(traceback.format_exception(raised.value))
    assert CANARY not in story
    assert CANARY not in repr(raised.value)
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


def test_the_first_source_that_is_set_counts(key_file: Path) -> None:
    key_file.write_text("from-file")
    both = KeySource(env="MY_KEY", file=str(key_file))
    assert find_key(both, {"MY_KEY": "from-environment"}).reveal() == "from-environment"
    assert _problem(both) == "no key in $MY_KEY"


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
        (sys.executable, "-c", f"import os; os.write(1, b'\\xff' + {CANARY.encode()!r})"),
    ],
)
def test_a_command_that_fails_is_a_problem_without_its_output(command: tuple[str, ...]) -> None:
    assert "failed" in _problem(KeySource(command=command))


def test_a_file_name_that_cannot_be_is_a_problem() -> None:
    assert "cannot be read" in _problem(KeySource(file="a\0b"))


def test_a_keyring_that_is_not_installed_is_a_problem_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "darkroom-tui[keyring]" in _problem(KeySource(keyring="darkroom"))


class _Keyring(ModuleType):
    """The two names of the keyring package that are used; the tests run without the package."""

    def __init__(self, passwords: dict[tuple[str, str], str] | None) -> None:
        super().__init__("keyring")
        self.errors = ModuleType("keyring.errors")
        self.errors.KeyringError = type("KeyringError", (Exception,), {})
        self._passwords = passwords

    def get_password(self, service: str, username: str) -> str | None:
        if self._passwords is None:
            raise self.errors.KeyringError(CANARY)
        return self._passwords.get((service, username))


def test_a_key_comes_from_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", _Keyring({("token360", "darkroom"): CANARY}))
    assert find_key(KeySource(keyring="token360")).reveal() == CANARY
    assert _problem(KeySource(keyring="other")) == "no key in keyring other"


def test_a_keyring_that_is_locked_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", _Keyring(None))
    assert "does not answer" in _problem(KeySource(keyring="token360"))


def test_no_source_at_all_is_a_problem() -> None:
    assert _problem(KeySource()) == "no key source is configured"


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
