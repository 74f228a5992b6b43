"""People and their roles, as whoever gives roles reads them."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation

from chatsite.roles import ROLES, SUPPORT, role_name
from tests.admin_world import World

PEOPLE = "/admin/auth/user/"


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue in which every role has another name, whatever the real one says."""
    monkeypatch.setattr("chatsite.roles.gettext", lambda name: f"«{name}»")


@pytest.mark.usefixtures("spoken")
def test_roles_are_called_by_their_names_in_the_readers_language(world: World) -> None:
    Group.objects.create(name="Night shift")
    owner = world.client("owner")
    pages = {
        path: owner.get(path).content.decode()
        for path in (
            PEOPLE,
            f"{PEOPLE}{world.people['support'].pk}/change/",
            "/admin/auth/group/",
            reverse("admin:factor_rule"),
        )
    }
    for path, html in pages.items():
        assert f"«{SUPPORT}»" in html, path
        assert not re.search(rf"[^«]{SUPPORT}", html), path
        assert "«Night shift»" not in html, path
    assert "Night shift" in pages["/admin/auth/group/"]


def test_a_group_of_ones_own_keeps_its_name(db: None) -> None:
    with translation.override("zh-hans"):
        assert role_name(Group(name="Name")) == "Name"  # a word that the catalogue knows
    with translation.override("en"):
        assert [role_name(Group(name=name)) for name in ROLES] == list(ROLES)


def test_people_are_narrowed_down_by_role(world: World) -> None:
    owner = world.client("owner")
    listed = owner.get(f"{PEOPLE}?role={Group.objects.get(name=SUPPORT).pk}")
    assert [user.username for user in listed.context["cl"].result_list] == ["support"]
    for nonsense in ("x", "999999"):
        assert len(owner.get(f"{PEOPLE}?role={nonsense}").context["cl"].result_list) > 1


def test_logins_are_counted_by_the_word_that_heads_them(world: World) -> None:
    html = world.client("operator").get("/admin/axes/accesslog/").content.decode()
    assert re.search(r"\d logins?\n", html)
    assert "access log" not in html
