"""Settings judged without opening a client, as opening one would."""

from __future__ import annotations

import pytest

from tests.api.origins import CANARY
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.api.settings_check import check_settings
from tui.config import EndpointSettings

BASE = "https://images.example/v1"


@pytest.mark.parametrize(
    "settings",
    [
        EndpointSettings(base_url=BASE),
        EndpointSettings(base_url="http://127.0.0.1:8080/v1"),
        EndpointSettings(base_url="http://[::1]/v1/"),
        EndpointSettings(base_url="http://studio.local/v1"),
        EndpointSettings(base_url=BASE, headers={"X-Team": "art", "Authorization": "x"}),
        EndpointSettings(base_url=BASE, timeout=86_400.0),
    ],
)
def test_what_can_be_used_passes(settings):
    check_settings(settings)
    ImagesClient(settings, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base_url": ""}, "base_url"),
        ({"base_url": "images.example/v1"}, "base_url"),
        ({"base_url": "http://images.example/v1"}, "base_url"),
        ({"base_url": f"https://{CANARY}@images.example/v1"}, "base_url"),
        ({"base_url": f"{BASE}?key={CANARY}"}, "base_url"),
        ({"headers": {"X Team": CANARY}}, "headers"),
        ({"headers": {"X-Team": f"{CANARY}\n"}}, "headers"),
        ({"headers": {"content-length": "1"}}, "headers"),
        ({"timeout": 0.0}, "timeout"),
    ],
)
def test_what_cannot_be_used_is_told_as_by_the_client(changes, field):
    settings = EndpointSettings(**{"base_url": BASE, **changes})
    with pytest.raises(ApiError) as caught:
        check_settings(settings)
    assert field in caught.value.hint
    assert CANARY not in caught.value.message + caught.value.hint
    with pytest.raises(ApiError) as raised:
        ImagesClient(settings, None)
    assert raised.value.kind == caught.value.kind == "invalid_request"


@pytest.mark.parametrize("name", ["timeout", "connect_timeout", "download_timeout"])
@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 86_401.0])
def test_times_are_above_zero_and_a_day_at_most(name, seconds):
    with pytest.raises(ApiError, match=f"{name} is not"):
        check_settings(EndpointSettings(base_url=BASE, **{name: seconds}))
