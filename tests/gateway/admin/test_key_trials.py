"""A key is tried before it is trusted, and the pages tell how it stands and what was done."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from gateway.models import ApiKey, Call, KeyEvent, Process
from gateway.models.provider import KeyState
from gateway.sandbox.server import Sandbox
from tests.admin_world import World
from tests.gateway.admin.conftest import SERVING

BASE = "/admin/gateway/apikey/"
REFUSED = "sk-canary-that-is-refused"


def post(world: World, path: str, **data: str) -> str:
    response = world.client("operator").post(f"{BASE}{path}", data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def get(world: World, path: str) -> str:
    return world.client("operator").get(path).content.decode()


def test_a_key_that_is_refused_is_not_kept(world: World, provider: Sandbox) -> None:
    html = post(
        world, "add/", provider=str(world.provider.pk), label="b", weight="1", secret=REFUSED
    )
    assert "The provider refused the key." in html
    assert REFUSED not in html
    assert ApiKey.objects.count() == 1
    event = KeyEvent.objects.get(deed="refused")
    assert (event.by, event.key, event.reason) == (
        world.people["operator"],
        None,
        "bad_credential",
    )


def test_a_rotation_whose_new_key_is_refused_leaves_the_old_one(
    world: World, provider: Sandbox
) -> None:
    html = post(world, f"{world.key.pk}/replace/", secret=REFUSED)
    assert "The provider refused the key." in html
    world.key.refresh_from_db()
    assert world.key.state == KeyState.ACTIVE
    assert ApiKey.objects.count() == 1


def test_a_rotation_shows_where_it_stands(world: World, provider: Sandbox) -> None:
    post(world, f"{world.key.pk}/replace/", secret="sandbox-next")
    Process.objects.all().delete()
    name = f"sandbox/{world.key.label}"
    Process.objects.create(
        id="p", beat_at=timezone.now() + timedelta(seconds=9), counts={"streams": {name: 7}}
    )
    html = get(world, f"{BASE}{world.key.pk}/change/")
    assert "7 answers are still being given with the old key." in html
    assert "It waits for its first call." in html
    Call.objects.create(outcome="succeeded", provider="sandbox", key_label="first 2")
    assert "It takes traffic." in get(world, f"{BASE}{world.key.pk}/change/")


def test_a_test_shows_latency_and_models_and_changes_no_state(
    world: World, provider: Sandbox
) -> None:
    html = post(world, f"{world.key.pk}/test/", model="")
    assert "It serves" in html
    assert "<li>sandbox-1</li>" in html
    assert " ms</dd>" in html
    assert SERVING not in html
    provider.revoked.add(SERVING)
    html = post(world, f"{world.key.pk}/test/", model="")
    assert "The provider refused the key." in html
    world.key.refresh_from_db()
    assert world.key.state == KeyState.ACTIVE


def test_a_model_the_provider_does_not_have_is_named(world: World, provider: Sandbox) -> None:
    html = post(world, f"{world.key.pk}/test/", model="no-such-model")
    assert "does not have the model “no-such-model”" in html


def test_weight_and_expiry_are_changed_without_the_secret(world: World) -> None:
    day = timezone.localdate() + timedelta(days=3)
    post(world, f"{world.key.pk}/settings/", weight="4", expires_on=day.isoformat())
    world.key.refresh_from_db()
    assert (world.key.weight, world.key.expires_on) == (4, day)
    assert "state-warning" in get(world, f"{BASE}{world.key.pk}/change/")
    assert "key is due" in get(world, "/admin/")


def test_the_provider_shows_what_rests_until_when_and_why(world: World) -> None:
    counts = {"resting": {"sandbox/first": [120.0, "throttled"]}}
    Process.objects.create(id="p", beat_at=timezone.now(), counts=counts)
    html = get(world, f"/admin/gateway/provider/{world.provider.pk}/change/")
    assert "Cooling until" in html
    assert "429 from the provider" in html
    assert "1 throttled" in html
    assert "<td>50%</td>" in html


def test_looking_at_a_key_is_told_with_the_name_of_who_looked(world: World) -> None:
    html = get(world, f"{BASE}{world.key.pk}/change/")
    event = KeyEvent.objects.get(deed="viewed")
    assert (event.by, event.key) == (world.people["operator"], world.key)
    assert "Looked at" in html


def test_why_somebody_acts_is_kept(world: World) -> None:
    post(world, f"{world.key.pk}/pause/", why="the invoice is late")
    assert "the invoice is late" in get(world, f"{BASE}{world.key.pk}/change/")
