"""System programs that tests drive: skipped without them, but not under CI."""

from __future__ import annotations

import os
import shutil

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    """A mark that skips, with the reason, where a program is missing. Under CI nothing is skipped,
    and so the test fails there."""
    missing = [program for program in programs if shutil.which(program) is None]
    skip = bool(missing) and os.environ.get("CI") != "true"
    return pytest.mark.skipif(skip, reason=f"not installed: {', '.join(missing)}")
