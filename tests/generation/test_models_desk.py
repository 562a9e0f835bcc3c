"""What an endpoint offers: asked for, kept for a day, and never needed."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.servers import Answers, Scripted, scripted
from tui.catalog.loading import load_catalogue
from tui.config import Config, EndpointSettings, KeySource
from tui.generation.clients import Clients
from tui.generation.model_offers import GOOD_FOR, Offers
from tui.generation.models_desk import Known, ModelsDesk, kept_catalogue
from tui.generation.offers_cache import keep_offers, kept_offers
from tui.paths import Paths

KEY = "sk-CANARY-0123456789abcdefghij"
BUNDLED = load_catalogue(Path("no user's cards"))
PUBLIC = {"data": {"list": [{"name": "picasso", "modelType": "IMAGE_GENERATION"}]}}


def listing(*ids: str) -> dict[str, object]:
    return {"object": "list", "data": [{"id": id, "object": "model"} for id in ids]}


def answers(*ids: str, public: object = None) -> Answers:
    def answer(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
        if asked.startswith("GET /public/models?"):
            assert "Authorization" not in headers
            return (404, "none") if public is None else (200, public)
        assert asked == "GET /v1/models"
        assert headers["Authorization"] == f"Bearer {KEY}"
        return 200, listing(*ids)

    return answer


def refuses(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
    return 401, {"error": {"message": "no", "type": "invalid_api_key"}}


def lists_nothing(asked: str, headers: Mapping[str, str]) -> tuple[int, object]:
    return 404, {"error": {"message": "not here"}}


class Desk:
    """A desk over a home, and the endpoint `studio` as it is set up."""

    def __init__(self, paths: Paths, key: KeySource) -> None:
        self.paths = paths
        self.key = key
        self.config = Config()

    def at(self, endpoint: Scripted) -> None:
        root = endpoint.base_url.removesuffix("/v1")
        settings = EndpointSettings(
            endpoint.base_url, key=self.key, catalogue=f"{root}/public/models"
        )
        self.config = Config(endpoints={"studio": settings})

    @property
    def settings(self) -> EndpointSettings:
        return self.config.endpoints["studio"]

    async def known(self, *, anew: bool = False) -> list[Known]:
        clients = Clients(self.config, self.paths)
        desk = ModelsDesk(BUNDLED, self.paths, clients.get)
        try:
            return [known async for known in desk.known("studio", self.config, anew=anew)]
        finally:
            await clients.aclose()

    def kept(self) -> Offers | None:
        return kept_offers(self.paths.catalogue, "studio", self.settings)

    def keep(self, age: timedelta, *ids: str) -> None:
        offers = Offers(datetime.now(UTC) - age, ids)
        keep_offers(self.paths.catalogue, "studio", self.settings, offers)


@pytest.fixture
def desk(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STUDIO_KEY", KEY)
    return Desk(paths, KeySource(env="STUDIO_KEY"))


async def test_what_was_never_asked_is_asked_and_kept(desk: Desk) -> None:
    with scripted(answers("glm-image", "picasso", public=PUBLIC)) as endpoint:
        desk.at(endpoint)
        (known,) = await desk.known()
        assert list(known.catalogue.cards)[:2] == ["glm-image", "picasso"]
        assert (known.endpoint, known.news, known.failure) == ("studio", "", None)
        (again,) = await desk.known()
        assert again.catalogue.cards == known.catalogue.cards
        assert sorted(endpoint.asked) == [
            "GET /public/models?size=200&current=1",
            "GET /v1/models",
        ]
    assert kept_catalogue(BUNDLED, "studio", desk.config, desk.paths).cards == known.catalogue.cards


async def test_what_is_a_day_old_is_shown_and_asked_anew(desk: Desk) -> None:
    with scripted(answers("glm-image")) as endpoint:
        desk.at(endpoint)
        desk.keep(GOOD_FOR + timedelta(seconds=1), "kling-image-o1")
        first, second = await desk.known()
        assert first.catalogue.offered == {"kling-image-o1"}
        assert second.catalogue.offered == {"glm-image"}
        # A clock that was wrong keeps nothing for years.
        desk.keep(-timedelta(days=900), "kling-image-o1")
        assert len(await desk.known()) == 2


async def test_news_are_told_in_a_sentence(desk: Desk) -> None:
    with scripted(answers("glm-image", "seedream-4-5", "picasso", public=PUBLIC)) as endpoint:
        desk.at(endpoint)
        (known,) = await desk.known(anew=True)
        assert known.news == "studio offers 3 models."
        (known,) = await desk.known(anew=True)
        assert known.news == "studio offers 3 models; nothing changed."
        desk.keep(timedelta(), "glm-image", *(f"flux-{number}" for number in range(6)))
        (known,) = await desk.known(anew=True)
    assert known.news == (
        "studio offers 3 models; new: seedream-4-5, picasso;"
        " gone: flux-0, flux-1, flux-2, flux-3 and 2 more."
    )


async def test_why_it_failed_is_told_and_what_was_known_stays(desk: Desk) -> None:
    with scripted(refuses) as endpoint:
        desk.at(endpoint)
        desk.keep(timedelta(days=2), "glm-image")
        before = desk.kept()
        (known,) = await desk.known(anew=True)
    assert known.news.startswith("The models of studio could not be listed: ")
    assert known.news.endswith("What was known of them stays.")
    assert known.catalogue.offered == {"glm-image"}
    assert known.failure is not None
    assert known.failure.kind == "auth"
    assert desk.kept() == before
    # The server is gone by now.
    *_, known = await desk.known()
    assert known.catalogue.offered == {"glm-image"}
    assert known.failure is not None


async def test_an_endpoint_without_a_list_is_not_asked_again_today(desk: Desk) -> None:
    with scripted(lists_nothing) as endpoint:
        desk.at(endpoint)
        (known,) = await desk.known()
        assert known.catalogue == BUNDLED
        asked = len(endpoint.asked)
        await desk.known()
        assert len(endpoint.asked) == asked


async def test_an_empty_list_says_nothing(desk: Desk) -> None:
    with scripted(answers()) as endpoint:
        desk.at(endpoint)
        (known,) = await desk.known(anew=True)
    assert known.catalogue == BUNDLED
    assert known.news.startswith("studio lists no models that make pictures")


async def test_nobody_is_asked_for_a_key(desk: Desk, tmp_path: Path) -> None:
    mark = tmp_path / "asked"
    desk.key = KeySource(command=("touch", str(mark)))
    with scripted(answers("glm-image")) as endpoint:
        desk.at(endpoint)
        assert await desk.known() == []
        desk.key = KeySource(env="NOT_SET")
        desk.at(endpoint)
        assert await desk.known() == []
        assert endpoint.asked == []
    assert not mark.exists()
    (known,) = await desk.known(anew=True)
    assert "no key in $NOT_SET" in known.news
    assert known.catalogue == BUNDLED


async def test_an_id_that_is_the_key_is_kept_nowhere(desk: Desk) -> None:
    with scripted(answers("glm-image", KEY, f"flux-{KEY}", "x" * 300)) as endpoint:
        desk.at(endpoint)
        (known,) = await desk.known()
    assert known.catalogue.offered == {"glm-image"}
    assert not any(KEY in file.read_text() for file in desk.paths.catalogue.iterdir())


def test_the_cache_is_of_one_address_and_private(desk: Desk) -> None:
    settings = EndpointSettings("https://a.example/v1", catalogue="https://a.example/models")
    said = Offers(datetime(2026, 11, 22, tzinfo=UTC), ("glm-image",), ())
    keep_offers(desk.paths.catalogue, "studio", settings, said)
    (file,) = desk.paths.catalogue.iterdir()
    assert file.name == "studio.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_offers(desk.paths.catalogue, "studio", settings) == said
    for moved in (
        EndpointSettings("https://b.example/v1", catalogue="https://a.example/models"),
        EndpointSettings("https://a.example/v1"),
    ):
        assert kept_offers(desk.paths.catalogue, "studio", moved) is None
    assert kept_offers(desk.paths.catalogue, "other", settings) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"\xff{"),
        lambda file: file.write_text("[" * 100_000),
        lambda file: file.write_text('{"base_url": 7}'),
        lambda file: file.write_text(file.read_text().replace('"format":1', '"format":2')),
        lambda file: (file.unlink(), file.mkdir()),
    ],
)
def test_a_file_that_is_broken_or_not_ours_is_ignored(
    desk: Desk, spoil: Callable[[Path], object]
) -> None:
    settings = EndpointSettings("https://a.example/v1")
    said = Offers(datetime(2026, 11, 22, tzinfo=UTC), ("glm-image",))
    keep_offers(desk.paths.catalogue, "studio", settings, said)
    (file,) = desk.paths.catalogue.iterdir()
    spoil(file)
    assert kept_offers(desk.paths.catalogue, "studio", settings) is None
    # It is in the way, and no harm comes of it.
    keep_offers(desk.paths.catalogue, "studio", settings, said)


@pytest.mark.parametrize("name", ["../out", "a/b", "Ä", "CON?", "x" * 300, "\ud83d", ".", "Studio"])
def test_any_name_of_an_endpoint_has_a_file_of_its_own(desk: Desk, name: str) -> None:
    settings = EndpointSettings("https://a.example/v1")
    said = Offers(datetime(2026, 11, 22, tzinfo=UTC), ("glm-image",))
    keep_offers(desk.paths.catalogue, name, settings, said)
    keep_offers(desk.paths.catalogue, "studio", settings, Offers(said.asked))
    assert kept_offers(desk.paths.catalogue, name, settings) == said
    assert len(list(desk.paths.catalogue.iterdir())) == 2
