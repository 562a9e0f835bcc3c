"""No library is older than the release that mended a known hole.

`make audit` asks the public databases of such holes, which not every machine can reach. This is
what is known without them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
FIRST_SOUND = {
    "anyio": "4.4.0",  # threads that race for the same event loop
    "certifi": "2024.7.4",  # CVE-2024-39689: roots that are trusted no more
    "h11": "0.16.0",  # CVE-2025-43859: chunked bodies
    "httpcore": "1.0.9",  # asks for that h11
    "idna": "3.7",  # CVE-2024-3651: time without bounds
    "markdown-it-py": "2.2.0",  # CVE-2023-26302, CVE-2023-26303
    "pillow": "12.3.0",  # CVE-2026-25990, -40192, -42310, -42311 among others
    "pip": "25.3",  # CVE-2025-8869: links out of an archive
    "pydantic": "2.4.0",  # CVE-2024-3772: time without bounds
    "pygments": "2.15.1",  # CVE-2022-40896: time without bounds
    "starlette": "0.49.1",  # CVE-2025-62727, CVE-2025-54121: time and memory of requests
    "uvicorn": "0.11.7",  # CVE-2020-7694, CVE-2020-7695: text of requests in logs and answers
}
"""The first release of each without any hole that is known to us."""


def _pinned() -> dict[str, list[Version]]:
    """The versions that constraints.txt has of each library, one or more."""
    found: dict[str, list[Version]] = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            (version,) = requirement.specifier
            name = canonicalize_name(requirement.name)
            found.setdefault(name, []).append(Version(version.version))
    return found


@pytest.mark.parametrize("library", FIRST_SOUND)
def test_what_is_pinned_is_sound(library: str) -> None:
    pinned = _pinned()[library]
    assert pinned
    assert min(pinned) >= Version(FIRST_SOUND[library])


def test_what_is_asked_for_is_sound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    admits = [
        f"{requirement} admits a release before {first}"
        for requirement in map(Requirement, project["dependencies"])
        if (first := FIRST_SOUND.get(canonicalize_name(requirement.name)))
        and any(
            clause.operator == ">=" and Version(clause.version) < Version(first)
            for clause in requirement.specifier
        )
    ]
    assert admits == []
    bounds = [requirement.specifier for requirement in map(Requirement, project["dependencies"])]
    assert all(any(clause.operator == ">=" for clause in bound) for bound in bounds)
