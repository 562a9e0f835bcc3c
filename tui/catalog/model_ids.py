"""Ids of models, as people type them."""

from __future__ import annotations

from tui.text import showable

LONGEST = 200


def read_model_id(text: str) -> str:
    """The id in `text`, the blanks around it taken away.

    Raises ValueError, with a sentence for the user, for what no server calls a model.
    """
    id = text.strip()
    if not id:
        raise ValueError("Write the id of a model")
    if len(id) > LONGEST:
        raise ValueError(f"An id has at most {LONGEST} characters")
    if len(id.split()) > 1:
        raise ValueError("An id has no blanks in it")
    if showable(id) != id:
        raise ValueError("It holds characters that cannot be seen")
    return id
