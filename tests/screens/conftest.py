"""The whole application on the demo endpoint, with a clock that stands still."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageDraw

from tests.screens.loads import Loads
from tui.app import DarkroomApp
from tui.catalog.loading import load_catalogue
from tui.config import Config, load_config
from tui.generation.thumbnails import EntryThumbnails
from tui.history.entry import Cost, Entry, EntryImage, Failure, Response, Status
from tui.history.store import HistoryStore
from tui.images.preview import Tile, TileRequest
from tui.paths import Paths
from tui.setup import Setup
from tui.terminal import Graphics
from tui.themes import load_themes

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MakeApp = Callable[..., DarkroomApp]


@pytest.fixture(autouse=True)
def _no_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_DEMO_LATENCY", "0")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN360_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_app(paths: Paths) -> MakeApp:
    def make(
        *,
        theme: str = "safelight",
        model: str = "seedream-4.5",
        endpoint: str = "demo",
        config: Config | None = None,
        graphics: Graphics = "half",
    ) -> DarkroomApp:
        return DarkroomApp(
            Setup(
                paths=paths,
                config=config or load_config(paths.config_file),
                catalogue=load_catalogue(paths.cards),
                themes=load_themes(paths.themes),
                endpoint=endpoint,
                model=model,
                theme=theme,
                graphics=graphics,
                clock=lambda: NOON,
            )
        )

    return make


@pytest.fixture
def remember(store: HistoryStore, paths: Paths) -> Callable[..., Entry]:
    """Puts an entry into history, so many minutes before noon."""

    def write(
        prompt: str,
        minutes: int,
        *,
        model: str = "seedream-4.5",
        status: Status = "done",
        error: Failure | None = None,
        starred: bool = False,
        images: int = 1,
        parameters: dict[str, object] | None = None,
        cost: float = 0.04,
    ) -> Entry:
        created = NOON - timedelta(minutes=minutes)
        id = f"{created:%Y%m%dT%H%M%S}000-{hashlib.sha256(prompt.encode()).hexdigest()[:6]}"
        count = images if status == "done" else 0
        pictures = tuple(_picture(store, paths, id, number) for number in range(1, count + 1))
        answered = Response(sent=created, received=created + timedelta(seconds=12.4))
        entry = Entry(
            id=id,
            created=created,
            status=status,
            endpoint="demo",
            model=model,
            prompt=prompt,
            starred=starred,
            parameters=parameters if parameters is not None else {"seed": 7, "size": "2304x1728"},
            response=None if status == "queued" else answered,
            images=pictures,
            cost=Cost(cost, "card 2026-10"),
            error=error,
        )
        store.write(entry)
        return entry

    return write


@pytest.fixture
def week(remember: Callable[..., Entry]) -> list[Entry]:
    """A history with one entry of every kind, newest first."""
    refused = Failure(
        kind="content_filter",
        message="The content filter refused the prompt (400).",
        hint="Change the prompt; sending it again will not help.",
        status=400,
    )
    lost = Failure(
        kind="gateway",
        message="The gateway gave up waiting (524).",
        hint="The picture may have been made and charged: look before sending again.",
        status=524,
        charged="maybe",
    )
    return [
        remember("A weathered lighthouse keeper mending a net by lamplight", 2),
        remember("fox in the snow, ink on rice paper", 25, model="kling-image-o1"),
        remember("harbour at night", 70, status="failed", error=refused),
        remember("seven lanterns over a river", 200, model="nano-banana-pro", starred=True),
        remember("an orchard seen from above, late autumn", 1500, images=3),
        remember("glass city under a green sky", 3000, status="unknown", error=lost),
        remember("portrait of a clockmaker", 12000, model="glm-image"),
    ]


def _picture(store: HistoryStore, paths: Paths, entry_id: str, number: int) -> EntryImage:
    name = store.image_name(entry_id, number, "png")
    path = paths.data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (768, 576), (32, 44, 82))
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((0, 384, 768, 576), fill=(18, 22, 38))
    drawing.rectangle((96 * number, 192, 96 * number + 192, 384), fill=(214, 130, 60))
    picture.save(path)
    data = path.read_bytes()
    return EntryImage(
        file=name,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        width=2304,
        height=1728,
        format="png",
    )


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loads]:
    """The small pictures that are loaded, which can be held up."""
    loads, load = Loads(), EntryThumbnails.tile

    def watched(
        self: EntryThumbnails, entry_id: str, request: TileRequest, number: int = 0
    ) -> Tile | None:
        loads.begin((entry_id, number))
        try:
            return load(self, entry_id, request, number)
        finally:
            loads.end((entry_id, number))

    monkeypatch.setattr(EntryThumbnails, "tile", watched)
    yield loads
    loads.gate.set()
