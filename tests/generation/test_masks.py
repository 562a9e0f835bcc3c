"""A mask among the references that are made ready, and how an endpoint with edits takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.demo.pictures import mask
from tui.catalog.card import ModelCard, References
from tui.config import BUILT_IN_ENDPOINTS, LOCAL, OPENAI, TOKEN360, EndpointSettings
from tui.generation.reference_desk import ReferenceDesk, way_of
from tui.generation.references import DraftReference, chosen_again
from tui.history.entry import MASK
from tui.history.store import HistoryStore
from tui.images.prepared import UnfitReference
from tui.paths import Paths

# It takes no PNG, and nothing as large as the mask: neither is the mask's concern.
CARD = ModelCard(id="painter", references=References(max=1, formats=("jpeg",), max_bytes=9_000))
NONE = ModelCard(id="words")
ADDRESS = "https://images.example.com/a.png"


@pytest.fixture
def sketch(tmp_path: Path) -> DraftReference:
    path = tmp_path / "sketch.png"
    Image.new("RGB", (64, 32), "teal").save(path)
    return DraftReference("sketch.png", str(path))


def covering(folder: Path, width: int = 64, height: int = 32) -> DraftReference:
    path = folder / "cover.png"
    path.write_bytes(mask(width, height))
    return DraftReference("cover.png", str(path), role=MASK)


@pytest.fixture
def desk(paths: Paths, store: HistoryStore, sketch: DraftReference) -> ReferenceDesk:
    async def fetch(address: str, target: Path) -> None:
        Image.new("RGB", (64, 32)).save(target, "PNG")

    return ReferenceDesk(paths, store, fetch)


def test_edits_take_files_and_fields_take_what_they_are_set_to() -> None:
    ways = [way_of(BUILT_IN_ENDPOINTS[name]) for name in (OPENAI, LOCAL, TOKEN360)]
    assert ways == ["file", "file", "any"]
    addresses = EndpointSettings(references="field", image_encoding="url")
    assert way_of(addresses) == "address"
    assert way_of(EndpointSettings(references="edits", image_encoding="url")) == "file"


async def test_a_mask_keeps_its_format_and_its_role_whatever_the_model_takes(
    desk: ReferenceDesk, store: HistoryStore, sketch: DraftReference, tmp_path: Path
) -> None:
    cover = covering(tmp_path)
    seen, kept = await desk.keep([sketch, cover], CARD, "file")
    assert (seen.file[-4:], seen.role) == (".jpg", "")
    assert (kept.file[-4:], kept.role) == (".png", MASK)
    assert store.absolute(kept.file).read_bytes() == mask(64, 32)
    assert desk.state(cover, CARD, "file").objection == ""
    # Out of history it is a mask once more, and with another reference too.
    again = chosen_again(kept)
    assert again.is_mask
    link = DraftReference(ADDRESS, treatment="as it is")
    fetched, masked = await desk.keep([link, again], CARD, "file")
    assert fetched.file
    assert masked == kept
    assert await desk.keep([sketch, cover], NONE, "file") == ()


@pytest.mark.parametrize(
    ("way", "size", "with_sketch", "reason"),
    [
        ("any", (64, 32), True, "cover.png: This endpoint takes no mask"),
        ("address", (64, 32), False, "cover.png: This endpoint takes no mask"),
        ("file", (32, 64), True, "64×32 pixels, and this one has 32×64"),
        ("file", (64, 32), False, "needs a reference"),
    ],
)
async def test_a_mask_that_cannot_be_sent_is_not_kept(
    desk: ReferenceDesk,
    paths: Paths,
    sketch: DraftReference,
    tmp_path: Path,
    way: str,
    size: tuple[int, int],
    with_sketch: bool,
    reason: str,
) -> None:
    references = [*([sketch] if with_sketch else []), covering(tmp_path, *size)]
    with pytest.raises(UnfitReference, match=reason):
        await desk.keep(references, CARD, way)  # type: ignore[arg-type]
    assert not (paths.data / "images").exists()
