"""Endpoints by name: which one is used, and what it needs before it can be opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.origins import CANARY
from tui.api.endpoints import choose_endpoint, has_key, open_client
from tui.api.errors import ApiError
from tui.config import BUILT_IN_ENDPOINTS, Config, ConfigError, EndpointSettings, KeySource
from tui.keys import KeyStore, Secret
from tui.paths import Paths

WITH_KEY = {"TOKEN360_API_KEY": CANARY}
OWN = EndpointSettings(base_url="http://localhost:1/v1")


@pytest.fixture
def paths(tmp_path) -> Paths:
    return Paths(tmp_path, tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("config", "named", "environment", "expected"),
    [
        (Config(), None, {}, "demo"),
        (Config(), "", {}, "demo"),
        (Config(), None, {"TOKEN360_API_KEY": "  "}, "demo"),
        (Config(), None, WITH_KEY, "token360"),
        (Config(), "demo", WITH_KEY, "demo"),
        (Config(endpoint="demo"), None, WITH_KEY, "demo"),
        (Config(endpoint="demo"), "token360", {}, "token360"),
        (Config(endpoint="own", endpoints={"own": OWN}), None, {}, "own"),
    ],
)
def test_the_endpoint_is_the_named_then_the_configured_then_the_one_with_a_key(
    config, named, environment, expected, paths
):
    assert choose_endpoint(config, named, environment, paths) == expected


def test_an_unknown_name_is_answered_with_the_known_ones(paths):
    with pytest.raises(ConfigError, match=r"'nowhere'.*demo, local, openai, own, token360"):
        choose_endpoint(Config(endpoints={"own": OWN}), "nowhere", {}, paths)


def test_an_endpoint_configured_with_a_key_file_or_command_counts_as_having_a_key(paths):
    for source in (KeySource(file="~/k"), KeySource(command=("pass", "x")), KeySource(keyring="k")):
        token360 = EndpointSettings(base_url="https://a.example/v1", key=source)
        config = Config(endpoints={"token360": token360})
        assert choose_endpoint(config, None, {}, paths) == "token360"


def test_an_endpoint_that_wants_no_key_has_what_it_needs(paths):
    assert has_key("own", OWN, {}, paths)
    assert not has_key("own", EndpointSettings(key=KeySource()), {}, paths)


@pytest.mark.parametrize("suffix", ["key", "keyring"])
def test_a_kept_key_counts_without_being_read(paths, suffix):
    settings = EndpointSettings(key=KeySource())
    paths.keys.mkdir()
    (paths.keys / f"other.{suffix}").touch()
    assert choose_endpoint(Config(), None, {}, paths) == "demo"
    (paths.keys / f"token360.{suffix}").touch()
    assert choose_endpoint(Config(), None, {}, paths) == "token360"
    assert has_key("other", settings, {}, paths)
    assert not has_key("another", settings, {}, paths)
    assert not has_key("../keys/other", settings, {}, paths)


def test_a_missing_key_is_told_with_what_to_do(paths, monkeypatch):
    monkeypatch.delenv("TOKEN360_API_KEY", raising=False)
    with pytest.raises(ApiError) as caught:
        open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    error = caught.value
    assert (error.kind, error.charged) == ("auth", "no")
    assert "TOKEN360_API_KEY" in error.message
    assert error.hint == (
        "Run darkroom key set token360, or set $TOKEN360_API_KEY, or rehearse on demo."
    )


@pytest.mark.parametrize(
    ("name", "source", "hint"),
    [
        ("own", KeySource(), "Run darkroom key set own, or rehearse on demo."),
        ("Own", KeySource(env="NO_SUCH_KEY"), "Set $NO_SUCH_KEY, or rehearse on demo."),
        ("Own", KeySource(), "See to `key` of endpoints.Own in config.toml, or rehearse on demo."),
        (
            "own",
            KeySource(file="/no/such/key"),
            "Run darkroom key set own, or see to `key` of endpoints.own in config.toml, "
            "or rehearse on demo.",
        ),
        ("own", KeySource(command=("false",)), "Put that right, or rehearse on demo."),
    ],
)
def test_what_to_do_depends_on_where_the_key_is_looked_for(paths, name, source, hint):
    with pytest.raises(ApiError) as caught:
        open_client(name, EndpointSettings(base_url="https://a.example/v1", key=source), paths)
    assert caught.value.hint == hint


def test_an_unusable_key_is_told_without_showing_it(paths, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", f"{CANARY} {CANARY}")
    with pytest.raises(ApiError) as caught:
        open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    assert CANARY not in repr(vars(caught.value)) + str(caught.value)


async def test_a_key_in_the_environment_opens_the_endpoint(paths, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", CANARY)
    client = open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    await client.aclose()


async def test_a_kept_key_opens_the_endpoint(paths, monkeypatch):
    monkeypatch.delenv("TOKEN360_API_KEY", raising=False)
    KeyStore(paths.keys, "token360").keep_in_file(Secret(CANARY, "a test"))
    client = open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    await client.aclose()


def test_choosing_an_endpoint_loads_no_http_library_and_no_keyring(paths):
    paths.keys.mkdir()
    (paths.keys / "token360.keyring").touch()
    program = f"""
import sys
from pathlib import Path
from tui.api.endpoints import choose_endpoint
from tui.config import Config
from tui.paths import Paths
home = Path({str(paths.config)!r})
assert choose_endpoint(Config(), None, {{}}, Paths(home, home, home)) == "token360"
heavy = {{"httpx", "httpcore", "starlette", "ssl", "tui.api.http", "keyring"}}
print(*(heavy & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.strip() == ""
    assert result.returncode == 0


def test_httpx_is_imported_where_requests_are_carried():
    folder = Path(__file__).parents[2] / "tui" / "api"
    importing = [file.name for file in folder.glob("*.py") if "import httpx" in file.read_text()]
    assert sorted(importing) == ["embedded.py", "forms.py", "http.py"]
