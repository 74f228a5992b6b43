"""``manage.py rotate_master_key``: every secret under the first master key, while the site runs."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from gateway import vault
from gateway.models import ApiKey, Provider
from gateway.services import key_reseal, proxy_reseal


class Command(BaseCommand):
    """Seals again what an older master key sealed; can be stopped and run again at any time."""

    help = (
        "Put a new key in front of MASTER_KEYS, restart, run this, then take the old key away: "
        "seals every secret again under the first key."
    )

    def handle(self, **_: object) -> None:
        resealed, lost = 0, list[object]()
        for key in ApiKey.objects.select_related("provider").order_by("pk"):
            try:
                resealed += key_reseal(key=key)
            except (vault.MissingMasterKeyError, vault.InvalidMasterKeyError) as fault:
                raise CommandError(str(fault)) from fault
            except vault.VaultError as fault:
                lost.append(key)
                self.stderr.write(f"Key {key.label} of {key.provider.slug} does not open: {fault}")
        for provider in Provider.objects.order_by("pk"):
            try:
                resealed += proxy_reseal(provider=provider)
            except vault.VaultError as fault:
                lost.append(provider)
                self.stderr.write(f"The proxy password of {provider.slug} does not open: {fault}")
        self.stdout.write(f"{resealed} secrets are under the first master key now.")
        if lost:
            raise CommandError(f"{len(lost)} secrets must be entered again in the admin.")
