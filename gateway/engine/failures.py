"""A provider's failure, whatever its shape, as one of our typed errors.

Classes are tried in a fixed order, first by the code and type that a provider names, then by its
words, then by the HTTP status: a 429 may mean spent money, and 400 a wrong key. The text is read
here and goes no further.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

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
from gateway.engine.providers import Dialect
from gateway.engine.retry import retry_after_seconds

# A provider's words are searched so far; pages of HTML say nothing more.
MAX_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a provider said went wrong, in its own words, lower-cased."""

    codes: frozenset[str]
    text: str
    parameter: str = ""


# In the order of precedence; the codes are those of each vendor's error reference.
_BY_CODE: Final[tuple[tuple[type[UpstreamError], frozenset[str]], ...]] = (
    (
        QuotaSpentError,
        frozenset({
            "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
            "billing_hard_limit_reached", "billing_not_active", "exceeded_current_quota_error",
            "arrearage", "insufficient_balance", "1113", "1308", "1310",
        }),
    ),
    (
        OverloadedError,  # before throttled: Moonshot says it with 429, and no key helps
        frozenset({
            "server_is_overloaded", "overloaded_error", "engine_overloaded_error",
            "unavailable_error", "1305", "1312",
        }),
    ),
    (
        ThrottledError,
        frozenset({
            "rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "slow_down",
            "too_many_requests", "throttling", "throttling.ratequota", "throttling.allocationquota",
            "limit_requests", "limit_burst_rate", "1300", "1302", "1303",
        }),
    ),
    (
        BadCredentialError,
        frozenset({
            "invalid_api_key", "invalidapikey", "invalid_authentication_error",
            "authentication_error", "incorrect_api_key_error", "permission_denied_error",
            "permission_error", "access_denied", "accessdenied", "account_deactivated",
            "unsupported_country_region_territory", "no_db_connection",
            "1000", "1001", "1002", "1003", "1004",
        }),
    ),
    (
        ModelMissingError,
        frozenset({
            "model_not_found", "modelnotfound", "model_not_exist", "deploymentnotfound",
            "not_found_error", "resource_not_found_error", "model_not_supported", "1211",
        }),
    ),
    (
        TooLongError,
        frozenset({
            "context_length_exceeded", "exceed_context_size_error", "string_above_max_length",
            "1261",
        }),
    ),
    (
        FilteredError,
        frozenset({
            "content_filter", "content_policy_violation", "responsibleaipolicyviolation",
            "data_inspection_failed", "datainspectionfailed", "moderation", "1301",
        }),
    ),
)  # fmt: skip

_BY_TEXT: Final[tuple[tuple[type[UpstreamError], tuple[str, ...]], ...]] = (
    (
        QuotaSpentError,
        ("insufficient balance", "exceeded your current quota", "credit balance", "余额不足"),
    ),
    (
        TooLongError,
        (
            "maximum context",
            "context length",
            "context size",
            "context window",
            "prompt is too long",
        ),
    ),
    (FilteredError, ("content filter", "content management policy", "flagged", "moderation")),
)

_BY_STATUS: Final[dict[int, type[UpstreamError]]] = {
    400: InvalidRequestError,
    401: BadCredentialError,
    402: QuotaSpentError,
    403: BadCredentialError,
    404: ModelMissingError,
    407: TransientError,  # only a proxy says so, and it says nothing about the key
    408: TransientError,
    409: TransientError,
    413: TooLongError,
    422: InvalidRequestError,
    425: TransientError,
    429: ThrottledError,
    503: OverloadedError,
    529: OverloadedError,
}

_FAILURES: Final = range(400, 600)
_SERVER_ERRORS: Final = range(500, 600)

_PARAMETERS: Final = ("max_completion_tokens", "max_tokens", "temperature", "stream_options")


def failure_from_response(
    dialect: Dialect, status: int, headers: Mapping[str, str], body: bytes, *, wall_time: float
) -> UpstreamError:
    """Return the typed error for an HTTP answer that is not a completion.

    Args:
        dialect: Of the provider.
        status: The HTTP status.
        headers: With lower-case names, or case-insensitive.
        body: As much of it as was read; its Content-Type is not believed.
        wall_time: Seconds since the epoch, to read dates in headers.
    """
    said = complaint_read(_json_or_text(body))
    error = failure_classify(dialect, said, status=status)
    error.retry_after = retry_after_seconds(headers, wall_time=wall_time)
    match headers.get("x-should-retry"):
        case "true":
            error.retryable = True
        case "false":
            error.retryable = False
    return error


def complaint_read(payload: object) -> Complaint | None:
    """Return what a payload complains about, or None if it is no complaint.

    Args:
        payload: Parsed JSON, or the text of a body that is not JSON.
    """
    if isinstance(payload, str):
        return Complaint(frozenset(), payload[:MAX_TEXT].lower())
    if not isinstance(payload, dict):
        return None
    error = payload.get("error")
    if isinstance(error, dict) and error:
        return _complaint(error)
    if isinstance(error, str) and error:
        return Complaint(frozenset(_codes(payload)), error[:MAX_TEXT].lower())
    is_flat = payload.get("object") == "error" or {"message", "code"} <= payload.keys()
    if is_flat or "detail" in payload:
        return _complaint(payload)
    return None


def failure_classify(
    dialect: Dialect, said: Complaint | None, *, status: int | None
) -> UpstreamError:
    """Return the typed error for what a provider said.

    Args:
        dialect: Of the provider.
        said: None if it said nothing we understand.
        status: The HTTP status, or None inside a stream that began well.
    """
    kind = (_kind_named(dialect, said) if said else None) or _kind_of_status(said, status)
    detail = f"HTTP {status}" if status is not None else "the provider reported it mid-answer"
    if kind is InvalidRequestError:
        return InvalidRequestError(
            detail, status=status, parameter=_parameter(said) if said else None
        )
    return kind(detail, status=status)


def _kind_named(dialect: Dialect, said: Complaint) -> type[UpstreamError] | None:
    for kind, codes in _BY_CODE:
        if said.codes & codes:
            if kind is QuotaSpentError and dialect.ambiguous_quota and "limit" in said.text:
                return ThrottledError
            return kind
    for kind, phrases in _BY_TEXT:
        if any(phrase in said.text for phrase in phrases):
            return kind
    return None


def _kind_of_status(said: Complaint | None, status: int | None) -> type[UpstreamError]:
    if status is None:
        # Some providers put the status they would have sent into the code.
        numbers = [int(code) for code in said.codes if code.isdigit()] if said else []
        status = next((number for number in numbers if number in _FAILURES), _SERVER_ERRORS[0])
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status in _FAILURES:
        return TransientError if status in _SERVER_ERRORS else InvalidRequestError
    return NotACompletionError


def _complaint(error: Mapping[str, Any]) -> Complaint:
    inner = error.get("innererror")
    codes = _codes(error) | (_codes(inner) if isinstance(inner, dict) else set())
    text = json.dumps(error, ensure_ascii=False)[:MAX_TEXT].lower()
    return Complaint(frozenset(codes), text, str(error.get("param") or "").lower())


def _codes(error: Mapping[str, Any]) -> set[str]:
    values = (error.get("code"), error.get("type"))
    return {str(value).lower() for value in values if isinstance(value, str | int)}


def _parameter(said: Complaint) -> str | None:
    for name in _PARAMETERS:
        if name == said.parameter:
            return name
    return next((name for name in _PARAMETERS if name in said.text), None)


def _json_or_text(body: bytes) -> object:
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
