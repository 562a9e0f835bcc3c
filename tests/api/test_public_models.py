"""The public catalogue of models: read whatever it says, and asked without the key."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.origins import CANARY, in_turn, reply
from tui.api import public_catalogue
from tui.api.client import ImagesClient
from tui.api.errors import ApiError
from tui.api.public_models import PublicField, PublicModel, read_public_models
from tui.keys import Secret

KEY = Secret(CANARY, "a test")
FLUX = {
    "name": "flux-2-pro",
    "displayName": "FLUX 2 Pro",
    "modelType": "IMAGE_GENERATION",
    "modelInputTypes": ["TEXT", "IMAGE"],
    "modelOutputTypes": ["IMAGE"],
    "status": "ACTIVE",
    "supported_parameters": "size steps seed",
    "effectiveDefaultParams": {"steps": 28},
    "normalizedApiParameterSchema": {
        "fields": [
            {"name": "prompt", "type": "string", "required": True, "request_role": "prompt"},
            {
                "name": "size",
                "type": "string",
                "description": "Pixels",
                "enum": ["1024x1024", "1536x1024"],
                "default": "1024x1024",
                "playground_visible": True,
                "request_role": "model_parameter",
            },
            {"name": "steps", "type": "integer", "min": 1, "max": 50, "step": 1},
            {"name": "images", "type": "array", "max_items": 4, "request_role": "media"},
            {"name": "trace", "type": "string", "transport_only": True},
            {"name": "debug", "type": "boolean", "playground_visible": False},
        ]
    },
}
CHAT = {"name": "glm-5.1", "modelType": "CHAT", "modelOutputTypes": ["TEXT"]}


def page(*models: object) -> dict[str, object]:
    return {"data": {"list": list(models)}}


def test_a_model_is_read_with_all_that_is_said_of_it() -> None:
    assert read_public_models(page(FLUX, CHAT)) == (
        PublicModel(
            id="flux-2-pro",
            name="FLUX 2 Pro",
            makes_images=True,
            takes_images=True,
            most_images_in=4,
            fields=(
                PublicField(
                    "size", "string", "Pixels", "1024x1024", choices=("1024x1024", "1536x1024")
                ),
                PublicField("steps", "integer", default=28, minimum=1, maximum=50, step=1),
                PublicField("seed"),
            ),
        ),
        PublicModel("glm-5.1"),
    )


@pytest.mark.parametrize(
    ("about", "makes_images"),
    [
        ({"modelType": "IMAGE_GENERATION"}, True),
        ({"modelType": " image_generation "}, True),
        ({"modelType": "VIDEO_GENERATION", "modelOutputTypes": ["IMAGE"]}, False),
        ({"modelOutputTypes": ["IMAGE"]}, True),
        ({"modelOutputTypes": "TEXT, IMAGE"}, True),
        ({"modelOutputTypes": ["TEXT"]}, False),
        ({}, False),
    ],
)
def test_what_a_model_makes_is_taken_from_its_type(
    about: dict[str, object], makes_images: bool
) -> None:
    models = read_public_models(page({"name": "m", **about}))
    assert models is not None
    assert models[0].makes_images is makes_images


@pytest.mark.parametrize("document", [None, [], 7, "x", {}, {"data": None}, {"data": {"list": 1}}])
def test_a_document_that_is_no_page_is_none(document: object) -> None:
    assert read_public_models(document) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {"name": ""},
        {"name": "x" * 201},
        {"name": ["m"]},
        {"displayName": "nameless"},
    ],
)
def test_what_has_no_usable_name_costs_that_model_alone(odd: object) -> None:
    assert read_public_models(page(odd, CHAT)) == (PublicModel("glm-5.1"),)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*FLUX, *FLUX["normalizedApiParameterSchema"]["fields"][1], "fields"]),  # type: ignore[index]
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(list(FLUX)), json_values), json_values)
def test_whatever_is_said_can_be_read_kept_and_read_again(
    about: dict[str, object], field: object
) -> None:
    schema = {"normalizedApiParameterSchema": {"fields": [field, {"name": "a", "enum": [field]}]}}
    for odd in ({"name": "m", **about}, {**about, "name": "m", **schema}):
        models = read_public_models(page(odd, CHAT))  # type: ignore[arg-type]
        assert models is not None
        assert PublicModel("glm-5.1") in models
        written = msgspec.json.encode(models)
        assert msgspec.json.decode(written, type=tuple[PublicModel, ...]) == models


async def test_it_is_asked_page_by_page_and_without_the_key(serve, monkeypatch) -> None:
    monkeypatch.setattr(public_catalogue, "PAGE", 1)
    origin = await serve(
        in_turn(reply(200, page(FLUX)), reply(200, page(CHAT)), reply(200, page()))
    )
    address = f"{origin.url}/public/models?region=eu"
    settings = origin.settings(catalogue=address, headers={"X-Api-Key": CANARY})
    models = await ImagesClient(settings, KEY).public_models()
    assert [model.id for model in models] == ["flux-2-pro", "glm-5.1"]
    assert [request.target for request in origin.requests] == [
        f"/public/models?region=eu&size=1&current={number}" for number in (1, 2, 3)
    ]
    assert CANARY not in str(origin.requests)


async def test_a_server_without_pages_is_asked_twice(serve, monkeypatch) -> None:
    monkeypatch.setattr(public_catalogue, "PAGE", 1)
    origin = await serve(reply(200, page(FLUX)))
    settings = origin.settings(catalogue=f"{origin.url}/m")
    assert len(await ImagesClient(settings, KEY).public_models()) == 1
    assert len(origin.requests) == 2


async def test_a_page_that_fails_costs_itself_and_those_after_it(serve, monkeypatch) -> None:
    monkeypatch.setattr(public_catalogue, "PAGE", 1)
    origin = await serve(in_turn(reply(200, page(FLUX)), reply(500, {})))
    settings = origin.settings(catalogue=f"{origin.url}/m")
    assert [model.id for model in await ImagesClient(settings, KEY).public_models()] == [
        "flux-2-pro"
    ]


async def test_without_an_address_nobody_is_asked(serve) -> None:
    origin = await serve(reply(200, page(FLUX)))
    assert await ImagesClient(origin.settings(), KEY).public_models() == ()
    assert origin.connections == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(404, {"error": "no"}), "answered with status 404"),
        (reply(200, b"<html>", "text/html"), "cannot be read"),
        (reply(200, {"data": "none"}), "cannot be read"),
        (reply(302, Location="file:///etc/passwd"), "redirects to an address that is not asked"),
        (reply(302, Location="/m"), "redirects to an address"),
        (reply(200, json.dumps(page(FLUX, "x" * 3000))), "did not come whole"),
    ],
)
async def test_why_it_cannot_be_read_is_told(serve, monkeypatch, answer, reason) -> None:
    monkeypatch.setattr(public_catalogue, "LIMIT", 2000)
    origin = await serve(answer)
    settings = origin.settings(catalogue=f"{origin.url}/m?size=200&current=1")
    with pytest.raises(ApiError) as caught:
        await ImagesClient(settings, KEY).public_models()
    assert reason in caught.value.message
    assert caught.value.charged == "no"


async def test_it_may_lie_elsewhere_but_not_where_pictures_may_not(serve) -> None:
    elsewhere = await serve(reply(200, page(FLUX)))
    origin = await serve(reply(302, Location=f"{elsewhere.url}/models"))
    settings = origin.settings(catalogue=f"{origin.url}/m")
    assert len(await ImagesClient(settings, KEY).public_models()) == 1
    assert "authorization" not in elsewhere.requests[0].headers
    hidden = ImagesClient(
        origin.settings(base_url="https://192.0.2.1/v1", catalogue=f"{origin.url}/m"), KEY
    )
    with pytest.raises(ApiError, match="lies at an address that is not asked: it is not https"):
        await hidden.public_models()
    with pytest.raises(ApiError, match="catalogue cannot be used") as caught:
        await ImagesClient(origin.settings(catalogue="models"), KEY).public_models()
    assert "catalogue in config.toml" in caught.value.hint
