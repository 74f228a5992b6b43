from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from gateway import vault
from gateway.errors import (
    AddressError,
    DuplicateKeyError,
    KeyStateError,
    LabelTakenError,
    SecretError,
)
from gateway.models import ApiKey, Provider
from gateway.models.provider import KeyState
from gateway.services import (
    key_add,
    key_pause,
    key_replace,
    key_resume,
    key_retire,
    keys_retire_drained,
    provider_create,
    provider_update,
)

pytestmark = pytest.mark.django_db

SECRET = "sk-canary-0123456789"
BASE_URL = "https://api.example.com/v1"


@pytest.fixture
def provider() -> Provider:
    return provider_create(slug="example", name="Example", base_url=BASE_URL)


@pytest.fixture
def key(provider: Provider) -> ApiKey:
    return key_add(provider=provider, label="main", secret=SECRET)


@pytest.fixture
def operator() -> User:
    return User.objects.create_user("olga")


def opened(key: ApiKey) -> str:
    place = vault.api_key_place(key.provider.pk, key.provider.base_url)
    return vault.unseal(key.sealed_secret, **place)


def test_an_address_loses_its_final_slash() -> None:
    made = provider_create(slug="example", name="Example", base_url=f"{BASE_URL}/")
    assert made.base_url == BASE_URL


@pytest.mark.parametrize(
    "address",
    ["", "api.example.com", "ftp://api.example.com", "https://", "https://olga:pw@api.example.com"],
)
def test_an_address_that_is_none_or_holds_a_password_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        provider_create(slug="example", name="Example", base_url=address)


def test_a_proxy_with_a_password_is_refused(provider: Provider) -> None:
    with pytest.raises(AddressError):
        provider_update(provider=provider, proxy_url="http://olga:pw@proxy.example.com:3128")


def test_a_key_is_sealed_for_its_provider_and_its_address(key: ApiKey, operator: User) -> None:
    stored = ApiKey.objects.get()
    assert SECRET not in stored.sealed_secret
    assert opened(stored) == SECRET
    assert (stored.state, stored.fingerprint) == (KeyState.ACTIVE, vault.fingerprint(SECRET))


def test_a_sealed_key_copied_to_another_provider_does_not_open(key: ApiKey) -> None:
    other = provider_create(slug="other", name="Other", base_url=BASE_URL)
    ApiKey.objects.update(provider=other)
    with pytest.raises(vault.MovedSecretError):
        opened(ApiKey.objects.get())


def test_a_key_knows_who_added_and_who_changed_it(provider: Provider, operator: User) -> None:
    key = key_add(provider=provider, label="main", secret=SECRET, by=operator)
    second = User.objects.create_user("otto")
    key_pause(key=key, by=second)
    assert (key.created_by, key.state_by) == (operator, second)
    assert key.state_since > key.created_at


def test_spaces_around_a_pasted_key_are_forgiven(provider: Provider) -> None:
    assert opened(key_add(provider=provider, label="main", secret=f" {SECRET}\n")) == SECRET


@pytest.mark.parametrize("secret", ["", "  ", "two words", "line\nbreak", "schlüssel", "x" * 4001])
def test_what_cannot_be_a_key_is_refused(provider: Provider, secret: str) -> None:
    with pytest.raises(SecretError):
        key_add(provider=provider, label="main", secret=secret)
    assert not ApiKey.objects.exists()


def test_the_same_key_twice_is_refused_until_the_first_is_retired(key: ApiKey) -> None:
    with pytest.raises(DuplicateKeyError):
        key_add(provider=key.provider, label="again", secret=SECRET)
    key_retire(key=key)
    key_add(provider=key.provider, label="again", secret=SECRET)


def test_a_label_is_taken_once(key: ApiKey) -> None:
    with pytest.raises(LabelTakenError):
        key_add(provider=key.provider, label="main", secret="sk-other")


def test_a_new_address_makes_its_keys_ask_to_be_entered_again(key: ApiKey, operator: User) -> None:
    provider_update(provider=key.provider, base_url="https://attacker.example/v1", by=operator)
    key.refresh_from_db()
    assert (key.state, key.state_reason) == (KeyState.OUTDATED, "address_changed")
    assert (key.sealed_secret, key.state_by) == ("", operator)
    with pytest.raises(KeyStateError):
        key_resume(key=key)


def test_a_change_that_keeps_the_address_keeps_the_keys(key: ApiKey) -> None:
    provider_update(provider=key.provider, name="New name", base_url=f"{BASE_URL}/")
    key.refresh_from_db()
    assert key.state == KeyState.ACTIVE
    assert key.provider.name == "New name"


def test_a_key_entered_again_serves_again_under_its_own_label(key: ApiKey) -> None:
    provider_update(provider=key.provider, base_url="https://new.example/v1")
    key.refresh_from_db()
    again = key_replace(key=key, secret="sk-new")
    assert (again.pk, again.state, again.label) == (key.pk, KeyState.ACTIVE, "main")
    assert opened(ApiKey.objects.get()) == "sk-new"
    assert again.fingerprint == vault.fingerprint("sk-new")


def test_a_replaced_key_drains_while_the_new_one_serves(key: ApiKey) -> None:
    new = key_replace(key=key, secret="sk-new")
    assert (new.label, new.state, new.weight) == ("main 2", KeyState.ACTIVE, key.weight)
    assert (key.state, key.state_reason) == (KeyState.DRAINING, "replaced")
    newest = key_replace(key=new, secret="sk-newest")
    assert newest.label == "main 3"


def test_a_replacement_that_fails_leaves_the_old_key_alone(key: ApiKey) -> None:
    with pytest.raises(DuplicateKeyError):
        key_replace(key=key, secret=SECRET)
    key_retire(key=key)
    with pytest.raises(KeyStateError):
        key_replace(key=key, secret="sk-new")
    assert ApiKey.objects.count() == 1


def test_a_drained_key_is_retired_after_the_longest_call(key: ApiKey, settings: Settings) -> None:
    settings.GATEWAY_DEADLINE_SECONDS = 60.0
    key_replace(key=key, secret="sk-new")
    assert keys_retire_drained(now=timezone.now() + timedelta(seconds=89)) == 0
    assert keys_retire_drained(now=timezone.now() + timedelta(seconds=91)) == 1
    key.refresh_from_db()
    assert (key.state, key.sealed_secret) == (KeyState.RETIRED, "")


def test_a_paused_key_can_be_resumed(key: ApiKey) -> None:
    key_pause(key=key)
    assert key.state == KeyState.PAUSED
    with pytest.raises(KeyStateError):
        key_pause(key=key)
    key_resume(key=key)
    assert key.state == KeyState.ACTIVE


def test_a_retired_key_is_over_and_its_secret_gone(key: ApiKey) -> None:
    key_retire(key=key)
    assert ApiKey.objects.get().sealed_secret == ""
    for act in (key_pause, key_resume, key_retire):
        with pytest.raises(KeyStateError):
            act(key=key)


def test_of_two_operators_who_act_on_old_news_the_second_is_told(key: ApiKey) -> None:
    seen_by_the_second = ApiKey.objects.get()
    key_retire(key=key)
    with pytest.raises(KeyStateError):
        key_pause(key=seen_by_the_second)
