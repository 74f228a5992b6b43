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
│   ├── StreamBrokenError    the answer ended, or went bad, before its finish marker
│   └── NotACompletionError  what answered does not speak chat completions: HTML, a redirect
├── AddressBlockedError      the provider lives at an address we do not call
├── DeadlineExceededError    our own deadline, over queueing, attempts, waits and streaming
├── LimitedError             one of our own limits or budgets; says when to come back
├── RegionForbiddenError     every provider of the route is where nothing may be sent
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
        retryable: Overrides the class when the provider said so itself.
    """

    code: ClassVar[str] = "gateway_error"
    benches_key: ClassVar[bool] = False
    reroutes: ClassVar[bool] = True
    retryable: bool = False

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        if retryable is not None:
            self.retryable = retryable


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
    reroutes = False


class TooLongError(CallerFaultError):
    """The prompt does not fit into the model's context; another model's may be larger."""

    code = "too_long"
    reroutes = True


class FilteredError(CallerFaultError):
    """The provider's content filter refused the prompt or cut the answer."""

    code = "filtered"


class InvalidRequestError(CallerFaultError):
    """The provider does not understand the request.

    Args:
        parameter: Which of the fields we send it complained about, in our spelling.
    """

    code = "invalid_request"

    def __init__(
        self, detail: str = "", *, status: int | None = None, parameter: str | None = None
    ) -> None:
        super().__init__(detail, status=status)
        self.parameter = parameter


class OverloadedError(UpstreamError):
    """The provider says it is too busy right now."""

    code = "overloaded"
    retryable = True


class TransientError(UpstreamError):
    """A passing fault: a 5xx answer, a refused or reset connection, a clock run out."""

    code = "transient"
    retryable = True


class StreamBrokenError(UpstreamError):
    """The answer ended, or went bad, before its finish marker."""

    code = "stream_broken"
    retryable = True


class NotACompletionError(UpstreamError):
    """What answered does not speak chat completions: a web page, a redirect, not JSON."""

    code = "not_a_completion"


class AddressBlockedError(GatewayError):
    """The provider's name or address leads into a network we do not call."""

    code = "address_blocked"


class DeadlineExceededError(GatewayError):
    """The call's one deadline passed."""

    code = "deadline_exceeded"
    reroutes = False


class LimitedError(GatewayError):
    """One of our own limits or budgets said no; nothing was sent upstream.

    Args:
        scope: Which one, as ``kind:name``.
    """

    code = "limited"

    def __init__(
        self, detail: str = "", *, scope: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.scope = scope


class RegionForbiddenError(GatewayError):
    """Every provider of the route is in a region where nothing may be sent, or in none we know."""

    code = "region_forbidden"


class NoKeyError(GatewayError):
    """No key can serve this call before its deadline."""

    code = "no_key"
