"""Two editors at once: none writes over the other, and no word typed is lost."""

from __future__ import annotations

from conversations.models import PromptMove
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE, as_shown, editable, post, typed


def test_of_two_editors_the_second_sees_what_came_between_and_keeps_the_words(
    world: World, workshop: str
) -> None:
    mine = typed(world, instructions="My words.")
    post(world, workshop, typed(world, instructions="Their words."), person="owner")
    html = post(world, workshop, mine).content.decode()
    assert "Somebody else wrote here in the meantime" in html
    assert "<del>Their</del><ins>My</ins> words." in html
    assert ">\nMy words.</textarea>" in html
    assert editable(world).instructions == "Their words."


def test_variables_declared_in_between_do_not_mix_with_what_was_typed(
    world: World, workshop: str
) -> None:
    mine = {**as_shown(world), "instructions": "My words."}
    theirs = [{"name": name, "default": "", "sample": ""} for name in ("one", "two")]
    post(world, workshop, typed(world, *theirs), person="owner")
    html = post(world, workshop, mine).content.decode()
    assert "Somebody else wrote here in the meantime" in html
    assert "This field is required" not in html


def test_after_a_conflict_saving_again_is_a_decision_that_counts(
    world: World, workshop: str
) -> None:
    mine = typed(world, instructions="My words.")
    post(world, workshop, typed(world, instructions="Their words."), person="owner")
    response = post(world, workshop, mine)
    seen = response.context["forms"].draft["seen"].value()
    post(world, workshop, {**mine, "seen": seen})
    assert editable(world).instructions == "My words."


def test_a_draft_that_changed_while_one_was_asked_is_not_published(
    world: World, workshop: str
) -> None:
    seen = editable(world).changed_at.isoformat()
    post(world, workshop, typed(world, instructions="Changed."), person="owner")
    response = post(world, f"{BASE}{world.template.pk}/publish/", {"note": "", "seen": seen})
    assert "Please look at it again" in response.content.decode()
    assert PromptMove.objects.count() == 2


def test_going_back_is_refused_when_somebody_else_moved_the_pointer(world: World) -> None:
    url = f"{BASE}{world.template.pk}/versions/1/revert/"
    response = post(world, url, {"note": "", "seen": "0"})
    assert "changed what is live" in response.content.decode()
    assert PromptMove.objects.count() == 2
