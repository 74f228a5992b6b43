"""What operators do with providers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.errors import AddressError
from gateway.models import Provider
from gateway.services.keys import keys_outdate

logger = logging.getLogger(__name__)


@sensitive_variables()  # all of them: atomic() passes the password through a frame of its own
@transaction.atomic
def provider_create(  # noqa: PLR0913  # by keyword, one for each column
    *,
    slug: str,
    name: str,
    base_url: str,
    dialect: str = "openai",
    proxy_url: str = "",
    proxy_user: str = "",
    proxy_password: str = "",
    is_private: bool = False,
    region: str = "",
    default_model: str = "",
    rotate_every_days: int | None = None,
    context_tokens: int | None = None,
) -> Provider:
    """Add a provider, without keys.

    Raises:
        AddressError: An address is not usable.
        VaultError: There is a password, and no usable master key.
    """
    provider = Provider(slug=slug, name=name, dialect=dialect, is_private=is_private)
    provider.region = region
    provider.rotate_every_days = rotate_every_days
    provider.context_tokens = context_tokens
    provider.default_model = default_model
    provider.proxy_user = proxy_user
    provider.base_url = address_check(base_url)
    provider.proxy_url = address_check(proxy_url) if proxy_url else ""
    provider.save(force_insert=True)
    if proxy_password:
        provider.sealed_proxy_password = _proxy_sealed(provider, proxy_password)
        provider.save(update_fields=["sealed_proxy_password"])
    logger.info("Provider %s was added.", slug)
    return provider


class ProviderChanges(TypedDict, total=False):
    """What operators change of a provider; what is absent stays as it is."""

    name: str
    dialect: str
    base_url: str
    proxy_url: str
    proxy_user: str
    is_private: bool
    region: str
    is_active: bool
    default_model: str
    rotate_every_days: int | None
    context_tokens: int | None


@sensitive_variables()  # as above
@transaction.atomic
def provider_update(
    *,
    provider: Provider,
    proxy_password: str = "",
    by: User | None = None,
    **changes: Unpack[ProviderChanges],
) -> Provider:
    """Change a provider.

    After a change of the base URL its keys do not open any more: somebody who has them must
    enter them again before anything is sent to the new address. A proxy's password is
    forgotten alike when the proxy changes and none is given.

    Raises:
        AddressError: An address is not usable.
        VaultError: There is a password, and no usable master key.
    """
    stored = Provider.objects.select_for_update().get(pk=provider.pk)
    changed = _differing(stored, changes)
    _change_save(stored, changed, proxy_password)
    if "base_url" in changed:
        keys_outdate(provider=stored, by=by)
    _change_tell(stored, changed, by)
    return stored


@sensitive_variables("password")
def _change_save(provider: Provider, changed: dict[str, object], password: str) -> None:
    """Store what has changed; a proxy that changes without a password loses the one it had."""
    for field, value in changed.items():
        setattr(provider, field, value)
    if password or {"proxy_url", "proxy_user"} & changed.keys():
        sealed = _proxy_sealed(provider, password) if password else ""
        provider.sealed_proxy_password = changed["sealed_proxy_password"] = sealed
    provider.save(update_fields=[*changed])


def _change_tell(provider: Provider, changed: Mapping[str, object], by: User | None) -> None:
    """Name what has changed in the log, without the values."""
    if changed:
        who = by or "the site itself"
        logger.info("Provider %s was changed by %s: %s.", provider.slug, who, ", ".join(changed))


@sensitive_variables("password")
def proxy_reseal(*, provider: Provider) -> bool:
    """Seal a proxy's password under the first master key, if it is not yet.

    Returns:
        Whether anything had to be done.

    Raises:
        VaultError: It does not open.
    """
    sealed = provider.sealed_proxy_password
    if not sealed or vault.is_current(sealed):
        return False
    place = vault.proxy_place(provider.pk, provider.proxy_url)
    password = vault.unseal(sealed, **place)
    # Unless somebody has changed it meanwhile, under the new master key anyway.
    same = Provider.objects.filter(pk=provider.pk, sealed_proxy_password=sealed)
    return same.update(sealed_proxy_password=vault.seal(password, **place)) == 1


@sensitive_variables("password")
def _proxy_sealed(provider: Provider, password: str) -> str:
    return vault.seal(password, **vault.proxy_place(provider.pk, provider.proxy_url))


def _differing(provider: Provider, changes: ProviderChanges) -> dict[str, object]:
    wanted: dict[str, object] = {**changes}
    for field in ("base_url", "proxy_url"):
        if address := wanted.get(field):
            wanted[field] = address_check(str(address))
    return {field: value for field, value in wanted.items() if value != getattr(provider, field)}


def address_check(address: str) -> str:
    """Return an address without its final slash; one with a password in it would lie open.

    Raises:
        AddressError: It is no http address, or it names somebody.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise AddressError
    return address.rstrip("/")
