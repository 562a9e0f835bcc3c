"""What leaves the machine when a picture is asked for."""

from __future__ import annotations

import base64

import pytest

from tests.api.origins import CANARY, canary, reply, success
from tui.api.client import ImagesClient, ReferenceImage
from tui.api.errors import ApiError
from tui.keys import Secret

SKETCH = ReferenceImage(data=b"\x89PNG sketch", media_type="image/png")
ENCODED = base64.b64encode(b"\x89PNG sketch").decode()


async def sent(serve, parameters=None, references=(), prompt="a fox", key=None, **settings):
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(**settings), key or canary())
    await client.generate("seedream-4.5", prompt, parameters or {}, references)
    assert origin.posts == 1
    return origin.requests[0]


async def test_a_generation_is_one_post_of_model_prompt_and_parameters(serve):
    request = await sent(serve, {"size": "2K", "n": 2, "watermark": False, "strength": 0.5})
    assert request.target == "/v1/images/generations"
    assert request.document == {
        "model": "seedream-4.5",
        "prompt": "a fox",
        "size": "2K",
        "n": 2,
        "watermark": False,
        "strength": 0.5,
    }


async def test_the_key_travels_in_the_authorization_header_alone(serve):
    request = await sent(serve)
    assert request.headers["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in request.target
    assert CANARY.encode() not in request.body


async def test_without_a_key_there_is_no_authorization_header(serve):
    origin = await serve(reply(200, success()))
    await ImagesClient(origin.settings(), None).generate("m", "p", {})
    assert "authorization" not in origin.requests[0].headers


async def test_compression_is_declined(serve):
    assert (await sent(serve)).headers["accept-encoding"] == "identity"


async def test_the_endpoints_own_headers_are_sent(serve):
    request = await sent(serve, headers={"X-Tenant": "north"})
    assert request.headers["x-tenant"] == "north"


async def test_every_generation_has_a_connection_of_its_own(serve):
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(), canary())
    for _ in range(3):
        await client.generate("m", "p", {})
    assert origin.connections == origin.posts == 3


@pytest.mark.parametrize(
    ("response_format", "expected"), [("omit", None), ("url", "url"), ("b64_json", "b64_json")]
)
async def test_the_endpoints_response_format_is_sent_unless_omitted(
    serve, response_format, expected
):
    request = await sent(serve, response_format=response_format)
    assert request.document.get("response_format") == expected


async def test_what_the_user_chose_wins_over_what_the_endpoint_adds(serve):
    request = await sent(
        serve,
        {"watermark": False, "response_format": "url"},
        extra={"watermark": True, "user": "u1", "model": "other"},
        response_format="b64_json",
    )
    assert request.document["watermark"] is False
    assert request.document["response_format"] == "url"
    assert request.document["user"] == "u1"
    assert request.document["model"] == "seedream-4.5"


async def test_one_reference_is_a_string_and_several_are_an_array(serve):
    one = await sent(serve, references=[SKETCH])
    two = await sent(serve, references=[SKETCH, ReferenceImage(url="https://a.example/b.png")])
    assert one.document["image"] == f"data:image/png;base64,{ENCODED}"
    assert two.document["image"] == [
        f"data:image/png;base64,{ENCODED}",
        "https://a.example/b.png",
    ]


@pytest.mark.parametrize("field", ["image", "images", "image_urls"])
async def test_references_go_into_the_endpoints_field(serve, field):
    request = await sent(serve, references=[SKETCH], image_field=field, image_encoding="base64")
    assert request.document[field] == ENCODED


async def test_a_file_for_an_endpoint_that_takes_addresses_is_refused_before_sending(serve):
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(image_encoding="url"), canary())
    with pytest.raises(ApiError) as caught:
        await client.generate("m", "p", {}, [SKETCH])
    assert (caught.value.kind, caught.value.charged) == ("invalid_request", "no")
    assert origin.connections == 0


async def test_lone_surrogates_in_prompt_and_parameters_are_replaced(serve):
    request = await sent(serve, {"style": "b\udfffc"}, prompt="a\ud800b")
    assert request.document["prompt"] == "a\N{REPLACEMENT CHARACTER}b"
    assert request.document["style"] == "b\N{REPLACEMENT CHARACTER}c"


async def test_a_body_of_many_megabytes_arrives_whole(serve):
    large = ReferenceImage(data=bytes(range(256)) * 20_000, media_type="image/png")
    request = await sent(serve, references=[large], image_encoding="base64")
    assert base64.b64decode(request.document["image"]) == large.data


async def test_a_parameter_that_json_cannot_carry_is_refused_before_sending(serve):
    origin = await serve(reply(200, success()))
    with pytest.raises(ApiError) as caught:
        await ImagesClient(origin.settings(), None).generate("m", "p", {"x": object()})
    assert caught.value.kind == "invalid_request"
    assert origin.connections == 0


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com/v1",
        "ftp://api.example.com/v1",
        "https://user:password@api.example.com/v1",
        "https://api.example.com/v1?key=1",
        "https://api.example.com/v1#x",
        "https://api.example.com\\@evil.example/v1",
        "https://аpi.example.com/v1",
        "api.example.com/v1",
        "https:///v1",
        "https://api.example.com:99999/v1",
        "https://api.example.com/v1\r\nX-Injected: 1",
        "http://8.8.8.8/v1",
        "",
    ],
)
def test_a_base_url_that_would_expose_the_key_is_refused(base_url):
    from tui.config import EndpointSettings

    with pytest.raises(ApiError) as caught:
        ImagesClient(EndpointSettings(base_url=base_url), canary())
    assert caught.value.charged == "no"
    assert caught.value.hint
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.example.com/v1/",
        "http://localhost:8000/v1",
        "http://127.0.0.1:1/v1",
        "http://[::1]:8000/v1",
        "http://192.168.1.20/v1",
        "http://gpu-box:8080/v1",
        "http://gpu.local/v1",
        "http://demo.invalid/v1",
    ],
)
def test_https_and_private_addresses_are_accepted(base_url):
    from tui.config import EndpointSettings

    ImagesClient(EndpointSettings(base_url=base_url), canary())


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Bad": "a\r\nX-Injected: 1"},
        {"X Bad": "a"},
        {"X-Bad\n": "a"},
        {"Host": "evil.example"},
        {"Content-Length": "3"},
        {"X-Bad": "naïve"},
    ],
)
def test_a_header_that_could_change_the_request_is_refused(headers):
    from tui.config import EndpointSettings

    with pytest.raises(ApiError) as caught:
        ImagesClient(EndpointSettings(base_url="https://a.example/v1", headers=headers), None)
    assert caught.value.kind == "invalid_request"


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan")])
def test_a_timeout_that_means_nothing_is_refused(timeout):
    from tui.config import EndpointSettings

    with pytest.raises(ApiError):
        ImagesClient(EndpointSettings(base_url="https://a.example/v1", timeout=timeout), None)


async def test_a_key_that_no_header_can_carry_is_neither_sent_nor_shown(serve):
    origin = await serve(reply(200, success()))
    for value in ("sk-CANARY-ключ-ключ", "sk-CANARY-a\r\nX-Injected: 1"):
        client = ImagesClient(origin.settings(), Secret(value, "a test"))
        with pytest.raises(ApiError) as caught:
            await client.generate("m", "p", {})
        assert "CANARY" not in str(caught.value)
        assert caught.value.charged == "no"
    assert origin.posts == 0
