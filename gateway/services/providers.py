"""What operators do with providers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction

from gateway.errors import AddressError
from gateway.models import Provider
from gateway.services.keys import keys_outdate

logger = logging.getLogger(__name__)


@transaction.atomic
def provider_create(
    *,
    slug: str,
    name: str,
    base_url: str,
    dialect: str = "openai",
    proxy_url: str = "",
    is_private: bool = False,
) -> Provider:
    """Add a provider, without keys.

    Raises:
        AddressError: An address is not usable.
    """
    provider = Provider(slug=slug, name=name, dialect=dialect, is_private=is_private)
    provider.base_url = address_check(base_url)
    provider.proxy_url = address_check(proxy_url) if proxy_url else ""
    provider.save(force_insert=True)
    logger.info("Provider %s was added.", slug)
    return provider


@transaction.atomic
def provider_update(
    *,
    provider: Provider,
    name: str | None = None,
    dialect: str | None = None,
    base_url: str | None = None,
    proxy_url: str | None = None,
    is_private: bool | None = None,
    is_active: bool | None = None,
    by: User | None = None,
) -> Provider:
    """Change a provider; what is None stays as it is.

    After a change of the base URL its keys do not open any more: somebody who has them must
    enter them again before anything is sent to the new address.

    Raises:
        AddressError: An address is not usable.
    """
    stored = Provider.objects.select_for_update().get(pk=provider.pk)
    changes = {
        "name": name,
        "dialect": dialect,
        "base_url": base_url and address_check(base_url),
        "proxy_url": proxy_url and address_check(proxy_url),
        "is_private": is_private,
        "is_active": is_active,
    }
    changed = _differing(stored, changes)
    for field, value in changed.items():
        setattr(stored, field, value)
    stored.save(update_fields=[*changed])
    if "base_url" in changed:
        keys_outdate(provider=stored, by=by)
    if changed:
        logger.info(
            "Provider %s was changed by %s: %s.",
            stored.slug,
            by or "the site itself",
            ", ".join(changed),
        )
    return stored


def _differing(provider: Provider, changes: Mapping[str, object]) -> dict[str, object]:
    return {
        field: value
        for field, value in changes.items()
        if value is not None and value != getattr(provider, field)
    }


def address_check(address: str) -> str:
    """Return an address without its final slash; one with a password in it would lie open.

    Raises:
        AddressError: It is no http address, or it names somebody.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise AddressError
    return address.rstrip("/")
