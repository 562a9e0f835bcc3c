"""darkroom doctor --bundle: what goes into a bug report, and what never does."""

from __future__ import annotations

import json
import os
import tomllib
import zipfile
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.cli.conftest import KEY, QUICK, Finished, Home, Run
from tests.cli.servers import echoing
from tests.outside_world import SEQUENCES, world
from tests.terminal_bytes import harmful
from tui.crash import write_report
from tui.generation.checkup.redaction import (
    bare_address,
    redacted_configuration,
    redacted_report,
)
from tui.paths import Paths

PROMPT = "a zebra-CANARYPROMPT on the moon"
FILE_KEY = "file-CANARY-key-0123456789"
HEADER = "header-CANARY-0123456789"
EXTRA = "extra-CANARY-0123456789"
USER = "user-CANARY-0123456789"
CONFIG = f"""\
endpoint = "studio"
log = "debug"

[defaults."seedream-4.5"]
size = "2k"
negative_prompt = "CANARYPROMPT"
text = "{PROMPT}"

[endpoints.studio]
base_url = "{{base_url}}"
key = {{{{ env = "STUDIO_KEY" }}}}
headers = {{{{ X-Api-Key = "{HEADER}", X-Team = "{HEADER}" }}}}
extra = {{{{ user = "{EXTRA}", nested = {{{{ token = "{EXTRA}", list = ["{EXTRA}"] }}}} }}}}

[endpoints.filed]
base_url = "{{base_url}}"
key = {{{{ file = "{{key_file}}" }}}}

[endpoints.commanded]
base_url = "https://{USER}:{USER}@e.example/v1?key={USER}"
key = {{{{ command = ["sh", "-c", "echo {EXTRA}"] }}}}

[endpoints.down]
base_url = "http://127.0.0.1:9/v1"
key = {{{{ env = "STUDIO_KEY" }}}}
"""
CONTENTS = (
    "it holds what doctor found, config.toml without its values that may be secret, the log and "
    "reports of crashes; no keys, no prompts, no pictures"
)


def _members(bundle: Path) -> dict[str, str]:
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _bundle(finished: Finished) -> Path:
    assert finished.code == 0
    assert finished.complaints == [CONTENTS]
    (line,) = finished.out.splitlines()
    return Path(line)


def _reports(home: Home) -> Path:
    folder = home.folder / "reports"
    folder.mkdir(0o700, parents=True, exist_ok=True)
    return folder


def _crash(home: Home) -> Path:
    """A report of a crash whose messages quote everything."""

    def inner() -> None:
        raise KeyError(PROMPT)

    try:
        try:
            inner()
        except KeyError as error:
            raise ValueError(f"{KEY} {HEADER}\n{PROMPT}\n  {PROMPT}: x\n\n{PROMPT}") from error
    except ValueError as error:
        error.add_note(PROMPT)
        return write_report(ExceptionGroup(PROMPT, [error]), _reports(home))


def test_neither_keys_nor_prompts_are_in_the_log_the_bundle_or_what_doctor_prints(
    home: Home, run: Run, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.touch(0o600)
    key_file.write_text(FILE_KEY)
    said = ""
    for status in (400, 500):
        with echoing(status) as endpoint:
            home.configure(CONFIG.format(base_url=endpoint.base_url, key_file=key_file))
            for name in ("studio", "filed", "commanded", "down"):
                finished = home.run("generate", PROMPT, *QUICK, "--endpoint", name)
                assert finished.code != 0
                said += finished.err
                doctor = run("doctor", "--online", "--endpoint", name)
                document = run("doctor", "--online", "--endpoint", name, "--json")
                assert doctor.code == document.code == 1
                for text in (doctor.out, doctor.err, document.out, document.err):
                    assert "CANARY" not in text
                    assert "zebra" not in text
    for key in (KEY, FILE_KEY, HEADER, EXTRA, USER):
        assert key not in said
    _crash(home)
    log = (home.folder / "logs" / "darkroom.log").read_text()
    assert "400, whole" in log
    assert "500, whole" in log
    assert "not sent, the connection was refused" in log
    # Something that an earlier version might have let through.
    with (home.folder / "logs" / "darkroom.log").open("a") as file:
        file.write(f"{KEY} {FILE_KEY} {HEADER} Bearer {USER} https://{USER}@e.example/\n")
    members = _members(_bundle(home.run("doctor", "--bundle")))
    assert [name for name in members if not name.startswith("crash-")] == [
        "doctor.json",
        "config.toml",
        "darkroom.log",
    ]
    assert sum(name.startswith("crash-") for name in members) == 1
    for text in (log, *members.values()):
        assert "CANARY" not in text
        assert "zebra" not in text


def test_a_bundle_says_enough_to_work_with(home: Home, run: Run) -> None:
    home.configure(CONFIG.format(base_url="http://127.0.0.1:9/v1", key_file="~/key"))
    _crash(home)
    home.run("generate", PROMPT, *QUICK)
    bundle = _bundle(run("doctor", "--bundle"))
    assert bundle.parent == home.folder / "reports"
    members = _members(bundle)
    document = json.loads(members["doctor.json"])
    assert set(document["sections"]) >= {"darkroom", "terminal", "endpoint"}
    config = tomllib.loads(members["config.toml"])
    assert config["defaults"]["seedream-4.5"] == {
        "size": "2k", "negative_prompt": "[text]", "text": "[text]",
    }  # fmt: skip
    studio = config["endpoints"]["studio"]
    assert studio["base_url"] == "http://127.0.0.1:9/v1"
    assert studio["key"] == {"env": "STUDIO_KEY"}
    assert studio["headers"] == {"X-Api-Key": "[redacted]", "X-Team": "[redacted]"}
    assert studio["extra"]["nested"] == {"token": "[redacted]", "list": ["[redacted]"]}
    assert config["endpoints"]["commanded"]["key"] == {"command": ["sh", "[redacted]"]}
    assert config["endpoints"]["commanded"]["base_url"] == "https://[user]@e.example/v1?[query]"
    (report,) = (text for name, text in members.items() if name.startswith("crash-"))
    assert "in _crash" in report
    assert "raise KeyError(PROMPT)" in report
    assert "| ValueError\n" in report
    assert "| KeyError\n" in report
    assert "not sent" in members["darkroom.log"]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_bundle_is_its_owners_alone(home: Home, run: Run, umask: int) -> None:
    before = os.umask(umask)
    try:
        bundle = _bundle(run("doctor", "--bundle"))
    finally:
        os.umask(before)
    assert S_IMODE(bundle.stat().st_mode) == 0o600
    assert S_IMODE(bundle.parent.stat().st_mode) == 0o700


def test_the_oldest_bundles_are_removed(home: Home, run: Run) -> None:
    folder = _reports(home)
    old = [folder / f"darkroom-bundle-2020010{day}T000000-abcdef.zip" for day in range(1, 8)]
    for path in old:
        path.touch()
    new = _bundle(run("doctor", "--bundle"))
    assert sorted(folder.iterdir()) == [*old[-4:], new]


def test_a_bundle_that_cannot_be_written_is_one_sentence_and_1(home: Home, run: Run) -> None:
    home.folder.mkdir()
    (home.folder / "reports").touch()
    finished = run("doctor", "--bundle")
    assert (finished.code, finished.out) == (1, "")
    (complaint,) = finished.complaints
    assert complaint.startswith(f"{home.folder / 'reports'} cannot be written: ")


def test_a_disk_that_fills_up_leaves_no_half_bundle(home: Home, run: Run, monkeypatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.generation.checkup.bundle.settle", full)
    finished = run("doctor", "--bundle")
    assert finished.code == 1
    assert finished.complaints[0].endswith("cannot be written: No space left on device")
    assert list((home.folder / "reports").iterdir()) == []


def test_what_is_planted_is_not_taken_along(home: Home, run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PROMPT)
    logs = home.folder / "logs"
    logs.mkdir(parents=True)
    (logs / "darkroom.log.1").symlink_to(secret)
    reports = _reports(home)
    (reports / "crash-1.txt").symlink_to(secret)
    os.mkfifo(reports / "crash-2.txt")
    (reports / "crash-3.txt").mkdir()
    assert list(_members(_bundle(run("doctor", "--bundle")))) == ["doctor.json"]


def test_a_configuration_that_does_not_parse_is_only_complained_of(home: Home, run: Run) -> None:
    home.configure(f'[endpoints.own]\nkey = "{KEY}\nheaders = {{ A = "{PROMPT}"')
    members = _members(_bundle(run("doctor", "--bundle")))
    assert members["config.toml"].startswith("# config.toml cannot be read: ")
    assert "line 2" in members["config.toml"]
    assert "CANARY" not in "".join(members.values())


@pytest.mark.parametrize("payload", SEQUENCES.values(), ids=SEQUENCES.keys())
def test_nothing_in_a_bundle_acts_on_a_terminal(home: Home, run: Run, payload: str) -> None:
    world(Paths(home.folder, home.folder, home.folder), payload)
    logs = home.folder / "logs"
    logs.mkdir()
    (logs / "darkroom.log").write_text(f"Qlog{payload}", "utf-8", "replace")
    (_reports(home) / "crash-1.txt").write_text(f"Qcrash{payload}\n", "utf-8", "replace")
    members = _members(_bundle(run("doctor", "--bundle")))
    assert set(members) == {"doctor.json", "config.toml", "darkroom.log", "crash-1.txt"}
    json.loads(members["doctor.json"])
    tomllib.loads(members["config.toml"])
    assert "Qlog" in members["darkroom.log"]
    for text in members.values():
        assert harmful(text.encode()) == []


# ---------------------------------------------------------------- redaction by itself


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("https://e.example/v1", "https://e.example/v1"),
        (f"https://{KEY}@e.example/v1", "https://[user]@e.example/v1"),
        (f"https://me:{KEY}@e.example:8/v1", "https://[user]@e.example:8/v1"),
        (f"https://me:a@b/{KEY}@e.example/v1", "https://[user]@e.example/v1"),
        (f"https://me:a?{KEY}@e.example/v1", "https://[user]@e.example/v1"),
        (f"https://e.example/v1?k={KEY}", "https://e.example/v1?[query]"),
        (f"https://e.example/v1?k={KEY}&u=https://b", "https://e.example/v1?[query]"),
        (f"me:{KEY}@http://e.example", "[user]@http://e.example"),
        (f"HTTPS://{KEY}@e.example", "HTTPS://[user]@e.example"),
        ("e.example", "e.example"),
        ("", ""),
    ],
)
def test_an_address_is_told_without_user_and_query(address: str, bare: str) -> None:
    assert bare_address(address) == bare


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('theme = "night sky"', {"theme": "night sky"}),
        ("theme = 7", {"theme": 7}),
        ('theme = ["a prompt"]', {"theme": ["[text]"]}),
        ('log = "info"', {"log": "info"}),
        ('[keymap]\nsend = "ctrl+j, f5"', {"keymap": {"send": "ctrl+j, f5"}}),
        ("[budget]\nday_usd = 5.0", {"budget": {"day_usd": 5.0}}),
        ('[later]\na = "one"\nb = "two words"', {"later": {"a": "one", "b": "[text]"}}),
        ('[later]\nprompt = "fox"', {"later": {"prompt": "[text]"}}),
        ('[later]\napi_key = "fox"', {"later": {"api_key": "[redacted]"}}),
        (
            '[notices]\nbell = false\ncommand = ["curl", "topic7"]\nlater = "a b"',
            {"notices": {"bell": False, "command": ["curl", "[redacted]"], "later": "[text]"}},
        ),
        ('notices = "a fox"', {"notices": "[text]"}),
    ],
)
def test_of_a_configuration_its_structure_is_left(text: str, left: object) -> None:
    assert tomllib.loads(redacted_configuration(text)) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("timeout = 7", {"timeout": 7}),
        ('api = "x"', {"api": "[redacted]"}),
        ('headers = "x"', {"headers": "[redacted]"}),
        ('key = "x"', {"key": "[redacted]"}),
        ('key.value = "x"', {"key": {"value": "[redacted]"}}),
        ("key.file = 7", {"key": {"file": "[redacted]"}}),
        ('key.command = "pass x"', {"key": {"command": ["pass", "[redacted]"]}}),
        ('key.command = ["pass"]', {"key": {"command": ["pass"]}}),
        ("key.command = []", {"key": {"command": "[redacted]"}}),
        ("key.command = [7]", {"key": {"command": "[redacted]"}}),
    ],
)
def test_of_an_endpoint_what_is_no_secret_is_left(text: str, left: object) -> None:
    config = tomllib.loads(redacted_configuration(f"[endpoints.own]\n{text}"))
    assert config["endpoints"]["own"] == left


@pytest.mark.parametrize("text", ['endpoints = "x"', 'endpoints.own = "x"', "endpoints = [[1]]"])
def test_endpoints_that_are_none_are_left_out(text: str) -> None:
    assert "x" not in tomllib.loads(redacted_configuration(text)).values()
    assert "[redacted]" in redacted_configuration(text)


def test_comments_are_not_taken_along() -> None:
    assert "CANARY" not in redacted_configuration(f"# {PROMPT}\ntheme = 'x' # {KEY}")


def test_of_a_report_types_and_frames_are_left() -> None:
    report = f"""\
Darkroom 0.1.0, Python 3.11.7, Linux
2026-11-22 07:03:12 UTC, terminal xterm

Traceback (most recent call last):
  File "/x/tui/a.py", line 3, in go
    run(prompt)
    ^^^^^^^^^^^
  [Previous line repeated 9 more times]
tui.api.errors.ApiError: {PROMPT}
    {PROMPT}
Zebra: {PROMPT}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/x/tui/b.py", line 4, in <module>
    stop()
MemoryError
{PROMPT}
"""
    left = redacted_report(report)
    assert "CANARY" not in left
    assert "Zebra" not in left
    for line in ("    run(prompt)", "tui.api.errors.ApiError", "MemoryError", "    stop()"):
        assert line in left.splitlines()
    assert left.startswith("Darkroom 0.1.0, Python 3.11.7, Linux\n2026-11-22")


@pytest.mark.parametrize("report", ["", "\n", PROMPT, "\n\n\n", f"a\nb\n{PROMPT}"])
def test_what_is_no_report_is_left_out(report: str) -> None:
    assert "zebra" not in redacted_report(f"a\nb\n{report}")
