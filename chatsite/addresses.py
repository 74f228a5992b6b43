"""The addresses people came from, made unreadable in time; equal ones stay equal.

Chats leave none: a visitor's address counts for limits, in memory or in Redis for minutes, and is
written to no table. What is stored is where people logged in to the admin from.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from chatsite.factor.models import FactorEvent

# RFC 6666: nobody can come from there, and a database's column for addresses takes it.
_HASHED: Final = ip_network("100::/64")
_PREFIX: Final = "100::"
_BYTES: Final = 8


def address_hash(address: str) -> str:
    """Return what stands for an address, made with a key of its own from ``SECRET_KEY``.

    It looks like an address of 100::/64. Without the key the four thousand million addresses of
    IPv4 cannot be tried one by one; with another key the same address has another hash.
    """
    digest = salted_hmac("chatsite.addresses", address, algorithm="sha256").digest()
    return str(IPv6Address(int(_HASHED.network_address) + int.from_bytes(digest[:_BYTES], "big")))


def is_hashed(address: str) -> bool:
    """Return whether this stands for an address that was forgotten."""
    return ip_address(address) in _HASHED


def address_code(hashed: str) -> str:
    """Return a short name for a hashed address; equal addresses have the same."""
    return f"{int(ip_address(hashed)) & 0xFFFFFFFF:08x}"


def addresses_forget(now: datetime) -> int:
    """Hash the addresses of logins older than ``ADDRESS_DAYS``, and return how many rows changed.

    Failed attempts of that age are deleted: they counted for a quarter of an hour.
    """
    before = now - timedelta(days=settings.ADDRESS_DAYS)
    AccessAttempt.objects.filter(attempt_time__lt=before).delete()
    logins = AccessLog.objects.filter(attempt_time__lt=before)
    events = FactorEvent.objects.filter(at__lt=before)
    return _forget(logins, "ip_address") + _forget(events, "address")


def _forget(old: QuerySet[Any], column: str) -> int:
    """Hash the addresses of old rows that are readable still."""
    known = old.filter(**{f"{column}__isnull": False})
    readable = known.exclude(**{f"{column}__startswith": _PREFIX}).order_by()
    return sum(
        known.filter(**{column: address}).update(**{column: address_hash(address)})
        for address in list(readable.values_list(column, flat=True).distinct())
    )
