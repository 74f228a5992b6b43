"""Providers are added and changed by operators; a new address costs the keys, and is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.configuration import configuration_read, providers_of
from gateway.models import Limit, Provider
from gateway.models.allowance import Scope
from gateway.models.provider import KeyState
from tests.admin_world import World

BASE = "/admin/gateway/provider/"


def typed(**changes: str) -> dict[str, str]:
    return {
        "name": "Sandbox",
        "slug": "second",
        "dialect": "openai",
        "base_url": "http://127.0.0.1:9/v1",
        "proxy_url": "",
        "is_private": "on",
        "is_active": "on",
        **changes,
    }


def post(world: World, path: str, data: dict[str, str]) -> Any:
    return world.client("operator").post(f"{BASE}{path}", data)


def test_a_provider_is_added(world: World) -> None:
    assert post(world, "add/", typed(base_url="https://api.example.com/v1/")).status_code == 302
    provider = Provider.objects.get(slug="second")
    assert (provider.base_url, provider.is_active) == ("https://api.example.com/v1", True)


def test_an_address_with_a_password_in_it_is_refused(world: World) -> None:
    response = post(world, "add/", typed(base_url="https://me:secret@api.example.com/v1"))
    assert "has no name or password in it" in response.content.decode()
    assert Provider.objects.count() == 1


def test_a_name_in_routes_that_is_taken_is_refused(world: World) -> None:
    response = post(world, "add/", typed(slug="sandbox"))
    assert "already exists" in response.content.decode()


def test_switching_off_keeps_the_keys(world: World) -> None:
    data = typed()
    del data["is_active"]
    assert post(world, f"{world.provider.pk}/change/", data).status_code == 302
    world.provider.refresh_from_db()
    world.key.refresh_from_db()
    assert (world.provider.is_active, world.key.state) == (False, KeyState.ACTIVE)


def test_a_new_address_is_asked_about_before_keys_are_lost(world: World) -> None:
    page, data = f"{world.provider.pk}/change/", typed(base_url="https://other.example/v1")
    response = post(world, page, data)
    assert "1 key is sealed for the old address" in response.content.decode()
    world.key.refresh_from_db()
    assert world.key.state == KeyState.ACTIVE
    assert post(world, page, {**data, "enter_keys_again": "on"}).status_code == 302
    world.key.refresh_from_db()
    assert (world.key.state, world.key.sealed_secret) == (KeyState.OUTDATED, "")


def test_the_same_address_is_no_new_address(world: World) -> None:
    data = typed(base_url="http://127.0.0.1:9/v1/", name="Renamed")
    assert post(world, f"{world.provider.pk}/change/", data).status_code == 302
    world.key.refresh_from_db()
    assert world.key.state == KeyState.ACTIVE


def test_a_provider_shows_its_keys(world: World) -> None:
    html = world.client("operator").get(f"{BASE}{world.provider.pk}/change/").content.decode()
    assert world.key.fingerprint in html
    assert f"/admin/gateway/apikey/add/?provider={world.provider.pk}" in html


def test_the_keys_come_before_the_settings_with_how_full_their_limits_are(world: World) -> None:
    Limit.objects.create(kind=Scope.KEY, subject=str(world.key.pk), requests_per_minute=6000)
    Limit.objects.create(kind=Scope.PROVIDER, subject=world.provider.slug, concurrency=3)
    provider = world.client("operator").get(f"{BASE}{world.provider.pk}/change/").content.decode()
    key = world.client("operator").get(f"/admin/gateway/apikey/{world.key.pk}/change/")
    for html in (provider, key.content.decode()):
        assert "of 6,000 requests a minute" in html
        assert "0 of 3 answers at a time" in html
    assert provider.index("0 of 3") < provider.index('name="base_url"')
    assert f"/admin/gateway/apikey/{world.key.pk}/replace/" in provider


def test_a_region_is_kept_listed_and_told_to_the_gateway(world: World) -> None:
    assert post(world, "add/", typed(region="eu-west")).status_code == 302
    configuration = configuration_read(date(2026, 1, 1))
    regions = {config.name: config.region for config in providers_of(configuration)}
    assert regions == {"second": "eu-west", world.provider.slug: ""}
    assert "eu-west" in world.client("operator").get(BASE).content.decode()
    page = f"{Provider.objects.get(slug='second').pk}/change/"
    assert post(world, page, typed(region="us")).status_code == 302
    assert Provider.objects.get(slug="second").region == "us"


def test_a_region_that_is_no_code_is_refused(world: World) -> None:
    response = post(world, "add/", typed(region="Frankfurt"))
    assert "Small letters, digits and hyphens" in response.content.decode()


def test_what_its_models_take_is_said_changed_and_taken_back(world: World) -> None:
    path = f"{world.provider.pk}/change/"
    for given, kept in (("8192", 8192), ("4096", 4096), ("", None)):
        assert post(world, path, typed(slug="sandbox", context_tokens=given)).status_code == 302
        world.provider.refresh_from_db()
        assert world.provider.context_tokens == kept
    refused = post(world, path, typed(context_tokens="0"))
    assert "greater than or equal to 1" in refused.content.decode()
