"""What kind of failure an error is, and whether it may have cost money.

Providers agree on neither statuses nor codes, so names, words and status are weighed together.
"""

from __future__ import annotations

import re

from tui.api.complaint import Complaint
from tui.api.errors import Charged, ErrorKind

_NAME_LIMIT = 100

# Names that providers give to errors, in `type` or `code`.
_NAMED: dict[str, ErrorKind] = {
    "invalid_api_key": "auth",
    "authentication_error": "auth",
    "insufficient_balance": "no_credit",
    "insufficient_quota": "no_credit",
    "billing_hard_limit_reached": "no_credit",
    "api_key_frozen": "forbidden",
    "model_access_denied": "forbidden",
    "permission_error": "forbidden",
    "model_not_found": "model_not_found",
}
# Numbers of Zhipu and Kling; they mean something only together with the status.
_NUMBERED: dict[tuple[int, str], ErrorKind] = {
    (400, "1301"): "content_filter",
    (429, "1101"): "no_credit",
    (429, "1102"): "no_credit",
    (429, "1113"): "no_credit",
}
_BY_STATUS: dict[int, ErrorKind] = {
    401: "auth",
    402: "no_credit",
    403: "forbidden",
    407: "gateway",
    408: "gateway",
    413: "too_large",
    429: "rate_limited",
    502: "gateway",
    504: "gateway",
}
_CLOUDFLARE = range(520, 531)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FILTER_NAMES = _words(
    r"moderation|sensitive|risk_?detection|content_?(policy|filter)|policy_?violation|safety|nsfw"
    r"|prohibited_?content"
)
_FILTER_WORDS = _words(
    r"(?<!\w)safety(?![\w])|image_safety|moderat|(?<!case[ -])\bsensitive\b|content[ _]filter"
    r"|(content|usage|safety) polic|(violat\w*|against)\b.{0,40}\bpolic|\bnsfw\b|inappropriate"
    r"|prohibited_content|no_image\b|敏感|违规|不安全"
)
_FILTER_WORDS_OF_A_FAILURE = _words(r"image_safety|prohibited_content|content[ _]policy[ _]violat")
_PARAMETER_WORDS = _words(
    r"(unknown|unsupported|unrecogni[sz]ed|unexpected|invalid|missing)[ _](\w+[ _])?"
    r"(parameter|field|argument|value|type)s?\b|unsupportedparams|extra_forbidden"
    r"|the parameter\W+[\w.]+\W+specified"
)
_CREDIT_CERTAIN = _words(
    r"insufficient_?(user_?)?(balance|quota|credit|fund)|insufficient (balance|credit|fund)"
    r"|not enough (balance|credit)|overdue|arrears|top[ -]?up|recharge|out of credit"
    r"|\blimit: 0\b|余额|欠费|额度不足"
)
_CREDIT_LIKELY = _words(r"(?<!load )\bbalance\b|billing|\bcredits?\b(?! card)|\bquota")
_PACED = _words(r"(per|/) ?(second|minute|min|hour|day)\b|per_(second|minute|hour|day)|retry in \d")
# Not the end of "generate", of which every message may speak.
_RATE = _words(r"(?<![a-z])rate|rate_?limit")
_KEY_WORDS = _words(
    r"(invalid|incorrect|wrong|missing|expired) (api )?(key|token)|api key not valid"
)
_MODEL_WORDS = _words(
    r"no available (provider|channel)|no such model|unknown model|model_not_found"
    r"|\bmodel\b.{0,120}?\b(not found|not active|does not exist|doesn't exist|not available"
    r"|no longer|decommissioned|deprecated)|无可用渠道|模型不存在"
)
_SIZE_WORDS = _words(r"(request entity|payload|request body|content) (is )?too large")
_NOT_STARTED = _words(
    r"no available (provider|channel)|not found or not active|not initiali[sz]ed|无可用渠道"
    r"|model_not_found"
)
_PARAMETER_NAMES = (
    re.compile(r"\bparameters?:?\s+\[?['\"`“]([\w.\[\]-]{1,64})['\"`”]", re.IGNORECASE),
    re.compile(r"\bthe parameter ([\w.\[\]-]{1,64}) specified", re.IGNORECASE),
    re.compile(r"^['\"`]?([a-z][a-z0-9_]{1,39})['\"`]? must be\b"),
)


def classify(status: int, complaint: Complaint, *, paced: bool = False) -> ErrorKind:
    """The kind of an error, from names, words and status together; a `code` alone decides nothing.

    `paced` is set when the answer says how long to wait.
    """
    if 300 <= status < 400:
        return "bad_response"
    if complaint.is_page:
        return _kind_of_page(status)
    everything = _all_words(complaint)
    if kind := _kind_by_name(status, complaint, everything, paced):
        return kind
    if status in (200, 400, 422) and _PARAMETER_WORDS.search(everything):
        return "invalid_request"
    if kind := _kind_by_words(status, complaint.message, everything, paced):
        return kind
    return _kind_by_status(status)


def _kind_of_page(status: int) -> ErrorKind:
    if status == 403 or status >= 500:
        return "gateway"
    return _kind_by_status(status)


def _kind_by_name(
    status: int, complaint: Complaint, everything: str, paced: bool
) -> ErrorKind | None:
    for name in (complaint.type, complaint.code):
        if kind := _NAMED.get(name.lower()) or _NUMBERED.get((status, name)):
            return kind
    if _FILTER_NAMES.search(f"{complaint.type} {complaint.code}"):
        return "content_filter"
    if status == 402 or (_CREDIT_CERTAIN.search(everything) and not (status == 429 and paced)):
        return "no_credit"
    return None


def _kind_by_words(status: int, message: str, everything: str, paced: bool) -> ErrorKind | None:
    if _MODEL_WORDS.search(everything) and (status in (400, 403, 404, 422) or status >= 500):
        return "model_not_found"
    if status >= 500:
        return "content_filter" if _FILTER_WORDS_OF_A_FAILURE.search(everything) else None
    if status in (200, 400, 403, 422, 451) and _FILTER_WORDS.search(message):
        return "content_filter"
    if status in (400, 403) and _KEY_WORDS.search(message):
        return "auth"
    if status in (200, 400, 403, 422) and _CREDIT_LIKELY.search(message):
        return "no_credit"
    if status == 429 and _CREDIT_LIKELY.search(message):
        about_pace = paced or _RATE.search(everything) or _PACED.search(message)
        return "rate_limited" if about_pace else "no_credit"
    if status == 400 and _SIZE_WORDS.search(message):
        return "too_large"
    return None


def _kind_by_status(status: int) -> ErrorKind:
    if status < 300:
        return "bad_response"
    if status in _CLOUDFLARE:
        return "gateway"
    return _BY_STATUS.get(status, "server" if status >= 500 else "invalid_request")


def charge(status: int, kind: ErrorKind, complaint: Complaint) -> Charged:
    """Whether a generation answered with this error may have cost money."""
    if status >= 500:
        never_started = kind == "no_credit" or _NOT_STARTED.search(_all_words(complaint))
        return "no" if never_started else "maybe"
    if status < 300:
        return "maybe" if kind in ("bad_response", "server", "gateway") else "no"
    # 408 is also how gateways report that the model took too long; after 303 work was done.
    return "maybe" if status in (303, 408) else "no"


def _all_words(complaint: Complaint) -> str:
    return f"{complaint.type} {complaint.code} {complaint.message}"


def objected_parameter(complaint: Complaint) -> str:
    """The request field that the error objects to; empty when it names none."""
    if complaint.parameter:
        return complaint.parameter[:_NAME_LIMIT]
    for pattern in _PARAMETER_NAMES:
        if found := pattern.search(complaint.message):
            return found[1]
    return ""
