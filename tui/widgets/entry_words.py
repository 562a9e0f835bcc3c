"""The words of an entry's lines in a list."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len, set_cell_size

from tui.catalog.card import ModelCard
from tui.config import DEMO
from tui.generation.queue import Hindrance, Job, Standing
from tui.history.entry_keys import key_of, moment_of
from tui.history.index_rows import Row
from tui.history.wording import age, outcome
from tui.text import Shown, one_line, showable

_WAITING: dict[Hindrance, Shown] = {
    "": Shown("waiting for its turn"),
    "held": Shown("left from last time: f4"),
    "stopped": Shown("stopped; f4 says why"),
    "paused": Shown("paused; f4 resumes"),
    "budget": Shown("waits for the budget: f4"),
}
NO_PROMPT = Shown("(no prompt)")
_LONGEST_NAME = 60


def head_lines(row: Row, width: int, *, most: int = 1) -> list[Shown]:
    """The beginning of an entry's prompt in at most `most` lines, one or two, of `width` cells.

    The last may be longer.
    """
    text = one_line(row.head, limit=max(1, most * (width + 4))) or NO_PROMPT
    return _two_lines(text, width) if most > 1 else [text]


def state_words(
    row: Row, job: Standing | None, card: ModelCard, now: datetime, room: int, *, is_tight: bool
) -> tuple[Shown, Shown]:
    """What stands at the left and at the right beneath the prompt, in `room` cells.

    `job` is the entry's own, where it is under way, and `card` its model's. Where it `is_tight`,
    the age goes before words are cut.
    """
    if job is not None:
        return job_words(job.job, card, job.hindrance), Shown("")
    moment = moment_of(key_of(row.id))
    since = "" if moment is None else age(moment, now)
    rating = f"{row.rating}/5" if row.rating else ""
    words = one_line(outcome(row) or one_line(card.name, limit=_LONGEST_NAME))
    right = " ".join(filter(None, (rating, since)))
    if is_tight and cell_len(words) + 1 + cell_len(right) > room:
        right = rating
    return words, one_line(right)


def fitted(text: Shown, width: int) -> Shown:
    """`text` in exactly `width` cells, with an ellipsis where it was cut."""
    if width <= 0:
        return Shown("")
    if cell_len(text) > width:
        cut = text[: width - 1]
        if not cut.isascii():
            # To look at each character takes its time.
            cut = set_cell_size(text, width - 1)
        text = showable(cut.rstrip() + "…")
    return showable(set_cell_size(text, width))


def job_words(job: Job, card: ModelCard, hindrance: Hindrance = "") -> Shown:
    """What a job is at; `card` is its model's, and `hindrance` what keeps it from its turn."""
    if job.started is None:
        return _WAITING[hindrance]
    if job.pause is not None:
        return one_line(job.pause.words)
    usual = job.usual_seconds
    if usual is None and job.entry.endpoint != DEMO:
        usual = card.typical_seconds
    # A rehearsal is over before there is anything to compare.
    about = f" of about {usual:.0f}" if usual and usual >= 1 else ""
    return showable(f"{job.elapsed:.0f} s{about}")


def _two_lines(text: Shown, width: int) -> list[Shown]:
    """`text` in one line or two, broken between words if it can be; the second may be longer."""
    if cell_len(text) <= width or width <= 0:
        return [text]
    first = set_cell_size(text, width + 1)
    end = first.rfind(" ")
    first = text[:end] if end > 0 else set_cell_size(text, width).rstrip()
    return [showable(first), showable(text[len(first) :].lstrip())]
