"""Where browsers tell what our Content-Security-Policy has kept from running.

Anybody may write here, so it takes little, keeps nothing, and logs a few lines a minute. Of a
report only the names of directives and hosts are logged: addresses of pages name conversations,
and samples of scripts hold what people have typed.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger(__name__)

PATH: Final = "csp-report"
MAX_BYTES: Final = 16 * 1024
MAX_REPORTS: Final = 5  # of one request
LINES_PER_MINUTE: Final = 20

_DIRECTIVE: Final = re.compile(r"[a-z-]{1,40}")
_HOST: Final = re.compile(r"[a-z0-9.:\[\]-]{1,120}")
_KEYWORDS: Final = frozenset({"inline", "eval", "wasm-eval", "self", "data", "blob", "about"})


@dataclass(frozen=True, slots=True)
class Violation:
    """What was kept from running.

    Args:
        directive: By which rule.
        source: Where it came from: a host, or a keyword such as ``inline``.
    """

    directive: str
    source: str


def violations_read(body: bytes) -> Iterator[Violation]:
    """Yield what a report tells, in either of the two forms that browsers send.

    Raises:
        ValueError: It is no JSON.
        TypeError: It is no report.
    """
    found = json.loads(body)
    for report in (found if isinstance(found, list) else [found])[:MAX_REPORTS]:
        told = _told(report)
        directive = _text(told, "effective-directive", "effectiveDirective", "violated-directive")
        source = _text(told, "blocked-uri", "blockedURL")
        name = directive.split(" ")[0]
        yield Violation(name if _DIRECTIVE.fullmatch(name) else "?", _source(source))


def _told(report: Any) -> dict[str, Any]:
    told = isinstance(report, dict) and (report.get("csp-report") or report.get("body"))
    if not isinstance(told, dict):
        raise TypeError("not a report")
    return told


def _text(told: dict[str, Any], *names: str) -> str:
    values = (told.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")


def _source(address: str) -> str:
    """Return the host of an address, or the keyword it is, and nothing that could be personal."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return "?"
    word = parts.scheme or address
    if host:
        return host if _HOST.fullmatch(host) else "?"
    return word if word in _KEYWORDS else "?"


class Allowance:
    """Lets a few lines a minute pass, and counts those that it does not.

    Args:
        clock: Seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self._taken = 0

    def take(self) -> bool:
        """Return whether one more may pass now."""
        if self._clock() - self._begun >= 60:  # noqa: PLR2004 - a minute
            self._begun, self._taken = self._clock(), 0
        self._taken += 1
        return self._taken <= LINES_PER_MINUTE


allowance = Allowance()


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log what a browser reports; it is told nothing in return."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return HttpResponse(status=413)
    try:
        found = list(violations_read(request.read(MAX_BYTES)))
    except (ValueError, TypeError, RecursionError):
        return HttpResponse(status=400)
    for violation in found:
        if allowance.take():
            logger.warning(
                "The content policy kept %s out (%s)", violation.source, violation.directive
            )
    return HttpResponse(status=204)
