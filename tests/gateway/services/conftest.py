"""A provider with one key."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from gateway.models import ApiKey, Provider
from gateway.services import key_add, provider_create


@pytest.fixture
def provider(db: None) -> Provider:
    return provider_create(
        slug="ours", name="Ours", base_url="http://127.0.0.1:9/v1", is_private=True
    )


@pytest.fixture
def key(provider: Provider) -> ApiKey:
    return key_add(provider=provider, label="main", secret="sandbox-main")


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("olga")
