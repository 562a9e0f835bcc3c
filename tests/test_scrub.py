"""What is kept or shown of text that may hold secrets."""

from __future__ import annotations

import pytest

from tui.scrub import BODY_LIMIT, Scrubber, secret_values

CANARY = "sk-CANARY-0123456789abcdefghij"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"a {CANARY} b", "a [key] b"),
        ("Authorization: Bearer abcdefgh.ijk-lmn", "Authorization: Bearer [key]"),
        ("your key sk-abcdefghijkl is wrong", "your key sk-[key] is wrong"),
        ("task-id desk-lamp risk-detection", "task-id desk-lamp risk-detection"),
        ("data:image/png;base64,AAAA+/==", "data:image/png;base64,[data]"),
        ('"' + "A" * 300 + '"', '"[300 characters]"'),
        ("https://a.example/x?X-Tos-Signature=abc&b=1", "https://a.example/x?[query]"),
        (r"https:\/\/a.example\/x?sig=abc", r"https:\/\/a.example\/x?[query]"),
        ("https://a.example/x?page=2", "https://a.example/x?page=2"),
        ("http://me:pw@proxy:8080/", "http://[user]@proxy:8080/"),
        ("lone \ud800", "lone \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_secrets_are_replaced_by_what_they_were(text: str, clean: str) -> None:
    assert Scrubber([CANARY]).text(text) == clean


def test_secret_headers_of_the_endpoint_are_replaced_too() -> None:
    scrubber = Scrubber(secret_values({"X-Api-Key": "hunter-hunter", "X-Tenant": "north-north"}))
    assert scrubber.text("hunter-hunter north-north") == "[key] north-north"
    assert "hunter" not in repr(scrubber)


@pytest.mark.parametrize("before", range(0, len(CANARY) + 2, 3))
def test_a_key_across_the_edge_of_what_is_looked_at_does_not_survive(before: int) -> None:
    scrubber = Scrubber([CANARY])
    # Shrinking text in front brings the edge of the window into what is kept.
    filler = b"A" * (4 * BODY_LIMIT - before - 1)
    kept = scrubber.body(filler + b" " + CANARY.encode() + b" " * 100)
    assert CANARY[:6] not in kept


def test_a_secret_that_is_learned_later_is_replaced_from_then_on() -> None:
    scrubber = Scrubber()
    assert scrubber.text("the value hunter-hunter") == "the value hunter-hunter"
    scrubber.learn(["hunter-hunter", "abc"])
    assert scrubber.text("the value hunter-hunter abc") == "the value [key] abc"


def test_secrets_are_found_in_tables_within_tables() -> None:
    table = {"safe": "a", "inner": {"api_key": "b", "n": 1}, "Cookie": "c", "tokens": 5}
    assert list(secret_values(table)) == ["b", "c"]


def test_a_body_is_text_of_limited_length_without_secrets() -> None:
    scrubber = Scrubber([CANARY])
    assert scrubber.body(f"a {CANARY} b".encode()) == "a [key] b"
    assert scrubber.body(b"\xff and") == "\N{REPLACEMENT CHARACTER} and"
    assert len(scrubber.body(b"word " * BODY_LIMIT)) == BODY_LIMIT


def test_a_secret_that_is_no_utf_8_is_replaced_too() -> None:
    scrubber = Scrubber(["caf\udce9-canary-token"])
    assert "canary" not in scrubber.text("it is caf\udce9-canary-token")
