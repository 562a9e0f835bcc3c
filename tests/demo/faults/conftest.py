"""One endpoint on a loopback port, which plays the faults that a request names."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.demo.conftest import plain_picture, running
from tests.demo.faults.exchange import Came, came
from tui.demo.faults import Faults
from tui.demo.links import Links
from tui.demo.records import Record, Records
from tui.demo.server import demo_app
from tui.demo.traffic import GENERATIONS, Traffic

REQUEST = {"model": "kling-image-o1", "prompt": "a lighthouse", "size": "1360x768"}
SIZE = (1360, 768)
KEY = "sk-demo"


def noise(width: int = 64, height: int = 64) -> bytes:
    """A PNG that no compression makes smaller."""
    buffer = BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(3 * width * height)).save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class Demo:
    """The endpoint, and its folder."""

    origin: str
    folder: Path
    traffic: Traffic

    def headers(self, *kinds: str, key: str = KEY, **more: str) -> dict[str, str]:
        """Those of a request that plays faults."""
        named = {"X-Fault": ",".join(kinds)} if kinds else {}
        return {"Authorization": f"Bearer {key}", **named, **more}

    def request(
        self, *kinds: str, key: str = KEY, anew: bool = False, **fields: Any
    ) -> dict[str, Any]:
        """A generation; the same one is painted only once, unless it is to be made `anew`."""
        content = {**REQUEST, **fields}
        more = {} if anew else {"Idempotency-Key": json.dumps(content)}
        return {"headers": self.headers(*kinds, key=key, **more), "content": content}

    def generate(self, *kinds: str, **fields: Any) -> httpx.Response:
        """The answer to a generation, as httpx has it."""
        request = self.request(*kinds, **fields)
        return httpx.post(
            self.origin + GENERATIONS,
            content=json.dumps(request["content"]),
            headers=request["headers"],
            timeout=60,
        )

    def generated(self, *kinds: str, **fields: Any) -> Came:
        """The answer to a generation, as it came."""
        return came(self.origin + GENERATIONS, "POST", **self.request(*kinds, **fields))

    def get(self, path: str, *kinds: str, key: str = KEY, **query: Any) -> httpx.Response:
        """The answer to a GET of the API."""
        return httpx.get(
            self.origin + path, params=query or None, headers=self.headers(*kinds, key=key)
        )

    def records(self, key: str = KEY) -> list[dict[str, Any]]:
        """What the listing has for a key."""
        content: list[dict[str, Any]] = self.get("/v1/images", key=key, limit=100).json()["data"]
        return content

    def keep(self, content: bytes | None = None, key: str = KEY) -> Record:
        """A record with one picture, as a generation would have left it."""
        records = Records(self.folder)
        record_id = records.new_id()
        name = f"{record_id}-1.png"
        record = Record(record_id, "glm-image", "a fox", "completed", int(time.time()), (name,))
        records.save(key, record, [content or noise()])
        return record

    def link(self, record: Record, seconds: int = 60) -> str:
        """A link to the record's picture that is good for so long."""
        path = Links(self.folder).sign(record.pictures[0], int(time.time()) + seconds)
        return self.origin + path


@pytest.fixture(scope="package", autouse=True)
def plain_pictures_everywhere() -> Iterator[None]:
    """Plain pictures for the tests of this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.generation.paint", plain_picture)
        yield


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    app = demo_app(folder, faults=Faults(slow_seconds=0.1, drip_seconds=0.0001))
    with running(app) as origin:
        yield Demo(origin, folder, app.state.traffic)
