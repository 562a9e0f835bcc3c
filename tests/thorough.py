"""How thoroughly is tried what chance decides."""

from __future__ import annotations

import os

THOROUGH = int(os.environ.get("DARKROOM_TEST_THOROUGH", "1"))
"""How many times the usual number of examples; `make soak` asks for 10."""
