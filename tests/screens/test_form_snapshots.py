"""The form of every bundled card, as text: what colours it has is in the other snapshots."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.screens.conftest import MakeApp
from tests.screens.waiting import models_known, text_of


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_form_of_every_card(
    make_app: MakeApp, snapshot: SnapshotAssertion, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        studio = app.studio
        await models_known(pilot, app)
        await pilot.press("f3")
        for card in app.setup.catalogue.cards.values():
            await studio.use_model(card.id)
            await pilot.pause()
            lines = [line.rstrip() for line in text_of(studio.form).splitlines()]
            assert "\n".join(lines) == snapshot(name=card.id)
