"""Generations by which nothing is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.demo.faults.conftest import REQUEST, Demo
from tests.demo.faults.exchange import Came
from tui.demo.faults import GROUPS
from tui.demo.traffic import GENERATIONS

Check = Callable[[httpx.Response], None]

SENSITIVE = "SensitiveContentDetected"


def error(**expected: Any) -> Check:
    """The error object has these members, and a message."""

    def check(answer: httpx.Response) -> None:
        told = answer.json()["error"]
        assert expected.items() <= told.items()
        assert told["message"]

    return check


def body(**expected: Any) -> Check:
    """The body is an object with these members."""

    def check(answer: httpx.Response) -> None:
        assert expected.items() <= answer.json().items()

    return check


def says(words: str) -> Check:
    """The error's message has these words."""

    def check(answer: httpx.Response) -> None:
        assert words in answer.json()["error"]["message"]

    return check


def page(title: str) -> Check:
    """The body is a page of HTML."""

    def check(answer: httpx.Response) -> None:
        assert answer.headers["content-type"].startswith("text/html")
        assert f"<title>{title}</title>" in answer.text

    return check


def text(words: str) -> Check:
    """The body is plain text."""

    def check(answer: httpx.Response) -> None:
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text == words

    return check


def wait(name: str, value: str | None) -> Check:
    """A rate limit that says when to come back in this header."""

    def check(answer: httpx.Response) -> None:
        assert answer.json()["error"]["type"] == "rate_limit_error"
        said = {n for n in ("retry-after", "retry-after-ms") if n in answer.headers}
        assert said == (set() if value is None else {name})
        assert answer.headers.get(name) == value

    return check


def date(lowest: float, highest: float) -> Check:
    """A rate limit that says a time, in seconds from now."""

    def check(answer: httpx.Response) -> None:
        when = parsedate_to_datetime(answer.headers["retry-after"])
        assert lowest <= (when - datetime.now(UTC)).total_seconds() <= highest

    return check


def hostile(*parts: str) -> Check:
    """All of the error's texts hold what must not reach a terminal."""

    def check(answer: httpx.Response) -> None:
        told = answer.json()["error"]
        assert set(told) == {"message", "type", "param", "code"}
        assert all(part in value for value in told.values() for part in parts)

    return check


def wrapped(answer: httpx.Response) -> None:
    inner = json.loads(answer.json()["error"]["message"])
    assert inner["error"]["code"] == "content_policy_violation"


def elsewhere(answer: httpx.Response) -> None:
    target = httpx.URL(answer.headers["location"])
    assert (target.host, target.path) == ("localhost", GENERATIONS)


def come_back_in_two_seconds(answer: httpx.Response) -> None:
    assert answer.headers["retry-after"] == "2"


def nothing(answer: httpx.Response) -> None:
    assert answer.content == b""


def field_by_field(answer: httpx.Response) -> None:
    assert [set(problem) for problem in answer.json()["detail"]] == [{"loc", "msg", "type"}] * 2


ANSWERS: dict[str, tuple[int, Check]] = {
    "data-empty": (200, body(data=[])),
    "error-in-200": (200, error(code=f"OutputImage{SENSITIVE}", type="", param="")),
    "async-task": (200, body(data={"task_id": "task_0001", "status": "submitted"})),
    "async-202": (202, body(status="queued")),
    "portal-200": (200, page("Welcome to the network: please sign in")),
    "redirect-301": (301, elsewhere),
    "redirect-302": (302, elsewhere),
    "redirect-303": (303, elsewhere),
    "redirect-307": (307, elsewhere),
    "redirect-308": (308, elsewhere),
    "size-400": (400, error(param="size", code="InvalidParameter")),
    "size-tier-400": (400, says("the specified size is not supported for model")),
    "size-choice-400": (400, says("size must be one of 'WIDTHxHEIGHT'")),
    "moderation-400": (
        400,
        error(type="image_generation_user_error", code="moderation_blocked"),
    ),
    "moderation-422": (422, wrapped),
    "ark-prompt-400": (400, error(code=f"InputText{SENSITIVE}", type="", param="")),
    "ark-reference-400": (400, error(code=f"InputImage{SENSITIVE}")),
    "ark-privacy-400": (400, error(code=f"InputImage{SENSITIVE}.PrivacyInformation")),
    "ark-picture-400": (400, error(code=f"OutputImage{SENSITIVE}")),
    "ark-risk-400": (400, error(code="InputTextRiskDetection")),
    "kling-1301-400": (400, body(code=1301, request_id="0217")),
    "gemini-safety-400": (400, error(type="channel_error")),
    "unknown-parameter-400": (400, error(code="unknown_parameter", param="size")),
    "litellm-400": (400, says("litellm.UnsupportedParamsError")),
    "reference-400": (400, says("Error while downloading file. Upstream status code: 407")),
    "billing-400": (400, error(code="billing_hard_limit_reached")),
    "credits-400": (400, body(error="Insufficient credits. Please top up.")),
    "message-400": (400, body(message="The request cannot be handled.")),
    "msg-400": (400, body(msg="The request cannot be handled.")),
    "detail-400": (400, body(detail="The request cannot be handled.")),
    "code-400": (400, body(code="invalid_request", message="The request cannot be handled.")),
    "success-400": (400, body(success=False, message="The request cannot be handled.")),
    "plain-400": (400, text("The request cannot be handled.")),
    "empty-400": (400, nothing),
    "escapes-400": (400, hostile("\x1b[31m", "\x1b]52;", "\x9b", "\x1bP", "\x1b_", "\x1bc")),
    "markup-400": (400, hostile("[@click=app.quit]", "[/tmp/x.png]", "[/ ")),
    "bidi-400": (400, hostile("\u202e", "\u200b", "\U000e0041")),
    "long-400": (400, says("x" * 1_000_000)),
    "lines-400": (400, says("line\n" * 10_000)),
    "401": (401, error(type="invalid_api_key")),
    "402": (402, error(type="insufficient_balance")),
    "403-frozen": (403, error(type="api_key_frozen")),
    "403-model": (403, error(type="model_access_denied")),
    "403-overdue": (403, error(code="AccountOverdueError")),
    "403-waf-html": (403, page("403 Forbidden")),
    "404-model": (404, error(type="model_not_found")),
    "413-html": (413, page("413 Request Entity Too Large")),
    "413-text": (413, text("Request Entity Too Large")),
    "422-detail": (422, field_by_field),
    "429": (429, wait("retry-after", None)),
    "429-once": (429, wait("retry-after", "2")),
    "429-retry-after": (429, wait("retry-after", "2")),
    "429-retry-after-date": (429, date(0, 2)),
    "429-retry-after-past": (429, date(-4000, -3000)),
    "429-retry-after-ms": (429, wait("retry-after-ms", "2000")),
    "429-retry-after-long": (429, wait("retry-after", "200")),
    "429-retry-after-negative": (429, wait("retry-after", "-1")),
    "429-retry-after-nan": (429, wait("retry-after", "NaN")),
    "429-retry-after-infinite": (429, wait("retry-after", "1e400")),
    "429-retry-after-words": (429, wait("retry-after", "soon")),
    "429-limit-0": (429, says("limit: 0")),
    "429-kling-1303": (429, body(code=1303)),
    "429-zai-1305": (429, error(code="1305")),
    "429-no-credit": (429, error(code="1113")),
    "429-kling-1102": (429, body(code=1102)),
    "500-model": (500, says("not found or not active for requested provider")),
    "503-model": (503, says("No available provider")),
    "503-detail": (503, body(detail="No available provider")),
    "503-retry-after": (503, come_back_in_two_seconds),
}
LOST = {
    "reset-early": Came(b"", "reset"),
    "close-early": Came(b"", "closed"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_refusal_looks_as_that_of_its_server_and_makes_nothing(demo: Demo, kind: str) -> None:
    status, check = ANSWERS[kind]
    key = f"sk-refused-{kind}"
    answer = demo.generate(kind, key=key)
    assert answer.status_code == status
    check(answer)
    assert demo.records(key) == []


@pytest.mark.parametrize("kind", LOST)
def test_a_connection_can_be_lost_before_anything_is_made(demo: Demo, kind: str) -> None:
    key = f"sk-refused-{kind}"
    assert demo.generated(kind, key=key) == LOST[kind]
    assert demo.records(key) == []


def test_these_are_the_faults_by_which_nothing_is_made() -> None:
    made_by = [group for heading, group in GROUPS.items() if "nothing is made" in heading]
    assert {kind for group in made_by for kind in group} == {*ANSWERS, *LOST}


def test_the_unknown_parameter_is_the_last_that_the_request_has(demo: Demo) -> None:
    told = demo.generate("unknown-parameter-400", n=1).json()["error"]
    assert (told["param"], "'n'" in told["message"]) == ("n", True)


@pytest.mark.parametrize("same", ["Idempotency-Key", "prompt"])
def test_a_limit_that_is_met_once_is_gone_the_second_time(demo: Demo, same: str) -> None:
    key = f"sk-once-{same}"
    request = {"model": "none", "prompt": f"once for the {same}"}

    def ask(number: int) -> int:
        headers = demo.headers("429-once", key=key)
        if same == "Idempotency-Key":
            headers["Idempotency-Key"] = "press 1"
            request["prompt"] = f"prompt {number}"
        url = demo.origin + GENERATIONS
        return httpx.post(url, json=request, headers=headers).status_code

    # The second time the request goes its way, to a model that is not there.
    assert [ask(number) for number in range(3)] == [429, 404, 404]
    request["prompt"] = "another"
    if same == "prompt":
        assert ask(3) == 429


def test_a_redirect_that_is_followed_brings_the_request_again(demo: Demo) -> None:
    key = "sk-follower"
    before = demo.traffic.posts
    headers = demo.headers("redirect-307", key=key)
    with httpx.Client(headers=headers) as client:
        first = client.post(demo.origin + GENERATIONS, json=REQUEST)
        assert first.next_request is not None
        assert client.send(first.next_request).status_code == 401
    assert demo.traffic.posts == before + 2
