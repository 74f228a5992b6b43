"""A proxy's password is sealed, bound to its proxy, and handed to the engine alone."""

from __future__ import annotations

from base64 import b64encode

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from gateway import vault
from gateway.configuration import configuration_read, providers_of
from gateway.models import Provider
from gateway.services import provider_create, provider_update

PASSWORD = "p@ss:word/canary"
PROXY = "http://proxy.example:3128"


@pytest.fixture
def behind(db: None) -> Provider:
    return provider_create(
        slug="behind",
        name="Behind",
        base_url="https://api.example.com/v1",
        proxy_url=PROXY,
        proxy_user="olga",
        proxy_password=PASSWORD,
    )


def address() -> str:
    [config] = providers_of(configuration_read(timezone.localdate()))
    assert config.proxy_url is not None
    return config.proxy_url.reveal()


def test_the_engine_gets_it_and_the_row_does_not_show_it(behind: Provider) -> None:
    assert address() == "http://olga:p%40ss%3Aword%2Fcanary@proxy.example:3128"
    assert PASSWORD not in behind.sealed_proxy_password
    assert "canary" not in repr(configuration_read(timezone.localdate()))
    assert "canary" not in repr(providers_of(configuration_read(timezone.localdate())))


def test_another_proxy_never_gets_it(behind: Provider) -> None:
    provider_update(provider=behind, proxy_url="http://thief.example:3128")
    assert "canary" not in address()
    behind.refresh_from_db()
    assert behind.sealed_proxy_password == ""


def test_moved_by_hand_it_does_not_open(behind: Provider) -> None:
    Provider.objects.update(proxy_url="http://thief.example:3128")
    assert address() == "http://thief.example:3128"


def test_it_stays_when_something_else_changes(behind: Provider) -> None:
    provider_update(provider=behind, name="Renamed", proxy_password="")
    assert "canary" in address()


def test_a_new_master_key_takes_it_over(behind: Provider, settings: Settings) -> None:
    old = list(settings.MASTER_KEYS)
    settings.MASTER_KEYS = [b64encode(bytes(32)).decode(), *old]
    call_command("rotate_master_key")
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    behind.refresh_from_db()
    assert vault.is_current(behind.sealed_proxy_password)
    assert "canary" in address()
