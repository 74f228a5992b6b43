"""Drafts are saved, published and gone back from: the only writer of prompts.

Each service locks the template first, so two people who act at once act one after the other;
the second is told by a typed error instead of overwriting the first.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.models import (
    PromptMove,
    PromptSplit,
    PromptTemplate,
    PromptVersion,
    ScheduleState,
)
from conversations.prompt_errors import (
    DraftConflictError,
    LiveMovedError,
    PublishConflictError,
    UnpublishedVersionError,
)
from conversations.prompts.content import PromptContent, content_check
from conversations.prompts.pointer import (
    live_move,
    template_lock,
    template_take,
    version_freeze,
    version_was_live,
)
from conversations.prompts.proof import proof_demand
from conversations.prompts.room import room_check


@transaction.atomic
def template_create(
    *,
    name: str,
    content: PromptContent,
    description: str = "",
    note: str = "",
    by: AbstractBaseUser | None = None,
) -> PromptTemplate:
    """Create a template whose first draft says ``content``; nothing is live yet.

    Raises:
        PromptError: A variable, an example, a language or a placeholder is at fault.
        ValidationError: A field is out of bounds, or the name is taken.
    """
    template = PromptTemplate(name=name, description=description)
    template.full_clean()
    template.save()
    _draft_write(PromptVersion(template=template), content=content, note=note, by=by)
    return template


def template_describe(*, template: PromptTemplate, name: str, description: str) -> PromptTemplate:
    """Rename a template, or say anew what it is for; what is live stays as it is.

    Raises:
        ValidationError: A field is out of bounds, or the name is taken.
    """
    template.name, template.description = name, description
    template.full_clean()
    template.save(update_fields=["name", "description"])
    return template


def template_guard(*, template: PromptTemplate, needs_second_person: bool) -> PromptTemplate:
    """Decide whether the author of the newest change may publish it alone."""
    template.needs_second_person = needs_second_person
    template.save(update_fields=["needs_second_person"])
    return template


@transaction.atomic
def draft_save(
    *,
    template: PromptTemplate,
    content: PromptContent,
    seen: datetime | None,
    note: str = "",
    by: AbstractBaseUser | None = None,
) -> PromptVersion:
    """Save what an editor wrote as the template's one draft, and return it.

    Args:
        template: Whose draft it is.
        content: The whole body.
        seen: ``changed_at`` of the version the editor started from (``version_to_edit``), or
            None if there was none.
        note: What the editor wants to remember; publishing may replace it.
        by: Who saves.

    Raises:
        DraftConflictError: Somebody else changed the draft, or what is live, since ``seen``.
        PromptError: A variable, an example, a language or a placeholder is at fault.
        ValidationError: A field is out of bounds.
    """
    template_lock(template)
    base = version_to_edit(template)
    if (base.changed_at if base else None) != seen:
        raise DraftConflictError
    draft = base if base and base.is_draft else PromptVersion(template=template)
    return _draft_write(draft, content=content, note=note, by=by)


@transaction.atomic
def version_publish(
    *,
    draft: PromptVersion,
    note: str = "",
    by: AbstractBaseUser | None = None,
    with_running: bool = False,
    despite: str = "",
) -> PromptVersion:
    """Make a version live that never was, exactly as this person saw it.

    Args:
        draft: As it was read; if it has been published or changed since, nothing happens. It
            gets its number now, or has got it when it was scheduled or tested.
        note: Why, kept with the version and with the move.
        by: Who publishes.
        with_running: Have running conversations go on with it, not only new ones.
        despite: Why it goes live although test cases fail; kept with the move.

    Raises:
        PublishConflictError: Somebody else published or changed the draft in between.
        SecondPersonError: This person wrote it, and the template asks for somebody else.
        RedCaseError: Test cases fail, and nobody says why that is all right.
        PromptError: A variable, an example, a language or a placeholder is at fault, or none of
            its models can take as much.
    """
    template = template_take(draft, by)
    if version_was_live(draft):
        raise PublishConflictError
    content_check(PromptContent.of(draft))
    room_check(PromptContent.of(draft))
    reason = proof_demand(template, draft, note=note, despite=despite)
    version = version_freeze(draft, note=note)
    live_move(template, to=version, reason=reason, by=by, with_running=with_running)
    return version


@transaction.atomic
def version_revert(
    *,
    template: PromptTemplate,
    version: PromptVersion,
    reason: str = "",
    by: AbstractBaseUser | None = None,
    with_running: bool = False,
) -> PromptMove:
    """Make an earlier version live again and return the logged move; the draft stays.

    Args:
        template: As it was read: if its live version has changed since, nothing happens.
        version: A version of this template that was live before.
        reason: Why, kept in the log.
        by: Who rolls back.
        with_running: Have running conversations go on with it, not only new ones.

    Raises:
        UnpublishedVersionError: It never was live, or is of another template.
        LiveMovedError: Somebody else moved the pointer in between, or it is there already.
    """
    if version.template_id != template.pk or not version_was_live(version):
        raise UnpublishedVersionError
    locked = template_lock(template)
    if locked.live_id != template.live_id or locked.live_id == version.pk:
        raise LiveMovedError
    return live_move(locked, to=version, reason=reason, by=by, with_running=with_running)


def version_to_edit(template: PromptTemplate) -> PromptVersion | None:
    """Return what an editor starts from: the draft, else what is newest, else nothing.

    A version that waits for its hour, or is tested on a share of customers, is newer than what
    is live: a draft begun from the latter would take its changes back.
    """
    versions = PromptVersion.objects.filter(template=template)
    draft = versions.filter(number=None).first()
    live = PromptTemplate.objects.select_related("live").get(pk=template.pk).live
    tested = PromptSplit.objects.filter(template=template, ended_at=None).values("challenger")
    coming = versions.filter(Q(schedules__state=ScheduleState.WAITING) | Q(pk__in=tested))
    newer = coming.filter(number__gt=live.number) if live else coming
    return draft or newer.order_by("-number").first() or live


def _draft_write(
    draft: PromptVersion, *, content: PromptContent, note: str, by: AbstractBaseUser | None
) -> PromptVersion:
    content_check(content)
    for field, value in content.as_fields().items():
        setattr(draft, field, value)
    draft.note = note
    draft.author_id = by.pk if by else None
    draft.changed_at = timezone.now()
    draft.full_clean()
    draft.save()
    return draft
