"""References as each dialect wants them: the bytes that a server gets, to the last one."""

from __future__ import annotations

import hashlib

import openai
import pytest

from tests.api.origins import CANARY, Received, canary, reply, success
from tests.demo.forms import received_form
from tui.api.client import ImagesClient, ReferenceImage
from tui.api.errors import ApiError
from tui.config import BUILT_IN_ENDPOINTS, OPENAI
from tui.keys import Secret

# Not pictures, but all bytes that a careless writer of bodies would trip over.
ONE = b"\x89PNG\r\n\x1a\n\r\n--\x00\xff\xfb\xef"
TWO = b"\xff\xd8\xff\xe0 two"
PNG = ReferenceImage(data=ONE, media_type="image/png")
JPEG = ReferenceImage(data=TWO, media_type="image/jpeg")
LINK = ReferenceImage(url="https://a.example/b.png?x=1&y=2")
MASK = ReferenceImage(data=b"mask", media_type="image/png", is_mask=True)
PNG_64, JPEG_64 = "iVBORw0KGgoNCi0tAP/77w==", "/9j/4CB0d28="
PNG_URL, JPEG_URL = f"data:image/png;base64,{PNG_64}", f"data:image/jpeg;base64,{JPEG_64}"

BARE = {"image_encoding": "base64"}
ALWAYS = {"image_always_array": True}
ADDRESSES = {"image_encoding": "url"}
DIALECTS = {
    "a data URL, as Token360 and Ark take it": ({}, [PNG], f'"image":"{PNG_URL}"'),
    "an array of them": ({}, [PNG, JPEG], f'"image":["{PNG_URL}","{JPEG_URL}"]'),
    "an address as it is": ({}, [LINK], f'"image":"{LINK.url}"'),
    "addresses and pictures": ({}, [LINK, JPEG], f'"image":["{LINK.url}","{JPEG_URL}"]'),
    "addresses alone": (ADDRESSES, [LINK], f'"image":"{LINK.url}"'),
    "addresses alone, several": (ADDRESSES, [LINK] * 2, f'"image":["{LINK.url}","{LINK.url}"]'),
    "bare base64": (BARE, [PNG], f'"image":"{PNG_64}"'),
    "bare base64, several": (BARE, [PNG, JPEG], f'"image":["{PNG_64}","{JPEG_64}"]'),
    "always an array": (ALWAYS, [PNG], f'"image":["{PNG_URL}"]'),
    "images": ({"image_field": "images"}, [PNG], f'"images":"{PNG_URL}"'),
    "images, always an array of base64": (
        {"image_field": "images", **ALWAYS, **BARE},
        [JPEG],
        f'"images":["{JPEG_64}"]',
    ),
    "image_urls": (
        {"image_field": "image_urls", **ADDRESSES, **ALWAYS},
        [LINK],
        f'"image_urls":["{LINK.url}"]',
    ),
    "edits without references are a generation": ({"references": "edits"}, [], ""),
}


async def sent(serve, parameters, pictures=(), prompt="a fox", **settings) -> Received:
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(**settings), canary())
    await client.generate("m-1", prompt, parameters, pictures, idempotency_key="k-1")
    assert origin.posts == 1
    (request,) = origin.requests
    assert request.headers["idempotency-key"] == "k-1"
    assert request.headers["content-length"] == str(len(request.body))
    return request


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_references_in_a_field_are_sent_to_the_byte(serve, dialect):
    settings, references, field = DIALECTS[dialect]
    request = await sent(serve, {"n": 2}, references, prompt='a "fox" é', **settings)
    comma = "," if field else ""
    body = f'{{"model":"m-1","prompt":"a \\"fox\\" é","n":2{comma}{field}}}'
    assert request.body == body.encode()
    assert request.target == "/v1/images/generations"
    assert request.headers["content-type"] == "application/json"


async def test_a_form_to_edits_is_sent_to_the_byte(serve):
    parameters = {"size": "1024x1024", "n": 2, "stream": False, "deep": {"a": [1, 0.5, None]}}
    request = await sent(
        serve,
        {**parameters, "seed": None, "style": "b\udfffc"},
        [PNG, MASK],
        prompt="a fox\r\n--é\n\N{FOX FACE}",
        references="edits",
        response_format="b64_json",
        extra={"user": "u1", "half": 0.5, "model": "other", "size": "1x1"},
    )
    assert request.target == "/v1/images/edits"
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    texts = [
        ("model", "m-1"),
        ("prompt", "a fox\r\n--é\n\N{FOX FACE}"),
        ("response_format", "b64_json"),
        ("user", "u1"),
        ("half", "0.5"),
        ("size", "1024x1024"),
        ("n", "2"),
        ("stream", "false"),
        ("deep", '{"a":[1,0.5,null]}'),
        ("style", "b\N{REPLACEMENT CHARACTER}c"),
    ]
    files = [("image", "image-1.png", ONE), ("mask", "mask.png", b"mask")]
    expected = b""
    for name, value in texts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        expected += head.encode() + value.encode() + b"\r\n"
    for name, file, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"'
        expected += f"{head}\r\nContent-Type: image/png\r\n\r\n".encode() + content + b"\r\n"
    assert request.body == expected + f"--{boundary}--\r\n".encode()


async def test_several_pictures_are_an_array_of_files_in_their_order(serve):
    request = await sent(serve, {}, [JPEG, MASK, PNG], references="edits")
    files = [(part.name, part.filename, part.media_type) for part in received_form(request)[2:]]
    assert files == [
        ("image[]", "image-1.jpg", "image/jpeg"),
        ("image[]", "image-2.png", "image/png"),
        ("mask", "mask.png", "image/png"),
    ]
    assert [part.content for part in received_form(request)[2:]] == [TWO, ONE, b"mask"]


@pytest.mark.parametrize("pictures", [[PNG], [JPEG, PNG]])
async def test_openais_own_client_sends_the_same_parts(serve, pictures):
    fields = {"n": 2, "size": "1024x1024", "output_format": "webp"}
    request = await sent(serve, fields, [*pictures, MASK], references="edits")
    origin = await serve(reply(200, success()))
    ours = received_form(request)
    files = [part[2:3] + part[1:2] + part[3:] for part in ours if part.filename]
    async with openai.AsyncOpenAI(
        api_key=CANARY, base_url=f"{origin.url}/v1", max_retries=0
    ) as client:
        await client.images.edit(
            model="m-1",
            prompt="a fox",
            image=files[0] if len(pictures) == 1 else files[:-1],
            mask=files[-1],
            **fields,
        )
    (theirs,) = origin.requests
    assert theirs.target == request.target
    assert sorted(received_form(theirs)) == sorted(ours)


async def test_the_boundary_is_another_for_another_request_and_in_none_of_its_parts(serve):
    boundaries, bodies = set(), []
    for prompt, references in (("a", [PNG]), ("b", [PNG]), ("a", [JPEG]), ("a", [PNG])):
        request = await sent(serve, {}, references, prompt=prompt, references="edits")
        boundary = request.headers["content-type"].partition("boundary=")[2]
        assert request.body.count(boundary.encode()) == len(received_form(request)) + 1
        boundaries.add(boundary)
        bodies.append(hashlib.sha256(request.body).digest())
    assert len(boundaries) == len(set(bodies)) == 3
    assert bodies[0] == bodies[-1], "what is sent again is the same"


@pytest.mark.parametrize(
    ("way", "references", "reason"),
    [
        ("edits", [LINK], "as files only"),
        ("edits", [PNG, LINK], "as files only"),
        ("edits", [MASK], "needs a reference"),
        ("field", [PNG, MASK], "takes no mask"),
    ],
)
async def test_what_a_dialect_cannot_say_is_refused_before_sending(serve, way, references, reason):
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(references=way), canary())
    with pytest.raises(ApiError, match=reason) as caught:
        await client.generate("m", "p", {}, references)
    assert (caught.value.kind, caught.value.charged) == ("invalid_request", "no")
    assert origin.connections == 0


async def test_a_parameter_that_no_form_can_carry_is_refused_before_sending(serve):
    origin = await serve(reply(200, success()))
    client = ImagesClient(origin.settings(references="edits"), canary())
    with pytest.raises(ApiError, match="cannot be written"):
        await client.generate("m", "p", {"x": object()}, [PNG])
    assert origin.connections == 0


@pytest.mark.parametrize("status", [404, 405])
async def test_a_server_without_edits_is_told_of_with_what_to_do(serve, status):
    origin = await serve(reply(status, {"error": {"message": "Not Found"}}))
    client = ImagesClient(origin.settings(references="edits"), canary())
    with pytest.raises(ApiError) as caught:
        await client.generate("m", "p", {}, [PNG])
    assert caught.value.charged == "no"
    assert "set references to field" in caught.value.hint
    with pytest.raises(ApiError) as caught:
        await client.generate("m", "p", {})
    assert "references" not in caught.value.hint


async def test_a_parameters_name_cannot_add_to_the_form(serve):
    name = 'a"\r\nX-Injected: 1\r\n\r\n--b'
    request = await sent(serve, {name: "x"}, [PNG], references="edits")
    (part,) = (part for part in received_form(request) if part.content == b"x")
    assert part.name == "a%22%0D%0AX-Injected: 1%0D%0A%0D%0A--b"
    assert len(received_form(request)) == 4


async def test_a_refused_edit_says_that_nothing_was_charged_and_holds_no_key(serve):
    error = {
        "error": {"message": "Invalid mask of sk-CANARY-0123456789abcdefghij", "param": "mask"}
    }
    origin = await serve(reply(400, error))
    settings = {"references": BUILT_IN_ENDPOINTS[OPENAI].references}
    client = ImagesClient(
        origin.settings(**settings), Secret("sk-CANARY-0123456789abcdefghij", "a")
    )
    with pytest.raises(ApiError, match="Invalid mask") as caught:
        await client.generate("m", "p", {}, [PNG, MASK])
    assert (caught.value.charged, origin.posts) == ("no", 1)
    assert "CANARY" not in f"{caught.value} {caught.value.body}"
    assert origin.requests[0].headers["authorization"].startswith("Bearer sk-CANARY")
