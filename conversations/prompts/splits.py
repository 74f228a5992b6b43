"""Split tests begin and end, and draw a version for each new conversation."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conversations.models import PromptSplit, PromptTemplate, PromptVersion
from conversations.prompts.pointer import (
    live_move,
    template_lock,
    template_take,
    version_freeze,
)
from conversations.prompts.proof import proof_demand
from conversations.schedule_errors import NothingToTestError, SplitClosedError, SplitRunningError

SHARES = range(1, 100)


@transaction.atomic
def split_begin(
    *,
    challenger: PromptVersion,
    percent: int = 50,
    note: str = "",
    despite: str = "",
    by: AbstractBaseUser | None = None,
    now: datetime | None = None,
) -> PromptSplit:
    """Give a share of new conversations to another version than the live one.

    Args:
        challenger: As it was read; a draft gets its number now.
        percent: Its share, from 1 to 99.
        note: What is to be found out.
        despite: Why customers meet it although test cases fail; kept with the test.
        by: Who begins the test.
        now: The clock.

    Raises:
        SplitRunningError: The template has a test already.
        NothingToTestError: Nothing is live, the two are one, or there is no share to give.
        PublishConflictError: Somebody else published or changed the draft in between.
        SecondPersonError: This person wrote it, and the template asks for somebody else.
        RedCaseError: Test cases fail, and nobody says why that is all right.
    """
    template = template_take(challenger, by)
    control = _control_of(template, challenger, percent)
    reason = proof_demand(template, challenger, note=note, despite=despite)
    return PromptSplit.objects.create(
        template=template,
        control=control,
        challenger=version_freeze(challenger, note=note),
        percent=percent,
        note=reason,
        begun_by_id=by.pk if by else None,
        begun_at=now or timezone.now(),
    )


@transaction.atomic
def split_end(
    *,
    split: PromptSplit,
    with_challenger: bool = False,
    reason: str = "",
    by: AbstractBaseUser | None = None,
) -> PromptSplit:
    """End a test: the live version stays, or the challenger takes its place.

    Conversations keep the version that was drawn for them.

    Args:
        split: As it was read; if it has ended since, nothing happens.
        with_challenger: Make the challenger live.
        reason: Why, kept in the log of what went live.
        by: Who ends it.

    Raises:
        SplitClosedError: It has ended by now: by a person, or because something went live.
    """
    template = template_lock(split.template)
    ended = PromptSplit.objects.filter(pk=split.pk, ended_at=None).update(
        ended_at=timezone.now(), ended_by_id=by.pk if by else None
    )
    if not ended:
        raise SplitClosedError
    if with_challenger:
        live_move(template, to=split.challenger, reason=reason, by=by)
    split.refresh_from_db()
    return split


def split_running(template: PromptTemplate) -> PromptSplit | None:
    """Return the template's test if one is running."""
    return splits_of(template).filter(ended_at=None).first()


def splits_of(template: PromptTemplate) -> QuerySet[PromptSplit]:
    """Return the template's tests, the newest first."""
    return template.splits.select_related(
        "control__template", "challenger__template", "begun_by", "ended_by"
    ).order_by("-begun_at", "-pk")


def _control_of(template: PromptTemplate, challenger: PromptVersion, percent: int) -> PromptVersion:
    if PromptSplit.objects.filter(template=template, ended_at=None).exists():
        raise SplitRunningError
    if template.live is None or template.live_id == challenger.pk or percent not in SHARES:
        raise NothingToTestError
    return template.live
