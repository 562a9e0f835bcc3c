"""POST /v1/images/edits: references as files, and a mask."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.demo.conftest import Connect
from tests.demo.pictures import mask, opened, picture
from tui.demo.errors import Refusal
from tui.demo.forms import read_form
from tui.demo.masks import MOST_BYTES, check_mask
from tui.demo.painter import Painting, paint
from tui.demo.server import demo_app
from tui.demo.traffic import EDITS

pytestmark = pytest.mark.usefixtures("plain_pictures")

KLING = {"model": "kling-image-o1", "prompt": "a fox", "size": "1360x768"}
FOX = picture(300, 300)
Files = Sequence[tuple[str, bytes]]


async def edit(
    client: httpx.AsyncClient, fields: dict[str, str], files: Files, **headers: str
) -> httpx.Response:
    named = [(name, (f"{name}.png", content, "image/png")) for name, content in files]
    return await client.post(EDITS, data=fields, files=named, headers=headers)


@pytest.mark.parametrize(
    ("fields", "files", "made"),
    [
        (KLING, [("image", FOX)], 1),
        ({**KLING, "n": "3", "response_format": "b64_json"}, [("image[]", FOX)] * 10, 3),
        (KLING, [("image", FOX), ("image", FOX), ("mask", mask())], 1),
        (
            {
                "model": "seedream-4.0",
                "prompt": "4 images of foxes",
                "size": "1280x720",
                "watermark": "false",
                "sequential_image_generation": "auto",
                "sequential_image_generation_options": '{"max_images": 2}',
            },
            [("image[]", picture(15, 15)), ("mask[]", mask(15, 15))],
            2,
        ),
    ],
)
async def test_a_form_makes_pictures(
    client: httpx.AsyncClient, fields: dict[str, str], files: Files, made: int
) -> None:
    answer = await edit(client, fields, files)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == made
    (record,) = (await client.get("/v1/images")).json()["data"]
    assert record["prompt"] == fields["prompt"]


@pytest.mark.parametrize(
    ("fields", "files", "status", "param", "reason"),
    [
        (KLING, [("mask", mask())], 400, "image", "Missing required parameter: 'image'."),
        ({"model": "kling-image-o1"}, [("image", FOX)], 400, "prompt", "Missing required"),
        ({**KLING, "model": "none"}, [("image", FOX)], 404, "model", "does not exist"),
        (
            {"model": "glm-image", "prompt": "a"},
            [("image", FOX)],
            400,
            "model",
            "not support image",
        ),
        ({**KLING, "n": "two"}, [("image", FOX)], 400, "n", "expected an integer"),
        ({**KLING, "n": "10"}, [("image", FOX)], 400, "n", "between 1 and 9"),
        ({**KLING, "style": "x"}, [("image", FOX)], 400, "style", "Unknown parameter: 'style'"),
        (KLING, [("image[]", FOX)] * 11, 400, "image", "at most 10 images"),
        (KLING, [("image", picture(299, 300))], 400, "image", "at least 300 pixels"),
        (KLING, [("image", b"no image")], 400, "image", "cannot be read"),
        (KLING, [("image", FOX), ("mask", mask(300, 301))], 400, "mask", "dimensions of the"),
        (KLING, [("image", FOX), ("mask", FOX)], 400, "mask", "must have an alpha channel"),
        (KLING, [("image", FOX), ("mask", b"x")], 400, "mask", "must be a PNG"),
        (KLING, [("image", FOX), *[("mask", mask())] * 2], 400, "mask", "at most one mask"),
        ({**KLING, "image": "x"}, [("mask", mask())], 400, "image", "expected a file"),
        (KLING, [("prompt", FOX)], 400, "prompt", "expected a text"),
    ],
)
async def test_what_is_wrong_with_a_form_is_told(
    client: httpx.AsyncClient,
    fields: dict[str, str],
    files: Files,
    status: int,
    param: str,
    reason: str,
) -> None:
    answer = await edit(client, fields, files)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (status, param), error
    assert reason in error["message"]
    assert (await client.get("/v1/images")).json()["data"] == []


async def test_what_is_no_form_is_told(client: httpx.AsyncClient) -> None:
    kind = "multipart/form-data; boundary=b"
    for headers, body in (
        ({"content-type": "application/json"}, b"{}"),
        ({"content-type": "multipart/form-data"}, b"--b--"),
        ({"content-type": kind}, b""),
        ({"content-type": kind}, b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx'),
        ({"content-type": kind}, b"--b\r\n\r\nnameless\r\n--b--\r\n"),
    ):
        answer = await client.post(EDITS, content=body, headers=headers)
        assert answer.status_code == 400, body
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_mask_is_a_png_below_4_megabytes_as_large_as_the_first_image() -> None:
    turned = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(turned, "JPEG", exif=exif)
    for size in ((40, 20), (20, 40)):
        check_mask(mask(*size), turned.getvalue())
    with pytest.raises(Refusal, match="dimensions"):
        check_mask(mask(40, 40), turned.getvalue())
    noise = Image.frombytes("RGBA", (990, 1000), np.random.default_rng(1).bytes(3_960_000))
    buffer = BytesIO()
    noise.save(buffer, "PNG", compress_level=0)
    below = buffer.getvalue()
    assert len(below) < MOST_BYTES
    check_mask(below, picture(990, 1000))
    with pytest.raises(Refusal, match="less than 4 MB"):
        check_mask(below.ljust(MOST_BYTES, b"\0"), picture(990, 1000))


async def test_the_same_form_with_another_boundary_is_the_same_request(
    connect: Connect, folder: Path
) -> None:
    app = demo_app(folder)
    client = connect(app)
    first = await edit(client, KLING, [("image", FOX)], **{"Idempotency-Key": "k"})
    again = await edit(client, KLING, [("image", FOX)], **{"Idempotency-Key": "k"})
    assert first.json()["data"] == again.json()["data"]
    other = await edit(client, KLING, [("image", picture(301, 300))], **{"Idempotency-Key": "k"})
    assert other.status_code == 422
    traffic = app.state.traffic
    assert (traffic.posts, traffic.pictures) == (3, 1)
    assert traffic.posts_by_idempotency_key == {"k": 3}


@pytest.mark.parametrize(
    ("fault", "status"), [("429", 429), ("unknown-parameter-400", 400), ("moderation-400", 400)]
)
async def test_an_edit_meets_the_faults_of_a_generation(
    client: httpx.AsyncClient, fault: str, status: int
) -> None:
    answer = await edit(client, KLING, [("image", FOX)], **{"X-Fault": fault})
    assert answer.status_code == status


texts = st.text(st.characters(codec="utf-8"), max_size=30)
contents = st.lists(st.sampled_from([b"\r", b"\n", b"--", b"b", b"\0", b"\xff", b": "])).map(
    b"".join
)


@given(st.dictionaries(st.sampled_from("abcd"), texts), st.lists(contents, max_size=3), contents)
def test_a_form_is_read_to_the_byte(
    fields: dict[str, str], images: list[bytes], cover: bytes
) -> None:
    request = httpx.Request(
        "POST",
        "http://demo/",
        files=[
            *((name, (None, text.encode())) for name, text in fields.items()),
            *(("image[]", ("a.png", content, "image/png")) for content in images),
            ("mask", ("m.png", cover)),
        ],
    )
    form = read_form(request.headers["content-type"], request.read())
    assert (form.texts, list(form.images), form.mask) == (fields, images, cover)


def test_the_picture_changes_where_the_mask_is_transparent() -> None:
    reference = picture(80, 48, colour="#3264c8")
    painting = Painting("a red fox", "m", 160, 96, 1, references=(reference,), mask=mask(80, 48))
    pixels = np.asarray(paint(painting), np.int16)
    # The lettering stands in a corner at the bottom.
    kept, changed = pixels[:60, :76], pixels[:60, 84:]
    assert np.abs(kept - [0x32, 0x64, 0xC8]).max() <= 1
    assert np.abs(changed - [0x32, 0x64, 0xC8]).max() > 40
    assert opened(reference).size == (80, 48)
