"""The content filter: it knows two words, so that a refusal can be rehearsed."""

from __future__ import annotations

from tui.demo.errors import sensitive

REFUSED_PROMPT = "forbidden-demo"
"""A prompt with this word is refused before anything is made; no record is kept."""

REFUSED_PICTURE = "failing-demo"
"""A prompt with this word is refused after the model has run; a failed record is kept."""


def check_prompt(prompt: str) -> None:
    """Raises Refusal for a prompt that the filter does not let through."""
    if REFUSED_PROMPT in prompt.casefold():
        raise sensitive("InputText", "input text")


def check_picture(prompt: str) -> None:
    """Raises Refusal for a prompt whose picture the filter does not let out."""
    if REFUSED_PICTURE in prompt.casefold():
        raise sensitive("OutputImage", "output image")
