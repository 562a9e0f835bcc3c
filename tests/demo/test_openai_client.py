"""The endpoint over a real port, through OpenAI's own client, which knows nothing of us."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests.demo.conftest import Serve
from tests.demo.pictures import data_url, opened, picture
from tui.demo.faults import Faults
from tui.demo.limits import MODELS
from tui.demo.server import demo_app

Open = Callable[..., openai.OpenAI]
KLING = "kling-image-o1"


@pytest.fixture
def open_client(serve: Serve, folder: Path) -> Iterator[Open]:
    """Clients of an endpoint that plays the faults named."""
    clients: list[openai.OpenAI] = []

    def start(*faults: str, key: str = "sk-demo") -> openai.OpenAI:
        origin = serve(demo_app(folder, faults=Faults.parse(faults)))
        client = openai.OpenAI(api_key=key, base_url=f"{origin}/v1", max_retries=0, timeout=60)
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.close()


def generate(client: openai.OpenAI, model: str = KLING, prompt: str = "a fox") -> str:
    answer = client.images.generate(model=model, prompt=prompt)
    assert answer.data
    assert answer.data[0].url
    return answer.data[0].url


def test_a_picture_comes_as_url(open_client: Open) -> None:
    client = open_client()
    answer = client.images.generate(model=KLING, prompt="a fox", size="1360x768", n=1)
    assert answer.data is not None
    assert len(answer.data) == 1
    url = answer.data[0].url
    assert url is not None
    assert url.startswith(str(client.base_url.copy_with(path="/media/")))
    assert opened(httpx.get(url).content).size == (1360, 768)


def test_a_picture_comes_as_base64(open_client: Open) -> None:
    answer = open_client().images.generate(
        model="seedream-4.0",
        prompt="a fox",
        size="1280x720",
        response_format="b64_json",
        extra_body={"seed": 7, "watermark": False, "image": [data_url(picture())]},
    )
    assert answer.data is not None
    assert answer.data[0].b64_json is not None
    image = opened(base64.b64decode(answer.data[0].b64_json))
    assert (image.format, image.size) == ("JPEG", (1280, 720))


def test_the_models_are_listed(open_client: Open) -> None:
    models = list(open_client().models.list())
    assert [model.id for model in models] == list(MODELS)
    assert models[0].owned_by == "bytedance"


def test_records_are_paged_by_an_independent_cursor(open_client: Open) -> None:
    client = open_client()
    for number in range(3):
        with pytest.raises(openai.BadRequestError):
            generate(client, prompt=f"failing-demo {number}")
    first = client.get("/images?limit=2", cast_to=httpx.Response).json()
    second = client.get(f"/images?limit=2&after={first['last_id']}", cast_to=httpx.Response).json()
    prompts = [record["prompt"] for page in (first, second) for record in page["data"]]
    assert prompts == ["failing-demo 2", "failing-demo 1", "failing-demo 0"]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_an_illegal_size_is_a_bad_request_with_its_parameter(open_client: Open) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        open_client().images.generate(model="seedream-4.5", prompt="a fox", size="1024x1024")
    assert (refused.value.param, refused.value.type) == ("size", "invalid_request_error")
    assert "image size must be at least 3686400 pixels" in refused.value.message
    assert refused.value.request_id


def test_an_unknown_model_is_not_found(open_client: Open) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        generate(open_client(), model="dall-e-3")
    assert refused.value.type == "model_not_found"


def test_an_empty_key_fails_authentication(open_client: Open) -> None:
    client = open_client().with_options(default_headers={"authorization": "Bearer"})
    with pytest.raises(openai.AuthenticationError):
        client.models.list()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", openai.AuthenticationError),
        ("402", openai.APIStatusError),
        ("403-frozen", openai.PermissionDeniedError),
        ("403-waf-html", openai.PermissionDeniedError),
        ("404-model", openai.NotFoundError),
        ("moderation-400", openai.BadRequestError),
        ("moderation-422", openai.UnprocessableEntityError),
        ("429", openai.RateLimitError),
        ("429-retry-after", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("503-detail", openai.InternalServerError),
        ("reset-early", openai.APIConnectionError),
    ],
)
def test_a_fault_is_the_error_that_it_is_to_any_client(
    open_client: Open, fault: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        generate(open_client(fault))


def test_a_connection_reset_after_the_charge_leaves_the_record(open_client: Open) -> None:
    client = open_client("reset")
    with pytest.raises(openai.APIConnectionError):
        generate(client)
    (record,) = client.get("/images", cast_to=httpx.Response).json()["data"]
    assert record["status"] == "completed"
