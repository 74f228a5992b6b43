"""How providers and their keys stand, for whoever looks for what is wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import async_to_sync

from gateway.configuration import provider_config
from gateway.engine.probe import Probe
from gateway.engine.reach import Reach, provider_reach
from gateway.models import ApiKey, Provider
from gateway.models.provider import KeyState
from gateway.processes import KeyName, heartbeats
from gateway.services import TESTABLE, key_test


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKeys:
    """The keys of an active provider, by what they are good for.

    Args:
        provider: Its slug.
        serving: Labels of the keys that serve somewhere right now.
        resting: Labels of those that cool in every process.
        waiting: Labels and states of those that serve only once somebody acts.
    """

    provider: str
    serving: tuple[str, ...]
    resting: tuple[str, ...]
    waiting: tuple[tuple[str, str], ...]


def keys_checkup(now: datetime) -> list[ProviderKeys]:
    """Return how the keys of each active provider stand."""
    beats = heartbeats(now)
    rests = Counter(name for beat in beats for name in beat.resting(now))
    everywhere = {name for name, count in rests.items() if count == len(beats)}
    return [_standing(provider, everywhere) for provider in _active()]


def providers_reach() -> dict[str, Reach]:
    """Ask at the address of each active provider, all at once, and return what came back."""
    configs = [provider_config(provider) for provider in _active()]

    async def ask() -> list[Reach]:
        return await asyncio.gather(*map(provider_reach, configs))

    found: list[Reach] = async_to_sync(ask)()
    return dict(zip((config.name for config in configs), found, strict=True))


def keys_try() -> dict[KeyName, Probe]:
    """Try each key of an active provider that has a secret with a real call.

    Raises:
        VaultError: A secret does not open.
    """
    keys = ApiKey.objects.filter(provider__is_active=True, state__in=TESTABLE)
    return {
        (key.provider.slug, key.label): key_test(key=key)
        for key in keys.select_related("provider").order_by("pk")
    }


def _active() -> list[Provider]:
    return list(Provider.objects.filter(is_active=True).order_by("pk"))


def _standing(provider: Provider, resting: set[KeyName]) -> ProviderKeys:
    keys = ApiKey.objects.filter(provider=provider).exclude(state=KeyState.RETIRED).order_by("pk")
    active = [key.label for key in keys if key.state == KeyState.ACTIVE]
    return ProviderKeys(
        provider=provider.slug,
        serving=tuple(label for label in active if (provider.slug, label) not in resting),
        resting=tuple(label for label in active if (provider.slug, label) in resting),
        waiting=tuple((key.label, key.state) for key in keys if key.state != KeyState.ACTIVE),
    )
