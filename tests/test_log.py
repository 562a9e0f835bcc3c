"""The log: what gets into it, what never does, and that it is in nobody's way."""

from __future__ import annotations

import ast
import errno
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.pseudo_terminal import PATIENCE
from tui import log
from tui.keys import Secret
from tui.log import (
    FILE_NAME,
    OLDER_PARTS,
    OwnWords,
    keep_quiet,
    line_of,
    log_parts,
    muffle_libraries,
    start_log,
    stop_log,
    wanted_level,
)

PACKAGE = Path(log.__file__).parent
KEY = "sk-CANARY-0123456789abcdefghij"
PROMPT = "a zebra on the moon, CANARYPROMPT"
OWN = logging.getLogger("tui.some.part")
FOREIGN = logging.getLogger("somebody.else")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the log is to lie; not there yet."""
    return tmp_path / "cache" / "logs"


@pytest.fixture(autouse=True)
def _leave_no_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(log, "_TO_WRITE", PATIENCE)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    yield
    stop_log()


@pytest.fixture
def read(folder: Path) -> Callable[[], str]:
    """What the log holds, once all is written and it has ended."""
    assert start_log("debug", folder) is None

    def read() -> str:
        stop_log()
        return (folder / FILE_NAME).read_text("utf-8")

    return read


def _record(logger: logging.Logger, message: object, *arguments: object, error=None) -> str:
    info = (type(error), error, error.__traceback__) if error is not None else None
    record = logger.makeRecord(
        logger.name, logging.ERROR, "/home/me/tui/api/x.py", 7, message, arguments, info
    )
    return line_of(record)


def _raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as raised:
        raise error
    return raised.value


# ---------------------------------------------------------------- what a line holds


def test_a_record_is_a_line_with_its_time_process_level_and_place(read) -> None:
    OWN.info("job %s after %.1f s: %d images", "20261122T070312418-4f2a9c", 12.34, 3)
    line = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ INFO tui\.some\.part: "
    line += r"job 20261122T070312418-4f2a9c after 12\.3 s: 3 images\n"
    assert re.fullmatch(line, read())


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("seedream-4.5", "seedream-4.5"),
        ("org/model:tag", "org/model:tag"),
        (Path("/v1/images/generations"), "/v1/images/generations"),
        (3, "3"),
        (None, "None"),
        (OwnWords("not sent, no connection"), "not sent, no connection"),
        (PROMPT, "[text]"),
        ("月の上の縞馬", "[text]"),
        ("x" * 201, "[text]"),
        ("a\nb", "[text]"),
        ("\x1b[31m", "[text]"),
        (ValueError(PROMPT), "[ValueError]"),
        ([PROMPT], "[list]"),
        (PROMPT.encode(), "[bytes]"),
    ],
)
def test_an_argument_is_a_number_a_name_or_not_told(argument: object, told: str) -> None:
    assert _record(OWN, "it is %s so", argument).endswith(f": it is {told} so")


def test_what_does_not_fit_its_message_is_the_message_alone() -> None:
    assert _record(OWN, "%d images", "many").endswith(": %d images")
    assert _record(OWN, "%s and %s", "one").endswith(": %s and %s")
    assert _record(OWN, "%(prompt)s", {"prompt": PROMPT}).endswith(": %(prompt)s")
    assert _record(OWN, ValueError(PROMPT)).endswith(": ValueError")


def test_a_line_holds_no_key_even_where_our_own_words_do() -> None:
    Secret("hunter2-hunter2", "a test")
    words = OwnWords("sk-nobody-told-of-this")
    line = _record(OWN, "at %s with %s", "https://a.example/hunter2-hunter2", words)
    assert line.endswith(": at https://a.example/[key] with sk-[key]")


def test_a_line_is_one_line_that_acts_on_nothing_and_has_an_end() -> None:
    line = _record(OWN, "%s", OwnWords("one\ntwo\x1b[2J\x9b31m\u202e" + "x" * 10_000))
    assert line.isprintable()
    assert "one two␛[2J" in line
    assert len(line) <= 4000


def test_of_others_only_the_place_is_told() -> None:
    for message, arguments in ((PROMPT, ()), ("%s", (PROMPT,)), (f"future: {PROMPT}", ())):
        line = _record(FOREIGN, message, *arguments)
        assert line.endswith(" ERROR somebody.else: at tui/api/x.py:7")


def test_an_exception_is_its_types_and_frames() -> None:
    def inner(prompt: str) -> None:
        raise KeyError(prompt)

    def outer() -> None:
        try:
            inner(PROMPT)
        except KeyError as error:
            raise ValueError(f"{KEY} {PROMPT}") from error

    with pytest.raises(ValueError) as raised:
        outer()
    raised.value.add_note(PROMPT)
    for logger in (OWN, FOREIGN):
        line = _record(logger, "failed", error=raised.value)
        assert re.search(
            r": ValueError < \S+/tests/test_log\.py:\d+ outer < .*; "
            r"after KeyError < \S+/tests/test_log\.py:\d+ inner < \S+ outer$",
            line,
        )
        assert "CANARY" not in line
        assert "zebra" not in line


def test_of_a_group_the_first_exception_is_told_and_of_a_long_story_the_end() -> None:
    group = _raised(ExceptionGroup(PROMPT, [_raised(OSError(PROMPT)), ValueError(PROMPT)]))
    line = _record(OWN, "failed", error=group)
    assert re.search(r"ExceptionGroup < \S+ _raised; after OSError < \S+ _raised$", line)

    def deep(left: int) -> None:
        if not left:
            raise RecursionError(PROMPT)
        deep(left - 1)

    with pytest.raises(RecursionError) as raised:
        deep(300)
    line = _record(OWN, "failed", error=raised.value)
    assert line.count(" deep") == 20
    circle = ValueError(PROMPT)
    circle.__cause__ = circle
    assert _record(OWN, "failed", error=circle).count("ValueError") == 5
    assert "CANARY" not in line


def test_our_own_records_are_literals_with_arguments() -> None:
    methods = {"debug", "info", "warning", "error", "exception", "critical", "log"}
    found = 0
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="_log" | "LOGGER"), attr=method),
                    args=arguments,
                ) if method in methods:
                    found += 1
                    message = arguments[1 if method == "log" else 0]
                    assert isinstance(message, ast.Constant), f"{path}:{node.lineno}"
    assert found > 8


# ---------------------------------------------------------------- levels, on and off


def test_off_keeps_no_log(folder: Path) -> None:
    assert start_log("off", folder) is None
    OWN.error("something")
    assert not folder.exists()


@pytest.mark.parametrize(("level", "logged"), [("info", ["one"]), ("debug", ["zero", "one"])])
def test_the_level_is_that_of_our_own_records(folder: Path, level, logged) -> None:
    start_log(level, folder)
    OWN.debug("zero")
    OWN.info("one")
    stop_log()
    OWN.error("after the end")
    lines = (folder / FILE_NAME).read_text().splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == logged


def test_others_are_heard_from_warnings_up_whatever_they_set(read) -> None:
    talkative = [logging.getLogger(name) for name in ("PIL.Image", "asyncio", "httpcore.http11")]
    for logger in talkative:
        before = logger.level
        logger.setLevel(logging.DEBUG)
        logger.debug("x")
        logger.info("x")
        logger.warning("x")
        logger.setLevel(before)
    names = re.findall(r"(\w+) ([\w.]+): at ", read())
    assert names == [("WARNING", logger.name) for logger in talkative]


def test_libraries_that_requests_go_through_are_muffled() -> None:
    muffle_libraries()
    for name in ("httpx", "httpcore", "httpcore.connection", "hpack.hpack", "h2"):
        assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING


def test_a_second_start_changes_nothing(read, folder: Path) -> None:
    assert start_log("info", folder / "elsewhere") is None
    OWN.debug("once")
    assert read().count("once") == 1
    assert not (folder / "elsewhere").exists()


@pytest.mark.parametrize(
    ("configured", "environment", "wanted"),
    [
        ("off", {}, "off"),
        ("info", {}, "info"),
        ("info", {"DARKROOM_LOG": ""}, "info"),
        ("off", {"DARKROOM_LOG": "debug"}, "debug"),
        ("debug", {"DARKROOM_LOG": "off"}, "off"),
    ],
)
def test_the_environment_comes_first(configured, environment, wanted) -> None:
    assert wanted_level(configured, environment) == wanted


@pytest.mark.parametrize("value", ["1", "INFO", "trace", "\x1b[31m"])
def test_what_is_no_level_is_one_sentence(value: str) -> None:
    with pytest.raises(ValueError, match=r"^DARKROOM_LOG is one of off, info, debug$"):
        wanted_level("off", {"DARKROOM_LOG": value})


SPEAKING = """
import asyncio, logging, sys
from tui.log import keep_quiet
keep_quiet()
logging.getLogger("asyncio").error("said %s")
logging.getLogger("PIL.PngImagePlugin").critical("said", exc_info=ValueError("said"))
logging.getLogger("tui.x").error("said %d", "said")
logging.warning("said")
logging.basicConfig()
logging.error("said")
alone = logging.getLogger("alone")
alone.propagate = False
alone.error("said")

class Failing(logging.Handler):
    def emit(self, record):
        try:
            raise ValueError("said")
        except ValueError:
            self.handleError(record)

failing = logging.getLogger("failing")
failing.addHandler(Failing())
failing.error("said")

async def main():
    async def fail():
        raise ValueError("said")
    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    import gc
    gc.collect()

asyncio.run(main())
"""


def test_nothing_that_is_logged_reaches_standard_error() -> None:
    finished = subprocess.run([sys.executable, "-c", SPEAKING], capture_output=True)
    assert (finished.returncode, finished.stderr) == (0, b"")


def test_keeping_quiet_twice_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "lastResort", logging.lastResort)
    keep_quiet()
    handlers = list(logging.getLogger().handlers)
    keep_quiet()
    assert logging.getLogger().handlers == handlers != []


def test_without_the_log_its_machinery_is_not_loaded() -> None:
    program = "import sys, tui.log; tui.log.keep_quiet(); print('logging.handlers' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert finished.stdout == "False\n"


# ---------------------------------------------------------------- the files


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_log_is_its_owners_alone(folder: Path, umask: int, monkeypatch) -> None:
    monkeypatch.setattr(log, "LARGEST", 300)
    before = os.umask(umask)
    try:
        start_log("info", folder)
        for number in range(60):
            OWN.info("record %d", number)
        stop_log()
    finally:
        os.umask(before)
    assert S_IMODE(folder.stat().st_mode) == S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert [S_IMODE(part.stat().st_mode) for part in log_parts(folder)] == [0o600] * 4


def test_what_others_could_read_is_made_private(folder: Path) -> None:
    folder.mkdir(0o755, parents=True)
    (folder / FILE_NAME).touch(0o644)
    assert start_log("info", folder) is None
    assert S_IMODE(folder.stat().st_mode) == 0o700
    assert S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


def test_a_full_part_makes_room_for_the_next_and_the_oldest_goes(read, folder, monkeypatch) -> None:
    monkeypatch.setattr(log, "LARGEST", 1000)
    for number in range(200):
        OWN.info("record %d.", number)
    read()
    parts = log_parts(folder)
    names = [FILE_NAME, *(f"{FILE_NAME}.{number}" for number in range(1, OLDER_PARTS + 1))]
    assert [part.name for part in parts] == names
    assert sorted(folder.iterdir()) == sorted(parts)
    assert all(0 < part.stat().st_size <= 1000 for part in parts)
    text = "".join(part.read_text() for part in reversed(parts))
    numbers = [int(number) for number in re.findall(r"record (\d+)\.", text)]
    assert numbers == list(range(numbers[0], 200))


def test_another_process_may_begin_a_new_part_and_a_user_may_remove_one(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    file = log._LogFile(path)
    file.write(b"first\n")
    path.rename(tmp_path / f"{FILE_NAME}.1")
    file.write(b"second\n")
    assert path.read_bytes() == b"second\n"
    path.unlink()
    file.write(b"third\n")
    assert path.read_bytes() == b"third\n"
    path.unlink()
    path.symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        file.write(b"fourth\n")
    assert not (tmp_path / "target").exists()
    path.unlink()
    file.write(b"fifth\n")
    assert path.read_bytes() == b"fifth\n"
    file.close()


def test_a_folder_that_vanishes_is_borne_in_silence(read, folder: Path, capfd) -> None:
    shutil.rmtree(folder)
    OWN.info("after")
    stop_log()
    assert not folder.exists()
    assert capfd.readouterr() == ("", "")


def _plant_link(path: Path) -> None:
    path.symlink_to(path.parent / "target")


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        (_plant_link, "is a link"),
        (lambda path: os.mkfifo(path), "No such device or address"),
        (lambda path: path.mkdir(), "Is a directory"),
    ],
    ids=["link", "pipe", "folder"],
)
def test_what_is_planted_is_not_written_to(folder: Path, plant, reason) -> None:
    folder.mkdir(0o700, parents=True)
    file = folder / FILE_NAME
    plant(file)
    assert start_log("debug", folder) == f"no log is kept: {file}: {reason}"
    OWN.error("something")
    assert not (folder / "target").exists()
    assert log_parts(folder) == []


def test_a_pipe_that_somebody_reads_is_not_written_to(folder: Path) -> None:
    folder.mkdir(0o700, parents=True)
    file = folder / FILE_NAME
    os.mkfifo(file)
    reading = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert start_log("debug", folder) == f"no log is kept: {file}: is not a file"
        OWN.error("something")
        assert os.read(reading, 100) == b""
    finally:
        os.close(reading)


def test_a_folder_that_is_a_link_or_a_file_holds_no_log(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(0o755)
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    assert start_log("debug", folder) == f"no log is kept: {folder}: is a link"
    assert list(elsewhere.iterdir()) == []
    assert S_IMODE(elsewhere.stat().st_mode) == 0o755
    folder.unlink()
    folder.touch()
    assert start_log("debug", folder) == f"no log is kept: {folder}: is a file, not a folder"


def test_a_full_disk_is_borne_in_silence(read, monkeypatch, capfd) -> None:
    OWN.info("before")
    write = os.write
    refused = threading.Event()

    def full(descriptor: int, data: bytes) -> int:
        if b"meanwhile" in data:
            refused.set()
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    OWN.info("meanwhile")
    OWN.info("after")
    text = read()
    assert refused.is_set()
    assert re.findall(r": (\w+)\n", text) == ["before", "after"]
    assert capfd.readouterr() == ("", "")


def test_a_disk_that_hangs_holds_up_neither_the_program_nor_its_end(folder, monkeypatch) -> None:
    monkeypatch.setattr(log, "_TO_WRITE", 0.01)
    write = os.write
    hanging, may_go_on = threading.Event(), threading.Event()

    def hang(descriptor: int, data: bytes) -> int:
        hanging.set()
        may_go_on.wait(PATIENCE)
        return write(descriptor, data)

    start_log("info", folder)
    monkeypatch.setattr(os, "write", hang)
    for _ in range(log._LONGEST_QUEUE + 100):
        OWN.info("x")
    assert hanging.wait(PATIENCE)
    stop_log()
    assert (folder / FILE_NAME).read_text() == ""
    (writer,) = (thread for thread in threading.enumerate() if thread.name == "log")
    may_go_on.set()
    writer.join(PATIENCE)
    assert 0 < (folder / FILE_NAME).read_text().count("\n") <= log._LONGEST_QUEUE + 1


def test_what_was_logged_last_is_on_the_disk_however_the_program_ends(folder: Path) -> None:
    program = f"""
import logging, sys
from pathlib import Path
from tui.log import start_log
start_log("info", Path({str(folder)!r}))
logging.getLogger("tui").info("the last")
sys.exit(3)
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert (finished.returncode, finished.stdout, finished.stderr) == (3, b"", b"")
    assert (folder / FILE_NAME).read_text().endswith(": the last\n")
