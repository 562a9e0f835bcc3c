"""Private folders, and files that are whole or absent whatever fails."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tui.files import make_folder, new_file, rename_durably, settle_folder, write_durably

OLD = b"the old file\n"
NEW = b"the new file, which is longer\n" * 1000

# Every call that a durable write makes of the system, apart from write and close.
CALLS = [(os, "open"), (os, "fchmod"), (os, "fsync"), (Path, "replace")]
CALL_NAMES = [name for _, name in CALLS]


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def any_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def _is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _fail_at(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, number: int, error: int
) -> list[int]:
    """Make the call of that number fail; what comes back is empty until it was reached."""
    original = getattr(owner, name)
    calls = 0
    reached: list[int] = []

    def failing(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == number:
            reached.append(calls)
            raise OSError(error, os.strerror(error))
        return original(*arguments)

    monkeypatch.setattr(owner, name, failing)
    return reached


@pytest.mark.usefixtures("any_umask")
def test_files_and_folders_are_private_under_any_umask(tmp_path: Path) -> None:
    path = tmp_path / "history" / "2026" / "11" / "22" / "entry.toml"
    write_durably(path, NEW)
    assert _mode(path) == 0o600
    for folder in [*path.parents][:4]:
        assert _mode(folder) == 0o700


@pytest.mark.usefixtures("any_umask")
def test_a_file_that_others_could_read_is_private_once_it_is_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "entry.toml"
    path.write_bytes(OLD)
    path.chmod(0o644)
    write_durably(path, NEW)
    assert _mode(path) == 0o600


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    make_folder(shared / "inner")
    assert _mode(shared) == 0o755
    assert _mode(shared / "inner") == 0o700


def test_a_new_folder_is_forced_into_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        settled.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    make_folder(tmp_path / "a" / "b")
    assert settled == [tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino]


def test_many_may_create_the_same_folder_at_once(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*"abcdefgh")
    start = Barrier(8)

    def create() -> None:
        start.wait()
        make_folder(folder)

    with ThreadPoolExecutor(8) as pool:
        for result in [pool.submit(create) for _ in range(8)]:
            result.result()
    assert folder.is_dir()


def test_a_disk_that_is_gone_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda path: False)
    with pytest.raises(NotADirectoryError) as raised:
        make_folder(Path("/history"))
    assert raised.value.filename == "/"
    assert raised.value.strerror == "is a file, not a folder"


def test_one_may_write_into_a_folder_that_one_may_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _fail_at(patch, os, "open", 1, errno.EACCES)
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("kind", ["file", "dangling link", "loop"])
def test_what_stands_where_a_folder_should_be_is_reported_and_left(
    tmp_path: Path, kind: str
) -> None:
    obstacle = tmp_path / "history"
    if kind == "file":
        obstacle.write_bytes(OLD)
    else:
        obstacle.symlink_to("nowhere" if kind == "dangling link" else "history")
    for folder in (obstacle, obstacle / "2026"):
        with pytest.raises(NotADirectoryError) as raised:
            write_durably(folder / "entry.toml", NEW)
        assert (raised.value.errno, raised.value.filename) == (errno.ENOTDIR, str(obstacle))
    assert _names(tmp_path) == ["history"]
    assert kind != "file" or obstacle.read_bytes() == OLD


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize(("owner", "name"), CALLS, ids=CALL_NAMES)
def test_each_call_that_fails_is_reported_and_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: int
) -> None:
    path = tmp_path / "entry.toml"
    failures = 0
    while True:
        path.write_bytes(OLD)
        with monkeypatch.context() as patch:
            reached = _fail_at(patch, owner, name, failures + 1, error)
            try:
                write_durably(path, NEW)
            except OSError as raised:
                assert raised.errno == error
                assert reached
            else:
                assert not reached
                break
        failures += 1
        # The folder is forced last: by then the new file is in its place, and whole.
        last = name == "fsync" and failures == 2
        assert path.read_bytes() == (NEW if last else OLD)
        assert _names(tmp_path) == ["entry.toml"]
    assert failures >= 1
    assert path.read_bytes() == NEW


def test_where_nothing_can_be_tidied_up_either_the_first_failure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail_at(monkeypatch, os, "fsync", 1, errno.EIO)
    monkeypatch.setattr(Path, "unlink", _refuse)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        write_durably(tmp_path / "entry.toml", NEW)


def _refuse(path: Path, missing_ok: bool = False) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_no_descriptor_is_left_open_by_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    original = os.open

    def recording(*arguments: object) -> int:
        opened.append(original(*arguments))
        return opened[-1]

    monkeypatch.setattr(os, "open", recording)
    for owner, name in CALLS[1:]:
        with monkeypatch.context() as patch:
            _fail_at(patch, owner, name, 1, errno.EIO)
            with pytest.raises(OSError, match=os.strerror(errno.EIO)):
                write_durably(tmp_path / "entry.toml", NEW)
    assert opened
    for descriptor in set(opened):
        with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
            os.fstat(descriptor)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("data", [b"small", bytes(1_000_000)], ids=["flushed", "written"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    path = tmp_path / "entry.toml"
    path.write_bytes(OLD)
    full = os.open("/dev/full", os.O_WRONLY)
    # The new file's descriptor becomes that of the full device before anything is written.
    monkeypatch.setattr(os, "fchmod", lambda descriptor, _: os.dup2(full, descriptor))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            write_durably(path, data)
    finally:
        os.close(full)
    assert path.read_bytes() == OLD
    assert _names(tmp_path) == ["entry.toml"]


def test_a_file_that_may_not_grow_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "entry.toml"
    path.write_bytes(OLD)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            write_durably(path, bytes(200 * 1024))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == OLD
    assert _names(tmp_path) == ["entry.toml"]


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_force_folders_is_good_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    fsync = os.fsync

    def refusing(descriptor: int) -> None:
        if _is_folder(descriptor):
            raise OSError(error, os.strerror(error))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)
    write_durably(tmp_path / "2026" / "entry.toml", NEW)
    settle_folder(tmp_path)
    assert (tmp_path / "2026" / "entry.toml").read_bytes() == NEW


@pytest.mark.parametrize("data", [b"", b"small", NEW], ids=["empty", "small", "large"])
def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    path = tmp_path / "entry.toml"
    steps: list[tuple[str, object]] = []
    fsync, replace = os.fsync, Path.replace

    def forcing(descriptor: int) -> None:
        fsync(descriptor)
        folder = _is_folder(descriptor)
        steps.append(("folder", None) if folder else ("file", os.fstat(descriptor).st_size))

    def renaming(source: Path, target: Path) -> Path:
        steps.append(("rename", target))
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", forcing)
    monkeypatch.setattr(Path, "replace", renaming)
    write_durably(path, data)
    assert steps == [("file", len(data)), ("rename", path), ("folder", None)]


KILLED = """
import os, signal, sys
from pathlib import Path
from tui.files import write_durably

owner = {"os": os, "Path": Path}[sys.argv[1]]
name, number = sys.argv[2], int(sys.argv[3])
original = getattr(owner, name)
calls = 0

def dying(*arguments):
    global calls
    calls += 1
    if calls == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments)

setattr(owner, name, dying)
write_durably(Path(sys.argv[4]), Path(sys.argv[5]).read_bytes())
"""


@pytest.mark.parametrize(
    "point", ["os open 1", "os fchmod 1", "os fsync 1", "os open 2", "Path replace 1", "os fsync 2"]
)
def test_a_process_killed_at_any_step_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, point: str
) -> None:
    path, new = tmp_path / "entry.toml", tmp_path / "new"
    path.write_bytes(OLD)
    new.write_bytes(NEW)
    arguments = [sys.executable, "-c", KILLED, *point.split(), str(path), str(new)]
    assert subprocess.run(arguments).returncode == -9
    assert path.read_bytes() == (NEW if point == "os fsync 2" else OLD)
    # A temporary file may stay behind, under a name that nothing reads.
    others = [name for name in _names(tmp_path) if name not in ("entry.toml", "new")]
    assert all(name.startswith(".") and name.endswith(".tmp") for name in others)


def test_a_link_at_the_target_is_replaced_and_what_it_points_at_untouched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(OLD)
    path = tmp_path / "entry.toml"
    path.symlink_to(elsewhere)
    write_durably(path, NEW)
    assert not path.is_symlink()
    assert path.read_bytes() == NEW
    assert elsewhere.read_bytes() == OLD


def test_a_folder_at_the_target_is_reported_and_left(tmp_path: Path) -> None:
    (tmp_path / "entry.toml" / "inner").mkdir(parents=True)
    with pytest.raises(OSError, match=r"entry\.toml"):
        write_durably(tmp_path / "entry.toml", NEW)
    assert _names(tmp_path) == ["entry.toml"]
    assert _names(tmp_path / "entry.toml") == ["inner"]


def _take_as_file(path: Path) -> None:
    path.write_bytes(OLD)


def _take_as_link(path: Path) -> None:
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("take", [_take_as_file, _take_as_link])
def test_a_new_file_never_goes_where_something_is(
    tmp_path: Path, take: Callable[[Path], None]
) -> None:
    path = tmp_path / "new"
    take(path)
    with pytest.raises(FileExistsError), new_file(path):
        pytest.fail("it was opened")
    assert _names(tmp_path) == ["new"]


def test_a_file_can_be_renamed_over_another(tmp_path: Path) -> None:
    part, target = tmp_path / "image.part", tmp_path / "image.png"
    part.write_bytes(NEW)
    target.write_bytes(OLD)
    rename_durably(part, target)
    assert target.read_bytes() == NEW
    assert _names(tmp_path) == ["image.png"]


def test_a_failed_rename_leaves_both_files(tmp_path: Path) -> None:
    part = tmp_path / "image.part"
    part.write_bytes(NEW)
    with pytest.raises(FileNotFoundError):
        rename_durably(part, tmp_path / "missing" / "image.png")
    assert part.read_bytes() == NEW
