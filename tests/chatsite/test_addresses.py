from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.db.models import GenericIPAddressField
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from chatsite.addresses import address_code, address_hash, addresses_forget, is_hashed
from chatsite.factor.models import FactorEvent
from tests.admin_world import World, world_make

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ADDRESSES = st.ip_addresses().map(str).filter(lambda address: not is_hashed(address))


def login(address: str | None, **age: float) -> AccessLog:
    made = AccessLog.objects.create(username="olga", ip_address=address)
    AccessLog.objects.filter(pk=made.pk).update(attempt_time=NOW - timedelta(**age))
    return made


def addresses() -> list[str | None]:
    return list(AccessLog.objects.order_by("pk").values_list("ip_address", flat=True))


@given(ADDRESSES, ADDRESSES)
def test_a_hash_says_no_more_than_whether_two_addresses_are_equal(one: str, other: str) -> None:
    assert is_hashed(address_hash(one))
    assert (address_hash(one) == address_hash(other)) == (one == other)
    assert one not in {address_hash(one), address_code(address_hash(one))}


def test_another_key_makes_other_hashes(settings: Settings) -> None:
    before = address_hash("192.0.2.7")
    settings.SECRET_KEY = "y" * 60
    assert address_hash("192.0.2.7") != before


@pytest.mark.django_db
def test_addresses_are_hashed_when_their_days_are_over_and_equal_ones_stay_equal(
    settings: Settings,
) -> None:
    settings.ADDRESS_DAYS = 30
    login("192.0.2.7", days=30, seconds=1)
    login("192.0.2.7", days=60)
    login("2001:db8::", days=31)
    login(None, days=31)
    login("192.0.2.7", days=30, seconds=-1)
    assert addresses_forget(NOW) == 3
    first, second, third, none, young = addresses()
    assert first == second == address_hash("192.0.2.7")
    assert third == address_hash("2001:db8::")
    assert (none, young) == (None, "192.0.2.7")


@pytest.mark.django_db
def test_what_is_hashed_stays_as_it_is_and_a_later_login_joins_it(settings: Settings) -> None:
    settings.ADDRESS_DAYS = 30
    login("192.0.2.7", days=40)
    login("192.0.2.7", days=20)
    addresses_forget(NOW)
    once = addresses()[0]
    assert addresses_forget(NOW) == 0
    assert addresses_forget(NOW + timedelta(days=11)) == 1
    assert addresses() == [once, once]


@pytest.mark.django_db
def test_addresses_of_second_factors_become_unreadable_as_well(settings: Settings) -> None:
    settings.ADDRESS_DAYS = 30
    for days in (29, 31):
        at = NOW - timedelta(days=days)
        FactorEvent.objects.create(at=at, deed="failed", address="192.0.2.7")
    login("192.0.2.7", days=40)
    assert addresses_forget(NOW) == 2
    young, old = FactorEvent.objects.values_list("address", flat=True)
    assert (young, old) == ("192.0.2.7", addresses()[0])


@pytest.mark.django_db
def test_old_attempts_go_and_young_ones_still_count(settings: Settings) -> None:
    settings.ADDRESS_DAYS = 30
    for days in (29, 31):
        made = AccessAttempt.objects.create(
            username=f"{days}", ip_address="192.0.2.7", failures_since_start=1
        )
        AccessAttempt.objects.filter(pk=made.pk).update(attempt_time=NOW - timedelta(days=days))
    addresses_forget(NOW)
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["29"]


def test_no_other_table_has_a_column_for_addresses() -> None:
    """Whoever adds one teaches ``addresses_forget`` about it."""
    found = {
        model.__name__
        for model in apps.get_models()
        if any(isinstance(column, GenericIPAddressField) for column in model._meta.get_fields())  # noqa: SLF001 - it is public in all but name
    }
    # Failures are logged in no table of their own: AXES_ENABLE_ACCESS_FAILURE_LOG is off.
    assert found == {"AccessLog", "AccessAttempt", "AccessFailureLog", "FactorEvent"}


@pytest.fixture
def world(db: None) -> World:
    return world_make()


def test_the_list_of_logins_says_that_an_address_is_hashed(world: World) -> None:
    login(address_hash("192.0.2.7"), days=40)
    login("192.0.2.9", days=1)
    page = world.client("owner").get("/admin/axes/accesslog/").content.decode()
    assert address_code(address_hash("192.0.2.7")) in page
    assert "192.0.2.9" in page
    assert "100::" not in page
