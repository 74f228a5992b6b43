"""Editors begin a split test, read its figures and end it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry

from conversations.models import Conversation, PromptSplit, PromptTemplate
from conversations.prompts.splits import split_begin
from tests.admin_world import World, conversation_make
from tests.conversations.admin.workshop import BASE, post


@pytest.fixture
def page(world: World) -> str:
    return f"{BASE}{world.template.pk}/split/"


def choices(world: World, page: str) -> dict[str, str]:
    form = world.client("editor").get(f"{page}begin/").context["confirmation"].form
    return {words.split(" ")[0]: value for value, words in form.fields["challenger"].choices}


def begin(world: World) -> PromptSplit:
    return split_begin(challenger=world.template.versions.get(number=1), percent=30)


def test_before_the_first_test_the_page_says_what_it_is_for(world: World, page: str) -> None:
    html = world.client("editor").get(page).content.decode()
    assert "No split test yet" in html
    assert "Begin a test" in html


def test_the_draft_and_every_version_but_the_live_one_can_be_tried(world: World, page: str) -> None:
    assert list(choices(world, page)) == ["draft", "v1"]


def test_beginning_says_so_and_is_logged(world: World, page: str) -> None:
    said = {"challenger": choices(world, page)["draft"], "percent": "20", "note": "Bolder?"}
    html = post(world, f"{page}begin/", said).content.decode()
    split = PromptSplit.objects.get()
    assert (split.challenger.number, split.percent, split.note) == (3, 20, "Bolder?")
    assert split.begun_by == world.people["editor"]
    assert "V3 is tested on 20% of new conversations." in html
    assert "v3 beside v2" in html
    assert "not enough data" in html
    assert LogEntry.objects.latest("pk").get_change_message() == (
        "Began to test v3 on 20% of new conversations beside v2."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"percent": "0"}, "greater than or equal to 1"),
        ({"percent": "100"}, "less than or equal to 99"),
        ({"challenger": "2@then"}, "Select a valid choice"),
    ],
)
def test_a_fault_is_told(world: World, page: str, changes: dict[str, str], words: str) -> None:
    said = {"challenger": choices(world, page)["v1"], "percent": "50", "note": ""}
    assert words in post(world, f"{page}begin/", said | changes).content.decode()
    assert not PromptSplit.objects.exists()


def test_a_second_test_at_a_time_is_refused(world: World, page: str) -> None:
    said = {"challenger": choices(world, page)["v1"], "percent": "50", "note": ""}
    begin(world)
    html = post(world, f"{page}begin/", said).content.decode()
    assert "is tested already" in html


def test_the_author_does_not_test_alone_where_two_are_asked_for(world: World, page: str) -> None:
    PromptTemplate.objects.update(needs_second_person=True)
    said = {"challenger": choices(world, page)["draft"], "percent": "50", "note": ""}
    html = post(world, f"{page}begin/", said).content.decode()
    assert "a second pair of eyes" in html
    assert not PromptSplit.objects.exists()


def test_the_figures_say_what_they_are_worth(world: World, page: str) -> None:
    begin(world)
    first, second = (world.template.versions.get(number=number) for number in (1, 2))
    for version in [first, second] * 35:
        conversation = conversation_make(world.widget)
        Conversation.objects.filter(pk=conversation.pk).update(prompt_version=version)
        for message in conversation.messages.filter(reply__isnull=False):
            message.reply.prompt_version = version
            message.reply.save()
    html = world.client("editor").get(page).content.decode()
    assert html.count("no difference to be seen") == 2
    assert html.count("not enough data") == 3  # nobody rated or judged, and no tokens were counted
    assert "100 %" in html
    assert "(90 % … 100 %) of 35" in html


def test_ending_keeps_or_changes_what_is_live(world: World, page: str) -> None:
    split = begin(world)
    html = world.client("editor").get(f"{page}end/").content.decode()
    assert "v2 stays live" in html
    assert "v1 goes live" in html
    said = {"winner": "challenger", "note": "Better", "seen": str(split.pk)}
    assert "v1 goes on" in post(world, f"{page}end/", said).content.decode()
    world.template.refresh_from_db()
    assert world.template.live == split.challenger
    assert LogEntry.objects.latest("pk").get_change_message() == "Ended the test; v1 goes on."


def test_ending_a_test_that_is_not_the_one_seen_changes_nothing(world: World, page: str) -> None:
    begin(world)
    said = {"winner": "challenger", "note": "", "seen": "0"}
    html = post(world, f"{page}end/", said).content.decode()
    assert "has ended in the meantime" in html
    assert PromptSplit.objects.get().ended_at is None


def test_beginning_and_ending_are_publishing(world: World, page: str) -> None:
    editors = world.people["editor"].groups.get()
    editors.permissions.remove(editors.permissions.get(codename="publish_promptversion"))
    client = world.client("editor")
    assert client.get(page).status_code == 200
    for deed in ("begin/", "end/"):
        assert client.get(page + deed).status_code == 403
        assert client.post(page + deed).status_code == 403


def test_a_running_test_stands_on_the_templates_page(world: World) -> None:
    begin(world)
    html = world.client("editor").get(f"{BASE}{world.template.pk}/change/").content.decode()
    assert "See how it goes" in html
    assert "v1 · 30 %" in html


def test_a_version_tells_how_its_answers_were_taken(world: World) -> None:
    html = world.client("editor").get(f"{BASE}{world.template.pk}/versions/2/").content.decode()
    assert "Answers stopped" in html
    assert "25 %" in html
    assert "of 4" in html


def test_an_older_test_can_be_looked_at(world: World, page: str) -> None:
    old = begin(world)
    post(world, f"{page}end/", {"winner": "control", "note": "", "seen": str(old.pk)})
    new = begin(world)
    client = world.client("editor")
    assert client.get(page).context["shown"] == new
    assert client.get(f"{page}?test={old.pk}").context["shown"] == old
    assert client.get(f"{page}?test={uuid4()}").context["shown"] == new
