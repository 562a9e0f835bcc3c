"""Generations that succeed, and answer in a shape of their own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.demo.faults.conftest import SIZE, Demo
from tests.demo.pictures import opened
from tui.demo.faults import GROUPS

Check = Callable[[Demo, str], None]


def item(demo: Demo, kind: str, **fields: Any) -> Any:
    """The only item of the answer."""
    (only,) = demo.generate(kind, **fields).json()["data"]
    return only


def picture_at(url: str) -> bytes:
    return httpx.get(url).content


def same_picture(demo: Demo, content: bytes) -> None:
    assert content == picture_at(item(demo, "ok-url")["url"])


def format_ignored(asked: str, given: str) -> Check:
    def check(demo: Demo, kind: str) -> None:
        only = item(demo, kind, response_format=asked)
        assert (given in only, asked in only) == (True, False)

    return check


def prefixed(demo: Demo, kind: str) -> None:
    prefix, comma, bare = item(demo, kind)["b64_json"].partition(",")
    assert prefix + comma == "data:image/png;base64,"
    same_picture(demo, base64.b64decode(bare, validate=True))


def in_lines(demo: Demo, kind: str) -> None:
    lines = item(demo, kind)["b64_json"].split("\r\n")
    assert {len(line) for line in lines[:-1]} == {76}
    same_picture(demo, base64.b64decode("".join(lines), validate=True))


def no_padding(demo: Demo, kind: str) -> None:
    # Among so many pictures there are some that need padding.
    bare, padded = (
        [each["b64_json"] for each in demo.generate(fault, n=9).json()["data"]]
        for fault in (kind, "ok-b64")
    )
    assert bare != padded
    assert bare == [each.rstrip("=") for each in padded]


def no_base64(demo: Demo, kind: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        base64.b64decode(item(demo, kind)["b64_json"], validate=True)


def bare_base64(demo: Demo, kind: str) -> None:
    same_picture(demo, base64.b64decode(item(demo, kind)["url"], validate=True))


def data_url(demo: Demo, kind: str) -> None:
    prefix, comma, bare = item(demo, kind)["url"].partition(",")
    assert prefix + comma == "data:image/png;base64,"
    same_picture(demo, base64.b64decode(bare, validate=True))


def api_path(demo: Demo, kind: str) -> None:
    first, second = demo.generate(kind, n=2).json()["data"]
    assert first["url"].startswith("/v1/images/img_")
    contents = [
        httpx.get(demo.origin + each["url"], headers=demo.headers(), follow_redirects=True).content
        for each in (first, second)
    ]
    assert [opened(content).size for content in contents] == [SIZE] * 2
    assert contents[0] != contents[1]


def url(expected: str) -> Check:
    """`url` is a text that begins and ends so: "begin…end"."""

    def check(demo: Demo, kind: str) -> None:
        begin, _, end = expected.partition("…")
        given = item(demo, kind, response_format="b64_json")["url"]
        assert given.startswith(begin)
        assert given.endswith(end)
        assert "…" in expected or given == expected

    return check


def long_url(demo: Demo, kind: str) -> None:
    assert len(item(demo, kind)["url"]) == 3_000


def both(demo: Demo, kind: str) -> None:
    only = item(demo, kind)
    assert picture_at(only["url"]) == base64.b64decode(only["b64_json"])


def size_ignored(demo: Demo, kind: str) -> None:
    answer = demo.generate(kind, anew=True)
    (only,) = answer.json()["data"]
    assert only["size"] == "768x768"
    assert opened(picture_at(only["url"])).size == (768, 768)


def counted(asked: int, given: int) -> Check:
    def check(demo: Demo, kind: str) -> None:
        answer = demo.generate(kind, anew=True, n=asked).json()
        assert len({each["url"] for each in answer["data"]}) == given
        assert answer["usage"]["generated_images"] == given

    return check


def one_lost(place: int) -> Check:
    def check(demo: Demo, kind: str) -> None:
        key = f"sk-{kind}"
        answer = demo.generate(kind, key=key, n=2).json()
        lost = answer["data"].pop(place)
        assert set(lost["error"]) == {"code", "message"}
        (made,) = answer["data"]
        assert opened(picture_at(made["url"])).size == SIZE
        assert answer["usage"]["generated_images"] == 1
        (record,) = demo.records(key)
        assert (record["status"], record["url"]) == ("completed", made["url"])

    return check


def without_picture(demo: Demo, kind: str) -> None:
    assert item(demo, kind) == {"size": f"{SIZE[0]}x{SIZE[1]}"}


def null_item(demo: Demo, kind: str) -> None:
    assert item(demo, kind) is None


def text_item(demo: Demo, kind: str) -> None:
    assert opened(picture_at(item(demo, kind))).size == SIZE


def images_key(demo: Demo, kind: str) -> None:
    answer = demo.generate(kind).json()
    assert "data" not in answer
    assert "url" in answer["images"][0]
    assert answer["timings"]["inference"] > 0


def no_data(demo: Demo, kind: str) -> None:
    assert "data" not in demo.generate(kind).json()


def null_data(demo: Demo, kind: str) -> None:
    assert demo.generate(kind).json()["data"] is None


def openai_extras(demo: Demo, kind: str) -> None:
    answer = demo.generate(kind).json()
    assert answer.keys() > {"background", "output_format", "quality", "size"}
    assert set(answer["usage"]) == {
        "input_tokens", "input_tokens_details", "output_tokens", "total_tokens",
    }  # fmt: skip
    assert answer["data"][0]["revised_prompt"]


def odd_usage(demo: Demo, kind: str) -> None:
    usage = demo.generate(kind).json()["usage"]
    assert {type(value) for value in usage.values()} == {str, int, float, type(None)}


def created(expected: str) -> Check:
    def check(demo: Demo, kind: str) -> None:
        text = demo.generate(kind).text
        assert f'"created":{expected},' in text
        assert '"url"' in text

    return check


def terminal_commands(demo: Demo, kind: str) -> None:
    answer = json.loads(demo.generate(kind).text)
    assert "\x1b]52;" in answer["model"]
    assert any("\x1b[2J" in name for name in answer["usage"])


def slow(demo: Demo, kind: str) -> None:
    # How long it takes is shown in test_waits.
    assert opened(picture_at(item(demo, kind, anew=True)["url"])).size == SIZE


CHECKS: dict[str, Check] = {
    "ok-url": format_ignored("b64_json", "url"),
    "ok-b64": format_ignored("url", "b64_json"),
    "b64-prefix": prefixed,
    "b64-lines": in_lines,
    "b64-no-padding": no_padding,
    "b64-garbage": no_base64,
    "url-is-base64": bare_base64,
    "url-data": data_url,
    "url-relative": api_path,
    "url-filepath": url("/srv/images/v1/images/img_….png"),
    "url-and-b64": both,
    "url-empty": url(""),
    "url-file": url("file:///etc/passwd"),
    "url-javascript": url("javascript:alert(1)"),
    "url-schemeless": url("//images.invalid/…"),
    "url-http": url("http://images.invalid/…"),
    "url-metadata": url("http://169.254.169.254/…"),
    "url-decimal": url("http://2130706433/…"),
    "url-userinfo": url("https://user@images.invalid/…"),
    "url-homograph": url("https://im\u0430ges.invalid/…"),
    "url-long": long_url,
    "size-ignored": size_ignored,
    "count-ignored": counted(2, 1),
    "extra-items": counted(1, 3),
    "partial": one_lost(-1),
    "partial-first": one_lost(0),
    "item-empty": without_picture,
    "item-null": null_item,
    "item-text": text_item,
    "images-key": images_key,
    "data-null": null_data,
    "data-missing": no_data,
    "openai-extras": openai_extras,
    "usage-odd": odd_usage,
    "created-text": created('"yesterday"'),
    "created-nan": created("NaN"),
    "created-huge": created("9" * 5_000),
    "escapes-200": terminal_commands,
    "slow": slow,
}


@pytest.mark.parametrize("kind", CHECKS)
def test_a_success_comes_in_the_shape_of_the_fault(demo: Demo, kind: str) -> None:
    CHECKS[kind](demo, kind)


def test_these_are_the_shapes_of_a_success() -> None:
    assert set(CHECKS) == set(GROUPS["Generations: shapes of a success"])


def test_the_only_picture_can_fail(demo: Demo) -> None:
    key = "sk-partial-alone"
    answer = demo.generate("partial", key=key).json()
    assert [set(each) for each in answer["data"]] == [{"error"}]
    assert answer["usage"]["generated_images"] == 0
    (record,) = demo.records(key)
    assert (record["status"], record["url"]) == ("failed", None)


def test_shapes_go_together(demo: Demo) -> None:
    answer = demo.generate("ok-b64", "b64-prefix", "images-key", "created-text").json()
    assert answer["created"] == "yesterday"
    assert answer["images"][0]["b64_json"].startswith("data:image/png;base64,")
