"""Those to whom much is sent at once let others have their turn in between."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual.message_pump import MessagePump as _Base
else:
    # Textual takes styles from the first base that is a node, so that this may not be one.
    _Base = object

_LONG = 0.01
"""Seconds after which others have waited for long enough."""
_PAUSE = 0.001
"""Seconds for others. Without any, what is due by now would come after what is next here."""


async def let_others(began: float) -> float:
    """Let others have their turn, if one's own began long ago.

    Gives when the present one began, as time.perf_counter has it.
    """
    if time.perf_counter() - began <= _LONG:
        return began
    await asyncio.sleep(_PAUSE)
    return time.perf_counter()


class Yielding(_Base):
    """To be named before the class of a screen, or of an application.

    Textual (8.2) deals with all that waits for one of them in a single step of the loop: a screen
    that opens is styled, drawn, told its size, and styled and drawn again, while no key is read.
    """

    async def _dispatch_message(self, message: Message) -> None:
        began = time.perf_counter()
        await super()._dispatch_message(message)
        await let_others(began)
