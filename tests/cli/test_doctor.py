"""darkroom doctor: what is found, what stands in the way, and what to do about it."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import KEY, Finished, Home, Run, on_terminal
from tests.cli.servers import echoing, served
from tests.history.entries import DONE
from tests.outside_world import PAYLOADS, world
from tests.terminal_bytes import harmful
from tui import __version__
from tui.paths import Paths

READY = "Nothing stands in the way of generating."
NO_KEY = "no usable one was found"


def _document(finished: Finished) -> dict[str, Any]:
    (line,) = finished.out.splitlines()
    document = json.loads(line)
    assert isinstance(document, dict)
    return document


def _facts(finished: Finished, section: str) -> dict[str, dict[str, Any]]:
    """The facts of a section by name; of several of that name the first."""
    return {fact["name"]: fact for fact in reversed(_document(finished)["sections"][section])}


def _line(finished: Finished, label: str) -> str:
    """What is printed beside `label`; of several of that name the first."""
    line = next(line for line in finished.out.splitlines() if line.startswith(f"  {label}  "))
    return line.removeprefix(f"  {label}").strip()


def _advice(finished: Finished) -> list[str]:
    return [line.strip().removeprefix("→ ") for line in finished.out.splitlines() if "  → " in line]


def test_a_new_home_is_ready_for_a_rehearsal(home: Home, run: Run) -> None:
    finished = run("doctor")
    assert (finished.code, finished.err) == (0, "")
    lines = finished.out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "Darkroom", "Terminal", "Folders", "Configuration", "Endpoint", "History", "Log", READY,
    ]  # fmt: skip
    assert _line(finished, "version") == __version__
    assert _line(finished, "home") == f"{home.folder}, not there yet"
    assert _line(finished, "endpoint") == "demo, since no key was found"
    assert _line(finished, "entries").startswith("0, read in ")
    assert _advice(finished) == [
        "For real pictures: run darkroom key set token360, or set $TOKEN360_API_KEY."
    ]
    assert not home.folder.exists()


def test_values_stand_below_each_other(home: Home, run: Run) -> None:
    lines = [line for line in run("doctor").out.splitlines() if line.startswith("  ")]
    starts = {len(line) - len(line[2:].lstrip()) for line in lines if line[2] == " "}
    assert len(starts) == 1
    (start,) = starts
    assert all(line[start - 1] == " " and line[start] != " " for line in lines)


def test_json_is_one_object_with_the_same_facts(home: Home, run: Run) -> None:
    home.use("http://127.0.0.1:9/v1")
    printed = run("doctor").out
    document = _document(run("doctor", "--json"))
    assert document["ready"] is True
    assert [title.title() for title in document["sections"]] == [
        line for line in printed.splitlines()[:-1] if line and not line.startswith(" ")
    ]
    for facts in document["sections"].values():
        for fact in facts:
            assert f"  {fact['name']} " in printed
            text = fact.get("text") or str(fact["value"])
            if "read in" not in text and fact["name"] != "free space":
                assert text in printed
            assert fact.get("advice", "") in printed
    endpoint = _facts(run("doctor", "--json"), "endpoint")
    assert endpoint["address"]["value"] == "http://127.0.0.1:9/v1"
    assert endpoint["key from"]["value"] == "$STUDIO_KEY"


# ---------------------------------------------------------------- endpoint and key


def test_a_key_that_is_found_is_told_by_its_place(home: Home, run: Run) -> None:
    home.use("https://images.example/v1")
    finished = run("doctor")
    assert finished.code == 0
    assert _line(finished, "endpoint") == "studio, as config.toml says"
    assert _line(finished, "key from") == "$STUDIO_KEY: found, and used"
    assert finished.out.endswith(f"{READY}\n")


def test_a_key_that_is_missing_stands_in_the_way(home: Home, run: Run) -> None:
    home.use("https://images.example/v1")
    del home.environment["STUDIO_KEY"]
    finished = run("doctor")
    assert finished.code == 1
    assert _line(finished, "key") == NO_KEY
    assert "To set one, run darkroom key set studio, or set $STUDIO_KEY." in _advice(finished)
    assert finished.out.endswith("One thing stands in the way of generating.\n")
    document = _document(run("doctor", "--json"))
    assert document["ready"] is False
    blocking = [f for facts in document["sections"].values() for f in facts if f.get("blocks")]
    assert [fact["name"] for fact in blocking] == ["key"]


def test_a_key_file_that_others_can_read_is_told_with_the_remedy(
    home: Home, run: Run, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o644)
    home.configure(
        f'endpoint = "own"\n[endpoints.own]\nbase_url = "https://images.example/v1"\n'
        f'key = {{ file = "{key}" }}'
    )
    finished = run("doctor")
    assert finished.code == 1
    told = f"{key} can be read by others; run: chmod 600 {key}"
    assert _line(finished, "key from") == told
    advice = "Put right what is unusable, or remove it and run darkroom key set own."
    assert advice in _advice(finished)
    assert KEY not in finished.out


def test_an_endpoint_that_wants_no_key_is_ready(home: Home, run: Run) -> None:
    home.configure('endpoint = "own"\n[endpoints.own]\nbase_url = "http://localhost:1/v1"')
    finished = run("doctor")
    assert finished.code == 0
    assert _line(finished, "key") == "none is wanted"


@pytest.mark.parametrize(
    ("settings", "complaint", "shown"),
    [
        ('base_url = "http://images.example/v1"', "plain http", "http://images.example/v1"),
        (f'base_url = "https://me:{KEY}@e.example/v1"', "user name", "https://[user]@e.example/v1"),
        (f'base_url = "https://a:b/{KEY}@e.example"', "be read", "https://[user]@e.example"),
        (f'base_url = "https://e.example/v1?k={KEY}"', "its path", "https://e.example/v1?[query]"),
        ('base_url = "e.example/v1"', "neither http nor https", "e.example/v1"),
        ("", "neither http nor https", ""),
        ('base_url = "https://e.example/v1"\nheaders = { Host = "x" }', "'Host'", None),
    ],
)
def test_settings_that_cannot_be_used_stand_in_the_way(
    home: Home, run: Run, settings: str, complaint: str, shown: str | None
) -> None:
    home.configure(f'endpoint = "own"\n[endpoints.own]\n{settings}')
    finished = run("doctor")
    assert finished.code == 1
    assert complaint in _line(finished, "settings")
    if shown is not None:
        assert _line(finished, "address") == shown
    assert any("config.toml" in advice for advice in _advice(finished))
    assert "CANARY" not in finished.out


@pytest.mark.parametrize(
    ("arguments", "environment", "why"),
    [
        (["doctor", "--endpoint", "demo"], {}, "--endpoint"),
        (["--endpoint", "demo", "doctor"], {}, "--endpoint"),
        (["doctor"], {"DARKROOM_ENDPOINT": "demo"}, "DARKROOM_ENDPOINT"),
    ],
)
def test_an_endpoint_may_be_named(home: Home, run: Run, arguments, environment, why) -> None:
    home.use("https://images.example/v1")
    home.environment |= environment
    finished = run(*arguments)
    assert _line(finished, "endpoint") == f"demo, named by {why}"
    assert "For real pictures" not in finished.out


def test_an_endpoint_that_does_not_exist_stands_in_the_way(home: Home, run: Run) -> None:
    finished = run("doctor", "--endpoint", "nowhere")
    assert finished.code == 1
    assert _line(finished, "endpoint").startswith("there is no endpoint 'nowhere'; there are: demo")


# ---------------------------------------------------------------- the network


def test_nothing_is_sent_unless_asked_for(home: Home, run: Run) -> None:
    with echoing(200) as endpoint:
        home.use(endpoint.base_url)
        assert run("doctor").code == 0
        assert run("doctor", "--bundle").code == 0
        assert not endpoint.asked.is_set()
        run("doctor", "--online")
        assert endpoint.asked.is_set()


def test_online_says_what_the_endpoint_lists_and_how_long_it_took(
    home: Home, run: Run, tmp_path: Path
) -> None:
    with served(tmp_path / "served") as base_url:
        home.use(base_url)
        finished = run("doctor", "--online", "--json")
    assert finished.code == 0
    models = _facts(finished, "endpoint")["models"]
    count = models["value"]
    assert count > 3
    assert models["text"] == f"{count} listed, {count} described by cards"


def test_online_with_the_demo_endpoint_asks_it_as_well(home: Home, run: Run) -> None:
    finished = run("doctor", "--online")
    assert finished.code == 0
    assert "listed" in _line(finished, "models")


@pytest.mark.parametrize(
    ("status", "code", "fact"), [(401, 1, "key accepted"), (404, 0, "models"), (500, 1, "models")]
)
def test_an_endpoint_that_does_not_answer_as_it_should_is_told(
    home: Home, run: Run, status: int, code: int, fact: str
) -> None:
    with echoing(status) as endpoint:
        home.use(endpoint.base_url)
        finished = run("doctor", "--online")
        document = run("doctor", "--online", "--json")
    assert finished.code == document.code == code
    assert str(status) in _line(finished, fact)
    assert _facts(document, "endpoint")[fact]["advice"]
    assert "CANARY" not in finished.out + finished.err + document.out + document.err


def test_an_endpoint_that_is_down_stands_in_the_way(home: Home, run: Run) -> None:
    home.use("http://127.0.0.1:9/v1")
    finished = run("doctor", "--online")
    assert finished.code == 1
    assert "the connection was refused" in _line(finished, "reachable")


# ---------------------------------------------------------------- terminal


def test_a_terminal_is_asked_and_what_it_answers_is_told(home: Home) -> None:
    home.environment |= {"TERM": "xterm-256color", "NO_COLOR": ""}
    with closing(on_terminal(home, "doctor")) as terminal:
        terminal.wait_for(b"\x1b[c")
        terminal.send(b"\x1bP>|foot(1.16.2)\x1b\\\x1b[6;18;9t\x1b[?62;4;22c")
        assert terminal.finish() == 0
        printed = terminal.written.decode()
    assert harmful(terminal.written) == []
    for line in (
        "name           foot(1.16.2)",
        "size           80 columns, 24 rows",
        "cell           9×18 pixels",
        "colours        256",
        "graphics       sixel: the terminal says that it draws sixels",
    ):
        assert line in printed


def test_a_name_that_means_harm_is_shown_and_does_none(home: Home) -> None:
    with closing(on_terminal(home, "doctor")) as terminal:
        terminal.wait_for(b"\x1b[c")
        terminal.send(b"\x1bP>|evil\x07\x9b31m\x8d\xc2\x9b2J\x1b\\\x1b[?62;22c")
        assert terminal.finish() == 0
    assert harmful(terminal.written) == []
    assert b"evil\xe2\x90\x87" in terminal.written


def test_a_pipe_is_not_asked(home: Home, run: Run) -> None:
    finished = run("doctor")
    assert "\x1b" not in finished.out
    assert _line(finished, "name").startswith("not asked: ")
    assert _line(finished, "graphics") == "half: no terminal was asked"


@pytest.mark.parametrize(
    ("environment", "label", "shown"),
    [
        ({"NO_COLOR": "1"}, "colours", "none, since NO_COLOR is set"),
        ({"COLORTERM": "truecolor"}, "colours", "16 million"),
        ({"TMUX": "/tmp/x", "SSH_CONNECTION": "1 2 3 4"}, "inside", "tmux, ssh"),
        ({"ZELLIJ": "0"}, "inside", "Zellij"),
        ({"TERM": "dumb"}, "graphics", "off: TERM is dumb"),
        ({"DARKROOM_GRAPHICS": "sixel"}, "graphics", "sixel, set by DARKROOM_GRAPHICS"),
    ],
)
def test_the_environment_is_understood(home: Home, run: Run, environment, label, shown) -> None:
    home.environment |= environment
    finished = run("doctor")
    assert finished.code == 0
    assert _line(finished, label) == shown


def test_what_keeps_the_studio_from_opening_stands_in_the_way(home: Home, run: Run) -> None:
    home.environment |= {"DARKROOM_GRAPHICS": "best", "DARKROOM_THEME": "none such"}
    finished = run("doctor")
    assert finished.code == 1
    assert _line(finished, "theme") == "there is no theme none such"
    assert "Set DARKROOM_GRAPHICS to one of auto, kitty, sixel, half, off." in _advice(finished)
    assert finished.out.endswith("2 things stand in the way of generating.\n")


# ---------------------------------------------------------------- folders and configuration


def test_a_home_that_others_can_read_is_told_with_the_remedy(home: Home, run: Run) -> None:
    home.folder.mkdir(0o755)
    home.folder.chmod(0o755)
    finished = run("doctor")
    assert finished.code == 0
    assert f"Run: chmod 700 {home.folder}" in _advice(finished)
    home.folder.chmod(0o700)
    assert _line(run("doctor"), "home") == str(home.folder)


def test_a_home_that_is_a_file_or_below_one_stands_in_the_way(home: Home, run: Run) -> None:
    home.folder.write_text("in the way")
    finished = run("doctor")
    assert finished.code == 1
    assert _line(finished, "home") == f"{home.folder}: is a file, not a folder"
    assert any("DARKROOM_HOME" in advice for advice in _advice(finished))
    home.environment["DARKROOM_HOME"] = str(home.folder / "below")
    assert _line(run("doctor"), "home").endswith(": Not a directory")


def test_a_home_that_cannot_be_written_stands_in_the_way(home: Home, run: Run, monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    assert "cannot be made in" in _line(run("doctor"), "home")
    home.folder.mkdir(0o700)
    finished = run("doctor")
    assert finished.code == 1
    assert _line(finished, "home") == f"{home.folder}: cannot be written"


@pytest.mark.parametrize(("free", "code"), [(5_000_000_000, 0), (90_000_000, 0), (10_000, 1)])
def test_little_room_is_told_and_none_stands_in_the_way(
    home: Home, run: Run, monkeypatch, free: int, code: int
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    finished = run("doctor")
    assert finished.code == code
    assert any("Make room" in advice for advice in _advice(finished)) == (free < 200_000_000)


def test_without_home_the_folders_are_found_and_it_is_said(home: Home) -> None:
    for name in ("HOME", "DARKROOM_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        home.environment.pop(name, None)
    finished = home.run("doctor")
    assert finished.err == ""
    assert "HOME           not set: " in finished.out
    assert "\n  data           " in finished.out


@pytest.mark.parametrize(
    "text",
    ["endpoint = ", "endpoint = 7", 'graphics = "\x1b[31mbest"', "\x00", "[endpoints.x]\ny=1"],
)
def test_a_broken_configuration_is_told_and_the_rest_as_well(
    home: Home, run: Run, text: str
) -> None:
    home.configure(text)
    finished = run("doctor", "--online")
    assert (finished.code, finished.err) == (1, "")
    assert _line(finished, "config.toml").startswith(f"{home.folder / 'config.toml'}: ")
    assert "Correct it; nothing is generated before." in _advice(finished)
    assert _line(finished, "endpoint") == "not known until config.toml can be read"
    assert _line(finished, "entries").startswith("0,")
    assert harmful(finished.out.encode()) == []
    assert _document(run("doctor", "--json"))["ready"] is False


def test_cards_and_themes_that_are_not_used_are_named(home: Home, run: Run) -> None:
    home.configure('theme = "none such"')
    for folder in ("models", "themes"):
        (home.folder / folder).mkdir()
        (home.folder / folder / "mine.toml").write_text("id = 7")
    finished = run("doctor")
    assert finished.code == 0
    assert _line(finished, "card not used").startswith("mine.toml, line 1: ")
    assert _line(finished, "theme not used").startswith("mine.toml: ")
    assert "there is no theme none such" in finished.out
    assert _advice(finished).count("Correct the file, or remove it.") == 2


@pytest.mark.parametrize(
    ("table", "shown", "advice"),
    [
        ("", "bell", ""),
        ("bell = false", "none, when a job is done", ""),
        ('desktop = "osc9"', "bell, desktop (osc9)", "allow-passthrough on"),
        ('command = ["true", "x"]', "bell, the command true", ""),
        ('command = ["no-such"]', "bell, the command no-such", "There is no program no-such;"),
    ],
)
def test_how_it_is_told_that_a_job_is_done(
    home: Home, run: Run, table: str, shown: str, advice: str
) -> None:
    home.environment["TMUX"] = "/tmp/tmux-0/default,1,0"
    home.configure(f"[notices]\n{table}")
    finished = run("doctor")
    assert finished.code == 0
    assert _line(finished, "notices") == shown
    told = [one for one in _advice(finished) if "passthrough" in one or "no program" in one]
    assert len(told) == bool(advice)
    assert all(advice in one for one in told)


def test_a_configuration_with_headers_is_to_be_private(home: Home, run: Run) -> None:
    home.configure(
        f'[endpoints.own]\nbase_url = "https://e.example/v1"\nheaders = {{ A = "{KEY}" }}'
    )
    file = home.folder / "config.toml"
    file.chmod(0o644)
    advice = f"It holds headers, and others can read it. Run: chmod 600 {file}"
    assert advice in _advice(run("doctor"))
    file.chmod(0o600)
    assert advice not in _advice(run("doctor"))


# ---------------------------------------------------------------- what was kept


def test_entries_are_counted_and_what_cannot_be_read_is_told(home: Home, run: Run) -> None:
    home.folder.mkdir(0o700)
    home.store.write(DONE)
    broken = home.store.entry_path("20200102T030405006-abcdef")
    broken.parent.mkdir(parents=True)
    broken.write_text("")
    finished = run("doctor")
    assert finished.code == 0
    assert _line(finished, "entries").startswith("1, read in ")
    assert _line(finished, "unreadable") == "1"
    assert any("darkroom history check" in advice for advice in _advice(finished))


def test_the_log_and_the_newest_reports_are_told(home: Home, run: Run) -> None:
    reports = home.folder / "reports"
    reports.mkdir(0o700, parents=True)
    names = [f"crash-2026010{day}T000000-abcdef.txt" for day in range(1, 6)]
    for name in names:
        (reports / name).touch()
    home.environment["DARKROOM_LOG"] = "info"
    finished = run("doctor")
    assert _line(finished, "log") == "info, wanted by DARKROOM_LOG"
    assert _line(finished, "log file").startswith(str(home.folder / "logs" / "darkroom.log"))
    assert _line(finished, "crash reports") == "5"
    assert "darkroom doctor --bundle" in finished.out
    shown = [line.split()[-1] for line in finished.out.splitlines() if "crash report " in line]
    assert [Path(path).name for path in shown] == names[:-4:-1]


def test_a_log_that_is_a_link_is_told(home: Home, run: Run) -> None:
    logs = home.folder / "logs"
    logs.mkdir(0o700, parents=True)
    (logs / "darkroom.log").symlink_to("/dev/null")
    finished = run("doctor")
    assert _line(finished, "log file").endswith(": is a link, and not followed")
    assert "Remove it." in _advice(finished)


# ---------------------------------------------------------------- outside text


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_nothing_from_outside_acts_on_the_terminal(home: Home, run: Run, payload: str) -> None:
    world(Paths(home.folder, home.folder, home.folder), payload)
    can_be = payload.replace("\0", "").encode("utf-8", "replace").decode()
    home.environment |= {
        "TERM": f"Qterm{can_be}",
        "DARKROOM_THEME": f"Qtheme{can_be}",
        "DARKROOM_GRAPHICS": f"Qgraphics{can_be}",
    }
    for arguments in (["doctor"], ["doctor", "--json"], ["doctor", "--endpoint", f"Q{can_be}"]):
        finished = run(*arguments)
        assert finished.code == 1
        assert "Qterm" in finished.out
        assert "Qtheme" in finished.out
        assert harmful(finished.out.encode()) == []
        assert harmful(finished.err.encode()) == []


def test_bundle_and_json_do_not_go_together(run: Run) -> None:
    finished = run("doctor", "--bundle", "--json")
    assert finished.code == 2
    (complaint,) = finished.complaints
    assert complaint.startswith("--bundle and --json do not go together.")
