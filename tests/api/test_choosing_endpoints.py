"""Endpoints by name: which one is used, and what it needs before it can be opened."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.api.origins import CANARY
from tui.api.endpoints import choose_endpoint, has_key, open_client
from tui.api.errors import ApiError
from tui.config import BUILT_IN_ENDPOINTS, Config, ConfigError, EndpointSettings, KeySource
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
    config, named, environment, expected
):
    assert choose_endpoint(config, named, environment) == expected


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"'nowhere'.*demo, own, token360"):
        choose_endpoint(Config(endpoints={"own": OWN}), "nowhere", {})


def test_an_endpoint_configured_with_a_key_file_or_command_counts_as_having_a_key():
    for source in (KeySource(file="~/k"), KeySource(command=("pass", "x")), KeySource(keyring="k")):
        token360 = EndpointSettings(base_url="https://a.example/v1", key=source)
        assert choose_endpoint(Config(endpoints={"token360": token360}), None, {}) == "token360"


def test_an_endpoint_that_wants_no_key_has_what_it_needs():
    assert has_key(OWN, {})
    assert not has_key(EndpointSettings(key=KeySource()), {})


def test_a_missing_key_is_told_with_what_to_do(paths, monkeypatch):
    monkeypatch.delenv("TOKEN360_API_KEY", raising=False)
    with pytest.raises(ApiError) as caught:
        open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    error = caught.value
    assert (error.kind, error.charged) == ("auth", "no")
    assert "TOKEN360_API_KEY" in error.message
    assert "$TOKEN360_API_KEY" in error.hint


def test_an_unusable_key_is_told_without_showing_it(paths, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", f"{CANARY} {CANARY}")
    with pytest.raises(ApiError) as caught:
        open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    assert CANARY not in repr(vars(caught.value)) + str(caught.value)


async def test_a_key_in_the_environment_opens_the_endpoint(paths, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", CANARY)
    client = open_client("token360", BUILT_IN_ENDPOINTS["token360"], paths)
    await client.aclose()


def test_choosing_an_endpoint_loads_no_http_library():
    program = (
        "import sys; from tui.api.endpoints import choose_endpoint; from tui.config import Config;"
        "choose_endpoint(Config(), None, {});"
        "print(*({'httpx', 'httpcore', 'starlette', 'ssl', 'tui.api.http'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.strip() == ""
    assert result.returncode == 0


def test_httpx_is_imported_in_one_module():
    from pathlib import Path

    folder = Path(__file__).parents[2] / "tui" / "api"
    importing = [file.name for file in folder.glob("*.py") if "import httpx" in file.read_text()]
    assert importing == ["http.py"]
