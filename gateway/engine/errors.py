"""Every way a call can fail, as one tree.

GatewayError
├── UpstreamError            the provider, or the way to it, failed
│   ├── QuotaSpentError      the key's money or plan is used up; waiting does not help
│   ├── ThrottledError       too many calls for the provider's liking
│   ├── BadCredentialError   the key is wrong, revoked or not allowed
│   ├── ModelMissingError    the provider does not have this model
│   ├── CallerFaultError     the request itself is at fault; another try would fail alike
│   │   ├── TooLongError     the prompt does not fit into the model's context
│   │   ├── FilteredError    the provider's content filter refused
│   │   └── InvalidRequestError
│   ├── OverloadedError      the provider says it is too busy
│   ├── TransientError       a passing fault: 5xx, refused, reset, timed out
│   └── StreamBrokenError    the stream ended, or went bad, before its finish marker
├── DeadlineExceededError    our own deadline, over queueing, attempts, waits and streaming
├── LimitedError             one of our own limits; says when to come back
└── NoKeyError               no key can serve before the deadline; says when the first one can

Each error knows its nature: the retry rule and the key ring read attributes and never look
at a status. None carries a secret, nor the text a provider sent: providers echo keys.
"""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """A call failed; the subclass says how.

    Args:
        detail: A sentence of our own for staff, free of secrets and of provider text.
        status: The provider's HTTP status, if there was one.
        retry_after: Seconds after which another try may succeed, if anybody said so.
    """

    code: ClassVar[str] = "gateway_error"
    retryable: ClassVar[bool] = False
    benches_key: ClassVar[bool] = False

    def __init__(
        self, detail: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


class UpstreamError(GatewayError):
    """The provider, or the way to it, failed."""

    code = "upstream_error"


class QuotaSpentError(UpstreamError):
    """The key's money or plan is used up; the key rests until a person acts."""

    code = "quota_spent"
    benches_key = True


class ThrottledError(UpstreamError):
    """The provider asks for fewer calls; another key may serve at once."""

    code = "throttled"
    retryable = True
    benches_key = True


class BadCredentialError(UpstreamError):
    """The key is wrong, revoked or not allowed to do this."""

    code = "bad_credential"
    benches_key = True


class ModelMissingError(UpstreamError):
    """The provider does not have this model, or not for this key."""

    code = "model_missing"


class CallerFaultError(UpstreamError):
    """The request itself is at fault; another try would fail alike."""

    code = "caller_fault"


class TooLongError(CallerFaultError):
    """The prompt does not fit into the model's context."""

    code = "too_long"


class FilteredError(CallerFaultError):
    """The provider's content filter refused the prompt or cut the answer."""

    code = "filtered"


class InvalidRequestError(CallerFaultError):
    """The provider does not understand the request."""

    code = "invalid_request"


class OverloadedError(UpstreamError):
    """The provider says it is too busy right now."""

    code = "overloaded"
    retryable = True


class TransientError(UpstreamError):
    """A passing fault: a 5xx answer, a refused or reset connection, a clock run out."""

    code = "transient"
    retryable = True


class StreamBrokenError(UpstreamError):
    """The stream ended, or went bad, before its finish marker."""

    code = "stream_broken"
    retryable = True


class DeadlineExceededError(GatewayError):
    """The call's one deadline passed."""

    code = "deadline_exceeded"


class LimitedError(GatewayError):
    """One of our own limits said no; nothing was sent upstream."""

    code = "limited"


class NoKeyError(GatewayError):
    """No key can serve this call before its deadline."""

    code = "no_key"
