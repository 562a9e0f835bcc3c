"""Texts that mean harm, wherever a studio gets texts from: its endpoint, files, the clipboard."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PIL.PngImagePlugin import PngInfo

from tests.api.origins import Answer, Received, reply
from tests.cli.conftest import Home
from tests.faults.cases.session import (
    ESCAPE,
    SEND,
    StudioSession,
    configure,
    origin_with,
    studio_in,
)
from tests.images.pictures import encoded, quadrants

BEGIN = "import sys; sys.argv[0] = 'darkroom'; from tui.cli import main; main()"
CHOOSE_FILES, LIBRARY, PROMPT, PASTE = b"\x07", b"\x1b[21~", b"\x1bOQ", b"\x1b[200~%s\x1b[201~"
REFUSED, SERVED = "refused", "served"
"""Last words of prompts: the one is refused with a text, the other has its picture."""


def texts_of(text: str) -> Answer:
    """An endpoint that puts `text` into errors, models, records and pictures.

    Marks say where it comes from: Qerror, Qserved, Qrevised, Qrecord, Qmodel.
    """

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        path = request.target.partition("?")[0]
        if request.method == "POST" and request.document["prompt"].endswith(SERVED):
            await reply(200, _served(text))(request, writer)
        elif request.method == "POST":
            fields = {name: f"Q{name} {text}" for name in ("type", "param", "code")}
            await reply(400, {"error": {"message": f"Qerror {text}", **fields}})(request, writer)
        elif path == "/v1/models":
            model = {"id": f"Qmodel {text}", "object": "model", "owned_by": f"Qowner {text}"}
            await reply(200, {"object": "list", "data": [model]})(request, writer)
        elif path == "/v1/images":
            await reply(200, _listing(text))(request, writer)
        else:
            await reply(404)(request, writer)

    return answer


def picture_with(text: str) -> bytes:
    """A PNG whose texts say `text`, as programs leave prompts in them."""
    info = PngInfo()
    for keyword in ("parameters", "prompt"):
        info.add_itxt(keyword, text.encode("utf-8", "replace").decode().replace("\0", ""))
    return encoded(quadrants(320, 320), "PNG", pnginfo=info)


def put_files(folder: Path, *texts: str) -> None:
    """Pictures in `folder` whose names have the texts, as far as a name can."""
    folder.mkdir()
    for text in texts:
        name = text.replace("/", "|").replace("\0", "").encode("utf-8", "replace").decode()
        (folder / f"Qfile{name[:60]}.png").write_bytes(picture_with(text))


@contextmanager
def studio_with(home: Home, texts: Mapping[str, str], folder: Path) -> Iterator[StudioSession]:
    """A studio that was started in `folder`, whose files have the texts, as has its endpoint."""
    put_files(folder, *texts.values())
    begin = f"import os; os.chdir({str(folder)!r})\n{BEGIN}"
    with origin_with(texts_of(" ".join(texts.values()))) as origin:
        configure(home, studio=f"{origin.url}/v1")
        with studio_in(home, "-c", begin) as studio:
            yield studio


def places(studio: StudioSession, pasted: str) -> Iterator[str]:
    """Bring up one place after the other that shows texts of others; the mark of each.

    The last one is the prompt, into which `pasted` was pasted and then sent.
    """
    studio.send(f"a fox {SERVED}")
    yield "≠ served by Qserved"
    studio.send(f" {REFUSED}")
    yield "Qerror"
    studio.press(CHOOSE_FILES)
    yield "Qfile"
    if studio.screen.shows("choose files"):
        studio.press(ESCAPE)
        studio.wait_until(lambda: not studio.screen.shows("choose files"))
    studio.press(LIBRARY)
    yield "Qrecord"
    studio.press(ESCAPE)
    studio.wait_until(lambda: not studio.screen.shows("Library"))
    studio.press(PROMPT, PASTE % f"Qpasted {pasted}".encode(), SEND)
    yield "Qpasted"


def _served(text: str) -> dict[str, object]:
    picture = base64.b64encode(picture_with(text)).decode()
    item = {"b64_json": picture, "revised_prompt": f"Qrevised {text}"}
    return {"created": 1, "model": f"Qserved {text}", "data": [item]}


def _listing(text: str) -> dict[str, object]:
    record = {
        "id": "img_1",
        "object": "image",
        "status": "completed",
        "model": f"Qmodel {text}",
        "prompt": f"Qrecord {text}",
        "created_at": 1_790_000_000,
        "url": None,
        "error": {"message": f"Qfailure {text}"},
    }
    ids = {"first_id": "img_1", "last_id": "img_1"}
    return {"object": "list", "data": [record], "has_more": False, **ids}
