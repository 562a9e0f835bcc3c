"""How a fault changes the answer to a generation that was carried out, as an object."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tui.demo.answers import openai_usage
from tui.demo.faults.hostile_text import ESCAPES
from tui.demo.requests import Generation

IGNORED_SIZE = (768, 768)
EXTRA_ITEMS = 2
_LINE = 76
METADATA_URL = "http://169.254.169.254/latest/meta-data/"
FILE_URL = "file:///etc/passwd"
PLAIN_URL = "http://images.invalid/picture.png"
USERINFO_URL = "https://user@images.invalid/picture.png"

_URLS: Mapping[str, str] = {
    "url-empty": "",
    "url-file": FILE_URL,
    "url-javascript": "javascript:alert(1)",
    "url-schemeless": "//images.invalid/picture.png",
    "url-http": PLAIN_URL,
    "url-metadata": METADATA_URL,
    "url-decimal": "http://2130706433/picture.png",
    "url-userinfo": USERINFO_URL,
    "url-homograph": "https://im\u0430ges.invalid/picture.png",
    "url-long": f"https://images.invalid/{'x' * 2977}",
}
_BASE64 = frozenset({"ok-b64", "b64-prefix", "b64-lines", "b64-no-padding", "b64-garbage"})
_AS_URL = frozenset({"ok-url", "url-is-base64", "url-data", "url-relative", "url-filepath"})


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was made: its bytes, and the path by which the API gives it."""

    content: bytes
    media_type: str
    path: str


def changed_order(kind: str, order: Generation) -> Generation:
    """What is made instead of `order`."""
    if kind in _BASE64:
        return replace(order, response_format="b64_json")
    if kind in _AS_URL or kind in _URLS:
        return replace(order, response_format="url")
    match kind:
        case "size-ignored":
            width, height = IGNORED_SIZE
            return replace(order, width=width, height=height)
        case "count-ignored":
            return replace(order, count=1)
        case "extra-items":
            return replace(order, count=order.count + EXTRA_ITEMS)
    return order


def lost_pictures(kind: str, count: int) -> frozenset[int]:
    """Which of `count` pictures, counted from 0, fail."""
    match kind:
        case "partial":
            return frozenset({count - 1})
        case "partial-first":
            return frozenset({0})
    return frozenset()


def changed_item(kind: str, item: Mapping[str, Any], made: Made) -> Any:
    """An item of `data` as the fault has it."""
    rest = {name: value for name, value in item.items() if name not in ("url", "b64_json")}
    if kind in _URLS:
        return {"url": _URLS[kind], **rest}
    bare = base64.b64encode(made.content).decode("ascii")
    data_url = f"data:{made.media_type};base64,{bare}"
    match kind:
        case "b64-prefix":
            return {"b64_json": data_url, **rest}
        case "b64-lines":
            starts = range(0, len(bare), _LINE)
            lines = "\r\n".join(bare[start : start + _LINE] for start in starts)
            return {"b64_json": lines, **rest}
        case "b64-no-padding":
            return {"b64_json": bare.rstrip("="), **rest}
        case "b64-garbage":
            return {"b64_json": f"{bare[:40]}%%%{bare[40:]}", **rest}
        case "url-is-base64":
            return {"url": bare, **rest}
        case "url-data":
            return {"url": data_url, **rest}
        case "url-relative":
            return {"url": made.path, **rest}
        case "url-filepath":
            return {"url": f"/srv/images{made.path.split('?')[0]}.png", **rest}
        case "url-and-b64":
            return {"b64_json": bare, **item}
        case "item-empty":
            return rest
        case "item-null":
            return None
        case "item-text":
            return item.get("url", bare)
        case "openai-extras":
            return {**item, "revised_prompt": "The same, in other words."}
    return dict(item)


def changed_answer(kind: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer as the fault has it; its items have been changed already."""
    without_data = {name: value for name, value in answer.items() if name != "data"}
    match kind:
        case "images-key":
            timing = {"timings": {"inference": 2.417}, "seed": 7}
            return {"images": answer["data"], **without_data, **timing}
        case "data-null":
            return {**answer, "data": None}
        case "data-missing":
            return without_data
        case "openai-extras":
            return {**answer, **_openai_extras(answer)}
        case "usage-odd":
            odd = {"generated_images": "one", "output_tokens": -1, "total_tokens": 0.5}
            return {**answer, "usage": {**odd, "free": None}}
        case "created-text":
            return {**answer, "created": "yesterday"}
        case "escapes-200":
            usage = {**answer["usage"], ESCAPES: ESCAPES}
            return {**answer, "model": ESCAPES, "usage": usage}
    return dict(answer)


def _openai_extras(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "background": "opaque",
        "output_format": "png",
        "quality": "high",
        "size": "1024x1024",
        "usage": openai_usage(answer["usage"]["output_tokens"]),
    }
