"""Answers of status 2xx to a generation: every dialect understood, none trusted."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.api.origins import CANARY, PNG, success
from tui.api.errors import ApiError
from tui.api.generations import read_generation
from tui.api.pictures import PictureReader
from tui.api.reply import Reply
from tui.api.results import Generation
from tui.api.wire import read_models, read_records
from tui.scrub import BODY_LIMIT, Scrubber

BASE = "https://api.example.com/v1"
ENCODED = base64.b64encode(PNG).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(40)).decode()


def understood(body: object, status: int = 200, **headers: str) -> Generation:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_generation(Reply(status, headers, content), PictureReader(BASE, Scrubber([CANARY])))


def refused(body: object, status: int = 200, **headers: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        understood(body, status, **headers)
    error = caught.value
    assert error.message
    assert error.hint
    return error


def item(**fields: object):
    (image,) = understood({"data": [fields]}).images
    return image


def test_a_generation_keeps_what_the_endpoint_said():
    generation = understood(success(), **{"x-request-id": "req_1"})
    assert generation.created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert generation.served_by == "seedream-4-5-251128"
    assert generation.usage == {"generated_images": 1, "total_tokens": 15552}
    assert generation.request_id == "req_1"
    assert [image.url for image in generation.images] == ["https://images.example.com/a.png"]


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("https://cdn.example.com/a.png?x=1&y=%2F", "https://cdn.example.com/a.png?x=1&y=%2F"),
        ("http://cdn.example.com:8080/a.png", "http://cdn.example.com:8080/a.png"),
        ("/v1/images/i1/content", "https://api.example.com/v1/images/i1/content"),
        ("/generated-images/b 1.png", "https://api.example.com/generated-images/b 1.png"),
        ("images/i1/content", "https://api.example.com/v1/images/i1/content"),
        (" https://cdn.example.com/a.png\n", "https://cdn.example.com/a.png"),
    ],
)
def test_addresses_are_made_absolute(url, absolute):
    assert item(url=url).url == absolute


@pytest.mark.parametrize(
    "fields",
    [
        {"b64_json": ENCODED},
        {"b64_json": ENCODED.rstrip("=")},
        {"b64_json": "\n".join(ENCODED[i : i + 76] for i in range(0, len(ENCODED), 76))},
        {"b64_json": f"data:image/png;base64,{ENCODED}"},
        {"b64_json": ENCODED.replace("+", "-").replace("/", "_")},
        {"b64_json": ENCODED, "url": None},
        {"url": f"data:image/png;base64,{ENCODED}"},
        {"url": ENCODED},
        {"url": "", "b64_json": ENCODED, "error": None},
    ],
)
def test_embedded_pictures_are_decoded_however_they_are_wrapped(fields):
    assert item(**fields).data == PNG
    assert item(**fields).url is None


def test_base64_that_begins_like_a_path_is_still_a_picture():
    assert JPEG.startswith("/9j/")
    assert item(url=JPEG).data == base64.b64decode(JPEG)


def test_an_item_may_carry_both_bytes_and_an_address():
    both = item(b64_json=ENCODED, url="https://a.example/a.png")
    assert (both.data, both.url) == (PNG, "https://a.example/a.png")


def test_broken_base64_does_not_cost_the_address_beside_it():
    assert item(b64_json="!!!", url="https://a.example/a.png").url == "https://a.example/a.png"


@pytest.mark.parametrize("body", [
    {"images": [{"url": "https://a.example/a.png"}]},
    {"data": {"url": "https://a.example/a.png"}},
    {"data": ["https://a.example/a.png"]},
    {"data": [{"url": "https://a.example/a.png"}], "created": "yesterday", "usage": [1]},
    {"data": [{"url": "https://a.example/a.png"}], "created": True, "model": ["x"]},
    {"data": [{"url": "https://a.example/a.png"}], "error": None},
])  # fmt: skip
def test_unusual_shapes_still_give_the_picture(body):
    assert understood(body).images[0].url == "https://a.example/a.png"


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (1_700_000_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("2023-11-14T22:13:20Z", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (10**400, None),
        (-(10**18), None),
        ("9" * 15, None),
        (float("nan"), None),
        (float("inf"), None),
        (None, None),
    ],
)
def test_the_time_is_read_from_any_form_or_left_out(created, expected):
    assert understood(success(created=created)).created == expected


def test_an_item_may_say_what_it_was_made_from():
    made = item(url="https://a.example/a.png", revised_prompt="a red fox", seed=7)
    assert (made.revised_prompt, made.seed) == ("a red fox", 7)
    plain = item(url="https://a.example/a.png")
    assert (plain.revised_prompt, plain.seed) == ("", None)


def test_each_item_has_its_own_prompt_and_seed_or_that_of_all():
    url = "https://a.example/a.png"
    body = {
        "data": [{"url": url}, {"url": url, "revised_prompt": "two", "seed": 0}],
        "revised_prompt": "one",
        "seed": 7,
    }
    images = understood(body).images
    assert [(image.revised_prompt, image.seed) for image in images] == [("one", 7), ("two", 0)]


@pytest.mark.parametrize("value", [None, [], {}, True, -1, 2**64, 1.5, ""])
def test_a_prompt_or_seed_of_another_type_is_none(value):
    made = item(url="https://a.example/a.png", revised_prompt=[value], seed=value)
    assert (made.revised_prompt, made.seed) == ("", None)


def test_a_revised_prompt_is_fit_to_be_kept():
    prompt = f"a fox with {CANARY} \ud800" + " and so on" * 100_000
    made = item(url="https://a.example/a.png", revised_prompt=prompt).revised_prompt
    assert made.startswith("a fox with [key] \N{REPLACEMENT CHARACTER} and so on")
    assert len(made) == 40_000


def test_usage_keeps_whole_numbers_that_a_file_can_hold():
    usage = {"a": 1, "b": 2.0, "c": 2.5, "d": -1, "e": 2**64, "f": True, "g": {"x": 1}, "h": None}
    assert understood(success(usage=usage)).usage == {"a": 1, "b": 2}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_of_json_are_read(encoding):
    assert understood(json.dumps(success()).encode(encoding)).images


def test_a_failed_item_leaves_the_others():
    failure = {"error": {"code": "OutputImageSensitiveContentDetected", "message": "may be bad"}}
    generation = understood({"data": [{"url": "https://a.example/a.png"}, failure, {}]})
    assert [image.error for image in generation.images] == [
        None,
        "may be bad",
        "the item holds no picture",
    ]


def test_pictures_beside_an_error_are_kept_and_the_error_is_told():
    generation = understood(success(error={"message": "stopped after one"}))
    assert generation.images[0].url
    assert generation.images[1].error == "stopped after one"


def test_a_file_on_the_servers_disk_is_explained():
    error = refused({"data": [{"url": "/home/admin/.xinference/image/605d.jpg"}]})
    assert (error.kind, error.charged) == ("bad_response", "maybe")
    assert "its own disk" in error.message
    assert "b64_json" in error.message


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "//evil.example/a.png",
        "https://user@evil.example/a.png",
        "https://api.example.com\\@evil.example/a.png",
        "https://аpple.example/a.png",
        "https:///etc/passwd",
        "https://a.example/\r\nX-Injected: 1",
        "https://a.example/" + "a" * 9000,
        "C:\\images\\a.png",
        "ftp://a.example/a.png",
    ],
)
def test_addresses_that_are_not_fetched_are_said_to_be_so(url):
    error = refused({"data": [{"url": url}]})
    assert error.kind == "bad_response"
    assert error.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b'{"data": [{"url": "https://a.exam',
        b"<!doctype html><title>Sign in</title>",
        b"\xff\xfe\x00\x01\x02",
        b"[" * 100_000,
        b'{"data":' * 50_000,
        b"9" * 5000,
        b'"\\ud800"',
        b"null",
        b"[]",
        {"data": None},
        {"data": [{}]},
        {"data": [None]},
        {"data": [[]]},
        {"data": [{"url": None, "b64_json": None}]},
        {"data": [{"b64_json": "§§§"}]},
        {"data": [{"b64_json": "A"}]},
        {"data": [{"b64_json": {"x": 1}}]},
        {"data": "https://a.example/a.png"},
        {"status": "ok"},
        {},
    ],
)
def test_a_success_without_a_picture_is_a_bad_response_that_may_have_been_charged(body):
    error = refused(body)
    assert (error.kind, error.charged) == ("bad_response", "maybe")
    assert len(error.body.encode()) <= BODY_LIMIT


def test_a_web_page_is_named_by_its_title():
    page = b"<html><head><title>Hotel Wi-Fi &amp; more</title>"
    error = refused(page, **{"content-type": "text/html"})
    assert "“Hotel Wi-Fi & more”" in error.message
    assert "<html>" not in error.message


def test_no_pictures_at_all_is_told_as_a_likely_silent_refusal():
    error = refused({"created": 1, "data": []})
    assert (error.kind, error.charged) == ("bad_response", "maybe")
    assert "silent refusal" in error.hint


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"task_id": "task-77"}},
        {"task_id": "task-77"},
        {"data": [{"status": "submitted", "task_id": "task-77"}]},
        {"id": "task-77", "status": "queued"},
        {"output": {"task_id": "task-77", "task_status": "PENDING"}},
    ],
)
@pytest.mark.parametrize("status", [200, 202])
def test_an_asynchronous_endpoint_is_recognised(body, status):
    error = refused(body, status)
    assert (error.kind, error.charged) == ("bad_response", "maybe")
    assert "task-77" in error.message


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "OutputImageSensitiveContentDetected", "message": "…", "type": ""}},
        {"data": [{"error": {"code": "OutputImageSensitiveContentDetected", "message": "…"}}]},
        {"success": False, "message": "blocked: the prompt violates the content policy"},
    ],
)
def test_a_refusal_inside_a_success_is_a_refusal(body):
    assert refused(body).kind == "content_filter"


def test_a_whole_document_counts_even_when_the_connection_then_broke():
    body = json.dumps(success()).encode()
    reply = Reply(200, {}, body, ending="cut")
    assert read_generation(reply, PictureReader(BASE, Scrubber())).images


@pytest.mark.parametrize("ending", ["cut", "late"])
def test_half_a_document_leaves_the_outcome_unknown(ending):
    reply = Reply(200, {}, json.dumps(success()).encode()[:-9], ending=ending)
    with pytest.raises(ApiError) as caught:
        read_generation(reply, PictureReader(BASE, Scrubber()))
    assert (caught.value.kind, caught.value.charged) == ("unknown_outcome", "maybe")


def test_the_kept_body_holds_no_key_no_picture_and_no_signature():
    body = {
        "data": [{"url": "file:///x"}],
        "echo": f"Bearer {CANARY}",
        "raw": ENCODED,
        "link": "https://cdn.example.com/a.png?X-Amz-Signature=abc&X-Amz-Credential=def",
    }
    kept = refused(body).body
    for secret in (CANARY, ENCODED, "abc", "def"):
        assert secret not in kept
    assert "https://cdn.example.com/a.png?[query]" in kept


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
KEYS = st.sampled_from(
    "data images error url b64_json message code type param detail created model usage status"
    " revised_prompt seed"
    " task_id id loc msg request_id".split()
)
SHAPES = st.recursive(
    JSON_VALUES | st.sampled_from(["https://a.example/a.png", "/x", ENCODED, "data:,", "file:x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


def outcome(body: bytes, status: int = 200, media_type: str = "application/json") -> None:
    reply = Reply(status, {"content-type": media_type}, body)
    scrubber = Scrubber([CANARY])
    try:
        generation = read_generation(reply, PictureReader(BASE, scrubber))
    except ApiError as error:
        assert error.message
        assert error.hint
        error.message.encode()
        error.body.encode()
    else:
        assert any(image.url or image.data for image in generation.images)
    for read in (lambda: read_records(reply, BASE, scrubber), lambda: read_models(reply, scrubber)):
        try:
            read()
        except ApiError as error:
            assert error.charged == "no"


@given(st.binary(max_size=400), st.sampled_from(["application/json", "text/html", ""]))
@settings(max_examples=200, deadline=None)
def test_arbitrary_bytes_give_a_generation_or_an_api_error(body, media_type):
    outcome(body, media_type=media_type)


@given(SHAPES)
@example({"data": [{"url": "http://[::1"}]})
@example({"data": [{"url": "https://a.example:0/"}]})
@example({"error": {"message": '{"error": {"message": "{}"}}'}})
@settings(max_examples=250, deadline=None)
def test_arbitrary_json_gives_a_generation_or_an_api_error(document):
    outcome(json.dumps(document).encode())
