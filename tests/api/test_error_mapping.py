"""Error answers seen in the wild, and what becomes of them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.origins import CANARY
from tests.api.test_generation_responses import SHAPES
from tui.api.classify import charge, classify
from tui.api.complaint import Complaint
from tui.api.errors import ApiError, bad_settings, lost, not_sent
from tui.api.refusals import refusal
from tui.api.reply import Reply
from tui.scrub import Scrubber


def mapped(status: int, body: object, media_type: str = "", **headers: str) -> ApiError:
    if isinstance(body, dict | list):
        body, media_type = json.dumps(body), media_type or "application/json"
    if isinstance(body, str):
        body = body.encode()
    reply = Reply(status, {"content-type": media_type, **headers}, body)
    error = refusal(reply, Scrubber([CANARY]), paid=True)
    assert error.status == status
    assert error.message
    assert error.hint
    return error


def openai(message: str, type_: str = "", code: str | None = None, **more: object) -> dict:
    return {"error": {"message": message, "type": type_, "param": None, "code": code, **more}}


def ark(code: str, message: str = "The request failed. Request id: 02175") -> dict:
    return {"error": {"code": code, "message": message, "param": "", "type": ""}}


def page(title: str) -> str:
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body></html>"


SAFETY = "Your request was rejected by the safety system. safety_violations=[sexual]."
AZURE = json.dumps({"error": {"code": "content_policy_violation", "message": "was filtered"}})
TOO_FEW_PIXELS = (
    "The parameter size specified in the request is not valid: image size must be at least"
    " 3686400 pixels. Request id: 0217"
)
GEMINI = "You exceeded your current quota, please check your plan and billing details. "

TABLE = [
    # content refusals
    (400, openai(SAFETY, "image_generation_user_error", "moderation_blocked"), "content_filter"),
    (400, ark("OutputImageSensitiveContentDetected"), "content_filter"),
    (400, ark("InputTextSensitiveContentDetected"), "content_filter"),
    (400, ark("InputImageSensitiveContentDetected.PrivacyInformation"), "content_filter"),
    (400, ark("SensitiveContentDetected.SevereViolation"), "content_filter"),
    (400, ark("InputTextRiskDetection"), "content_filter"),
    (422, {"success": False, "error": {"code": "x", "message": f"Azure: {AZURE}"}},
     "content_filter"),
    (400, {"code": 1301, "message": "unsafe", "request_id": "k1"}, "content_filter"),
    (400, {"error": {"code": "1301", "message": "输入或生成内容可能包含不安全或敏感内容"}},
     "content_filter"),
    (500, openai("Gemini image generation blocked [IMAGE_SAFETY]", "channel_error"),
     "content_filter"),
    # parameters
    (400, ark("InvalidParameter", TOO_FEW_PIXELS), "invalid_request"),
    (400, openai("the specified size is not supported for model doubao-seedream-4-5"),
     "invalid_request"),
    (400, openai("size must be one of 'WIDTHxHEIGHT', '2k', '3k', or '4k'"), "invalid_request"),
    (400, openai("Unknown parameter: 'response_format'.", "invalid_request_error",
                 "unknown_parameter"), "invalid_request"),
    (400, openai("Unknown parameter: 'moderation'.", "invalid_request_error",
                 "unknown_parameter"), "invalid_request"),
    (400, openai("parameter names are case-sensitive", "invalid_request_error"),
     "invalid_request"),
    (422, {"detail": [{"loc": ["body", "n"], "msg": "must be at most 10", "type": "int"}]},
     "invalid_request"),
    (400, openai("Error while downloading file. Upstream status code: 407"), "invalid_request"),
    (400, openai("litellm.UnsupportedParamsError: x does not support parameters: ['style']"),
     "invalid_request"),
    # credit
    (402, openai("Balance is too low", "insufficient_balance", "402"), "no_credit"),
    (402, page("402 Payment Required"), "no_credit"),
    (400, openai("Billing hard limit has been reached", "invalid_request_error",
                 "billing_hard_limit_reached"), "no_credit"),
    (403, ark("AccountOverdueError", "The account has an overdue balance"), "no_credit"),
    (429, {"error": {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}}, "no_credit"),
    *[(429, {"code": code, "message": "Depleted"}, "no_credit") for code in (1101, 1102, 1113)],
    (400, {"error": "Insufficient credits. Please top up."}, "no_credit"),
    (429, openai(GEMINI, "insufficient_quota", "insufficient_quota"), "no_credit"),
    (429, openai(GEMINI + "Quota exceeded for metric: requests per day, limit: 0"), "no_credit"),
    (403, {"error": {"message": "用户额度不足", "type": "new_api_error"}}, "no_credit"),
    # keys and rights
    (401, openai("Invalid API key or token provided", "invalid_api_key", "401"), "auth"),
    (401, {"detail": "Unauthorized"}, "auth"),
    (401, page("401 Authorization Required"), "auth"),
    (400, openai("No", "Authentication_Error"), "auth"),
    (403, {"detail": "Forbidden"}, "forbidden"),
    (400, openai("API key not valid. Please pass a valid API key."), "auth"),
    (403, openai("This key is frozen", "api_key_frozen", "403"), "forbidden"),
    (403, openai("no access to this model", "model_access_denied"), "forbidden"),
    # rate
    (429, openai("Slow down", "rate_limit_error", "429"), "rate_limited"),
    (429, {"code": 1302, "message": "parallel task over resource pack limit"}, "rate_limited"),
    (429, {"code": 1303, "message": "too many"}, "rate_limited"),
    (429, openai("Rate limit or quota exceeded", "rate_limit_error"), "rate_limited"),
    (429, openai(GEMINI + "requests per minute, limit: 15. Please retry in 21s"), "rate_limited"),
    (429, page("429 Too Many Requests"), "rate_limited"),
    (429, openai("Check your plan and billing"), "no_credit"),
    (429, openai("Your rate is above what your billing plan allows"), "rate_limited"),
    # models
    (404, openai("The model `x` does not exist", "model_not_found", "404"), "model_not_found"),
    (404, openai("Model 'seedream-4.5' not found"), "model_not_found"),
    (503, openai("No available provider", "api_error", "503"), "model_not_found"),
    (500, openai("Model 'a-4.5' not found or not active for requested provider"),
     "model_not_found"),
    (503, openai("当前分组 default 下对于模型 x 无可用渠道", "new_api_error"), "model_not_found"),
    # addresses
    (404, {"detail": "Not Found"}, "invalid_request"),
    (405, {"detail": "Method Not Allowed"}, "invalid_request"),
    (404, page("404 Not Found"), "invalid_request"),
    # gateways
    (403, page("403 Forbidden"), "gateway"),
    (413, page("413 Request Entity Too Large"), "too_large"),
    (413, "Request Entity Too Large", "too_large"),
    (407, page("Proxy Authentication Required"), "gateway"),
    (408, openai("litellm.Timeout: upstream"), "gateway"),
    (500, page("500 Internal Server Error"), "gateway"),
    (502, page("502 Bad Gateway"), "gateway"),
    (502, openai("Upstream unavailable", "api_error", "502"), "gateway"),
    (503, page("503 Service Temporarily Unavailable"), "gateway"),
    (504, page("504 Gateway Time-out"), "gateway"),
    (504, openai("It took too long"), "gateway"),
    (520, page("520: Web server is returning an unknown error"), "gateway"),
    (524, page("example.com | 524: A timeout occurred"), "gateway"),
    (524, "error code: 524", "gateway"),
    # failures
    (500, {"error": "server_error", "message": "CUDA out of memory"}, "server"),
    (500, openai("Internal error", "api_error", "500"), "server"),
    (503, {"detail": "Image model is not initialized"}, "server"),
    (503, openai("The load balancer is overloaded", "api_error"), "server"),
    (500, "", "server"),
    (500, b"\xff\xfe\xfd", "server"),
    # redirects
    (300, "", "bad_response"),
    (307, "", "bad_response"),
    (303, page("See Other"), "bad_response"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), TABLE)
def test_an_error_is_classified_by_names_words_and_status(status, body, kind):
    assert mapped(status, body).kind == kind


NEVER_STARTED = ("No available provider", "not active", "not initialized", "无可用渠道")


@pytest.mark.parametrize(("status", "body", "kind"), TABLE)
def test_only_answers_of_unknown_effect_may_have_been_charged(status, body, kind):
    unknown = status >= 500 or status in (303, 408)
    words = json.dumps(body, ensure_ascii=False) if isinstance(body, dict) else ""
    if any(phrase in words for phrase in NEVER_STARTED):
        unknown = False
    assert mapped(status, body).charged == ("maybe" if unknown else "no")


WORDS = [
    (400, "content_filter", (
        "Stopped for reasons of safety", "[IMAGE_SAFETY]", "It was moderated", "It is sensitive",
        "Stopped by the content filter", "Reason: content_filter", "See the content policy",
        "See our usage policies", "It violates one of our policies", "It is against our policy",
        "This is NSFW", "It is inappropriate", "PROHIBITED_CONTENT", "Finished: NO_IMAGE",
        "内容敏感", "内容违规", "内容不安全",
    )),
    (400, "invalid_request", (
        "The safety_checker is off", "A biosafety level", "Names are case-sensitive",
        "The load balance is off", "No credit card was given",
        "Unknown field: billing", "Unsupported argument: billing", "Unrecognized value for quota",
        "Unrecognised type of quota", "Unexpected parameter: credits", "Invalid billing value",
        "Missing fields: billing", "litellm.UnsupportedParamsError: billing",
        "billing: extra_forbidden", "The parameter `billing` specified here is not valid",
    )),
    (500, "content_filter", ("IMAGE_SAFETY", "PROHIBITED_CONTENT", "A content policy violation")),
    (500, "no_credit", (
        "insufficient_balance", "insufficient_user_quota", "insufficient_credits",
        "InsufficientFunds", "Insufficient balance", "insufficient credits", "insufficient funds",
        "Not enough balance", "not enough credits", "Your bill is overdue", "You are in arrears",
        "Please top up", "A top-up is needed", "Please recharge", "You are out of credits",
        "Requests a day, limit: 0", "余额不足", "已欠费", "额度不足",
    )),
    (403, "no_credit", ("Look at your balance", "No credit", "No credits left", "Your quota is 0")),
    (429, "no_credit", ("Your quota to generate images is used up", "A moderate balance")),
    (429, "rate_limited", (
        "A quota of 1 per second", "A quota of 1/minute", "A quota of 9 / min", "Quota per hour",
        "Quota per day", "Quota: images_per_second", "Quota: images_per_minute",
        "Quota: images_per_hour", "Quota: images_per_day", "Quota: retry in 5 s",
        "Above the rate of your quota", "GlobalRateLimit by quota", "quota_rate_limit",
    )),
    (403, "auth", (
        "Invalid API key", "Incorrect key", "wrong token", "Missing api token", "Expired key",
        "API key not valid",
    )),
    (400, "model_not_found", (
        "Unknown model", "No such model", "No available provider", "No available channel",
        "model_not_found", "The model x was not found", "Model x is not active",
        "Model x does not exist", "Model x doesn't exist", "Model x is not available",
        "Model x is no longer here", "Model x was decommissioned", "Model x is deprecated",
        "无可用渠道", "模型不存在",
    )),
    (400, "too_large", (
        "Request entity too large", "Payload too large", "The request body is too large",
        "Content is too large",
    )),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "messages"), WORDS)
def test_each_word_that_tells_an_error_from_others_is_known(status, kind, messages):
    found = {message: mapped(status, openai(message)).kind for message in messages}
    assert found == dict.fromkeys(messages, kind)


NAMES = {
    "auth": ("invalid_api_key", "authentication_error"),
    "no_credit": ("insufficient_balance", "insufficient_quota", "billing_hard_limit_reached"),
    "forbidden": ("api_key_frozen", "model_access_denied", "permission_error"),
    "model_not_found": ("model_not_found",),
    "content_filter": (
        "moderation_blocked", "InputSensitive", "RiskDetection", "content_policy", "contentFilter",
        "policy_violation", "safety_error", "nsfw_found", "prohibitedContent",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "names"), NAMES.items())
def test_each_name_of_an_error_is_known_as_its_type_and_as_its_code(kind, names):
    for name in names:
        assert mapped(409, openai("No", name)).kind == kind
        assert mapped(409, openai("No", "error", name)).kind == kind


@pytest.mark.parametrize("words", [*NEVER_STARTED, "No available channel", "model_not_found"])
def test_what_no_provider_took_was_not_charged(words):
    assert mapped(500, openai(f"Model x: {words} or not found or not active")).charged == "no"
    assert mapped(500, openai(f"Model x: {words}")).charged == (
        "maybe" if words == "not active" else "no"
    )


@pytest.mark.parametrize(
    ("statuses", "message", "kind"),
    [
        ((200, 400, 403, 422, 451), "The prompt was found inappropriate", "content_filter"),
        ((200, 400, 403, 422), "Look at your billing", "no_credit"),
        ((200, 400, 422), "Unexpected field: billing", "invalid_request"),
        ((400, 403, 404, 422, 500, 503), "No such model", "model_not_found"),
        ((400, 403), "Wrong API key", "auth"),
        ((400,), "Payload too large", "too_large"),
        ((401,), "The prompt was found inappropriate: look at your billing", "auth"),
        ((404,), "Payload too large for your billing: wrong API key", "invalid_request"),
    ],
)
def test_words_count_with_every_status_that_may_bear_them_and_no_other(statuses, message, kind):
    assert {status: mapped(status, openai(message)).kind for status in statuses} == dict.fromkeys(
        statuses, kind
    )


@pytest.mark.parametrize(
    ("status", "kind", "message", "charged"),
    [
        (200, "bad_response", "", "maybe"),
        (200, "server", "", "maybe"),
        (200, "gateway", "", "maybe"),
        (200, "content_filter", "", "no"),
        (300, "bad_response", "", "no"),
        (500, "no_credit", "", "no"),
        (500, "content_filter", "", "maybe"),
        (500, "server", "Model not initialized", "no"),
        (429, "rate_limited", "", "no"),
    ],
)
def test_only_what_was_surely_not_made_is_told_as_free(status, kind, message, charged):
    assert charge(status, kind, Complaint(message)) == charged


def test_an_answer_that_is_no_result_may_have_been_charged():
    error = mapped(200, openai("Something went wrong"))
    assert (error.kind, error.charged) == ("bad_response", "maybe")


def test_no_pace_is_asked_for_unless_the_answer_says_so():
    assert classify(429, Complaint("Look at your billing")) == "no_credit"


def test_a_request_without_an_answer_says_whether_it_may_have_cost_money():
    for passing in (True, False):
        error = not_sent("a.example", "refused", passing=passing)
        assert (error.kind, error.charged, error.passing) == ("not_sent", "no", passing)
        assert "a.example could not be reached: refused" in error.message
        assert "nothing charged" in error.hint
    paid, free = (lost("a.example", "it took too long", paid=paid) for paid in (True, False))
    assert (paid.kind, paid.charged) == ("unknown_outcome", "maybe")
    assert (free.kind, free.charged) == ("gateway", "no")
    assert "look in the library before sending again" in paid.hint
    assert "library" not in free.hint
    for error in (paid, free, not_sent("a.example", "refused", passing=True)):
        assert re.fullmatch(r"[A-Z][a-z]+ .*[a-z]\.", error.hint)
    for error in (paid, free):
        assert "a.example" in error.message
        assert error.message.endswith("it took too long.")
        assert not error.passing
    error = bad_settings("The key is missing.", "Set it.")
    assert (str(error), error.message, error.hint) == ("The key is missing.",) * 2 + ("Set it.",)
    assert (error.kind, error.charged, error.status) == ("invalid_request", "no", None)


def test_an_error_that_was_told_nothing_else_says_nothing_else():
    error = ApiError("auth", "There is no key.")
    assert (error.hint, error.body, error.charged, error.passing) == ("", "", "no", False)


def test_a_request_that_costs_nothing_is_never_charged():
    error = refusal(Reply(500, {}, b""), Scrubber(), paid=False)
    assert error.charged == "no"


@pytest.mark.parametrize("code", ["401", "402", "404", "429", "500"])
def test_a_pause_asked_for_tells_a_rate_limit_from_an_empty_account(code):
    body = openai("Slow down, or top up to raise your limit and quota", code=code)
    assert mapped(429, body, **{"retry-after": "2"}).kind == "rate_limited"
    assert mapped(429, body).kind == "no_credit"


@pytest.mark.parametrize("code", ["401", "402", "404", "429", "500"])
def test_a_status_repeated_in_code_does_not_overrule_the_status(code):
    assert mapped(400, openai("No", "invalid_request_error", code)).kind == "invalid_request"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "the words"}}, "the words"),
        ({"error": "the words"}, "the words"),
        ({"error": "server_error", "message": "the words"}, "the words"),
        ({"message": "the words"}, "the words"),
        ({"msg": "the words"}, "the words"),
        ({"detail": "the words"}, "the words"),
        ({"detail": [{"loc": ["body", "size"], "msg": "the words", "type": "x"}]},
         "size: the words"),
        ({"detail": {"error": {"message": "the words"}}}, "the words"),
        ({"code": 400, "message": "the words"}, "the words"),
        ({"success": False, "error": {"message": "the words"}}, "the words"),
        ({"errors": [{"message": "the words"}]}, "the words"),
        ({"error": {"message": json.dumps({"error": {"message": "the words"}})}}, "the words"),
        ({"error": {"message": "X - " + json.dumps({"message": "the words"})}}, "the words"),
        ({"base_resp": {"status_code": 1026, "status_msg": "the words"}}, "the words"),
        ({"type": "about:blank", "title": "the words"}, "the words"),
        ([{"error": {"message": "the words"}}], "the words"),
        ("the words", "the words"),
        ("  the\n\n words ", "the words"),
        (page("the words"), "the words"),
        ("<?xml version='1.0'?><Error><Message>the words</Message></Error>", "the words"),
    ],
)  # fmt: skip
def test_every_envelope_is_opened_and_quoted(body, words):
    assert mapped(400, body).message.endswith(f"(400): “{words}”")


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"error": {"message": "bad", "param": "size"}}, "size"),
        (openai("Unknown parameter: 'response_format'."), "response_format"),
        (ark("InvalidParameter", TOO_FEW_PIXELS), "size"),
        ({"detail": [{"loc": ["body", "size"], "msg": "bad", "type": "x"}]}, "size"),
        (openai("x does not support parameters: ['style']"), "style"),
        (openai("size must be one of '2k'"), "size"),
        (openai("a required parameter is missing"), None),
    ],
)
def test_the_parameter_objected_to_is_named(body, parameter):
    error = mapped(400, body)
    assert error.parameter == parameter
    assert parameter is None or parameter in error.hint


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (ark("InputTextSensitiveContentDetected"), "refused the prompt"),
        (ark("InputImageSensitiveContentDetected"), "refused a reference"),
        (ark("OutputImageSensitiveContentDetected"), "refused the finished picture"),
        (openai(SAFETY, "", "moderation_blocked"), "refused the request as sexual"),
        (openai("no", "", "moderation_blocked", moderation_details={
            "moderation_stage": "output", "categories": ["sexual", "violence"]}),
         "refused the finished picture as sexual, violence"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_was_refused(body, what):
    assert what in mapped(400, body).message


def test_a_firewall_is_not_blamed_on_the_key():
    error = mapped(403, page("403 Forbidden"), "text/html")
    assert "firewall" in error.message
    assert "not the cause" in error.hint


def test_a_gateway_that_gave_up_sends_the_user_to_the_library():
    assert "look in the library" in mapped(524, page("524: A timeout occurred")).hint


def test_a_redirect_is_named_by_its_host_alone():
    error = mapped(307, "", location="https://elsewhere.example/path?token=1")
    assert "elsewhere.example" in error.message
    assert "token" not in error.message


def test_the_request_id_comes_from_the_header_or_the_body():
    assert mapped(500, {}, **{"x-request-id": "r1"}).request_id == "r1"
    assert mapped(400, {"code": 1301, "message": "x", "request_id": "r2"}).request_id == "r2"
    assert mapped(500, {}, **{"x-request-id": "a\x1b[31mb"}).request_id is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT",
          "date": "Fri, 31 Dec 1999 23:59:29 GMT"}, 30.0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 99 Foo 1999 99:99:99 GMT"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_nothing(headers, seconds):
    error = mapped(429, openai("slow"), **headers)
    assert error.retry_after == seconds
    assert error.kind == "rate_limited"


@pytest.mark.parametrize(
    ("value", "span"),
    [("0.5", "1 second"), ("7", "7 seconds"), ("121", "3 minutes"), ("80000", "23 hours")],
)
def test_who_is_limited_is_told_for_how_long(value, span):
    error = mapped(429, openai("Slow down", "rate_limit_error"), **{"retry-after": value})
    assert error.hint == f"The endpoint asks to wait {span}; send again after that."


def test_the_servers_words_are_shortened_but_otherwise_raw():
    long = mapped(400, openai("[bold]\x1b[31m" + "long " * 1000)).message
    assert "[bold]\x1b[31m" in long
    assert len(long) < 800


@pytest.mark.parametrize("word", ["violat", "invalid_", "missing "])
def test_words_without_end_are_not_weighed_for_ever(word):
    assert mapped(400, openai(word * 300_000)).kind == "invalid_request"


def test_an_echoed_key_is_in_no_part_of_the_error():
    echo = f"Incorrect key {CANARY} in Authorization: Bearer {CANARY}"
    for body in (openai(echo), echo, page(echo), {"detail": [{"loc": [CANARY], "msg": echo}]}):
        for padding in range(520, 620, 7):
            error = mapped(400, body, **{"x-padding": "x" * padding})
            assert CANARY not in repr(vars(error))
        padded = mapped(400, openai("x" * 580 + CANARY))
        assert CANARY[:14] not in repr(vars(padded))


@given(st.integers(300, 599), SHAPES | st.binary(max_size=300) | st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_every_answer_has_a_kind_a_sentence_and_a_next_step(status, body):
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    error = mapped(status, body)
    assert error.charged in ("no", "maybe")
    error.message.encode()
    error.body.encode()
