"""Unexpected errors for Sentry: what broke and where, and nobody's words.

An event is made anew from what may leave the house. An exception is told by its kind and by the
lines of code it came through, as in our logs (``chatsite.logs``): what it says may be what a
customer wrote. There are no local variables, no request, no user, no breadcrumbs, no arguments of
the command line.

The SDK is an extra, ``chatsite[sentry]``, and is imported only where ``SENTRY_DSN`` is set. It
sends from a thread of its own, out of a bounded queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.logcontext import log_about

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

OURS = ("chatsite", "conversations", "gateway")
KEPT = ("event_id", "timestamp", "level", "platform", "logger", "release", "environment", "sdk")
OF_A_FRAME = ("filename", "abs_path", "module", "function", "lineno", "in_app")


def reporting_begin(dsn: str) -> None:
    """Have errors that are logged, and those that nobody caught, sent to Sentry.

    Args:
        dsn: As in ``SENTRY_DSN``.

    Raises:
        ModuleNotFoundError: The extra is not installed.
    """
    import sentry_sdk  # noqa: PLC0415 - an extra

    sentry_sdk.init(
        dsn=dsn,
        before_send=event_scrub,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        trace_propagation_targets=[],  # else each call would tell its provider our release and key
    )


def event_scrub(event: Event, _hint: Hint) -> Event:
    """Return what may leave of an event: kinds, places and ids."""
    given: dict[str, Any] = dict(event)
    kept = {name: given[name] for name in KEPT if name in given}
    if _is_ours(str(given.get("logger", ""))):
        # What our own code says holds no word of anybody's; its template, in any case.
        kept["logentry"] = {"message": _message(given.get("logentry") or {})}
    exceptions = (given.get("exception") or {}).get("values") or ()
    if exceptions:
        kept["exception"] = {"values": [_exception(each) for each in exceptions]}
    kept["tags"] = dict(log_about())
    return kept  # type: ignore[return-value]  # a dict of the keys of an event


def _is_ours(logger: str) -> bool:
    return logger.partition(".")[0] in OURS


def _message(entry: dict[str, Any]) -> str:
    return str(entry.get("message") or "")


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or ()
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "mechanism": {"type": (value.get("mechanism") or {}).get("type", "generic")},
        "stacktrace": {
            "frames": [
                {name: frame[name] for name in OF_A_FRAME if name in frame} for frame in frames
            ]
        },
    }
