from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.images.pictures import quadrants, write
from tui.images import prepare as prepare_module
from tui.images.kept_previews import KeptPreviews
from tui.images.originals import Originals
from tui.images.preview import Preview, PreviewRequest
from tui.widgets.preview_loader import PreviewLoader


@pytest.fixture
def wanted(tmp_path: Path) -> PreviewRequest:
    path = write(tmp_path / "image.png", quadrants())
    return PreviewRequest(path, 8, 4, (10, 20), "half", (0, 0, 0))


@pytest.mark.parametrize("patience", [0.0, 3600.0])
async def test_a_picture_is_made_once_and_found_again(
    wanted: PreviewRequest, patience: float
) -> None:
    places: list[Preview] = []
    loader = PreviewLoader(on_dropped=lambda _: None)
    first = await loader.load(wanted, "truecolor", patience, places.append)
    again = await loader.load(wanted, "truecolor", patience, places.append)
    assert isinstance(first, Preview) and again == first
    if patience:
        assert not places, "only what takes a while is waited for"
    for place in places:
        assert (place.columns, place.rows) == (first.columns, first.rows) and not place.half


async def test_what_is_wanted_no_longer_is_not_made(
    wanted: PreviewRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader, made = PreviewLoader(on_dropped=lambda _: None), []
    prepare = prepare_module.prepare_preview

    def stopped_first(
        request: PreviewRequest,
        kept: KeptPreviews | None,
        originals: Originals,
        check: Callable[[], None],
    ) -> Preview:
        loader.stop()
        made.append(prepare(request, kept, originals, check))
        return made[-1]

    monkeypatch.setattr(prepare_module, "prepare_preview", stopped_first)
    assert await loader.load(wanted, None, 3600.0, lambda _: None) is None
    assert not made and not list(loader)
    monkeypatch.undo()
    assert isinstance(await loader.load(wanted, None, 3600.0, lambda _: None), Preview)


async def test_a_picture_is_found_again_by_another_program(
    wanted: PreviewRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "previews"
    first = await PreviewLoader(lambda _: None, folder=folder).load(
        wanted, None, 3600.0, lambda _: None
    )

    def decoded(*_: object) -> object:
        raise AssertionError("it was made again")

    monkeypatch.setattr(prepare_module, "scale_upright", decoded)
    again = await PreviewLoader(lambda _: None, folder=folder).load(
        wanted, None, 3600.0, lambda _: None
    )
    assert again == first


async def test_what_has_not_been_seen_for_longest_is_dropped(wanted: PreviewRequest) -> None:
    dropped: list[Preview] = []
    loader = PreviewLoader(on_dropped=dropped.append)
    made = [
        await loader.load(replace(wanted, background=(shade, 0, 0)), None, 3600.0, lambda _: None)
        for shade in range(6)
    ]
    await loader.load(replace(wanted, background=(0, 0, 0)), None, 3600.0, lambda _: None)
    assert not dropped and list(map(_drawn, loader)) == [*made[1:], made[0]]
    await loader.load(replace(wanted, background=(6, 0, 0)), None, 3600.0, lambda _: None)
    assert list(map(_drawn, dropped)) == [made[1]]


async def test_a_refusal_is_a_sentence_and_is_not_kept(wanted: PreviewRequest) -> None:
    loader = PreviewLoader(on_dropped=lambda _: None)
    broken = replace(wanted, path=wanted.path.with_name("broken.png"))
    assert await loader.load(broken, None, 3600.0, lambda _: None) == "No such file or directory"
    write(broken.path, quadrants(), "GIF")
    assert await loader.load(broken, None, 3600.0, lambda _: None) == (
        "The file is not a PNG, JPEG or WebP image."
    )
    write(broken.path, quadrants(), "WEBP")
    assert isinstance(await loader.load(broken, None, 3600.0, lambda _: None), Preview)


async def test_those_that_are_kept_are_few_objects(wanted: PreviewRequest) -> None:
    loader = PreviewLoader(on_dropped=lambda _: None)
    large = replace(wanted, columns=120, rows=40, cell_pixels=(1, 2))
    shown = await loader.load(large, None, 3600.0, lambda _: None)
    assert isinstance(shown, Preview)
    (kept,) = loader
    assert shown.columns * shown.rows > 2000
    assert objects_of(shown.half) > shown.columns
    assert objects_of(kept.half) == 1
    assert await loader.load(large, None, 3600.0, lambda _: None) == shown


def objects_of(root: object) -> int:
    """How many objects Python's collector goes through that belong to `root` alone."""
    found, new = {id(root)}, [root]
    while new:
        inner = gc.get_referents(*new)
        new = [each for each in inner if gc.is_tracked(each) and id(each) not in found]
        new = [each for each in new if not isinstance(each, type)]
        found |= {id(each) for each in new}
    return len(found)


def _drawn(preview: Preview) -> Preview:
    return replace(preview, half=tuple(preview.half))
