"""A program that is killed leaves the session that it kept, whenever that happens."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tui.generation.draft import Draft
from tui.generation.session import Session
from tui.generation.session_keeper import SessionKeeper
from tui.paths import Paths

KILLS = 20

# For each line it forks a studio that keeps sessions as quickly as it can, and says of each
# session beforehand that it will.
PROGRAM = """
import os, sys
from pathlib import Path
from tui.generation.draft import Draft
from tui.generation.session import Session
from tui.generation.session_keeper import SessionKeeper

path = Path(sys.argv[1])
for line in sys.stdin:
    if child := os.fork():
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)
        continue
    keeper = SessionKeeper(path, settle=0)
    keeper.read()
    reports = os.open(sys.argv[2], os.O_WRONLY)
    begin, number = int(line), 0
    while True:
        number += 1
        os.write(reports, b"%d\\n" % (begin + number))
        keeper.keep(Session(Draft("m", f"{begin + number} " * 2000)))
"""


def test_killed_at_any_moment_it_leaves_a_session_that_it_had_kept(
    paths: Paths, tmp_path: Path
) -> None:
    first = SessionKeeper(paths.session)
    first.keep(Session(Draft("m", "0 " * 2000)))
    first.close()
    pipe = tmp_path / "reports"
    os.mkfifo(pipe)
    chance = random.Random(6)
    newest = 0
    studios = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(paths.session), str(pipe)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with studios:
        assert studios.stdin is not None
        assert studios.stdout is not None
        for _ in range(KILLS):
            studios.stdin.write(f"{newest}\n")
            studios.stdin.flush()
            child = int(studios.stdout.readline())
            with pipe.open() as reports:
                announced = [reports.readline() for _ in range(chance.randrange(1, 2000))]
                os.kill(child, signal.SIGKILL)
                announced += reports.readlines()
            assert int(studios.stdout.readline()) == signal.SIGKILL
            session = SessionKeeper(paths.session).read()
            assert session is not None
            number, *others = map(int, session.draft.prompt.split())
            assert others == [number] * 1999
            assert newest <= number <= int(announced[-1])
            newest = number
    assert newest > 0, "something was written before the last kill"
