"""The first start: a provider to talk to, from the environment or from the sandbox."""

from __future__ import annotations

import logging
import secrets
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from gateway import vault
from gateway.models import ApiKey, Budget, Limit, Price, Provider
from gateway.models.allowance import Scope
from gateway.models.provider import KeyState
from gateway.selectors import SANDBOX
from gateway.services import (
    budget_save,
    key_add,
    key_replace,
    limit_save,
    price_save,
    provider_create,
    provider_update,
)

logger = logging.getLogger(__name__)

OPENAI = "openai"
SANDBOX_MODEL = "sandbox-1"
PUBLIC_HOST = "api.openai.com"
ENVIRONMENT_LABEL = "environment"
SANDBOX_LABEL = "sandbox"
MORE_LABELS = ("Team account", "Backup account")


def bootstrap(*, sandbox_url: str | None = None) -> None:
    """Make sure that there is a provider to talk to; safe to repeat at every start.

    With ``OPENAI_API_KEY`` it is that provider, else the sandbox, where there is one. What an
    operator has decided since then stays: a provider that exists keeps its address, a key that
    was retired stays retired.

    Args:
        sandbox_url: Where the sandbox listens now; ``SANDBOX_URL`` by default.

    Raises:
        VaultError: There is no usable master key.
    """
    if settings.OPENAI_API_KEY:
        _openai_ensure(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL.rstrip("/"))
    elif url := (sandbox_url or settings.SANDBOX_URL).rstrip("/"):
        _sandbox_ensure(url)


@transaction.atomic
def sandbox_furnish() -> None:
    """Give the sandbox what a busy shop has: more keys, a price, limits, a budget.

    Once only, while it has one key and no price: what people make of it afterwards stays.
    """
    provider = Provider.objects.filter(slug=SANDBOX).first()
    if provider is None or provider.keys.count() > 1 or provider.prices.exists():
        return
    for label in MORE_LABELS:
        key_add(provider=provider, label=label, secret=_secret())
    price_save(
        price=Price(
            provider=provider,
            model=SANDBOX_MODEL,
            prompt_per_million=Decimal("0.1"),
            completion_per_million=Decimal("0.4"),
            valid_from=date(2026, 1, 1),
        )
    )
    if not Limit.objects.exists():
        limit_save(limit=Limit(kind=Scope.KEY, requests_per_minute=120, concurrency=20))
    if not Budget.objects.exists():
        budget_save(budget=Budget(kind=Scope.WIDGET, money=Decimal(25)))


@transaction.atomic
def _openai_ensure(secret: str, base_url: str) -> None:
    provider = Provider.objects.filter(environment_url=base_url).first()
    provider = provider or _environment_provider_make(base_url)
    if provider.default_model != settings.OPENAI_MODEL:
        provider = provider_update(provider=provider, default_model=settings.OPENAI_MODEL)
    _others_stand_back(provider)
    if provider.base_url != base_url:
        logger.warning(
            "OPENAI_BASE_URL is %s, but an operator has moved that provider to %s; "
            "the latter counts.",
            base_url,
            provider.base_url,
        )
        return
    known = ApiKey.objects.filter(provider=provider, fingerprint__in=vault.fingerprints(secret))
    if not known.exists():
        taken = ApiKey.objects.filter(provider=provider, label__startswith=ENVIRONMENT_LABEL)
        number = taken.count() + 1
        label = ENVIRONMENT_LABEL if number == 1 else f"{ENVIRONMENT_LABEL} {number}"
        key_add(provider=provider, label=label, secret=secret)


def _environment_provider_make(base_url: str) -> Provider:
    """Add the provider at an address that the environment names for the first time."""
    host = urlsplit(base_url).hostname or base_url
    is_first = not Provider.objects.filter(slug=OPENAI).exists()
    provider = provider_create(
        slug=OPENAI if is_first else slugify(base_url.partition("//")[2].replace(".", "-"))[:50],
        name="OpenAI" if is_first else host,
        base_url=base_url,
        # Whoever sets the environment runs the machine, and may mean a model server next door.
        is_private=host != PUBLIC_HOST,
    )
    provider.environment_url = base_url
    provider.save(update_fields=["environment_url"])
    return provider


def _others_stand_back(provider: Provider) -> None:
    """Let providers that the environment named earlier answer by default no longer."""
    earlier = Provider.objects.exclude(environment_url="").exclude(pk=provider.pk)
    for other in earlier.exclude(default_model=""):
        logger.warning(
            "OPENAI_BASE_URL has moved to %s: provider %s answers by default no longer.",
            provider.base_url,
            other.slug,
        )
        provider_update(provider=other, default_model="")


@transaction.atomic
def _sandbox_ensure(url: str) -> None:
    provider = Provider.objects.filter(slug=SANDBOX).first() or provider_create(
        slug=SANDBOX,
        name="Sandbox",
        base_url=url,
        default_model=SANDBOX_MODEL,
        is_private=True,
    )
    if provider.base_url != url:
        provider = provider_update(provider=provider, base_url=url)
    own = ApiKey.objects.filter(provider=provider, label__in=(SANDBOX_LABEL, *MORE_LABELS))
    if not own.filter(label=SANDBOX_LABEL).exists():
        key_add(provider=provider, label=SANDBOX_LABEL, secret=_secret())
    # The sandbox has moved, and with it went what was sealed for its old address.
    for key in own.filter(state=KeyState.OUTDATED):
        key_replace(key=key, secret=_secret())


def _secret() -> str:
    return f"sandbox-{secrets.token_hex(8)}"
