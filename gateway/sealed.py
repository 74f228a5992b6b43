"""Whether the master keys still open what they once sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from gateway import vault
from gateway.models import ApiKey, Provider


@dataclass(frozen=True)
class SealedSecrets:
    """How many secrets are kept, and the names of those that do not open."""

    count: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class Sealed:
    """A secret that another floor keeps.

    Args:
        name: What people call it, as in ``signing secret …1a2b of Shop``.
        sealed: As it is stored.
        place: What it is bound to.
        reseal: Seals it under the first master key and returns whether that had to be done.
    """

    name: str
    sealed: str
    place: vault.Place
    reseal: Callable[[], bool]


_elsewhere: list[Callable[[], Iterable[Sealed]]] = []


def sealed_register(read: Callable[[], Iterable[Sealed]]) -> None:
    """Have a floor's secrets proved with the gateway's own, and sealed again with them."""
    if read not in _elsewhere:
        _elsewhere.append(read)


def sealed_elsewhere() -> Iterator[Sealed]:
    """Return every secret that other floors keep."""
    for read in _elsewhere:
        yield from read()


def secrets_sealed() -> SealedSecrets:
    """Try to open every secret, and tell which stay shut; none is kept, shown or returned."""
    opened = list(_tries())
    return SealedSecrets(
        count=len(opened), unreadable=tuple(name for name, is_open in opened if not is_open)
    )


def _tries() -> Iterator[tuple[str, bool]]:
    for key in ApiKey.objects.exclude(sealed_secret="").select_related("provider").order_by("pk"):
        place = vault.api_key_place(key.provider.pk, key.provider.base_url)
        yield f"key {key.label} of {key.provider.slug}", _opens(key.sealed_secret, place)
    for provider in Provider.objects.exclude(sealed_proxy_password="").order_by("pk"):
        place = vault.proxy_place(provider.pk, provider.proxy_url)
        yield f"proxy password of {provider.slug}", _opens(provider.sealed_proxy_password, place)
    for secret in sealed_elsewhere():
        yield secret.name, _opens(secret.sealed, secret.place)


def _opens(sealed: str, place: vault.Place) -> bool:
    with suppress(vault.VaultError):
        vault.unseal(sealed, **place)
        return True
    return False
