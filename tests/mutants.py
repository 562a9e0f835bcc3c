"""Changes modules a little, each time in one place, and sees whether a test notices.

`make mutants` runs it, or `python -m tests.mutants budget --show` for one module and what passed
unnoticed there. `[tool.darkroom.mutants]` in pyproject.toml says which modules, and which tests
try them; mutmut does the work, in a folder for each module.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".mutants"
NEEDED = ("tui", "tests", "themes", "README.md", "LICENSE")
MUTMUT = Path(sys.executable).with_name("mutmut")
WORKERS = "2"
LEAST = 90.0
"""Per cent of its mutants that the tests of a module must notice."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="parts of their names; all if none is given")
    parser.add_argument("--show", action="store_true", help="show what passed unnoticed")
    parser.add_argument(
        "--again", action="store_true", help="try what passed last time, and what changed"
    )
    chosen = parser.parse_args()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = ["| module | mutants | killed | survivors | score |", "|---|---|---|---|---|"]
    is_enough = True
    for module, tests in pyproject["tool"]["darkroom"]["mutants"].items():
        if chosen.modules and not any(part in module for part in chosen.modules):
            continue
        place = FOLDER / module.removesuffix(".py").replace("/", ".")
        survivors = _survivors(place) if chosen.again else []
        if not chosen.again:
            shutil.rmtree(place, ignore_errors=True)
        _prepare(place, module, tests)
        if survivors:
            _run(place, survivors)
        _run(place)
        counts = json.loads((place / "mutants/mutmut-cicd-stats.json").read_text("utf-8"))
        total, left = counts["total"], len(_survivors(place))
        score = 100 * (total - left) / total
        is_enough &= score >= LEAST
        lines.append(f"| `{module}` | {total} | {total - left} | {left} | {score:.1f} % |")
        print(lines[-1], flush=True)
        if chosen.show:
            for name in _survivors(place):
                print(_mutmut(place, "show", name).stdout, flush=True)
    print("\n".join(["", *lines]))
    return 0 if is_enough else 1


def _prepare(place: Path, module: str, tests: Iterable[str]) -> None:
    """Make a folder in which mutmut finds all that it needs, and what it is to do."""
    place.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        link = place / name
        if not link.is_symlink():
            link.symlink_to(ROOT / name)
    settings: Mapping[str, Iterable[str]] = {
        "only_mutate": [module],
        "pytest_add_cli_args_test_selection": tests,
    }
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    added = "".join(f"{name} = {json.dumps(list(value))}\n" for name, value in settings.items())
    text = text.replace("[tool.mutmut]\n", f"[tool.mutmut]\n{added}")
    (place / "pyproject.toml").write_text(text, "utf-8")


def _run(place: Path, names: Iterable[str] = ()) -> None:
    """Try the mutants of these names, or all that were not tried yet."""
    done = _mutmut(place, "run", "--max-children", WORKERS, *names)
    if done.returncode != 0:
        sys.exit(f"{done.stdout[-5000:]}\nmutmut failed in {place}")
    _mutmut(place, "export-cicd-stats")


def _survivors(place: Path) -> list[str]:
    """The mutants that no test noticed, or none was there to try them."""
    lines = _mutmut(place, "results").stdout.splitlines()
    found = (line.strip().rpartition(": ") for line in lines)
    return [name for name, _, state in found if name.startswith("tui.") and state != "timeout"]


def _mutmut(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MUTMUT, *arguments], cwd=place, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
