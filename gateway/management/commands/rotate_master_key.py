"""``manage.py rotate_master_key``: every secret under the first master key, while the site runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from django.core.management.base import BaseCommand, CommandError

from gateway import vault
from gateway.models import ApiKey, Provider
from gateway.sealed import sealed_elsewhere
from gateway.services import key_reseal, proxy_reseal


class Command(BaseCommand):
    """Seals again what an older master key sealed; can be stopped and run again at any time."""

    help = (
        "Put a new key in front of MASTER_KEYS, restart, run this, then take the old key away: "
        "seals every secret again under the first key."
    )

    def handle(self, **_: object) -> None:
        resealed, lost = 0, list[str]()
        for name, reseal in _secrets():
            try:
                resealed += reseal()
            except (vault.MissingMasterKeyError, vault.InvalidMasterKeyError) as fault:
                raise CommandError(str(fault)) from fault
            except vault.VaultError as fault:
                lost.append(name)
                self.stderr.write(f"This does not open: {name}. {fault}")
        self.stdout.write(f"{resealed} secrets are under the first master key now.")
        if lost:
            raise CommandError(f"{len(lost)} secrets must be entered again in the admin.")


def _secrets() -> Iterator[tuple[str, Callable[[], bool]]]:
    for key in ApiKey.objects.select_related("provider").order_by("pk"):
        yield f"key {key.label} of {key.provider.slug}", partial(key_reseal, key=key)
    for provider in Provider.objects.order_by("pk"):
        yield f"proxy password of {provider.slug}", partial(proxy_reseal, provider=provider)
    for secret in sealed_elsewhere():
        yield secret.name, secret.reseal
