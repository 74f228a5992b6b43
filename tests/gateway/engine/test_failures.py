"""The shapes are those that vendors' references and users' reports show."""

from __future__ import annotations

import json

import pytest

from gateway.engine.errors import (
    BadCredentialError,
    FilteredError,
    InvalidRequestError,
    ModelMissingError,
    NotACompletionError,
    OverloadedError,
    QuotaSpentError,
    ThrottledError,
    TooLongError,
    TransientError,
    UpstreamError,
)
from gateway.engine.failures import complaint_read, failure_classify, failure_from_response
from gateway.engine.providers import DIALECTS


def failure(
    body: object, *, status: int = 400, dialect: str = "openai", **headers: str
) -> UpstreamError:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return failure_from_response(DIALECTS[dialect], status, named, raw, wall_time=0.0)


@pytest.mark.parametrize(
    ("dialect", "status", "body", "kind"),
    [
        ("openai", 429, {"error": {"code": "insufficient_quota"}}, QuotaSpentError),
        ("openai", 429, {"error": {"type": "insufficient_quota", "code": None}}, QuotaSpentError),
        ("openai", 429, {"error": {"code": "slow_down"}}, ThrottledError),
        ("openai", 503, {"error": {"code": "server_is_overloaded"}}, OverloadedError),
        ("openai", 400, {"error": {"code": "context_length_exceeded"}}, TooLongError),
        ("openai", 404, {"error": {"code": "model_not_found"}}, ModelMissingError),
        (
            "azure",
            400,
            {"error": {"code": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
            FilteredError,
        ),
        (
            "azure",
            404,
            {"error": {"code": "404", "message": "Resource not found"}},
            ModelMissingError,
        ),
        (
            "deepseek",
            402,
            {
                "error": {
                    "message": "Insufficient Balance",
                    "type": "unknown_error",
                    "code": "invalid_request_error",
                }
            },
            QuotaSpentError,
        ),
        (
            "qwen",
            429,
            {"error": {"code": "insufficient_quota", "message": "token-limit: 1 TPM"}},
            ThrottledError,
        ),
        ("qwen", 400, {"error": {"code": "Arrearage"}, "request_id": "1"}, QuotaSpentError),
        ("qwen", 400, {"error": {"code": "data_inspection_failed"}}, FilteredError),
        ("zhipu", 429, {"error": {"code": "1113", "message": "余额不足"}}, QuotaSpentError),
        ("zhipu", 429, {"error": {"code": "1302"}}, ThrottledError),
        ("zhipu", 400, {"error": {"code": "1261"}}, TooLongError),
        ("zhipu", 400, {"error": {"code": "1301"}}, FilteredError),
        ("moonshot", 429, {"error": {"type": "exceeded_current_quota_error"}}, QuotaSpentError),
        ("moonshot", 429, {"error": {"type": "engine_overloaded_error"}}, OverloadedError),
        ("moonshot", 401, {"error": {"type": "invalid_authentication_error"}}, BadCredentialError),
        (
            "mistral",
            429,
            {"object": "error", "message": "no", "type": "x", "code": "1300"},
            ThrottledError,
        ),
        ("mistral", 401, {"detail": "Unauthorized"}, BadCredentialError),
        ("mistral", 422, {"detail": [{"type": "extra_forbidden"}]}, InvalidRequestError),
        ("openrouter", 402, {"error": {"code": 402, "message": "credits"}}, QuotaSpentError),
        (
            "openrouter",
            403,
            {"error": {"code": 403, "message": "Input requires moderation"}},
            FilteredError,
        ),
        ("ollama", 404, {"error": {"code": None, "type": "not_found_error"}}, ModelMissingError),
        ("vllm", 401, {"error": "Unauthorized"}, BadCredentialError),
        ("vllm", 400, {"object": "error", "code": 400, "message": "maximum context"}, TooLongError),
        (
            "llamacpp",
            400,
            {"error": {"code": 400, "type": "exceed_context_size_error"}},
            TooLongError,
        ),
        ("llamacpp", 503, {"error": {"code": 503, "type": "unavailable_error"}}, OverloadedError),
        ("openai", 400, {"error": "the prompt is too long"}, TooLongError),
        ("openai", 500, b"<html>oops</html>", TransientError),
        ("openai", 500, b"", TransientError),
        ("openai", 400, b"[" * 100_000, InvalidRequestError),
        ("openai", 400, {"error": {}}, InvalidRequestError),
        ("openai", 400, [1], InvalidRequestError),
        ("openai", 307, b"", NotACompletionError),
    ],
)
def test_it_knows_the_failures_of_every_dialect(
    dialect: str, status: int, body: object, kind: type[UpstreamError]
) -> None:
    assert type(failure(body, status=status, dialect=dialect)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (429, ThrottledError),
        ("503", OverloadedError),
        ("oops", TransientError),
        (7, TransientError),
    ],
)
def test_inside_a_stream_the_code_may_be_the_status(
    code: object, kind: type[UpstreamError]
) -> None:
    said = complaint_read({"error": {"code": code, "message": "no"}})

    assert type(failure_classify(DIALECTS["openrouter"], said, status=None)) is kind


def test_a_provider_that_says_nothing_mid_answer_failed_all_the_same() -> None:
    assert type(failure_classify(DIALECTS["openai"], None, status=None)) is TransientError


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"error": {"param": "temperature", "code": "unsupported_value"}}, "temperature"),
        ({"error": {"message": "Use 'max_completion_tokens' instead"}}, "max_completion_tokens"),
        ({"detail": [{"loc": ["body", "stream_options"]}]}, "stream_options"),
        ({"error": {"message": "no"}}, None),
        (b"", None),
    ],
)
def test_it_names_the_parameter_that_was_complained_about(
    body: object, parameter: str | None
) -> None:
    error = failure(body)

    assert isinstance(error, InvalidRequestError)
    assert error.parameter == parameter


def test_it_carries_status_and_wait_but_no_word_of_the_provider() -> None:
    error = failure({"error": {"message": "sk-secret"}}, status=429, retry_after="7")

    assert (error.status, error.retry_after) == (429, 7.0)
    assert "sk-secret" not in f"{error} {error!r} {error.__dict__}"


@pytest.mark.parametrize(("header", "retryable"), [("true", True), ("false", False)])
def test_x_should_retry_goes_before_our_own_opinion(header: str, retryable: bool) -> None:  # noqa: FBT001  # a column of the table
    for status in (400, 500):
        assert failure(b"", status=status, x_should_retry=header).retryable is retryable


@pytest.mark.parametrize(
    "payload", [None, 7, [], {}, {"choices": []}, {"error": None}, {"error": ""}]
)
def test_what_is_no_complaint_is_none(payload: object) -> None:
    assert complaint_read(payload) is None
