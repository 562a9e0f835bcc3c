"""What becomes of a job under every fault: how its entry ends, and how often it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pytest

from tests.api.origins import CANARY
from tests.faults.conftest import Bench, Demo, patience_with
from tui.api.errors import ErrorKind
from tui.api.sockets import Network
from tui.demo.faults import KINDS, operation_of
from tui.demo.faults.kinds import STREAMS
from tui.history.entry import Charged, Status


class End(NamedTuple):
    """How an entry ends, why, and how many POSTs the endpoint saw of it."""

    status: Status
    error: ErrorKind | None = None
    charged: Charged | None = None
    posts: int = 1


def _each(end: End, kinds: str) -> dict[str, End]:
    return dict.fromkeys(kinds.split(), end)


def _refused(kind: ErrorKind, kinds: str, *, posts: int = 1) -> dict[str, End]:
    """An answer that says no: nothing was made and nothing charged."""
    return _each(End("failed", kind, "no", posts), kinds)


DONE = End("done")
AFTER_A_WAIT = End("done", posts=2)
PARTIAL = End("partial")
LOST = End("unknown", "unknown_outcome", "maybe")
"""No answer, or none that came to its end."""
UNINTELLIGIBLE = End("unknown", "bad_response", "maybe")
"""An answer of status 200 that says neither what was made nor that nothing was."""
GAVE_UP = End("unknown", "gateway", "maybe")
"""Somebody on the way gave up waiting for the endpoint."""
NOT_FETCHED = End("failed", "download", "yes")
"""The picture was made, and cannot be had from where the endpoint says that it lies."""
NO_PICTURE = End("failed", "bad_response", "maybe")
"""What lies there is no picture; it is kept aside."""

_SHAPES = (
    _each(
        DONE,
        "ok-url ok-b64 b64-prefix b64-lines b64-no-padding url-is-base64 url-data url-relative"
        " url-and-b64 size-ignored count-ignored extra-items item-text images-key openai-extras"
        " usage-odd created-text created-nan created-huge escapes-200 slow forgets-idempotency",
    )
    | _each(PARTIAL, "partial partial-first")
    | _each(
        UNINTELLIGIBLE,
        "b64-garbage url-filepath url-empty url-file url-javascript url-schemeless"
        " url-userinfo url-homograph item-empty item-null data-null data-missing",
    )
    | _each(NOT_FETCHED, "url-http url-metadata url-decimal url-long")
)
_NOTHING_MADE = (
    _each(UNINTELLIGIBLE, "data-empty async-task async-202 portal-200")
    | _refused("content_filter", "error-in-200")
    | _refused("bad_response", "redirect-301 redirect-302 redirect-307 redirect-308")
    # 303 means: it was done, and the result is over there.
    | _each(UNINTELLIGIBLE, "redirect-303")
    | _each(LOST, "reset-early close-early")
)
_REFUSALS = (
    _refused(
        "invalid_request",
        "size-400 size-tier-400 size-choice-400 unknown-parameter-400 litellm-400 reference-400"
        " message-400 msg-400 detail-400 code-400 success-400 plain-400 empty-400 escapes-400"
        " markup-400 bidi-400 long-400 lines-400 422-detail",
    )
    | _refused(
        "content_filter",
        "moderation-400 moderation-422 ark-prompt-400 ark-reference-400 ark-privacy-400"
        " ark-picture-400 ark-risk-400 kling-1301-400 gemini-safety-400",
    )
    | _refused("no_credit", "billing-400 credits-400 402 403-overdue")
    | _refused("auth", "401")
    | _refused("forbidden", "403-frozen 403-model")
    | _refused("gateway", "403-waf-html")
    | _refused("model_not_found", "404-model 500-model 503-model 503-detail")
    | _refused("too_large", "413-html 413-text")
    # Overloaded servers have answered so to work that they had begun.
    | _each(End("unknown", "server", "maybe"), "503-retry-after")
)
_RATE_LIMITS = (
    _each(AFTER_A_WAIT, "429-once")
    | _refused(
        "rate_limited",
        "429-retry-after 429-retry-after-date 429-retry-after-past 429-retry-after-ms",
        posts=2,
    )
    | _refused(
        "rate_limited",
        "429 429-retry-after-long 429-retry-after-negative 429-retry-after-nan"
        " 429-retry-after-infinite 429-retry-after-words 429-kling-1303 429-zai-1305",
    )
    | _refused("no_credit", "429-limit-0 429-no-credit 429-kling-1102")
)
_LOST = (
    _each(End("unknown", "server", "maybe"), "500")
    | _each(GAVE_UP, "502 502-html 504-html 504-nginx 520-html 524-html 524-late")
    | _each(UNINTELLIGIBLE, "truncated-json garbage empty-200 nested")
    | _each(DONE, "utf-16 bom invalid-utf-8")
)
_WIRE = (
    _each(
        LOST,
        "reset close hang cut-length cut-chunk cut-reset drip drip-header gzip-broken length-twice"
        " length-odd chunk-odd header-long not-http",
    )
    # Half a document, and nothing that says so.
    | _each(UNINTELLIGIBLE, "cut-unsized length-short gzip-bomb")
    # The document is whole, whatever became of the connection after it.
    | _each(DONE, "endless large length-long chunk-huge")
)
_STREAMS = (
    _each(DONE, "sse-openai sse-unasked sse-comment sse-bare sse-no-end")
    | _each(PARTIAL, "sse-cut sse-stall sse-error")
    | _each(UNINTELLIGIBLE, "sse-garbage")
)
_DOWNLOADS = (
    _each(
        DONE,
        "download-403-once download-503-once download-wrong-type download-breaks"
        " download-range-ignored download-range-shifted download-range-changed download-escapes"
        " download-redirect",
    )
    | _each(
        NOT_FETCHED,
        "download-403 download-404 download-html download-not-image download-svg"
        " download-redirect-chain download-redirect-loop download-redirect-nowhere"
        " download-redirect-http download-redirect-metadata download-redirect-file"
        " download-redirect-userinfo download-reset download-close download-hang"
        " download-cut-length download-cut-chunk download-cut-reset download-drip"
        " download-drip-header download-endless download-large download-gzip-bomb"
        " download-gzip-broken download-length-long download-length-twice download-length-odd"
        " download-chunk-odd download-chunk-huge download-header-long download-not-http",
    )
    | _each(
        NO_PICTURE,
        "download-truncated download-short download-eps download-gif download-huge-png"
        " download-cut-unsized download-length-short",
    )
)
# Asked when the picture's link is dead: its record leads to another one, if it can be found.
_LISTING = _each(DONE, "list-no-urls list-forever list-endless list-large") | _each(
    NOT_FETCHED,
    "list-401 list-404 list-405 list-429 list-500 list-garbage list-three-pages list-odd"
    " list-reset list-close list-hang list-cut-length list-drip list-gzip-bomb list-not-http",
)
_CONTENT = _each(DONE, "content-cross-origin-302") | _each(
    NOT_FETCHED, "content-404 content-not-ready content-metadata content-file"
)

ENDS: Mapping[str, End] = {
    **_SHAPES, **_NOTHING_MADE, **_REFUSALS, **_RATE_LIMITS, **_LOST, **_WIRE, **_STREAMS,
    **_DOWNLOADS, **_LISTING, **_CONTENT,
}  # fmt: skip
DEAD_LINK = "download-403-once"
TWO_PICTURES = frozenset(("partial", "partial-first"))


def asked(kind: str) -> dict[str, object]:
    """The parameters of the request that meets the fault."""
    streams = kind in STREAMS and kind != "sse-unasked"
    return {"n": 2} if kind in TWO_PICTURES else {"stream": True} if streams else {}


def played(kind: str) -> Iterable[str]:
    """The fault, and what brings the job to the place where it is met."""
    return (DEAD_LINK, kind) if operation_of(kind) in ("list", "content") else (kind,)


def test_no_fault_that_a_job_can_meet_is_left_out() -> None:
    met = {kind for kind in KINDS if operation_of(kind) not in ("delete", "models")}
    assert set(ENDS) == met


@pytest.mark.parametrize("kind", ENDS)
async def test_a_job_under_a_fault_ends_as_it_should(
    demo: Demo, bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, traffic, patience = ENDS[kind], demo.traffic, patience_with(kind)
    prompt = f"a lighthouse under {kind}"
    if operation_of(kind) == "list":
        monkeypatch.setattr("tui.api.client.LISTING_DEADLINE", patience)
        settings = demo.settings(*played(kind))
    else:
        settings = demo.settings(*played(kind), patience=patience)
    entry = await bench.run(settings, prompt, **asked(kind))
    error = entry.error
    assert (entry.status, error and error.kind, error and error.charged) == end[:3], error
    assert traffic.posts_by_prompt[prompt] == end.posts
    if end.status in ("done", "partial"):
        assert entry.images
        assert traffic.carried_out[prompt] == 1
    else:
        assert error is not None
        assert error.message.strip()
        assert error.hint.strip()
        assert not entry.images
    if end.charged == "no":
        assert traffic.carried_out[prompt] == 0
    assert not bench.files(".part")
    assert len(bench.files(".rejected")) == (end == NO_PICTURE)
    assert CANARY not in bench.store.entry_path(entry.id).read_text("utf-8")
    assert traffic.credentials == []


@pytest.mark.parametrize("kind", ["content-metadata", "download-redirect-metadata", "url-metadata"])
async def test_no_endpoint_leads_to_a_metadata_address(
    demo: Demo, bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[object] = []
    connect = Network.connect_tcp

    async def watched(network: Network, host: str, *args: Any, **options: Any) -> Any:
        connected.append(host)
        return await connect(network, host, *args, **options)

    monkeypatch.setattr(Network, "connect_tcp", watched)
    entry = await bench.run(demo.settings(*played(kind)), f"a fox under {kind}")
    assert entry.error is not None
    assert set(connected) == {"127.0.0.1"}
