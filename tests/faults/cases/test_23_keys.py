"""Keys that are unusable, or lie where others can read them, and sources that disagree.

Each is judged before anything is sent: a key that no header can carry, or that is open to others,
costs no request. The first source that has one wins, blanks around it do not count, and it is said
where the key came from. What was found is shown nowhere, whatever is wrong with it.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

from tests.api.origins import reply
from tests.cli.conftest import KEY, Home
from tests.faults.cases.session import JOBS, configure, origin_with, studio_in
from tests.images.pictures import encoded, quadrants
from tui.catalog.card import ModelCard
from tui.generation.request import GenerationRequest, new_entry

GO_ON = b" "
OTHER = f"{KEY}-in-another-place"
LOCKED = f"""
class KeyringLocked(Exception):
    pass

class Backend:
    priority = 5

get_keyring = Backend

def get_password(service, username):
    raise KeyringLocked({KEY!r})
"""
NOT_INSTALLED = "raise ModuleNotFoundError(name='keyring')"
PICTURE = {"data": [{"b64_json": base64.b64encode(encoded(quadrants(), "PNG")).decode()}]}

USABLE = {"plain": KEY, "blanks": f"  {KEY}\n", "of 4 KB": KEY.ljust(4096, "x")}
UNFIT = {
    "newline": f"{KEY}\n{KEY}",
    "blank": f"{KEY} {KEY}",
    "not ASCII": f"{KEY}é",
    "control": f"{KEY}\x1b[31m",
    "of 5 KB": KEY.ljust(5000, "x"),
}
EMPTY = {"empty": "", "all blanks": " \n "}
VALUES = USABLE | UNFIT | EMPTY


def test_keys_are_judged_before_anything_is_sent_and_shown_nowhere(
    home: Home, card: ModelCard, tmp_path: Path
) -> None:
    keyring = tmp_path / "packages" / "keyring.py"
    keyring.parent.mkdir()
    keyring.write_text(LOCKED)
    inherited = os.environ.get("PYTHONPATH", "")
    home.environment["PYTHONPATH"] = os.pathsep.join((str(keyring.parent), inherited))
    home.environment |= {_variable(name): value for name, value in VALUES.items()}
    kept, open_to_others = _file(tmp_path / "kept", 0o600), _file(tmp_path / "open", 0o644)
    sources: dict[str, Any] = {name: {"env": _variable(name)} for name in VALUES}
    sources["open to others"] = {"file": str(open_to_others)}
    sources["two places"] = {"env": _variable("plain"), "file": str(kept)}
    sources["locked"] = {"keyring": "studio"}
    with origin_with(reply(200, PICTURE)) as origin:
        base_url = f"{origin.url}/v1"
        tables = {name: {"base_url": base_url, "key": key} for name, key in sources.items()}
        configure(home, config={"queue": {"at_once": 4}}, **tables)
        for name in sources:
            request = GenerationRequest(name, card.id, f"a key: {name}", {"size": "1k"})
            home.store.write(new_entry(request, card))
        # One studio sends to all of them: it goes on with what an earlier one has left.
        with studio_in(home) as studio:
            studio.wait_to_read("left waiting")
            studio.press(JOBS)
            studio.wait_to_read("Space: go on")
            studio.press(GO_ON)
            ended = {entry.endpoint: entry for entry in studio.wait_for_ends(len(sources))}
            studio.leave()
    carried = {
        request.document["prompt"].removeprefix("a key: "): request.headers["authorization"]
        for request in origin.requests
        if request.method == "POST"
    }
    assert carried == {
        name: f"Bearer {value.strip()}"
        for name, value in {**USABLE, "two places": VALUES["plain"]}.items()
    }
    assert origin.posts == len(carried)
    assert {name for name, entry in ended.items() if entry.status == "done"} == set(carried)
    told = {name: entry.error for name, entry in ended.items() if name not in carried}
    assert {(error.kind, error.charged) for error in told.values() if error} == {("auth", "no")}
    reasons = {name: error.message.partition(": ")[2] for name, error in told.items() if error}
    for name in UNFIT:
        unfit = "holds blanks or characters no header can carry."
        assert reasons.pop(name) == f"the key in ${_variable(name)} {unfit}"
    for name in EMPTY:
        assert reasons.pop(name).startswith(f"no key in ${_variable(name)}")
    assert reasons == {
        "open to others": f"{open_to_others} can be read by others; "
        f"run: chmod 600 {open_to_others}.",
        "locked": "the keyring does not answer: KeyringLocked.",
    }
    listed = home.run("endpoints").out
    for name in carried:
        source = _variable("plain" if name == "two places" else name)
        assert re.search(rf"\b{re.escape(name)} .*key \${source}: found", listed)
    both = home.run("doctor", "--endpoint", "two places").out
    assert re.search(rf"\${_variable('plain')}: found, and used\n", both)
    assert re.search(rf"{kept}: found, another one than is used\n", both)
    locked = home.run("doctor", "--endpoint", "locked").out
    assert "keyring studio: the keyring does not answer: KeyringLocked" in locked
    keyring.write_text(NOT_INSTALLED)
    absent = home.run("doctor", "--endpoint", "locked").out
    assert "keyring studio: the keyring package is not installed" in absent
    refused = home.run("key", "set", "locked", input=f"{KEY} {KEY}\n".encode())
    assert refused.code == 2
    for shown in (listed, both, locked, absent, refused.out, refused.err):
        assert "CANARY" not in shown


def _variable(name: str) -> str:
    return f"KEY_{name.upper().replace(' ', '_')}"


def _file(path: Path, mode: int) -> Path:
    path.touch(mode)
    path.chmod(mode)
    path.write_text(OTHER)
    return path
