"""The log: off unless asked for, small, private, and without prompts or keys."""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("tui")
