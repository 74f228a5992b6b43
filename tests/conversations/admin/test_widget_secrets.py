"""A signing secret is shown once, to whoever makes it, and never again."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.http.response import HttpResponseBase
from pytest_django import Settings

from conversations.identity.secrets import signing_secret_add, signing_secrets_open
from conversations.models import SigningSecret, Widget
from tests.admin_world import World

BASE = "/admin/conversations/widget/"


def url(world: World, page: str = "change/") -> str:
    return f"{BASE}{world.widget.pk}/{page}"


def made(world: World) -> HttpResponseBase:
    return world.client("operator").post(url(world, "secrets/new/"))


def shown(response: HttpResponseBase) -> str:
    html = getattr(response, "content", b"").decode()
    secret = re.search(r'<pre id="secret"[^>]*>([^<]+)</pre>', html)
    assert secret
    return secret[1]


def retire(world: World, secret: SigningSecret) -> str:
    page = url(world, f"secrets/{secret.pk}/retire/")
    return world.client("operator").post(page, follow=True).content.decode()


def test_it_is_shown_once_and_serves_at_once(world: World) -> None:
    response = made(world)
    secret = shown(response)
    assert secret in signing_secrets_open(world.widget.pk)
    assert "no-store" in response.headers["Cache-Control"]
    html = world.client("operator").get(url(world)).content.decode()
    assert secret not in html
    assert f"…{secret[-4:]}" in html
    history = world.client("operator").get(url(world, "history/")).content.decode()
    assert secret not in history
    assert f"…{secret[-4:]}" in history


def test_asking_makes_none(world: World) -> None:
    html = world.client("operator").get(url(world, "secrets/new/")).content.decode()
    assert "It is shown once" in html
    assert SigningSecret.objects.count() == 1


def test_the_page_tells_who_made_and_who_retired_it(world: World) -> None:
    retire(world, world.signing_secret)
    html = world.client("editor").get(url(world)).content.decode()
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    row = next(row for row in rows if str(world.signing_secret) in row)
    assert re.search(r"Retired.*editor.*operator", row, re.DOTALL)
    assert "Retire …" not in row
    entry = LogEntry.objects.get()
    assert entry.user == world.people["operator"]
    assert f"Retired the signing secret {world.signing_secret}." in entry.get_change_message()


def test_a_third_is_not_made_and_the_page_says_what_to_do(world: World) -> None:
    made(world)
    page = world.client("operator").get(url(world)).content.decode()
    assert "Retire the old one before you make another" in page
    assert "secrets/new/" not in page
    response = world.client("operator").post(url(world, "secrets/new/"), follow=True)
    assert "Two secrets are valid already" in response.content.decode()
    assert SigningSecret.objects.count() == 2


def test_the_last_one_is_retired_with_a_warning(world: World) -> None:
    page = url(world, f"secrets/{world.signing_secret.pk}/retire/")
    warning = "nobody can sign in any more"
    assert warning in world.client("operator").get(page).content.decode()
    signing_secret_add(widget=world.widget)
    assert warning not in world.client("operator").get(page).content.decode()
    assert "Retired the signing secret" in retire(world, world.signing_secret)
    assert len(signing_secrets_open(world.widget.pk)) == 1


def test_who_comes_second_to_retire_it_is_told(world: World) -> None:
    retire(world, world.signing_secret)
    assert "retired already" in retire(world, world.signing_secret)


def test_a_secret_is_retired_on_its_own_widgets_page_alone(world: World) -> None:
    other = Widget.objects.create(name="Other", prompt_template=world.template)
    page = f"{BASE}{other.pk}/secrets/{world.signing_secret.pk}/retire/"
    assert world.client("operator").post(page).status_code == 404
    world.signing_secret.refresh_from_db()
    assert world.signing_secret.is_valid


@pytest.mark.parametrize("page", ["secrets/new/", "secrets/1/retire/"])
def test_a_widget_that_is_not_there_is_not_found(world: World, page: str) -> None:
    assert world.client("operator").get(f"{BASE}99999/{page}").status_code == 404


def test_without_a_master_key_it_says_that_nothing_was_kept(
    world: World, settings: Settings
) -> None:
    settings.MASTER_KEYS = []
    response = world.client("operator").post(url(world, "secrets/new/"), follow=True)
    assert "Nothing was kept" in response.content.decode()


def test_a_new_widget_has_no_secrets_before_it_is_saved(world: World) -> None:
    assert "signing secret" not in world.client("editor").get(f"{BASE}add/").content.decode()
