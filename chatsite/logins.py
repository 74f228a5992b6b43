"""Failed logins: whose count together, and what they are told. django-axes does the counting."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from axes.models import AccessLog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conversations.chat.limits import address_of

LOOPBACK = "127.0.0.1"


def login_address(request: HttpRequest) -> str:
    """Return the address whose failures count together; of IPv6, a customer line's first.

    A proxy's word is in REMOTE_ADDR already, if it is one we trust (``chatsite.proxies``).
    """
    network = address_of([request.META.get("REMOTE_ADDR") or ""])
    return network.partition("/")[0] or LOOPBACK


def logins_forget(now: datetime) -> int:
    """Forget logins that are older than ``LOGIN_LOG_DAYS``, and return how many there were."""
    before = now - timedelta(days=settings.LOGIN_LOG_DAYS)
    return int(AccessLog.objects.filter(attempt_time__lt=before).delete()[0])


def login_refuse(request: HttpRequest, *_credentials: object) -> HttpResponse:
    """Answer an address that has failed too often: 429, when to come back, and no more."""
    cooling: timedelta = settings.AXES_COOLOFF_TIME
    minutes = ceil(cooling.total_seconds() / 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    response["Cache-Control"] = "no-store"
    return response
