from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.images.pictures import quadrants, write
from tui.images.preview import Preview, PreviewRequest
from tui.widgets import preview_loader
from tui.widgets.preview_loader import PreviewLoader


@pytest.fixture
def wanted(tmp_path: Path) -> PreviewRequest:
    path = write(tmp_path / "image.png", quadrants())
    return PreviewRequest(path, 8, 4, (10, 20), "half", (0, 0, 0))


@pytest.mark.parametrize("patience", [0.0, 3600.0])
async def test_a_picture_is_made_once_and_found_again(
    wanted: PreviewRequest, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    monkeypatch.setattr(preview_loader, "_PATIENCE", patience)
    waits: list[str] = []
    loader = PreviewLoader(on_dropped=lambda _: None)
    first = await loader.load(wanted, "truecolor", lambda: waits.append("first"))
    again = await loader.load(wanted, "truecolor", lambda: waits.append("again"))
    assert isinstance(first, Preview) and again is first
    assert waits == ([] if patience else ["first"]), "only what takes a while is waited for"


async def test_what_has_not_been_seen_for_longest_is_dropped(wanted: PreviewRequest) -> None:
    dropped: list[Preview] = []
    loader = PreviewLoader(on_dropped=dropped.append)
    made = [
        await loader.load(replace(wanted, background=(shade, 0, 0)), None, lambda: None)
        for shade in range(6)
    ]
    await loader.load(replace(wanted, background=(0, 0, 0)), None, lambda: None)
    assert not dropped and list(loader) == [*made[1:], made[0]]
    await loader.load(replace(wanted, background=(6, 0, 0)), None, lambda: None)
    assert dropped == [made[1]]


async def test_a_refusal_is_a_sentence_and_is_not_kept(wanted: PreviewRequest) -> None:
    loader = PreviewLoader(on_dropped=lambda _: None)
    broken = replace(wanted, path=wanted.path.with_name("broken.png"))
    assert await loader.load(broken, None, lambda: None) == "No such file or directory"
    write(broken.path, quadrants(), "GIF")
    assert await loader.load(broken, None, lambda: None) == (
        "The file is not a PNG, JPEG or WebP image."
    )
    write(broken.path, quadrants(), "WEBP")
    assert isinstance(await loader.load(broken, None, lambda: None), Preview)
