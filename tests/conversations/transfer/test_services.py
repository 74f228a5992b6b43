"""Templates leave as files and come back; a file that cannot be brought in changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from conversations.case_errors import CaseDiffersError
from conversations.models import PromptMove, PromptTemplate, PromptVersion, Reply
from conversations.prompt_errors import DraftConflictError, VersionDiffersError
from conversations.prompts.content import PromptContent
from conversations.prompts.services import draft_save, version_publish, version_to_edit
from conversations.proving.services import case_from_reply
from conversations.transfer.document import document_read
from conversations.transfer.services import template_export, template_import
from tests.admin_world import World, world_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return world_make()


def export(world: World) -> str:
    return template_export(PromptTemplate.objects.select_related("live").get(name="Shop"))


def forget(world: World) -> None:
    """Empty the site of prompts, as another site would be."""
    world.conversation.messages.all().delete()
    world.conversation.delete()
    world.customer.delete()
    world.widget.signing_secrets.all().delete()
    world.widget.delete()
    world.schedule.delete()
    world.case.delete()
    world.run.delete()
    PromptMove.objects.all().delete()
    PromptTemplate.objects.update(live=None)
    PromptVersion.objects.all()._raw_delete("default")  # noqa: SLF001  # the guard is right, and in the way
    PromptTemplate.objects.all().delete()


def test_a_file_comes_back_to_an_empty_site_exactly(world: World) -> None:
    text = export(world)
    forget(world)
    by = world.people["owner"]
    template = template_import(document_read(text), by=by)
    assert export(world) == text
    assert {version.number for version in template.versions.all()} == {1, 2, None}
    move = PromptMove.objects.get()
    assert (move.moved_to.number, move.moved_by) == (2, by)


def test_a_file_that_says_what_is_here_changes_nothing(world: World) -> None:
    text = export(world)
    before = (PromptVersion.objects.count(), PromptMove.objects.count())
    template_import(document_read(text))
    assert (PromptVersion.objects.count(), PromptMove.objects.count()) == before
    assert export(world) == text


def changed(world: World, **draft: object) -> str:
    document = json.loads(export(world))
    document["draft"] |= draft
    return json.dumps(document)


def test_another_draft_is_put_in_its_place_only_if_one_says_so(world: World) -> None:
    document = document_read(changed(world, instructions=["From git."]))
    with pytest.raises(DraftConflictError):
        template_import(document)
    before = version_to_edit(world.template)
    assert before is not None
    assert before.instructions == "You speak briefly."
    template_import(document, replace=True)
    after = version_to_edit(world.template)
    assert after is not None
    assert (after.pk, after.instructions) == (before.pk, "From git.")
    assert after.changed_at > before.changed_at


def test_new_versions_are_added_and_the_files_live_one_goes_live(world: World) -> None:
    document = json.loads(export(world))
    document["versions"].append({**document["versions"][1], "number": 5, "note": "From git"})
    document["live"] = 5
    template = template_import(document_read(json.dumps(document)))
    assert template.live is not None
    assert (template.live.number, template.live.note) == (5, "From git")
    assert PromptMove.objects.latest("pk").reason == "From git"


@pytest.mark.parametrize(("number", "note"), [(2, "Other"), (1, "Other")])
def test_a_version_that_says_something_else_here_is_refused(
    world: World, number: int, note: str
) -> None:
    document = json.loads(export(world))
    document["versions"][number - 1]["note"] = note
    with pytest.raises(VersionDiffersError) as caught:
        template_import(document_read(json.dumps(document)))
    assert caught.value.number == number


def test_a_number_that_was_passed_by_is_refused(world: World) -> None:
    document = json.loads(export(world))
    document["versions"].append({**document["versions"][1], "number": 5})
    template_import(document_read(json.dumps(document)))
    document["versions"].insert(2, {**document["versions"][1], "number": 4})
    with pytest.raises(VersionDiffersError) as caught:
        template_import(document_read(json.dumps(document)))
    assert caught.value.number == 4


def with_case(world: World, **case: object) -> str:
    document = json.loads(export(world))
    document["cases"][0] |= case
    return json.dumps(document)


def test_a_new_case_is_added_and_one_that_is_not_in_the_file_stays(world: World) -> None:
    template_import(document_read(with_case(world, name="Other")))
    assert set(world.template.cases.values_list("name", flat=True)) == {"Tracking", "Other"}


def test_another_case_is_put_in_its_place_only_if_one_says_so(world: World) -> None:
    document = document_read(with_case(world, checks=[{"kind": "refuses", "text": [""]}]))
    with pytest.raises(CaseDiffersError):
        template_import(document)
    world.case.refresh_from_db()
    assert world.case.checks[0]["kind"] == "contains"
    template_import(document, replace=True)
    world.case.refresh_from_db()
    assert world.case.checks == [{"kind": "refuses", "text": ""}]


def test_a_case_of_a_customers_words_is_in_no_file(world: World) -> None:
    reply = Reply.objects.get(message__conversation=world.conversation, message__position=6)
    case_from_reply(reply=reply, author=world.people["editor"])
    assert [case.name for case in document_read(export(world)).cases] == ["Tracking"]


def test_a_draft_that_is_not_in_the_file_stays(world: World) -> None:
    document = json.loads(export(world)) | {"draft": None}
    template_import(document_read(json.dumps(document)))
    assert PromptVersion.objects.filter(number=None).exists()


def test_the_author_of_what_is_brought_in_is_who_brings_it(world: World) -> None:
    owner = User.objects.get(username="owner")
    document = document_read(changed(world, note="git"))
    template_import(document, replace=True, by=owner)
    assert PromptVersion.objects.get(number=None).author == owner


def command(*arguments: str) -> str:
    output = StringIO()
    call_command("prompts", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_writes_checks_and_brings_back(world: World, tmp_path: Path) -> None:
    text = export(world)
    assert command("export", "Shop") == text
    assert command("export", "--folder", str(tmp_path)) == f"{tmp_path}/shop.json\n"
    assert (tmp_path / "shop.json").read_text(encoding="utf-8") == text
    assert command("check", f"{tmp_path}/shop.json") == "“Shop” is sound.\n"
    forget(world)
    said = command("import", f"{tmp_path}/shop.json")
    assert said == "“Shop” is here; v2 is live.\n"
    assert export(world) == text


def test_of_several_files_one_that_is_broken_keeps_all_out(world: World, tmp_path: Path) -> None:
    good, broken = tmp_path / "good.json", tmp_path / "broken.json"
    good.write_text(export(world).replace('"name": "Shop"', '"name": "Other"'), encoding="utf-8")
    broken.write_text(
        export(world).replace('"may_cache": false', '"may_cache": "no"', 1), encoding="utf-8"
    )
    line = broken.read_text(encoding="utf-8").split("\n").index('      "may_cache": "no"') + 1
    with pytest.raises(CommandError) as caught:
        command("import", str(good), str(broken))
    assert str(caught.value) == (
        f"{broken}: Line {line}: versions.0.may_cache: not of the right kind."
    )
    assert not PromptTemplate.objects.filter(name="Other").exists()
    with pytest.raises(CommandError, match="No such file"):
        command("check", str(tmp_path / "missing.json"))


def test_a_file_that_contradicts_the_site_takes_back_those_before_it(
    world: World, tmp_path: Path
) -> None:
    good, other = tmp_path / "good.json", tmp_path / "other.json"
    good.write_text(export(world).replace('"name": "Shop"', '"name": "Other"'), encoding="utf-8")
    other.write_text(changed(world, note="git"), encoding="utf-8")
    with pytest.raises(CommandError, match="Somebody else changed this template"):
        command("import", str(good), str(other))
    assert not PromptTemplate.objects.filter(name="Other").exists()
    command("import", "--replace", str(good), str(other))
    assert PromptTemplate.objects.filter(name="Other").exists()


def test_many_templates_need_a_folder_and_an_unknown_one_is_told(world: World) -> None:
    PromptTemplate.objects.create(name="Second")
    with pytest.raises(CommandError, match="--folder"):
        command("export")
    with pytest.raises(CommandError, match="no such template"):
        command("export", "Nobody")


def test_a_download_is_the_file(world: World) -> None:
    url = f"/admin/conversations/prompttemplate/{world.template.pk}/export/"
    response = world.client("editor").get(url)
    assert response.content.decode() == export(world)
    assert response.headers["Content-Disposition"] == 'attachment; filename="shop.json"'


def test_what_was_brought_in_is_published_like_anything_else(world: World) -> None:
    draft = draft_save(
        template=world.template,
        content=PromptContent(instructions="Next."),
        seen=PromptVersion.objects.get(number=None).changed_at,
    )
    assert version_publish(draft=draft).number == 3
