"""darkroom key: typed unseen or piped in, kept in one private place, shown nowhere."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from stat import S_IMODE

import pytest

import tui.cli.key
from tests.cli.conftest import QUICK, Finished, Home, Run
from tests.cli.servers import served
from tests.pseudo_terminal import PseudoTerminal

CANARY = "sk-CANARY-9d41e7aa02"
OTHER = "sk-CANARY-5c1f88be63"
CTRL_C = b"\x03"
PROMPT = b"(not shown): "
MISSING = "the keyring package is not installed: darkroom-tui[keyring]"
NOT_AN_ARGUMENT = (
    "a key is never an argument, which others can read: "
    "name the endpoint, then type the key or pipe it in. See darkroom key{} --help."
)

FROM_A_SHELL = """
import signal, subprocess, sys, termios
before = termios.tcgetattr(0)
command = subprocess.Popen([sys.executable, "-m", "tui", *sys.argv[1:]])
signal.signal(signal.SIGINT, lambda *_: None)
signal.signal(signal.SIGTERM, lambda *_: command.terminate())
code = command.wait()
changed = before != termios.tcgetattr(0)
print(f"left with {code}, the terminal {'changed' if changed else 'as it was'}")
"""
"""Runs a command, and says how it has left the terminal."""

NOT_INSTALLED = "raise ModuleNotFoundError(name='keyring')"

KEYRING = """
import json
from pathlib import Path

class Backend:
    priority = 5

class KeyringLocked(Exception):
    pass

entries = Path(__file__).with_name("entries.json")

def get_keyring():
    return Backend()

def get_password(service, username):
    return read().get(f"{service} {username}")

def set_password(service, username, password):
    write({**read(), f"{service} {username}": password})

def delete_password(service, username):
    write({name: value for name, value in read().items() if name != f"{service} {username}"})

def read():
    return json.loads(entries.read_text()) if entries.exists() else {}

def write(passwords):
    entries.write_text(json.dumps(passwords))
"""

LOCKED = """
def set_password(service, username, password):
    raise KeyringLocked(password)
"""

NO_BACKEND = "Backend.priority = 0"


class Keyring:
    """What commands import as the keyring package; the tests never ask a real one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.install(NOT_INSTALLED)

    def install(self, *parts: str) -> None:
        """Make these the package."""
        (self.folder / "keyring.py").write_text("\n".join(parts))

    @property
    def entries(self) -> dict[str, str]:
        """Passwords by service and user."""
        file = self.folder / "entries.json"
        entries: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return entries


@pytest.fixture(autouse=True)
def keyring(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """A keyring package that is not installed, until a test installs one."""
    keyring = Keyring(tmp_path / "packages")
    home.environment["PYTHONPATH"] = str(keyring.folder)
    monkeypatch.setitem(sys.modules, "keyring", None)
    return keyring


def kept(home: Home, name: str = "token360") -> Path:
    """The file of a key that is kept in one."""
    return home.folder / "keys" / f"{name}.key"


def assert_unseen(finished: Finished, home: Home, *allowed: Path) -> None:
    """No key is in what the command wrote, but for the files that may hold one."""
    assert "CANARY" not in finished.out + finished.err
    assert_in_no_file(home, *allowed)


def assert_in_no_file(home: Home, *allowed: Path) -> None:
    holding = [path for path in home.files if b"CANARY" in path.read_bytes()]
    assert holding == list(allowed)


def shell(home: Home, *arguments: str) -> PseudoTerminal:
    """A terminal in which the command was started like in a shell."""
    return PseudoTerminal("-c", FROM_A_SHELL, "key", *arguments, environment=home.environment)


def typed(home: Home, *arguments: str, keys: bytes) -> str:
    """All that a terminal has shown of a command during which `keys` were typed at its prompt."""
    with closing(shell(home, *arguments)) as terminal:
        terminal.wait_for(PROMPT)
        terminal.send(keys)
        assert terminal.finish() == 0
    assert b"CANARY" not in terminal.written
    return terminal.written.decode().replace("\r\n", "\n")


def test_a_key_is_typed_unseen(home: Home) -> None:
    shown = typed(home, "set", "token360", keys=f"{CANARY}\n".encode())
    assert shown.splitlines() == [
        f"darkroom: the keyring does not work here ({MISSING}): "
        f"the key will be kept in {kept(home)}, readable by you alone",
        f"Key for token360, to be kept in {kept(home)} (not shown): ",
        f"darkroom: the key for token360 is kept in {kept(home)}",
        "left with 0, the terminal as it was",
    ]
    assert kept(home).read_text() == CANARY
    assert_in_no_file(home, kept(home))


def test_what_is_typed_can_be_corrected(home: Home) -> None:
    typed(home, "set", "token360", "--file", keys=b"wrong\x15" + f"{CANARY}x\x7f\r".encode())
    assert kept(home).read_text() == CANARY


def test_a_typed_key_that_no_header_can_carry_is_refused_unseen(home: Home) -> None:
    shown = typed(home, "set", "token360", keys=f"{CANARY} {CANARY}\n".encode())
    assert (
        "darkroom: the key in what was typed holds blanks or characters no header can carry; "
        "nothing was stored\nleft with 2, the terminal as it was\n"
    ) in shown
    assert home.files == []


@pytest.mark.parametrize("keys", [b"\n", b"  \n", b"\x04"])
def test_no_key_at_all_is_refused(home: Home, keys: bytes) -> None:
    shown = typed(home, "set", "token360", keys=keys)
    assert "no key in what was typed; nothing was stored\nleft with 2, the terminal as" in shown
    assert home.files == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cut lines elsewhere")
def test_a_key_that_a_terminal_would_cut_is_refused(home: Home) -> None:
    shown = typed(home, "set", "token360", keys=CANARY.encode() + b"x" * 5000 + b"\n")
    assert "longer than a line of a terminal; pipe it in\nleft with 2, the terminal as" in shown
    assert home.files == []


def test_an_interrupt_while_the_key_is_typed_is_130(home: Home) -> None:
    shown = typed(home, "set", "token360", keys=CANARY.encode() + CTRL_C)
    assert shown.endswith("left with 130, the terminal as it was\n")
    assert "Traceback" not in shown
    assert home.files == []


def test_the_keys_that_would_leave_the_terminal_without_echo_do_nothing(home: Home) -> None:
    shown = typed(home, "set", "token360", keys=b"\x1a\x1c" + CTRL_C)
    assert shown.endswith("left with 130, the terminal as it was\n")


def test_a_command_that_is_told_to_end_leaves_the_terminal_as_it_was(home: Home) -> None:
    with closing(shell(home, "set", "token360")) as terminal:
        terminal.wait_for(PROMPT)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.finish() == 0
    assert terminal.written.endswith(b"left with 130, the terminal as it was\r\n")


def test_without_a_terminal_of_its_own_it_asks_nothing(home: Home) -> None:
    master, slave = os.openpty()
    try:
        streams = {"stdin": slave, "start_new_session": True}
        with home.started("key", "set", "token360", "--file", **streams) as command:
            _, err = command.communicate()
    finally:
        os.close(master)
        os.close(slave)
    assert command.returncode == 1
    assert err == b"darkroom: there is no terminal to type the key into; pipe it in\n"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_that_would_show_the_key_is_not_read(
    is_terminal: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where the echo stays on although it was told to go, or where there is none to turn off."""
    master, slave = os.openpty()
    (tmp_path / "file").write_text(f"{CANARY}\n")
    terminal = os.ttyname(slave) if is_terminal else str(tmp_path / "file")
    monkeypatch.setattr(tui.cli.key, "TERMINAL", terminal)
    monkeypatch.setattr(tui.cli.key.termios, "tcsetattr", lambda *arguments: None)
    try:
        with pytest.raises(SystemExit) as left:
            tui.cli.key._typed("Key:")
    finally:
        os.close(master)
        os.close(slave)
    assert left.value.code == 1
    assert capsys.readouterr().err == (
        "darkroom: the terminal would show what is typed; pipe the key in\n"
    )


@pytest.mark.parametrize("text", [f"{CANARY}\n", f"{CANARY}", f" {CANARY}\r\nlogin: me\n"])
def test_a_key_is_piped_in(home: Home, text: str) -> None:
    finished = home.run("key", "set", "token360", input=text.encode())
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == [
        f"the keyring does not work here ({MISSING}): "
        f"the key will be kept in {kept(home)}, readable by you alone",
        f"the key for token360 is kept in {kept(home)}",
    ]
    assert kept(home).read_text() == CANARY
    assert_unseen(finished, home, kept(home))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b" \n", f"{CANARY} more".encode(), f"{CANARY}\xe9".encode("latin-1"), b"x" * 5000],
)
def test_a_line_that_is_no_key_is_refused_unseen(home: Home, run: Run, data: bytes) -> None:
    finished = run("key", "set", "token360", "--file", stdin=data)
    assert (finished.code, finished.out) == (2, "")
    (complaint,) = finished.complaints
    assert complaint.endswith("; nothing was stored")
    assert_unseen(finished, home)


def test_without_standard_input_there_is_no_key(home: Home, run: Run) -> None:
    finished = run("key", "set", "token360", "--file", stdin=None)
    assert finished.code == 2
    assert finished.complaints == ["no key in standard input; nothing was stored"]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_kept_key_is_private_whatever_the_umask(home: Home, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert home.run("key", "set", "token360", input=CANARY.encode()).code == 0
    finally:
        os.umask(before)
    assert S_IMODE(kept(home).stat().st_mode) == 0o600
    assert S_IMODE(kept(home).parent.stat().st_mode) == 0o700


def test_a_link_in_the_place_of_the_file_is_replaced_not_followed(
    home: Home, run: Run, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    kept(home).parent.mkdir(parents=True)
    kept(home).symlink_to(elsewhere)
    finished = run("key", "set", "token360", "--file", stdin=CANARY.encode())
    assert finished.code == 0
    assert elsewhere.read_text() == "precious"
    assert not kept(home).is_symlink()
    assert kept(home).read_text() == CANARY


def test_a_place_that_cannot_be_written_is_one_sentence_and_1(home: Home, run: Run) -> None:
    home.folder.mkdir()
    kept(home).parent.write_text("a file in the way")
    finished = run("key", "set", "token360", "--file", stdin=CANARY.encode())
    assert finished.code == 1
    assert finished.complaints == [
        f"{kept(home).parent} cannot be written: is a file, not a folder; nothing was stored"
    ]
    assert_unseen(finished, home)


def test_a_key_is_kept_in_a_keyring_that_works(home: Home, keyring: Keyring) -> None:
    keyring.install(KEYRING)
    shown = typed(home, "set", "token360", keys=f"{CANARY}\n".encode())
    assert shown.splitlines() == [
        "Key for token360, to be kept in the keyring (not shown): ",
        "darkroom: the key for token360 is kept in the keyring as darkroom-token360",
        "left with 0, the terminal as it was",
    ]
    assert keyring.entries == {"darkroom-token360 darkroom": CANARY}
    assert [path.name for path in home.files] == ["token360.keyring"]
    assert_in_no_file(home)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (LOCKED, "the keyring does not answer: KeyringLocked"),
        (NO_BACKEND, "no keyring is set up on this machine"),
        ("raise RuntimeError('" + CANARY + "')", "keyring package does not load: RuntimeError"),
    ],
)
def test_a_keyring_that_does_not_work_is_said_and_a_file_is_used(
    home: Home, keyring: Keyring, fault: str, reason: str
) -> None:
    keyring.install(KEYRING, fault)
    finished = home.run("key", "set", "token360", input=CANARY.encode())
    assert finished.code == 0
    warning, done = finished.complaints
    assert reason in warning
    assert warning.endswith(f"the key will be kept in {kept(home)}, readable by you alone")
    assert done == f"the key for token360 is kept in {kept(home)}"
    assert keyring.entries == {}
    assert_unseen(finished, home, kept(home))


def test_a_keyring_that_takes_a_trial_and_not_the_key_is_a_failure(
    home: Home, keyring: Keyring
) -> None:
    keyring.install(
        KEYRING,
        "def set_password(service, username, password):",
        "    if 'CANARY' in password: raise KeyringLocked(password)",
        "    write({f'{service} {username}': password})",
    )
    finished = home.run("key", "set", "token360", input=CANARY.encode())
    assert finished.code == 1
    assert finished.complaints == [
        "the keyring does not answer: KeyringLocked; nothing was stored; try --file"
    ]
    assert_unseen(finished, home)
    assert home.files == []


def test_a_key_is_replaced_wherever_it_is_kept(home: Home, keyring: Keyring) -> None:
    keyring.install(KEYRING)
    in_keyring = "the key for token360 is kept in the keyring as darkroom-token360"
    in_file = f"the key for token360 is kept in {kept(home)}"
    for arguments, done in [((), in_keyring), (("--file",), in_file), ((), in_keyring)]:
        for key in (CANARY, OTHER):
            finished = home.run("key", "set", "token360", *arguments, input=key.encode())
            assert finished.complaints[0].removesuffix(", instead of an older one") == done
            places = [*keyring.entries.values(), *(path.read_text() for path in home.files)]
            assert [place for place in places if place] == [key]
    assert finished.complaints == [f"{in_keyring}, instead of an older one"]


def test_what_counts_before_a_kept_key_is_said(home: Home, run: Run) -> None:
    home.environment["STUDIO_KEY"] = OTHER
    home.configure("""
[endpoints.studio]
base_url = "https://studio.example/v1"
key = { env = "STUDIO_KEY", file = "~/studio.key", command = ["pass", "show"] }
""")
    finished = run("key", "set", "studio", "--file", stdin=CANARY.encode())
    assert finished.complaints == [
        f"the key for studio is kept in {kept(home, 'studio')}",
        "$STUDIO_KEY is set, and counts before it",
        "~/studio.key counts before it, if it has a key",
        "the command pass counts before it, if it has a key",
    ]
    assert_unseen(finished, home, kept(home, "studio"))


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["set", "token360", CANARY], " set"),
        (["set", "token360", "--", f"-{CANARY}"], " set"),
        (["set", "token360", f"--key={CANARY}"], " set"),
        (["set", f"--file={CANARY}", "token360"], " set"),
        (["set", f"-{CANARY}"], " set"),
        (["remove", "token360", CANARY], " remove"),
        ([CANARY], ""),
        ([f"--{CANARY}"], ""),
    ],
)
def test_a_key_among_the_arguments_is_not_repeated(
    home: Home, run: Run, arguments: list[str], command: str
) -> None:
    finished = run("key", *arguments)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints == [NOT_AN_ARGUMENT.format(command)]
    assert_unseen(finished, home)


@pytest.mark.parametrize("verb", ["set", "remove"])
def test_a_name_that_is_no_endpoint_is_not_repeated(home: Home, run: Run, verb: str) -> None:
    finished = run("key", verb, CANARY)
    assert (finished.code, finished.out) == (2, "")
    known = "demo, local, openai, token360"
    assert finished.complaints == [f"there is no endpoint of that name; there are: {known}"]
    assert_unseen(finished, home)


@pytest.mark.parametrize("verb", ["set", "remove"])
def test_an_endpoint_that_wants_no_key_gets_none(home: Home, run: Run, verb: str) -> None:
    home.configure("""
[endpoints.local]
base_url = "http://127.0.0.1:1/v1"
[endpoints.Studio]
base_url = "https://studio.example/v1"
key = {}
""")
    for name, complaint in [
        ("demo", "demo wants no key"),
        ("local", "local wants no key; if it does, give endpoints.local a `key = {}`"),
        (
            "Studio",
            "no key can be kept for Studio: the name of its endpoint has to be of small letters, "
            "digits and . _ - alone, 64 at most",
        ),
    ]:
        finished = run("key", verb, name, stdin=CANARY.encode())
        assert (finished.code, finished.out) == (2, "")
        assert finished.complaints == [complaint]
        assert_unseen(finished, home)


def test_what_is_missing_is_wrong_usage(run: Run) -> None:
    assert run("key").complaints == ["Missing command. See darkroom key --help."]
    finished = run("key", "set")
    assert finished.code == 2
    assert finished.complaints == ["Missing argument 'NAME'. See darkroom key set --help."]


def test_a_kept_key_is_removed_and_nothing_else(home: Home, keyring: Keyring) -> None:
    keyring.install(KEYRING)
    own = '[endpoints.own]\nbase_url = "https://own.example/v1"\nkey = {}'
    home.configure(own)
    home.run("key", "set", "own", input=OTHER.encode())
    for arguments in ((), ("--file",)):
        home.run("key", "set", "token360", *arguments, input=CANARY.encode())
        finished = home.run("key", "remove", "token360")
        assert (finished.code, finished.out) == (0, "")
        assert finished.complaints == ["the key that was kept for token360 is removed"]
        assert [path.name for path in home.files] == ["config.toml", "own.keyring"]
        assert keyring.entries == {"darkroom-own darkroom": OTHER}
    finished = home.run("key", "remove", "token360")
    assert (finished.code, finished.complaints) == (1, ["no key is kept for token360"])


def test_the_key_of_an_endpoint_that_is_gone_can_be_removed(home: Home, run: Run) -> None:
    kept(home, "gone").parent.mkdir(parents=True)
    kept(home, "gone").write_text(CANARY)
    assert run("key", "remove", "gone").code == 0
    assert home.files == []


def test_a_key_that_the_keyring_does_not_give_up_stays(home: Home, keyring: Keyring) -> None:
    keyring.install(KEYRING)
    home.run("key", "set", "token360", input=CANARY.encode())
    keyring.install(KEYRING, NO_BACKEND)
    finished = home.run("key", "remove", "token360")
    assert finished.code == 1
    assert finished.complaints == [
        "the key for token360 is not removed: no keyring is set up on this machine"
    ]
    assert [path.name for path in home.files] == ["token360.keyring"]


@pytest.mark.parametrize("package", [NOT_INSTALLED, KEYRING])
def test_a_kept_key_opens_its_endpoint(
    home: Home, keyring: Keyring, tmp_path: Path, package: str
) -> None:
    keyring.install(package)
    with served(tmp_path / "server") as base_url, recording() as (refusing_url, keys):
        for url in (base_url, refusing_url):
            home.configure(f'[endpoints.token360]\nbase_url = "{url}"')
            missing = home.run("generate", "a fox", *QUICK, "--endpoint", "token360")
            assert missing.code == 3
            (complaint,) = missing.complaints
            assert "stored by `darkroom key set token360`" in complaint
            assert complaint.endswith(
                "Run darkroom key set token360, or set $TOKEN360_API_KEY, or rehearse on demo."
            )
            assert '"endpoint":"demo"' in home.run("generate", "a fox", "--dry-run", "--json").out

            home.run("key", "set", "token360", input=CANARY.encode())
            finished = home.run("generate", "a fox", *QUICK)
            assert finished.code == (0 if url == base_url else 3)
            assert home.entries[0].endpoint == "token360"
            in_file = [kept(home)] if package == NOT_INSTALLED else []
            assert_unseen(finished, home, *in_file)
            assert home.run("key", "remove", "token360").code == 0
    assert keys == [f"Bearer {CANARY}"]


@contextmanager
def recording() -> Iterator[tuple[str, list[str]]]:
    """The base URL of an endpoint that refuses every key, and what it was sent as one."""
    keys: list[str] = []

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            keys.append(self.headers["Authorization"])
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Refusal) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", keys
        finally:
            server.shutdown()
            thread.join()
