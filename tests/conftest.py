"""For all tests."""

from __future__ import annotations

from hypothesis import settings

# Machines are noisy: how long an example takes says nothing.
settings.register_profile("darkroom", deadline=None)
settings.load_profile("darkroom")
