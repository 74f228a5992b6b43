"""Drafts are saved, published and gone back from: the only writer of prompts.

Each service locks the template first, so two people who act at once act one after the other;
the second is told by a typed error instead of overwriting the first.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from conversations.errors import (
    DraftConflictError,
    LiveMovedError,
    PublishConflictError,
    UnpublishedVersionError,
)
from conversations.models import PromptMove, PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent
from conversations.prompts.render import placeholders_check, variables_check


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
        PromptError: The variables or placeholders are at fault.
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
        PromptError: The variables or placeholders are at fault.
        ValidationError: A field is out of bounds.
    """
    _template_lock(template)
    base = version_to_edit(template)
    if (base.changed_at if base else None) != seen:
        raise DraftConflictError
    draft = base if base and base.is_draft else PromptVersion(template=template)
    return _draft_write(draft, content=content, note=note, by=by)


@transaction.atomic
def version_publish(
    *, draft: PromptVersion, note: str = "", by: AbstractBaseUser | None = None
) -> PromptVersion:
    """Give the draft the next number and make it live, exactly as this person saw it.

    Args:
        draft: As it was read; if it has been published or changed since, nothing happens.
        note: Why, kept with the version and with the move.
        by: Who publishes.

    Raises:
        PublishConflictError: Somebody else published or changed the draft in between.
        PromptError: The variables or placeholders are at fault.
    """
    variables_check(draft.variables)
    placeholders_check(draft.instructions, draft.variables)
    template = _template_lock(draft.template)
    numbers = PromptVersion.objects.filter(template=template).aggregate(highest=Max("number"))
    won = PromptVersion.objects.filter(
        pk=draft.pk, number=None, changed_at=draft.changed_at
    ).update(
        number=(numbers["highest"] or 0) + 1, note=note or draft.note, published_at=timezone.now()
    )
    if not won:
        raise PublishConflictError
    draft.refresh_from_db()
    _live_move(template, to=draft, reason=note, by=by)
    return draft


@transaction.atomic
def version_revert(
    *,
    template: PromptTemplate,
    version: PromptVersion,
    reason: str = "",
    by: AbstractBaseUser | None = None,
) -> PromptMove:
    """Make an earlier version live again and return the logged move; the draft stays.

    Args:
        template: As it was read: if its live version has changed since, nothing happens.
        version: A published version of this template.
        reason: Why, kept in the log.
        by: Who rolls back.

    Raises:
        UnpublishedVersionError: It is a draft, or of another template.
        LiveMovedError: Somebody else moved the pointer in between, or it is there already.
    """
    if version.is_draft or version.template_id != template.pk:
        raise UnpublishedVersionError
    locked = _template_lock(template)
    if locked.live_id != template.live_id or locked.live_id == version.pk:
        raise LiveMovedError
    return _live_move(locked, to=version, reason=reason, by=by)


def version_to_edit(template: PromptTemplate) -> PromptVersion | None:
    """Return what an editor starts from: the draft, else what is live, else nothing."""
    draft = PromptVersion.objects.filter(template=template, number=None).first()
    return draft or PromptTemplate.objects.select_related("live").get(pk=template.pk).live


def _template_lock(template: PromptTemplate) -> PromptTemplate:
    # SQLite knows no row lock: there the IMMEDIATE transaction does the same.
    return PromptTemplate.objects.select_for_update().get(pk=template.pk)


def _draft_write(
    draft: PromptVersion, *, content: PromptContent, note: str, by: AbstractBaseUser | None
) -> PromptVersion:
    variables_check(content.variables)
    placeholders_check(content.instructions, content.variables)
    for field, value in content.as_fields().items():
        setattr(draft, field, value)
    draft.note = note
    draft.author_id = by.pk if by else None
    draft.changed_at = timezone.now()
    draft.full_clean()
    draft.save()
    return draft


def _live_move(
    template: PromptTemplate, *, to: PromptVersion, reason: str, by: AbstractBaseUser | None
) -> PromptMove:
    move = PromptMove.objects.create(
        template=template,
        moved_from_id=template.live_id,
        moved_to=to,
        moved_by_id=by.pk if by else None,
        reason=reason,
    )
    template.live = to
    template.save(update_fields=["live"])
    return move
