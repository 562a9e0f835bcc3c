"""What an endpoint offers beside its models, found out without paying for it."""

from __future__ import annotations

import re
import secrets

from tui.api.errors import ApiError
from tui.config import JSON, EndpointSettings
from tui.generation.checkup.asking import NOT_OFFERED, Asked, Kept, is_denied, is_page
from tui.generation.checkup.facts import Fact
from tui.history.entry import Entry
from tui.scrub import EVERY_SECRET

_RANDOM = re.compile(r"[0-9a-f-]{8,}|[0-9]+", re.IGNORECASE)
_WORDS = {"url": "addresses", "b64_json": "base64"}


def generations_fact(description: JSON) -> Fact | None:
    """Whether the server says that it makes pictures; None where it describes nothing."""
    from tui.api.description import describes_generations

    offered = describes_generations(description)
    if offered is None:
        return None
    if offered:
        return Fact("generations", True, "offered, as the server describes")
    advice = "Start it with a model that makes pictures, or choose another endpoint."
    told = "the server describes what it offers, and making pictures is not among it"
    return Fact("generations", False, told, advice, blocks=True)


def library_fact(records: Kept) -> Fact:
    """Whether the endpoint keeps records that can be listed."""
    if not isinstance(records, ApiError):
        shown = "offered" if records.records else "offered, with no record yet"
        return Fact("library", True, shown)
    if records.status in NOT_OFFERED:
        return Fact("library", False, "not offered, and hidden; the history here has everything")
    if is_denied(records):
        return Fact("library", False, f"not for this key: {records.message}")
    return Fact("library", None, f"not known: {records.message}")


async def download_fact(asked: Asked, records: Kept) -> Fact:
    """Whether a record's picture can be had again; nothing of it is fetched."""
    if isinstance(records, ApiError) or not records.records:
        return Fact("download", None, "not known: there is no record to ask about")
    record = records.records[0]
    answer = await asked.answer(asked.client.content_url(record.id))
    if not isinstance(answer, ApiError):
        return Fact("download", True, "offered: a record's picture has an address")
    if answer.status in NOT_OFFERED:
        return Fact("download", False, "not offered")
    return Fact("download", None, f"not known: {answer.message}")


async def delete_fact(asked: Asked) -> Fact:
    """Whether records can be deleted, by the answer to deleting one that cannot exist."""
    nobody = f"darkroom-test-{secrets.token_hex(12)}"
    answer = await asked.answer(asked.client.delete(nobody))
    if not isinstance(answer, ApiError):
        return Fact("delete", None, "not known: it confirms deleting what cannot exist")
    if answer.status == 404 and not is_page(answer):
        nowhere = f"{asked.probe.base_path}/{nobody}/{secrets.token_hex(12)}"
        reply = await asked.probe.ask("DELETE", nowhere)
        there = f"{asked.probe.base_path}/images/{nobody}"
        if (
            reply is None
            or reply.status != 404
            or _kernel(answer.body, there) != _kernel(EVERY_SECRET.body(reply.body), nowhere)
        ):
            return Fact("delete", True, "offered")
    if answer.status in NOT_OFFERED:
        return Fact("delete", False, "not offered")
    return Fact("delete", None, f"not known: {answer.message}")


def form_fact(
    settings: EndpointSettings, records: Kept, description: JSON, entries: tuple[Entry, ...]
) -> Fact:
    """How pictures come, as far as that shows without paying for one."""
    from tui.api.description import described_formats

    name, wanted = "pictures come as", settings.response_format
    configured = f"response_format is {wanted}"
    offered = [form for form in described_formats(description) if form in _WORDS]
    advice = ""
    if offered and wanted != "omit" and wanted not in offered:
        advice = f"The server takes {' or '.join(offered)} as response_format."
    if entries:
        response = entries[0].response
        form = "url" if response is not None and response.urls else "b64_json"
        shown = f"{_WORDS[form]}, as the newest ones in the history did"
        return Fact(name, form, f"{shown}; {configured}", advice)
    if offered:
        shown = f"{' or '.join(_WORDS[form] for form in offered)}, as the server describes"
        return Fact(name, " or ".join(offered), f"{shown}; {configured}", advice)
    if not isinstance(records, ApiError) and records.records and records.records[0].url:
        return Fact(name, "url", f"addresses, as in the newest record; {configured}")
    return Fact(name, None, f"not known before a picture is paid for; {configured}")


def _kernel(body: str, path: str) -> str:
    """What `body` says, whichever path it speaks of and however it numbers its answers."""
    name = path.rpartition("/")[2]
    return _RANDOM.sub("#", body.replace(path, "#").replace(name, "#"))
