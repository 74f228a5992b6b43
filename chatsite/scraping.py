"""``/metrics`` for Prometheus: open to whoever has the token, and to nobody without one."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gateway.metrics import CONTENT_TYPE, metrics_text

SCHEME = "Bearer "


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures, to a request that carries ``METRICS_TOKEN``.

    Without a token in the settings there is no such page.
    """
    wanted: str = settings.METRICS_TOKEN
    if not wanted:
        return _refusal(404, "Set METRICS_TOKEN to open this page.")
    authorization = request.headers.get("Authorization", "")
    given = authorization.removeprefix(SCHEME) if authorization.startswith(SCHEME) else ""
    if not constant_time_compare(given, wanted):
        refused = _refusal(401, "Send METRICS_TOKEN as a bearer token.")
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    return HttpResponse(metrics_text(timezone.now()), content_type=CONTENT_TYPE)


def _refusal(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
