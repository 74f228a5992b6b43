from __future__ import annotations

import base64
import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from gateway import vault
from gateway.bootstrap import bootstrap
from gateway.models import ApiKey
from gateway.services import key_add, provider_create

pytestmark = pytest.mark.django_db

SECRET = "sk-canary-0123456789"


def master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def key() -> ApiKey:
    provider = provider_create(slug="example", name="Example", base_url="https://x.example/v1")
    return key_add(provider=provider, label="main", secret=SECRET)


def rotate() -> str:
    out = StringIO()
    call_command("rotate_master_key", stdout=out, stderr=out)
    return out.getvalue()


def test_afterwards_the_old_master_key_is_not_needed(key: ApiKey, settings: Settings) -> None:
    old, new = settings.MASTER_KEYS[0], master_key()
    settings.MASTER_KEYS = [new, old]
    assert rotate().startswith("1 secrets")
    assert rotate().startswith("0 secrets")
    settings.MASTER_KEYS = [new]
    key.refresh_from_db()
    place = vault.api_key_place(key.provider.pk, key.provider.base_url)
    assert vault.unseal(key.sealed_secret, **place) == SECRET
    assert key.fingerprint == vault.fingerprint(SECRET)


def test_a_key_that_does_not_open_is_named_and_the_others_are_done(
    key: ApiKey, settings: Settings
) -> None:
    settings.MASTER_KEYS = [master_key()]
    key_add(provider=key.provider, label="fresh", secret="sk-fresh")
    with pytest.raises(CommandError, match="1 secrets must be entered again"):
        rotate()


def test_without_a_master_key_it_says_so(key: ApiKey, settings: Settings) -> None:
    settings.MASTER_KEYS = []
    with pytest.raises(CommandError, match="MASTER_KEYS is empty"):
        rotate()


def test_a_new_master_key_in_front_does_not_make_the_environments_key_a_new_one(
    settings: Settings,
) -> None:
    settings.OPENAI_API_KEY = SECRET
    bootstrap()
    settings.MASTER_KEYS = [master_key(), *settings.MASTER_KEYS]
    bootstrap()
    assert ApiKey.objects.count() == 1
