"""What an endpoint offers: the models of its list, and of the public catalogue if it has one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tui.api.errors import ApiError
from tui.api.public_models import LONGEST_NAME, PublicModel
from tui.scrub import EVERY_SECRET

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from tui.api.client import ImagesClient
    from tui.api.results import RemoteModel

_Answer = TypeVar("_Answer")

GOOD_FOR = timedelta(days=1)
"""How long an answer is used without asking again."""
_HAS_NO_LIST = frozenset((404, 405, 501))


class Offers(Struct, frozen=True):
    """The models that an endpoint spoke of when it was asked."""

    asked: datetime
    """When, in UTC."""
    listed: tuple[str, ...] | None = None
    """Ids in its own list, which holds what the key may use; None: it gave none."""
    public: tuple[PublicModel, ...] | None = None
    """What the public catalogue describes, whoever may use it; None: it could not be read."""

    def is_fresh(self, now: datetime) -> bool:
        """Whether there is no need to ask again at the time `now`."""
        return timedelta() <= now - self.asked < GOOD_FOR


class Answer(Struct, frozen=True):
    """What came of asking."""

    offers: Offers
    """With what was known before in place of what could not be read now."""
    failure: ApiError | None = None
    """Why the endpoint's own list could not be read."""
    public_failure: ApiError | None = None
    """Why the public catalogue could not be read."""

    @property
    def is_worth_keeping(self) -> bool:
        """Whether the endpoint itself answered, be it that it has no list."""
        return self.failure is None or self.failure.status in _HAS_NO_LIST


async def ask(client: ImagesClient, before: Offers | None) -> Answer:
    """Ask for both, at no cost; `before` is what was known so far."""
    listed, public = await asyncio.gather(
        _outcome(client.models()), _outcome(client.public_models())
    )
    offers = before or nothing_known()
    failure = public_failure = None
    if isinstance(listed, ApiError):
        failure = listed
        if listed.status in _HAS_NO_LIST:
            offers = replace(offers, listed=None)
    else:
        ids = await asyncio.to_thread(_ids, listed)
        # An empty list says nothing: some servers load their models when first asked for one.
        offers = replace(offers, listed=ids or None)
    if isinstance(public, ApiError):
        public_failure = public
    else:
        offers = replace(offers, public=public)
    return Answer(replace(offers, asked=datetime.now(UTC)), failure, public_failure)


def nothing_known() -> Offers:
    """Of an endpoint that was never asked."""
    return Offers(datetime.fromtimestamp(0, UTC))


async def _outcome(asking: Awaitable[_Answer]) -> _Answer | ApiError:
    try:
        return await asking
    except ApiError as error:
        return error


def _ids(models: Iterable[RemoteModel]) -> tuple[str, ...]:
    """The ids to keep: no overlong one, and none into which a server wrote the key."""
    ids = dict.fromkeys(model.id.strip() for model in models)
    return tuple(id for id in ids if id and len(id) <= LONGEST_NAME and EVERY_SECRET.text(id) == id)
