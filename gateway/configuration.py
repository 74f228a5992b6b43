"""What the operator has decided, read from the database and handed to the engine.

The configuration is its own version: a poll compares what it reads with what it read before,
so nothing that writes these tables has to remember to raise a counter.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote

from django.conf import settings

from gateway import vault
from gateway.allowances import Allowances, allowances_read
from gateway.engine.config import KeyConfig, KeyStanding, Pool, Price, ProviderConfig, Secret
from gateway.models import ApiKey, Provider
from gateway.models import Price as PriceRow
from gateway.models.allowance import Scope
from gateway.models.provider import KeyState

logger = logging.getLogger(__name__)

# The others have no secret any more.
_STANDING = {
    KeyState.ACTIVE: KeyStanding.ACTIVE,
    KeyState.PAUSED: KeyStanding.PAUSED,
    KeyState.EXHAUSTED: KeyStanding.EXHAUSTED,
    KeyState.REVOKED: KeyStanding.REVOKED,
    KeyState.DRAINING: KeyStanding.DRAINING,
}


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it is stored, sealed."""

    id: int
    provider: int
    label: str
    sealed_secret: str
    state: str
    weight: int


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as it is stored."""

    id: int
    slug: str
    dialect: str
    base_url: str
    proxy_url: str
    is_private: bool
    proxy_user: str = ""
    sealed_proxy_password: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class PriceTag:
    """A price that is valid today."""

    provider: int
    model: str
    price: Price


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything a gateway is built from, comparable and without any open secret."""

    providers: tuple[ProviderRow, ...]
    keys: tuple[KeyRow, ...]
    prices: tuple[PriceTag, ...]
    allowances: Allowances = field(default_factory=Allowances)


def configuration_read(today: dt.date) -> Configuration:
    """Return the configuration as it is now."""
    providers = Provider.objects.filter(is_active=True).order_by("pk")
    keys = ApiKey.objects.filter(provider__is_active=True, state__in=_STANDING).order_by("pk")
    return Configuration(
        providers=tuple(_provider_row(row) for row in providers),
        keys=tuple(
            KeyRow(row.pk, row.provider_id, row.label, row.sealed_secret, row.state, row.weight)
            for row in keys
        ),
        prices=_prices(today),
        allowances=allowances_read(),
    )


def providers_of(configuration: Configuration) -> tuple[ProviderConfig, ...]:
    """Return what the engine is given; keys that do not open are left out, and named in the log."""
    allowances = configuration.allowances
    return tuple(
        ProviderConfig(
            name=row.slug,
            base_url=row.base_url,
            keys=tuple(_keys(row, configuration)),
            dialect=row.dialect,
            proxy_url=_proxy(row),
            region=row.region,
            allow_private=row.is_private,
            pool=Pool(settings.GATEWAY_CONNECTIONS, settings.GATEWAY_IDLE_CONNECTIONS),
            prices=MappingProxyType(
                {tag.model: tag.price for tag in configuration.prices if tag.provider == row.id}
            ),
            limit=allowances.limit(Scope.PROVIDER, row.slug),
            model_limits=allowances.model_limits(row.slug),
        )
        for row in configuration.providers
    )


def provider_config(provider: Provider) -> ProviderConfig:
    """Return one provider without any key or price, for a call apart from all traffic."""
    [config] = providers_of(Configuration((_provider_row(provider),), (), ()))
    return config


def _provider_row(row: Provider) -> ProviderRow:
    return ProviderRow(
        row.pk,
        row.slug,
        row.dialect,
        row.base_url,
        row.proxy_url,
        row.is_private,
        row.proxy_user,
        row.sealed_proxy_password,
        row.region,
    )


def _proxy(provider: ProviderRow) -> Secret | None:
    """Return the proxy with its credentials; without a password that opens, it will refuse us."""
    if not provider.proxy_url or not provider.proxy_user:
        return Secret(provider.proxy_url) if provider.proxy_url else None
    place = vault.proxy_place(provider.id, provider.proxy_url)
    try:
        sealed = provider.sealed_proxy_password
        password = vault.unseal(sealed, **place) if sealed else ""
    except vault.VaultError as fault:
        logger.error("The proxy of %s goes without its password: %s", provider.slug, fault)  # noqa: TRY400 - a traceback would show frames that hold key material
        return Secret(provider.proxy_url)
    scheme, _, host = provider.proxy_url.partition("://")
    return Secret(f"{scheme}://{quote(provider.proxy_user, '')}:{quote(password, '')}@{host}")


def _keys(provider: ProviderRow, configuration: Configuration) -> Iterable[KeyConfig]:
    for row in configuration.keys:
        if row.provider != provider.id:
            continue
        place = vault.api_key_place(provider.id, provider.base_url)
        try:
            secret = Secret(vault.unseal(row.sealed_secret, **place))
        except vault.VaultError as fault:
            logger.error("Key %s of %s is left out: %s", row.label, provider.slug, fault)  # noqa: TRY400 - a traceback would show frames that hold key material
            continue
        yield KeyConfig(
            id=str(row.id),
            label=row.label,
            secret=secret,
            weight=row.weight,
            standing=_STANDING[KeyState(row.state)],
            limit=configuration.allowances.limit(Scope.KEY, str(row.id)),
        )


def prices_on(day: dt.date) -> dict[tuple[int, str], PriceRow]:
    """Return the price that is valid on a day, by provider and model."""
    valid = PriceRow.objects.filter(valid_from__lte=day).order_by("valid_from")
    return {(row.provider_id, row.model): row for row in valid.select_related("provider")}


def _prices(today: dt.date) -> tuple[PriceTag, ...]:
    return tuple(
        PriceTag(
            provider,
            model,
            Price(row.currency, row.prompt_per_million, row.completion_per_million),
        )
        for (provider, model), row in prices_on(today).items()
    )
