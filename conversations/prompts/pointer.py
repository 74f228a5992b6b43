"""What every way of going live has in common: the lock, the number, the move.

All of these are called inside of a transaction whose first deed is ``template_lock`` or, where a
person has chosen the version, ``template_take``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max
from django.utils import timezone

from conversations.models import (
    Conversation,
    PromptMove,
    PromptSplit,
    PromptTemplate,
    PromptVersion,
)
from conversations.prompt_errors import PublishConflictError, SecondPersonError
from conversations.prompts.content import PromptContent, content_check
from conversations.prompts.room import room_check

# A conversation that was silent for longer begins anew in the customer's eyes.
RUNNING: Final = timedelta(days=1)


def template_lock(template: PromptTemplate) -> PromptTemplate:
    """Return the template as it is now, and nobody else's until the transaction ends."""
    # SQLite knows no row lock: there the IMMEDIATE transaction does the same.
    return PromptTemplate.objects.select_for_update().get(pk=template.pk)


def template_take(version: PromptVersion, by: AbstractBaseUser | None) -> PromptTemplate:
    """Lock a version's template for somebody who would have that version go live.

    Raises:
        SecondPersonError: This person wrote it, and the template asks for somebody else.
    """
    template = template_lock(version.template)
    second_person_check(template, version, by)
    return template


def version_freeze(version: PromptVersion, *, note: str = "") -> PromptVersion:
    """Give a draft the next number, exactly as it was read; what has a number keeps it.

    Raises:
        PublishConflictError: Somebody else published or changed the draft in between.
        PromptError: A variable, an example, a language or a placeholder is at fault, or none of
            its models can take as much.
    """
    if not version.is_draft:
        return version
    content_check(PromptContent.of(version))
    room_check(PromptContent.of(version))
    numbers = PromptVersion.objects.filter(template=version.template_id).aggregate(
        highest=Max("number")
    )
    won = PromptVersion.objects.filter(
        pk=version.pk, number=None, changed_at=version.changed_at
    ).update(
        number=(numbers["highest"] or 0) + 1, note=note or version.note, published_at=timezone.now()
    )
    if not won:
        raise PublishConflictError
    version.refresh_from_db()
    return version


def second_person_check(
    template: PromptTemplate, version: PromptVersion, by: AbstractBaseUser | None
) -> None:
    """Make sure that a template that asks for two people gets two.

    A version that was live before has been looked at; the site itself is nobody's author.

    Raises:
        SecondPersonError: This person wrote the version's newest change.
    """
    is_own = by is not None and version.author_id == by.pk
    if template.needs_second_person and is_own and not version_was_live(version):
        raise SecondPersonError


def version_was_live(version: PromptVersion) -> bool:
    """Return whether customers have met this version."""
    return PromptMove.objects.filter(moved_to=version).exists()


def live_move(
    template: PromptTemplate,
    *,
    to: PromptVersion,
    reason: str,
    by: AbstractBaseUser | None,
    with_running: bool = False,
) -> PromptMove:
    """Point the locked template to a version, and log it; a split test ends with it.

    Args:
        template: As ``template_lock`` returned it.
        to: A numbered version of this template.
        reason: Why, kept in the log.
        by: Who moves it.
        with_running: Have conversations that were active within a day go on with it, too.
    """
    move = PromptMove.objects.create(
        template=template,
        moved_from_id=template.live_id,
        moved_to=to,
        moved_by_id=by.pk if by else None,
        reason=reason,
    )
    template.live = to
    template.save(update_fields=["live"])
    PromptSplit.objects.filter(template=template, ended_at=None).update(
        ended_at=move.moved_at, ended_by_id=move.moved_by_id
    )
    if with_running:
        Conversation.objects.filter(
            widget__prompt_template=template, active_at__gte=move.moved_at - RUNNING
        ).exclude(prompt_version=to).update(prompt_version=to)
    return move
