"""Drafts, publishing and rolling back, with two people at once."""

import threading
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from conversations.models import PromptMove, PromptTemplate, PromptVersion
from conversations.prompt_errors import (
    DraftConflictError,
    InvalidExamplesError,
    InvalidLanguageError,
    InvalidVariablesError,
    LiveMovedError,
    PublishConflictError,
    PublishedVersionError,
    UnknownPlaceholderError,
    UnpublishedVersionError,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_revert,
)
from tests.conversations.prompts.drafts import editable

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("edith")


@pytest.fixture
def template() -> PromptTemplate:
    return template_create(name="Shop", content=PromptContent(instructions="Be kind."))


def save(template: PromptTemplate, instructions: str, *, seen: datetime) -> PromptVersion:
    return draft_save(
        template=template, content=PromptContent(instructions=instructions), seen=seen
    )


def publish_new(template: PromptTemplate, instructions: str) -> PromptVersion:
    draft = save(template, instructions, seen=editable(template).changed_at)
    return version_publish(draft=draft)


def test_a_new_template_has_a_draft_and_nothing_live(template: PromptTemplate) -> None:
    draft = editable(template)
    assert draft.is_draft
    assert draft.instructions == "Be kind."
    assert template.live is None


def test_a_template_with_an_undeclared_placeholder_is_not_created() -> None:
    with pytest.raises(UnknownPlaceholderError):
        template_create(name="Shop", content=PromptContent(instructions="{{who}}"))
    assert not PromptTemplate.objects.exists()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (PromptContent(instructions="x", variables=[{"name": "a b"}]), InvalidVariablesError),
        (PromptContent(instructions="x", examples=[{"customer": "Hi"}]), InvalidExamplesError),
        (PromptContent(instructions="x", translations={"de": {}}), InvalidLanguageError),
        (
            PromptContent(instructions="x", translations={"de": {"instructions": "{{who}}"}}),
            UnknownPlaceholderError,
        ),
        (
            PromptContent(instructions="x", examples=[{"customer": "{{who}}", "answer": "Hi"}]),
            UnknownPlaceholderError,
        ),
    ],
)
def test_every_part_of_a_draft_is_proved_before_it_is_saved(
    template: PromptTemplate, content: PromptContent, error: type[Exception]
) -> None:
    with pytest.raises(error):
        draft_save(template=template, content=content, seen=editable(template).changed_at)
    assert editable(template).instructions == "Be kind."


def test_saving_changes_the_one_draft_and_remembers_who(
    template: PromptTemplate, editor: User
) -> None:
    draft = editable(template)
    saved = draft_save(
        template=template,
        content=PromptContent(instructions="Be brief."),
        seen=draft.changed_at,
        note="Shorter",
        by=editor,
    )
    assert saved.pk == draft.pk
    assert (saved.instructions, saved.note, saved.author) == ("Be brief.", "Shorter", editor)
    assert saved.changed_at > draft.changed_at


def test_the_second_of_two_editors_is_told_and_the_firsts_words_stand(
    template: PromptTemplate,
) -> None:
    seen = editable(template).changed_at
    save(template, "First", seen=seen)
    with pytest.raises(DraftConflictError):
        save(template, "Second", seen=seen)
    assert editable(template).instructions == "First"


def test_a_draft_begun_elsewhere_is_not_overwritten(template: PromptTemplate) -> None:
    version_publish(draft=editable(template))
    seen = editable(template).changed_at
    save(template, "Theirs", seen=seen)
    with pytest.raises(DraftConflictError):
        save(template, "Mine", seen=seen)


def test_a_setting_out_of_bounds_is_refused(template: PromptTemplate) -> None:
    with pytest.raises(ValidationError, match="temperature"):
        draft_save(
            template=template,
            content=PromptContent(instructions="x", temperature=3.0),
            seen=editable(template).changed_at,
        )


def test_a_stored_draft_is_proved_again_before_it_goes_live(template: PromptTemplate) -> None:
    PromptVersion.objects.update(instructions="{{who}}")  # as nobody would save it today
    with pytest.raises(UnknownPlaceholderError):
        version_publish(draft=editable(template))
    assert editable(template).is_draft


def test_publishing_numbers_the_version_makes_it_live_and_logs_the_move(
    template: PromptTemplate, editor: User
) -> None:
    version = version_publish(draft=editable(template), note="Opening day", by=editor)
    template.refresh_from_db()
    move = PromptMove.objects.get()
    assert (version.number, template.live, version.note) == (1, version, "Opening day")
    assert version.published_at is not None
    assert (move.moved_from, move.moved_to, move.moved_by, move.reason) == (
        None,
        version,
        editor,
        "Opening day",
    )


def test_a_published_version_never_changes(template: PromptTemplate) -> None:
    version = version_publish(draft=editable(template))
    version.instructions = "Something else"
    with pytest.raises(PublishedVersionError):
        version.save()
    with pytest.raises(PublishedVersionError):
        version.delete()


def test_taking_the_number_off_makes_no_draft_of_a_published_version(
    template: PromptTemplate,
) -> None:
    version = version_publish(draft=editable(template))
    version.number = None
    with pytest.raises(PublishedVersionError):
        version.save()
    with pytest.raises(PublishedVersionError):
        version.delete()


def test_published_versions_never_change_in_bulk(template: PromptTemplate) -> None:
    version = version_publish(draft=editable(template))
    version.instructions = "Something else"
    with pytest.raises(PublishedVersionError):
        PromptVersion.objects.update(instructions="Something else")
    with pytest.raises(PublishedVersionError):
        template.versions.update(instructions="Something else")
    with pytest.raises(PublishedVersionError), transaction.atomic():
        PromptVersion.objects.bulk_update([version], ["instructions"])
    with pytest.raises(PublishedVersionError):
        PromptVersion.objects.all().delete()
    version.refresh_from_db()
    assert version.instructions != "Something else"


def test_the_next_draft_starts_from_what_is_live(template: PromptTemplate) -> None:
    version_publish(draft=editable(template))
    assert publish_new(template, "Be brief.").number == 2
    assert editable(template).instructions == "Be brief."


def test_the_second_of_two_publishers_is_told(template: PromptTemplate) -> None:
    first = editable(template)
    second = editable(template)
    version_publish(draft=first)
    with pytest.raises(PublishConflictError):
        version_publish(draft=second)
    assert PromptMove.objects.count() == 1


def test_a_draft_changed_after_it_was_looked_at_is_not_published(template: PromptTemplate) -> None:
    looked_at = editable(template)
    save(template, "Changed since", seen=looked_at.changed_at)
    with pytest.raises(PublishConflictError):
        version_publish(draft=looked_at)
    template.refresh_from_db()
    assert template.live is None


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_publishes_exactly_one_wins() -> None:
    template = template_create(name="Shop", content=PromptContent(instructions="Be kind."))
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def publish(draft: PromptVersion) -> None:
        start.wait()
        try:
            version_publish(draft=draft)
            outcomes.append("won")
        except PublishConflictError:
            outcomes.append("told")
        finally:
            connection.close()

    drafts = [editable(template), editable(template)]
    threads = [threading.Thread(target=publish, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "won"]
    assert list(PromptVersion.objects.values_list("number", flat=True)) == [1]


def test_rolling_back_moves_the_pointer_logs_it_and_keeps_the_draft(
    template: PromptTemplate, editor: User
) -> None:
    first = version_publish(draft=editable(template))
    second = publish_new(template, "Be brief.")
    draft = save(template, "Unfinished", seen=second.changed_at)
    template.refresh_from_db()
    move = version_revert(template=template, version=first, reason="Too brief", by=editor)
    template.refresh_from_db()
    assert template.live == first
    assert (move.moved_from, move.moved_to, move.reason) == (second, first, "Too brief")
    assert editable(template) == draft


def test_rolling_back_to_what_somebody_else_made_stale_is_refused(template: PromptTemplate) -> None:
    first = version_publish(draft=editable(template))
    template.refresh_from_db()
    publish_new(template, "Be brief.")
    with pytest.raises(LiveMovedError):
        version_revert(template=template, version=first)


def test_the_live_version_cannot_be_gone_back_to(template: PromptTemplate) -> None:
    live = version_publish(draft=editable(template))
    template.refresh_from_db()
    with pytest.raises(LiveMovedError):
        version_revert(template=template, version=live)


def test_neither_a_draft_nor_a_foreign_version_can_go_live_by_rolling_back(
    template: PromptTemplate,
) -> None:
    other = template_create(name="Other", content=PromptContent(instructions="x"))
    foreign = version_publish(draft=editable(other))
    for version in (editable(template), foreign):
        with pytest.raises(UnpublishedVersionError):
            version_revert(template=template, version=version)
