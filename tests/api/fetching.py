"""Downloads from the servers of these tests, in a few words."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

import pytest

from tests.api.origins import PNG, Origin, canary, reply
from tui.api.addresses import read_base_url
from tui.api.client import ImagesClient
from tui.api.downloads import Downloader
from tui.api.errors import ApiError
from tui.scrub import Scrubber

PICTURE = reply(200, PNG, "image/png")


def client_of(origin: Origin, **settings) -> ImagesClient:
    return ImagesClient(origin.settings(**settings), canary())


def downloader_of(origin: Origin | None = None, **options) -> Downloader:
    """One whose attempts follow at once; that of a public endpoint unless `origin` is given."""
    base = f"{origin.url}/v1" if origin else "https://8.8.8.8/v1"
    return Downloader(read_base_url(base), Scrubber(), **{"pauses": (0.0, 0.0), **options})


async def fails(download: Awaitable[object], target: Path) -> ApiError:
    """The failure of a download, which leaves no file."""
    with pytest.raises(ApiError) as caught:
        await download
    assert not target.exists()  # noqa: ASYNC240 - nothing else runs
    assert (caught.value.kind, caught.value.charged) == ("download", "yes")
    return caught.value
