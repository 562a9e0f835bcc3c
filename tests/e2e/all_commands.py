"""Runs commands that show text from outside, one after the other, in one process."""

from __future__ import annotations

import sys
from contextlib import suppress

from tui.cli import main


def run(*arguments: str) -> None:
    sys.argv = ["darkroom", *arguments]
    with suppress(SystemExit):
        main()


def run_all(entry: str, payload: str) -> None:
    run("models")
    run("models", f"Qmodel{payload}")
    run("models", f"no such {payload}")
    run("history")
    run("history", "show", entry)
    run("history", "show", payload or "x")
    run("history", "star", entry)
    run("history", "check")
    run("history", f"model:{payload}", payload, f"seed:{payload}")
    run("history", "tag", entry, f"Qtag{payload}")
    run("history", "tag", entry)
    run("history", "note", entry, payload)
    run("history", "export", "-")
    run("history", "import", payload or "x")
    run("history", "rm", entry)
    run("history", "trash")
    run("history", "restore", payload or "x")
    run("history", "restore", entry)
    run("images", "adopt", payload or "x")
    run("images", "delete", payload or "x", "--yes")
    run("endpoints")
    run("endpoints", "test", payload)
    run("endpoints", "add", payload, "--base-url", payload)
    run("generate", payload, "--dry-run")
    run("generate", payload, "-p", payload)
    run("generate", payload, "-i", payload)
    run("generate", "x", "--endpoint", payload)
    run("generate", payload, "--from", entry)
    run(payload)
    run("--theme", payload)
    run("--graphics", payload)


if __name__ == "__main__":
    run_all(sys.argv[1], sys.argv[2])
