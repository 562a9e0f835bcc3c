"""What a caller says of a file that came whole and is no good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


class Unfit(Exception):
    """The file is damaged, or not what was asked for; the text says why."""


Check = Callable[[Path], None]
"""Looks at a whole file, in a thread; raises Unfit when it is no good."""
