"""Generations that are carried out, and whose answer says nothing of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.demo.faults.conftest import SIZE, Demo
from tests.demo.faults.exchange import Came
from tests.demo.faults.test_shapes import picture_at
from tests.demo.pictures import opened
from tui.demo.faults import GROUPS

Check = Callable[[Came], None]


def page(title: str, signed: str = "") -> Check:
    def check(answer: Came) -> None:
        assert answer.one("content-type").startswith("text/html")
        assert f"<title>{title}</title>".encode() in answer.body
        assert f"<center>{signed}</center>".encode() in answer.body

    return check


def server_error(answer: Came) -> None:
    assert json.loads(answer.body)["error"] == "server_error"


def own_envelope(answer: Came) -> None:
    assert json.loads(answer.body)["error"]["type"] == "api_error"


def no_json(answer: Came) -> None:
    with pytest.raises(ValueError, match=r".*"):
        json.loads(answer.body)
    assert int(answer.one("content-length")) == len(answer.body)


def truncated(answer: Came) -> None:
    no_json(answer)
    assert answer.body.startswith(b'{"created":')


def text(answer: Came) -> None:
    no_json(answer)
    assert answer.one("content-type").startswith("text/plain")


def empty(answer: Came) -> None:
    assert answer.body == b""


def nested(answer: Came) -> None:
    assert answer.body == b"[" * 100_000 + b"]" * 100_000


def utf_16(answer: Came) -> None:
    assert answer.body[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert json.loads(answer.body.decode("utf-16"))["data"]


def bom(answer: Came) -> None:
    assert answer.body.startswith(b"\xef\xbb\xbf{")
    assert json.loads(answer.body.decode("utf-8-sig"))["data"]


def invalid_utf_8(answer: Came) -> None:
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode()
    assert json.loads(answer.body.decode("utf-8", "replace"))["data"]


ANSWERS: dict[str, tuple[int, Check]] = {
    "500": (500, server_error),
    "502": (502, own_envelope),
    "502-html": (502, page("502 Bad Gateway")),
    "504-html": (504, page("504 Gateway Time-out")),
    "504-nginx": (504, page("504 Gateway Time-out", "nginx/1.27.5")),
    "520-html": (520, page("api.example | 520: Web server is returning an unknown error")),
    "524-html": (524, page("api.example | 524: A timeout occurred")),
    "524-late": (524, page("api.example | 524: A timeout occurred")),
    "truncated-json": (200, truncated),
    "garbage": (200, text),
    "empty-200": (200, empty),
    "nested": (200, nested),
    "utf-16": (200, utf_16),
    "bom": (200, bom),
    "invalid-utf-8": (200, invalid_utf_8),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_can_be_lost(demo: Demo, kind: str) -> None:
    status, check = ANSWERS[kind]
    answer = demo.generated(kind)
    assert (answer.status, answer.end) == (status, "closed")
    check(answer)


def test_these_are_the_faults_by_which_an_answer_is_lost() -> None:
    (group,) = (group for heading, group in GROUPS.items() if "the answer is lost" in heading)
    assert set(ANSWERS) == set(group)


@pytest.mark.parametrize("kind", ["502-html", "524-late", "truncated-json", "nested", "reset"])
def test_what_is_lost_was_made_and_is_in_the_records(demo: Demo, kind: str) -> None:
    prompt = f"a lighthouse lost by {kind}"
    demo.generated(kind, anew=True, key=f"sk-{kind}", prompt=prompt)
    (record,) = demo.records(f"sk-{kind}")
    assert (record["status"], record["prompt"]) == ("completed", prompt)
    assert opened(picture_at(record["url"])).size == SIZE
    assert demo.traffic.carried_out[prompt] == 1


def test_a_server_error_leaves_a_failed_record_and_charges_nothing(demo: Demo) -> None:
    prompt = "a lighthouse in an error"
    demo.generated("500", anew=True, key="sk-500", prompt=prompt)
    (record,) = demo.records("sk-500")
    assert (record["status"], record["error"]["type"]) == ("failed", "api_error")
    assert demo.traffic.carried_out[prompt] == 0
