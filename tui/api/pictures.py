"""One item of a generation: a picture in any of the shapes in which servers give it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.api.addresses import BadAddress, joined, read_address
from tui.api.complaint import read_document
from tui.api.encoded import LONGEST_HEAD, BadEncoding, Decoder, is_data_url
from tui.api.reading import integer, table, text
from tui.api.results import GeneratedImage
from tui.api.spool import IMAGE_LIMIT, Spool
from tui.config import JSON
from tui.scrub import Scrubber

_ERROR_LIMIT = 300
_PROMPT_LIMIT = 40_000

_SLICE = 1 << 20
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")
_SERVER_FILE = re.compile(
    r"file:|[a-z]:[\\/]|~/|\\\\|/(home|root|tmp|var|usr|opt|mnt|srv|Users|private)/", re.IGNORECASE
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class BadPicture(Exception):
    """An item without a usable picture; the text says why."""


@dataclass(frozen=True, slots=True)
class PictureReader:
    """Reads the items of one answer.

    `base_url` is what relative addresses are relative to, `spool` holds what was lifted out.
    """

    base_url: str
    scrubber: Scrubber
    spool: Spool | None = None

    def read(self, item: JSON) -> GeneratedImage:
        """One item as a picture; one without says why."""
        fields: Mapping[str, JSON] = {"url": item} if isinstance(item, str) else table(item)
        problem = error_words(fields["error"], self.scrubber) if fields.get("error") else ""
        inside, located = GeneratedImage(), GeneratedImage()
        try:
            if encoded := fields.get("b64_json"):
                inside = self._inside(text(encoded)) or GeneratedImage(data=_decoded(text(encoded)))
        except BadPicture as error:
            problem = problem or str(error)
        try:
            if address := text(fields.get("url")).strip():
                located = self._located(address)
        except BadPicture as error:
            problem = problem or str(error)
        image = GeneratedImage(
            url=located.url,
            data=inside.data or (None if inside.file else located.data),
            file=inside.file or (None if inside.data else located.file),
            revised_prompt=revised_prompt(fields, self.scrubber),
            seed=integer(fields.get("seed")),
        )
        if image.exists:
            return image
        return GeneratedImage(error=self.scrubber.text(problem) or "the item holds no picture")

    def lifted(self) -> tuple[GeneratedImage, ...]:
        """All pictures that were lifted out, whatever became of the text around them."""
        spooled = self.spool.pictures if self.spool else ()
        return tuple(one.image for one in spooled)

    def _located(self, value: str) -> GeneratedImage:
        """What `url` means: an address, or the picture itself. Raises BadPicture."""
        if lifted := self._inside(value):
            return lifted
        if is_data_url(value[:LONGEST_HEAD].encode()):
            return GeneratedImage(data=_decoded(value))
        if (data := _bare_picture(value)) is not None:
            return GeneratedImage(data=data)
        return GeneratedImage(url=absolute_url(value, self.base_url))

    def _inside(self, value: str) -> GeneratedImage | None:
        """The picture that was lifted out where `value` stands now. Raises BadPicture."""
        spooled = self.spool.find(value) if self.spool else None
        if spooled is None:
            return None
        if spooled.problem:
            raise BadPicture(f"the picture cannot be used: {spooled.problem}")
        return spooled.image


def error_words(error: JSON, scrubber: Scrubber) -> str:
    """What the endpoint says in an `error`, in a few words; never empty."""
    complaint = read_document(error)
    words = complaint.message or complaint.type or complaint.code or "the endpoint gives no reason"
    return scrubber.text(words)[:_ERROR_LIMIT]


def revised_prompt(fields: Mapping[str, JSON], scrubber: Scrubber) -> str:
    """The prompt that was used instead of the user's; empty where the endpoint names none."""
    return scrubber.text(text(fields.get("revised_prompt")))[:_PROMPT_LIMIT]


def absolute_url(value: str, base_url: str) -> str:
    """The address that `value` stands for, made absolute. Raises BadPicture."""
    if _SERVER_FILE.match(value):
        raise BadPicture(
            "the endpoint named a file on its own disk; set response_format to b64_json"
        )
    absolute = _SCHEME.match(value) is not None or value.startswith("//")
    try:
        return read_address(value if absolute else joined(f"{base_url}/", value)).url
    except BadAddress as error:
        raise BadPicture(f"the endpoint gave an address that is not fetched: {error}") from None


def _bare_picture(value: str) -> bytes | None:
    """The bytes of base64 that stands where an address should; None for anything else."""
    try:
        return _decoded(value) if _decoded(value[:24]).startswith(_MAGIC) else None
    except BadPicture:
        return None


def _decoded(encoded: str) -> bytes:
    """The bytes of base64 in whatever form `Decoder` takes. Raises BadPicture."""
    if len(encoded) * 3 // 4 > IMAGE_LIMIT + 1024:
        raise BadPicture(f"the picture is larger than {IMAGE_LIMIT >> 20} MiB")
    decoder = Decoder()
    try:
        written = encoded.encode("ascii")
        # A slice at a time: decoding what is not plain holds the interpreter lock.
        slices = (written[start : start + _SLICE] for start in range(0, len(written), _SLICE))
        data = b"".join([*map(decoder.feed, slices), decoder.finish()])
    except UnicodeEncodeError:
        raise BadPicture("the picture's base64 cannot be decoded") from None
    except BadEncoding as error:
        raise BadPicture(f"the picture cannot be used: {error}") from None
    if not data:
        raise BadPicture("the picture's base64 is empty")
    return data
