"""darkroom endpoints: listed, added, removed, and tested without paying for anything."""

from __future__ import annotations

import json
import re
import socket
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cli.conftest import KEY, QUICK, Finished, Home, Run
from tests.cli.servers import Answers, scripted, served
from tests.history.entries import DONE
from tests.outside_world import PAYLOADS
from tests.pseudo_terminal import PATIENCE
from tests.terminal_bytes import harmful
from tui.config import Config, EndpointSettings, KeySource, load_config

READY = "Nothing stands in the way of generating."
BASE = ("--base-url", "https://images.example/v1")
NO_ARGUMENT = "a key is never an argument"
NOTHING = "nothing was written"


def _config(home: Home) -> Config:
    return load_config(home.folder / "config.toml")


def _rows(finished: Finished) -> dict[str, dict[str, Any]]:
    documents = [json.loads(line) for line in finished.out.splitlines()]
    return {document["name"]: document for document in documents}


def _facts(finished: Finished) -> dict[str, dict[str, Any]]:
    """What was found, by name; of several of that name the first."""
    document = json.loads(finished.out)
    assert finished.code == (0 if document["ready"] else 1)
    facts = document["sections"]["endpoint"]
    first = {fact["name"]: fact for fact in reversed(facts)}
    return {name: first[name] for name in dict.fromkeys(fact["name"] for fact in facts)}


def _blocking(facts: Mapping[str, dict[str, Any]]) -> list[str]:
    return [name for name, fact in facts.items() if fact.get("blocks")]


# ---------------------------------------------------------------- list


def test_the_built_in_ones_are_listed_with_the_one_that_is_used(home: Home, run: Run) -> None:
    finished = run("endpoints", "list", "--json")
    assert (finished.code, finished.err) == (0, "")
    rows = _rows(finished)
    assert list(rows) == ["demo", "token360", "openai", "local"]
    assert rows["token360"] == {
        "name": "token360",
        "base_url": "https://api.token360.ai/v1",
        "model": "seedream-4.5",
        "key": {"source": "$TOKEN360_API_KEY", "state": "not found"},
        "origin": "built in",
        "used": False,
        "why": "",
    }
    assert rows["demo"]["used"] is True
    assert rows["demo"]["why"] == "since no key was found"
    assert rows["openai"]["model"] == "gpt-image-2"
    assert rows["local"]["key"] is None
    assert not home.folder.exists()


def test_a_list_for_people_says_the_same(home: Home, run: Run) -> None:
    home.use("https://images.example/v1")
    home.environment["TOKEN360_API_KEY"] = KEY
    finished = run("endpoints")
    assert finished.code == 0
    lines = finished.out.splitlines()
    assert [line[2:].split()[0] for line in lines] == [
        "demo", "token360", "openai", "local", "studio",
    ]  # fmt: skip
    assert [line[0] for line in lines] == [" ", " ", " ", " ", "*"]
    assert "key $TOKEN360_API_KEY: found" in lines[1]
    assert "key $STUDIO_KEY: found" in lines[4]
    assert lines[4].endswith("  configured; used, as config.toml says")
    assert "CANARY" not in finished.out


@pytest.mark.parametrize(
    ("table", "glance", "origin"),
    [
        ('[endpoints.own]\nbase_url = "https://me:pw@e.example/v1?k=1"\n', None, "configured"),
        ('[endpoints.own]\nkey = {}\n', ("darkroom key set own", "not found"), "configured"),
        ('[endpoints.own]\nkey = { env = "STUDIO_KEY" }\n', ("$STUDIO_KEY", "found"), "configured"),
        ('[endpoints.own]\nkey = { command = ["touch", "asked"] }\n',
            ("the command touch", "not asked"), "configured"),
        ('[endpoints.own]\nkey = { keyring = "x" }\n', ("keyring x", "not asked"), "configured"),
        ('[endpoints.openai]\ntimeout = 5\n', ("$OPENAI_API_KEY", "not found"),
            "built in, changed"),
        ('[endpoints.openai]\nkey = "none"\n', None, "built in, changed"),
    ],
)  # fmt: skip
def test_what_is_known_of_a_key_without_asking_anybody(
    home: Home, run: Run, tmp_path: Path, table: str, glance: tuple[str, str] | None, origin: str
) -> None:
    home.configure(table)
    home.environment.pop("OPENAI_API_KEY", None)
    row = _rows(run("endpoints", "list", "--json"))["own" if "own" in table else "openai"]
    assert row["key"] == (glance and {"source": glance[0], "state": glance[1]})
    assert row["origin"] == origin
    assert "pw" not in row["base_url"]
    assert not Path("asked").exists()


def test_a_kept_key_is_found_where_it_is_kept(home: Home, run: Run) -> None:
    home.configure('[endpoints.own]\nbase_url = "https://e.example/v1"\nkey = {}\n')
    assert run("key", "set", "own", "--file", stdin=KEY.encode()).code == 0
    key = _rows(run("endpoints", "list", "--json"))["own"]["key"]
    assert key == {"source": str(home.folder / "keys" / "own.key"), "state": "found"}
    (home.folder / "keys" / "own.key").chmod(0o644)
    key = _rows(run("endpoints", "list", "--json"))["own"]["key"]
    assert key["state"].endswith(f"chmod 600 {home.folder / 'keys' / 'own.key'}")


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [(["--endpoint", "nowhere"], "", 2), ([], 'endpoint = "nowhere"', 1)],
)
def test_a_used_endpoint_that_there_is_not_is_told_after_the_list(
    home: Home, run: Run, arguments: list[str], text: str, code: int
) -> None:
    home.configure(text)
    finished = run(*arguments, "endpoints", "list")
    assert finished.code == code
    assert finished.complaints[0].startswith("there is no endpoint 'nowhere'; ")
    assert len(finished.out.splitlines()) == 4


def test_a_named_endpoint_is_the_one_that_is_used(home: Home, run: Run) -> None:
    rows = _rows(run("--endpoint", "local", "endpoints", "list", "--json"))
    assert [name for name, row in rows.items() if row["used"]] == ["local"]
    assert rows["local"]["why"] == "named by --endpoint"


# ---------------------------------------------------------------- add


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (BASE, EndpointSettings(base_url=BASE[1], key=KeySource())),
        ((*BASE, "--no-key"), EndpointSettings(base_url=BASE[1])),
        ((*BASE, "--key-env", "OWN"), EndpointSettings(base_url=BASE[1], key=KeySource("OWN"))),
        (
            (*BASE, "--key-command", "pass show 'my key'"),
            EndpointSettings(
                base_url=BASE[1], key=KeySource(command=("pass", "show", "my key"))
            ),
        ),
        (
            (*BASE, "--key-file", "~/k"),
            EndpointSettings(base_url=BASE[1], key=KeySource(file="~/k")),
        ),
        (
            (*BASE, "--key-keyring", "images"),
            EndpointSettings(base_url=BASE[1], key=KeySource(keyring="images")),
        ),
        (
            (
                "--base-url", "http://127.0.0.1:8080/v1/", "--no-key", "--model", "flux",
                "--timeout", "90", "--connect-timeout", "2.5", "--download-timeout", "30",
                "--header", "X-Team=a=b", "--header", "X-Two= 2",
                "--extra", "steps=4", "--extra", 'user={"id": [1, "x"]}',
                "--image-field", "images", "--image-encoding", "base64", "--image-always-array",
                "--response-format", "b64_json", "--native-params",
            ),
            EndpointSettings(
                base_url="http://127.0.0.1:8080/v1", model="flux", timeout=90, connect_timeout=2.5,
                download_timeout=30, headers={"X-Team": "a=b", "X-Two": "2"},
                extra={"steps": 4, "user": {"id": [1, "x"]}}, image_field="images",
                image_encoding="base64", image_always_array=True, response_format="b64_json",
                native_params=True,
            ),
        ),
        (
            ("--from", "openai", "--base-url", "https://e.example/v1", "--timeout", "9"),
            EndpointSettings(
                base_url="https://e.example/v1", key=KeySource("OPENAI_API_KEY"),
                model="gpt-image-2", timeout=9, references="edits",
            ),
        ),
        (
            (
                "--from", "openai", "--base-url", "https://e.example/v1", "--references", "field",
            ),
            EndpointSettings(
                base_url="https://e.example/v1", key=KeySource("OPENAI_API_KEY"),
                model="gpt-image-2", timeout=600,
            ),
        ),
        (
            ("--from", "local", "--key-env", "OWN", "--response-format", "omit"),
            EndpointSettings(
                base_url="http://127.0.0.1:8080/v1", key=KeySource("OWN"), timeout=1800,
                references="edits", image_encoding="base64",
            ),
        ),
    ],
)  # fmt: skip
def test_what_is_added_is_what_is_loaded(
    home: Home, run: Run, arguments: tuple[str, ...], settings: EndpointSettings
) -> None:
    finished = run("endpoints", "add", "own", *arguments)
    assert (finished.code, finished.out) == (0, "")
    assert _config(home).endpoints["own"] == settings
    assert _config(home).endpoint == ""
    file = home.folder / "config.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert finished.complaints[0] == f"own is written to {file}: {settings.base_url}"
    assert finished.complaints[-1].endswith("costs nothing: darkroom endpoints test own")


def test_the_next_step_is_told(home: Home, run: Run) -> None:
    finished = run("endpoints", "add", "own", *BASE, "--use")
    assert finished.complaints[1:3] == [
        "own is used from now on where none is named",
        "no key is found for it yet: run darkroom key set own",
    ]
    assert _config(home).endpoint == "own"
    finished = run("endpoints", "add", "two", *BASE, "--key-env", "STUDIO_KEY")
    assert not any("no key" in complaint for complaint in finished.complaints)


def test_one_that_there_is_can_be_begun_with_and_is_replaced_when_told_to(
    home: Home, run: Run
) -> None:
    home.configure("# mine\n")
    run("endpoints", "add", "own", *BASE, "--model", "flux", "--key-env", "OWN")
    again = ("endpoints", "add", "own", "--from", "own", "--timeout", "5")
    refused = run(*again)
    assert (refused.code, len(refused.complaints)) == (2, 1)
    assert "--replace" in refused.complaints[0]
    assert _config(home).endpoints["own"].timeout == 300
    assert run(*again, "--replace").code == 0
    assert _config(home).endpoints["own"] == EndpointSettings(
        base_url=BASE[1], model="flux", key=KeySource("OWN"), timeout=5
    )
    assert (home.folder / "config.toml").read_text().startswith("# mine\n")


def test_a_built_in_endpoint_is_changed_and_put_back(home: Home, run: Run) -> None:
    file = home.folder / "config.toml"
    assert run("endpoints", "add", "openai", "--key-env", "WORK_KEY").code == 0
    assert file.read_text() == '[endpoints.openai]\nkey = { env = "WORK_KEY" }\n'
    finished = run("endpoints", "add", "openai", "--replace")
    assert finished.complaints[0].startswith("openai is as built in")
    assert file.read_text() == ""


@pytest.mark.parametrize(
    ("option", "setting", "told"),
    [
        ("--header", "X-Api-Key=short", True),
        ("--header", f"X-Way={KEY}", True),
        ("--header", "X-Way=fast", False),
        ("--extra", 'api_key="hidden"', True),
        ("--extra", 'account={"token": "hidden"}', True),
        ("--extra", 'style="hidden"', False),
    ],
)
def test_a_secret_among_the_settings_is_told_and_not_shown(
    run: Run, option: str, setting: str, told: bool
) -> None:
    finished = run("endpoints", "add", "own", *BASE, option, setting)
    assert finished.code == 0
    assert any("now holds" in complaint for complaint in finished.complaints) is told
    value = setting.partition("=")[2]
    assert value not in finished.err
    listed = run("endpoints", "list")
    assert value not in listed.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "--base-url"),
        (("--base-url", "images.example/v1"), "neither http nor https"),
        (("--base-url", "http://images.example/v1"), "plain http"),
        (("--base-url", f"https://me:{KEY}@e.example/v1"), "user name"),
        (("--base-url", f"https://e.example/v1?key={KEY}"), "end with its path"),
        (("--from", "nowhere"), "there is no endpoint 'nowhere'; there are: "),
        (("--from", "demo"), "rehearsal"),
        ((*BASE, "--timeout", "soon"), "--timeout takes a number of seconds"),
        ((*BASE, "--timeout", "0"), "timeout is not a number of seconds above 0"),
        ((*BASE, "--connect-timeout", "inf"), "connect_timeout"),
        ((*BASE, "--download-timeout", "nan"), "download_timeout"),
        ((*BASE, "--header", KEY), "--header takes NAME=VALUE"),
        ((*BASE, "--header", f"=a{KEY}"), "--header takes NAME=VALUE"),
        ((*BASE, "--header", f"X-A=é{KEY}"), "no header can carry"),
        ((*BASE, "--header", "Host=x"), "'Host' is not for the configuration"),
        ((*BASE, "--extra", "steps"), "--extra takes NAME=VALUE"),
        ((*BASE, "--extra", f"user={KEY}"), "--extra user: what follows the = is not JSON"),
        ((*BASE, "--extra", "seed=null"), "extra holds null"),
        ((*BASE, "--key-env", KEY), "--key-env takes the name of a variable"),
        ((*BASE, "--key-env", "0123456789abcdef0123456789abcdef"), "--key-env takes"),
        ((*BASE, "--key-env", "MY KEY"), "--key-env takes"),
        ((*BASE, "--key-env", ""), "--key-env takes"),
        ((*BASE, "--key-file", KEY), "--key-file takes the path"),
        ((*BASE, "--key-keyring", KEY), "--key-keyring takes"),
        ((*BASE, "--key-command", f"echo {KEY}"), "--key-command takes"),
        ((*BASE, "--key-command", "pass 'show"), "--key-command cannot be read"),
        ((*BASE, "--key-env", "A", "--no-key"), "one of the --key options"),
        ((*BASE, "--key-env", "A", "--key-file", "b"), "one of the --key options"),
        ((*BASE, "--image-field", "picture"), "is not one of"),
        ((*BASE, "--key", KEY), NO_ARGUMENT),
        ((*BASE, f"--api-key={KEY}"), NO_ARGUMENT),
        ((*BASE, KEY), NO_ARGUMENT),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_sentence_and_2(
    home: Home, run: Run, arguments: tuple[str, ...], complaint: str
) -> None:
    finished = run("endpoints", "add", "own", *arguments)
    assert (finished.code, finished.out) == (2, "")
    (told,) = finished.complaints
    assert complaint in told
    assert "CANARY" not in told
    assert not (home.folder / "config.toml").exists()


@pytest.mark.parametrize("name", ["demo", ".own", "a b", "x" * 61, KEY, "Ünder"])
def test_what_is_no_name_is_refused(home: Home, run: Run, name: str) -> None:
    finished = run("endpoints", "add", name, *BASE)
    assert (finished.code, finished.out) == (2, "")
    assert finished.complaints[0].endswith(NOTHING)
    assert "CANARY" not in finished.err


def test_a_name_that_no_key_can_be_kept_for_needs_another_place(home: Home, run: Run) -> None:
    assert "has capitals" in run("endpoints", "add", "Own", *BASE).complaints[0]
    assert run("endpoints", "add", "Own", *BASE, "--key-env", "OWN").code == 0


def test_a_broken_configuration_is_left_as_it_is(home: Home, run: Run) -> None:
    home.configure("theme = ")
    for arguments in (("add", "own", *BASE), ("use", "local"), ("remove", "own")):
        finished = run("endpoints", *arguments)
        assert (finished.code, finished.out) == (1, "")
        assert "config.toml" in finished.complaints[0]
    assert (home.folder / "config.toml").read_text() == "theme = "


# ---------------------------------------------------------------- use and remove


def test_an_endpoint_is_used_until_another_is(home: Home, run: Run) -> None:
    assert run("endpoints", "use", "local").code == 0
    assert _config(home).endpoint == "local"
    finished = run("endpoints", "use", "nowhere")
    assert finished.code == 2
    assert "'nowhere'" in finished.complaints[0]
    assert _config(home).endpoint == "local"


def test_what_is_removed_and_what_remains_is_told(home: Home, run: Run) -> None:
    run("endpoints", "add", "own", *BASE, "--use")
    run("key", "set", "own", "--file", stdin=KEY.encode())
    finished = run("endpoints", "remove", "own")
    file = home.folder / "config.toml"
    assert (finished.code, finished.out) == (0, "")
    assert finished.complaints == [
        f"own is removed from {file}",
        "it was the endpoint that is used; now none is chosen",
        "its key is still kept; to remove it: darkroom key remove own",
    ]
    assert file.read_text() == ""
    assert run("key", "remove", "own").code == 0
    finished = run("endpoints", "remove", "own")
    assert finished.code == 2
    assert finished.complaints == [f"there is no endpoint 'own' in {file}"]


def test_of_a_built_in_endpoint_its_changes_are_removed(home: Home, run: Run) -> None:
    run("endpoints", "add", "openai", "--timeout", "5")
    assert "as built in now" in run("endpoints", "remove", "openai").complaints[0]
    finished = run("endpoints", "remove", "openai")
    assert finished.code == 2
    assert "is built in" in finished.complaints[0]


# ---------------------------------------------------------------- test: a server that is well


def test_a_server_that_is_well_is_told_in_full(home: Home, run: Run, tmp_path: Path) -> None:
    with served(tmp_path / "served", "--latency", "0") as base_url:
        home.use(base_url)
        before = _facts(run("endpoints", "test", "--json"))
        assert run("generate", "a fox", *QUICK).code == 0
        after = run("endpoints", "test", "studio", "--json")
        printed = run("endpoints", "test", "studio")
    assert before["library"]["text"] == "offered, with no record yet"
    assert before["download"]["value"] is None
    assert before["pictures come as"]["value"] is None
    facts = _facts(after)
    assert list(facts) == [
        "endpoint", "address", "timeout", "key from", "reachable", "key accepted", "models",
        "default model", "library", "download", "delete", "pictures come as",
    ]  # fmt: skip
    assert facts["key from"]["text"] == "$STUDIO_KEY: found, and used"
    for name in ("reachable", "key accepted", "library", "download", "delete"):
        assert facts[name]["value"] is True, name
    assert facts["models"]["value"] > 3
    assert facts["default model"]["text"] == "seedream-4.5, which it lists"
    assert facts["pictures come as"]["value"] == "url"
    assert printed.code == 0
    assert printed.out.endswith(f"\n{READY}\n")
    assert len(home.entries) == 1
    for text in (after.out, printed.out, printed.err):
        assert "CANARY" not in text


def test_the_rehearsal_can_be_tested_as_well(home: Home, run: Run) -> None:
    facts = _facts(run("endpoints", "test", "--json"))
    assert facts["kind"]["value"] == "rehearsal"
    assert facts["delete"]["value"] is True
    assert _blocking(facts) == []


def test_an_unknown_name_is_2(home: Home, run: Run) -> None:
    for arguments in (["endpoints", "test", "nowhere"], ["--endpoint", "x", "endpoints", "test"]):
        finished = run(*arguments)
        assert (finished.code, finished.out) == (2, "")
        assert "there is no endpoint" in finished.complaints[0]


def test_without_a_key_nothing_is_asked(home: Home, run: Run) -> None:
    with scripted(_everything) as endpoint:
        home.use(endpoint.base_url)
        del home.environment["STUDIO_KEY"]
        facts = _facts(run("endpoints", "test", "--json"))
    assert _blocking(facts) == ["key"]
    assert endpoint.asked == []


# ---------------------------------------------------------------- test: servers of every kind

NOT_FOUND = {"error": {"message": "Unknown path.", "type": "invalid_request_error"}}
MODELS = {"object": "list", "data": [{"id": "seedream-4.5"}, {"id": "flux-2-pro"}]}
RECORD = {
    "id": "img_1", "status": "completed", "model": "m", "prompt": "p", "created_at": 1,
    "url": "https://cdn.example/1.png",
}  # fmt: skip
RECORDS = {"object": "list", "data": [RECORD], "has_more": False}


def _everything(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
    """A server that has all of the API."""
    match asked.split("?")[0].split("/"):
        case ["GET ", "v1", "models"]:
            return 200, MODELS
        case ["GET ", "v1", "images"]:
            return 200, RECORDS
        case ["GET ", "v1", "images", "img_1", "content"]:
            return 200, {"url": "https://cdn.example/1.png"}
        case ["DELETE ", "v1", "images", name]:
            return 404, {"error": {"message": f"No image {name}."}}
    return 404, NOT_FOUND


def _but(changes: Mapping[str, tuple[int, object]], otherwise: Answers = _everything) -> Answers:
    """`otherwise`, with other answers to what begins with one of the keys of `changes`."""

    def answers(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
        for beginning, answer in changes.items():
            if asked.startswith(beginning):
                return answer
        return otherwise(asked, headers)

    return answers


def _locked(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
    """A server that knows KEY alone."""
    if headers.get("Authorization") == f"Bearer {KEY}":
        return _everything(asked, headers)
    return 401, {"error": {"message": f"Bad key {headers.get('Authorization')}"}}


def _openapi(paths: dict[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": {
        "Form": {"enum": ["b64_json"], "type": "string"},
        "Order": {"properties": {
            "response_format": {"anyOf": [{"$ref": "#/components/schemas/Form"}, {"type": "null"}]},
        }},
    }}}  # fmt: skip


ORDER = {"post": {"requestBody": {"content": {
    "application/json": {"schema": {"$ref": "#/components/schemas/Order"}},
}}}}  # fmt: skip
NOTHING_ANYWHERE = _but({"": (404, NOT_FOUND)})
PAGE = "<!doctype html><title>Hotel \x1b[31mlogin</title>"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(_everything, {"key accepted": True, "library": True, "download": True,
            "delete": True, "pictures come as": "url"}, id="everything"),
        pytest.param(_locked, {"key accepted": True, "delete": True}, id="locked"),
        pytest.param(_but({"GET /v1/images": (405, NOT_FOUND)}, _locked),
            {"key accepted": True, "library": False, "download": None}, id="no listing"),
        pytest.param(_but({"GET /v1/images": (404, NOT_FOUND)}),
            {"key accepted": None, "library": False}, id="models for anybody"),
        pytest.param(_but({"GET /v1/images": (403, NOT_FOUND)}, _locked),
            {"key accepted": True, "library": False}, id="no listing for this key"),
        pytest.param(_but({"DELETE": (405, NOT_FOUND)}), {"delete": False}, id="delete 405"),
        pytest.param(_but({"DELETE": (404, NOT_FOUND)}), {"delete": False}, id="delete nowhere"),
        pytest.param(_but({"DELETE": (404, PAGE)}), {"delete": False}, id="delete page"),
        pytest.param(_but({"DELETE": (200, {"deleted": True})}), {"delete": None}, id="delete 200"),
        pytest.param(_but({"DELETE": (500, {})}), {"delete": None}, id="delete 500"),
        pytest.param(_but({"GET /v1/images/": (404, NOT_FOUND)}), {"download": False},
            id="no content"),
        pytest.param(_but({"GET /v1/images/": (400, NOT_FOUND)}), {"download": None},
            id="content fails"),
        pytest.param(_but({"GET /v1/models": (404, NOT_FOUND)}), {"models": None,
            "library": True}, id="no models"),
        pytest.param(_but({"GET /v1/images?": (500, {})}), {"library": None}, id="listing fails"),
        pytest.param(_but({"GET /openapi": (200, _openapi({"/v1/images/generations": ORDER}))}),
            {"generations": True, "pictures come as": "b64_json"}, id="described"),
        pytest.param(NOTHING_ANYWHERE, {"models": None, "library": False, "delete": False},
            id="JSON, and nothing of the API"),
    ],
)  # fmt: skip
def test_what_a_server_offers_is_found_out_without_a_post(
    home: Home, run: Run, answers: Answers, expected: dict[str, object]
) -> None:
    with scripted(answers) as endpoint:
        home.use(endpoint.base_url)
        facts = _facts(run("endpoints", "test", "--json"))
        again = _facts(run("doctor", "--online", "--json"))
    assert {name: facts[name]["value"] for name in expected} == expected
    assert {name: again[name]["value"] for name in expected} == expected
    assert _blocking(facts) == []
    assert not any(asked.startswith("POST") for asked in endpoint.asked)
    deleted = [asked for asked in endpoint.asked if asked.startswith("DELETE")]
    assert all("/darkroom-test-" in asked for asked in deleted)
    assert not any("format=" in asked and "url" not in asked for asked in endpoint.asked)


@pytest.mark.parametrize(
    ("answers", "fact", "told", "advice"),
    [
        pytest.param(_but({"": (401, NOT_FOUND)}), "key accepted", "does not accept the key",
            "Check where this endpoint's key comes from", id="401"),
        pytest.param(_but({"": (403, NOT_FOUND)}), "key accepted", "does not allow", "", id="403"),
        pytest.param(_but({"GET /v1/images": (401, NOT_FOUND)}), "key accepted", "(401)", "",
            id="401 to the listing alone"),
        pytest.param(_but({"": (403, PAGE)}), "API", "firewall", "The key is not the cause",
            id="firewall"),
        pytest.param(_but({"": (502, PAGE)}), "API", "(502)", "what lies between", id="gateway"),
        pytest.param(_but({"": (302, {})}), "API", "redirects to", "to where it redirects",
            id="redirect"),
        pytest.param(_but({"": (200, PAGE)}), "API", "web page titled", "login page", id="HTML"),
        pytest.param(_but({"": (404, PAGE)}), "API", "(404)", "Check base_url", id="HTML 404"),
        pytest.param(_but({"": (500, {})}), "models", "(500)", "", id="500"),
        pytest.param(_but({"": (429, {})}), "models", "(429)", "Wait", id="429"),
        pytest.param(
            _but({"GET /openapi": (200, _openapi({"/v1/chat/completions": ORDER}))}),
            "generations", "making pictures is not among it", "Start it with", id="text only"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_told_with_what_to_do(
    home: Home, run: Run, answers: Answers, fact: str, told: str, advice: str
) -> None:
    with scripted(answers) as endpoint:
        home.use(endpoint.base_url)
        facts = _facts(run("endpoints", "test", "--json"))
        printed = run("endpoints", "test")
    assert _blocking(facts) == [fact]
    assert told in facts[fact]["text"]
    assert advice in facts[fact]["advice"]
    assert printed.code == 1
    assert harmful(printed.out.encode()) == []
    assert "CANARY" not in printed.out


@pytest.mark.parametrize("nothing", [(404, PAGE), (404, NOT_FOUND), (200, PAGE)])
@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("", "/v1"),
        ("/v1/images/generations", "/v1"),
        ("/v1/images", "/v1"),
        ("/api", "/v1"),
    ],
)
def test_a_base_url_that_leads_elsewhere_is_told_with_the_right_one(
    home: Home, run: Run, path: str, right: str, nothing: tuple[int, object]
) -> None:
    def answers(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
        return (200, MODELS) if asked == f"GET {right}/models" else nothing

    with scripted(answers) as endpoint:
        origin = endpoint.base_url.removesuffix("/v1")
        home.use(f"{origin}{path}")
        facts = _facts(run("endpoints", "test", "--json"))
    assert _blocking(facts) == ["base_url"]
    assert facts["base_url"]["value"] == f"{origin}{right}"
    assert facts["base_url"]["advice"] == f"Set base_url to {origin}{right}"
    assert ("it seems to lack /v1" in facts["base_url"]["text"]) is (path == "")


def test_a_server_that_wants_a_key_that_nobody_configured(home: Home, run: Run) -> None:
    with scripted(_locked) as endpoint:
        run("endpoints", "add", "own", "--base-url", endpoint.base_url, "--no-key")
        facts = _facts(run("endpoints", "test", "own", "--json"))
        assert _blocking(facts) == ["key accepted"]
        assert "wants a key" in facts["key accepted"]["text"]
        change = re.search(r"darkroom (endpoints add .*) VARIABLE", facts["key accepted"]["advice"])
        assert change is not None
        assert run(*change[1].split(), "STUDIO_KEY").code == 0
        assert _blocking(_facts(run("endpoints", "test", "own", "--json"))) == []


def test_a_port_where_nobody_listens(home: Home, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.use(f"http://127.0.0.1:{port}/v1")
    facts = _facts(run("endpoints", "test", "--json"))
    assert _blocking(facts) == ["reachable"]
    assert "the connection was refused" in facts["reachable"]["text"]
    assert list(facts)[-1] == "reachable"


def test_a_server_that_never_answers_is_waited_for_as_long_as_configured(
    home: Home, run: Run
) -> None:
    may_answer = threading.Event()

    def hanging(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
        may_answer.wait(PATIENCE)
        return 200, {}

    with scripted(hanging) as endpoint:
        home.use(endpoint.base_url)
        run("endpoints", "add", "studio", "--from", "studio", "--timeout", "0.2", "--replace")
        facts = _facts(run("endpoints", "test", "--json"))
        may_answer.set()
    assert _blocking(facts) == ["reachable"]
    assert "0.2 seconds" in facts["reachable"]["text"]


@pytest.mark.parametrize(
    ("model", "told", "advice"),
    [
        ("flux-2-pro", "which it lists", None),
        ("flux-2-por", "which it does not list", "Near names: flux-2-pro."),
        ("zzz", "which it does not list", "Choose one that it lists."),
        ("doubao-seedream-4-5", "seedream-4.5, which it lists", None),
    ],
)
def test_the_model_to_begin_with_is_looked_for(
    home: Home, run: Run, model: str, told: str, advice: str | None
) -> None:
    with scripted(_everything) as endpoint:
        home.use(endpoint.base_url)
        run("endpoints", "add", "studio", "--from", "studio", "--model", model, "--replace")
        facts = _facts(run("endpoints", "test", "--json"))
    assert told in facts["default model"]["text"]
    assert facts["default model"].get("advice") == advice
    assert _blocking(facts) == []


def test_a_model_that_is_listed_under_another_name_is_told(home: Home, run: Run) -> None:
    listed = {"data": [{"id": "seedream-4-5-251128"}]}
    with scripted(_but({"GET /v1/models": (200, listed)})) as endpoint:
        home.use(endpoint.base_url)
        facts = _facts(run("endpoints", "test", "--json"))
    assert facts["default model"]["text"] == ("seedream-4.5, which it lists as seedream-4-5-251128")


@pytest.mark.parametrize(
    ("urls", "form"), [(("https://cdn.example/1.png",), "url"), ((), "b64_json")]
)
def test_the_history_says_how_pictures_came(
    home: Home, run: Run, urls: tuple[str, ...], form: str
) -> None:
    assert DONE.response is not None
    with scripted(NOTHING_ANYWHERE) as endpoint:
        home.use(endpoint.base_url)
        home.store.write(
            replace(DONE, endpoint="studio", response=replace(DONE.response, urls=urls))
        )
        facts = _facts(run("endpoints", "test", "--json"))
    assert facts["pictures come as"]["value"] == form


def test_a_form_that_the_server_does_not_take_is_told(home: Home, run: Run) -> None:
    described = _openapi({"/v1/images/generations": ORDER})
    with scripted(_but({"GET /openapi": (200, described)})) as endpoint:
        home.use(endpoint.base_url)
        change = ("--from", "studio", "--response-format", "url", "--replace")
        run("endpoints", "add", "studio", *change)
        facts = _facts(run("endpoints", "test", "--json"))
    assert facts["pictures come as"]["advice"] == "The server takes b64_json as response_format."


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_nothing_that_a_server_says_acts_on_the_terminal(
    home: Home, run: Run, payload: str
) -> None:
    said = payload.encode("utf-8", "replace").decode()
    hostile = {"error": {"message": f"Q{said}", "type": said, "code": said}}
    listed = {"data": [{"id": f"seedream-4.5{said}"}]}
    for answers in (
        _but({"": (500, hostile)}),
        _but({"": (401, hostile)}),
        _but({"": (200, f"<title>Q{said}</title>")}),
        _but({"GET /v1/models": (200, listed), "": (418, hostile)}),
    ):
        with scripted(answers) as endpoint:
            home.use(endpoint.base_url)
            finished = run("endpoints", "test")
        assert finished.out
        assert harmful(finished.out.encode()) == []
        assert harmful(finished.err.encode()) == []


def test_a_test_says_where_references_go_to_edits(home: Home, run: Run) -> None:
    line = "references  as files to /images/edits, which takes masks too"
    assert line in run("endpoints", "test", "openai").out
    assert "references" not in run("endpoints", "test", "token360").out
