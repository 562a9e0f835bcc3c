"""Generations that come as server-sent events, in the dialects of OpenAI and of Ark.

OpenAI sends `image_generation.partial_image`, a preview, and `image_generation.completed` with the
picture; Ark sends `image_generation.partial_succeeded` with each picture, `partial_failed` where
one failed, and a `completed` without any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.api.complaint import read_document
from tui.api.errors import ApiError
from tui.api.events import Event
from tui.api.generations import MAX_IMAGES, read_usage, without_picture
from tui.api.pictures import PictureReader, error_words
from tui.api.reading import Unreadable, integer, moment, parse, table, text
from tui.api.refusals import misunderstood, refusal_of
from tui.api.reply import Reply
from tui.api.results import Arrival, GeneratedImage, Generation
from tui.config import JSON

Told = Callable[[Arrival], None]

TRANSCRIPT_LIMIT = 256 * 1024
_PREVIEW = "partial_image"
_FAILED = "partial_failed"
_COMPLETED = "completed"


class GenerationStream:
    """Takes events, tells of each picture when it comes, and is a generation in the end."""

    def __init__(self, pictures: PictureReader, told: Told | None) -> None:
        self.transcript = bytearray()
        """The beginning of what was said, pictures lifted out."""
        self._pictures = pictures
        self._told = told
        self._images: dict[int, GeneratedImage] = {}
        self._facts: dict[str, JSON] = {}
        self._error: JSON = None
        self._refusal: JSON = None
        self._document: JSON = None
        self._complete = False

    def take(self, event: Event) -> None:
        """Take the next event; one that means nothing is passed over."""
        if len(self.transcript) < TRANSCRIPT_LIMIT:
            self.transcript += event.data[:TRANSCRIPT_LIMIT] + b"\n"
        if event.data.strip() == b"[DONE]":
            self._complete = True
            return
        try:
            document = parse(event.data)
        except Unreadable:
            return
        self._document = document
        self._understand(table(document), event.name)

    def finish(self, reply: Reply) -> Generation:
        """The generation, once the stream has ended as `reply` says.

        Raises ApiError when no picture came.
        """
        images = self._in_order()
        if not any(image.exists for image in images):
            raise self._failure(reply, images)
        if self._error is not None:
            images = (*images, GeneratedImage(error=self._words(self._error)))
        elif reply.ending != "whole" and not self._complete:
            images = (*images, GeneratedImage(error=reply.breach))
        return Generation(
            created=moment(self._facts.get("created", self._facts.get("created_at"))),
            served_by=text(self._facts.get("model")) or None,
            images=images,
            usage=read_usage(self._facts.get("usage")),
            request_id=reply.request_id,
        )

    def _understand(self, body: Mapping[str, JSON], name: str) -> None:
        kind = (text(body.get("type")) or name).rpartition(".")[2]
        for fact in ("created", "created_at", "model", "usage"):
            if body.get(fact):
                self._facts[fact] = body[fact]
        if kind == _COMPLETED:
            self._complete = True
        if kind == _PREVIEW:
            self._preview(body)
        elif kind == _FAILED:
            self._refusal = self._refusal or dict(body)
            problem = GeneratedImage(error=self._words(body.get("error")))
            self._keep(self._number(body, "image_index"), problem)
        elif kind == "error" or (body.get("error") and not _holds_picture(body)):
            self._error = dict(body)
        elif _holds_picture(body):
            self._arrived(self._number(body, "image_index"), self._pictures.read(dict(body)))
        else:
            # Some send the whole of an ordinary answer as one event.
            items = body.get("data") or body.get("images")
            for item in items if isinstance(items, list) else ():
                self._complete = True
                self._arrived(len(self._images) + 1, self._pictures.read(item))

    def _preview(self, body: Mapping[str, JSON]) -> None:
        image = self._pictures.read(dict(body))
        number = (integer(body.get("image_index")) or 0) + 1
        self._tell(Arrival(number, image, preview=True))

    def _arrived(self, number: int, image: GeneratedImage) -> None:
        if self._keep(number, image):
            self._tell(Arrival(number, image))

    def _tell(self, arrival: Arrival) -> None:
        if self._told is not None and arrival.image.exists:
            self._told(arrival)

    def _keep(self, number: int, image: GeneratedImage) -> bool:
        """Whether the picture of this number was not known yet, or had failed."""
        known = self._images.get(number)
        if (known is not None and known.exists) or number > MAX_IMAGES:
            return False
        self._images[number] = image
        return True

    def _number(self, body: Mapping[str, JSON], field: str) -> int:
        index = integer(body.get(field))
        return len(self._images) + 1 if index is None else index + 1

    def _in_order(self) -> tuple[GeneratedImage, ...]:
        missing = GeneratedImage(error="the endpoint said nothing of this picture")
        last = max(self._images, default=0)
        return tuple(self._images.get(number, missing) for number in range(1, last + 1))

    def _words(self, error: JSON) -> str:
        return error_words(error, self._pictures.scrubber)

    def _failure(self, reply: Reply, images: tuple[GeneratedImage, ...]) -> ApiError:
        scrubber = self._pictures.scrubber
        if (error := self._error or self._refusal) is not None:
            return refusal_of(reply, read_document(error), scrubber, paid=True)
        if reply.ending != "whole" and not self._complete:
            return misunderstood(
                reply, scrubber, reply.breach, paid=True,
                kind="bad_response" if reply.ending == "oversized" else "unknown_outcome",
            )  # fmt: skip
        if not images and self._complete:
            silent: JSON = {"data": []}
            return without_picture(reply, silent, (), (), scrubber)
        return without_picture(reply, self._document, (), images, scrubber)


def _holds_picture(body: Mapping[str, JSON]) -> bool:
    return bool(body.get("url") or body.get("b64_json"))
