"""The admin's first page: what waits for this person, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.prompts.selectors import prompt_counts
from conversations.review.selectors import review_counts
from gateway.admin_parts.cells import BAD, GOOD, QUIET, WARNING
from gateway.attention import gateway_counts

ALARMING_SHARE = 0.05  # of calls that fail: retries hide the usual odd one


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing to know, with where to go.

    Args:
        tone: One of the tones of ``gateway.admin_parts.cells``.
        figure: The number that matters.
        title: What it counts.
        text: What to make of it, or to do about it.
        url: Where to look closer.
    """

    tone: str
    figure: int
    title: str
    text: str
    url: str


def desk(user: User | AnonymousUser, now: datetime | None = None) -> list[Card]:
    """Return the cards for what this person may see, in the order of the rooms."""
    now = now or timezone.now()
    cards: list[Card] = []
    if user.has_perm("conversations.read_conversation_text"):
        cards += _support_cards(now)
    if user.has_perm("conversations.change_prompttemplate"):
        cards += _editor_cards()
    if user.has_perm("gateway.view_apikey"):
        cards += _operator_cards(now)
    return cards


def _support_cards(now: datetime) -> Iterator[Card]:
    counts, url = review_counts(now), reverse("admin:conversations_conversation_changelist")
    if counts.for_team:
        yield _team_card(counts.for_team, url)
    yield Card(
        tone=QUIET,
        figure=counts.conversations,
        title=ngettext(
            "conversation since yesterday", "conversations since yesterday", counts.conversations
        ),
        text=_answering(counts.answering),
        url=url,
    )
    yield Card(
        tone=BAD if counts.went_wrong else GOOD,
        figure=counts.went_wrong,
        title=ngettext("conversation went wrong", "conversations went wrong", counts.went_wrong),
        text=_("An answer failed or broke off. See what the customer was left with.")
        if counts.went_wrong
        else _("Every answer since yesterday reached its end."),
        url=f"{url}?sign=failed&active=day",
    )
    if counts.disliked:
        yield Card(
            tone=WARNING,
            figure=counts.disliked,
            title=ngettext(
                "customer found an answer of no help",
                "customers found an answer of no help",
                counts.disliked,
            ),
            text=_("Since yesterday. Read what they were told, and judge it."),
            url=f"{url}?rating=down&active=day",
        )


def _answering(count: int) -> str:
    if not count:
        return _("Nobody is waiting for an answer.")
    text = ngettext(
        "%(count)d answer is being written right now.",
        "%(count)d answers are being written right now.",
        count,
    )
    return text % {"count": count}


def _team_card(waiting: int, url: str) -> Card:
    return Card(
        tone=WARNING,
        figure=waiting,
        title=ngettext("customer waits for a person", "customers wait for a person", waiting),
        text=_("They left the team a message. Answer by e-mail, then close it."),
        url=f"{url}?team=open",
    )


def _editor_cards() -> Iterator[Card]:
    counts, url = prompt_counts(), reverse("admin:conversations_prompttemplate_changelist")
    yield Card(
        tone=WARNING if counts.drafts else GOOD,
        figure=counts.drafts,
        title=ngettext("draft not published", "drafts not published", counts.drafts),
        text=_("Customers notice once you publish.")
        if counts.drafts
        else _("What you wrote is what customers get."),
        url=url,
    )
    if counts.silent:
        yield Card(
            tone=BAD,
            figure=counts.silent,
            title=ngettext(
                "template without a live version", "templates without a live version", counts.silent
            ),
            text=_("A widget uses it, so the chat cannot answer. Publish a version."),
            url=url,
        )


def _operator_cards(now: datetime) -> Iterator[Card]:
    counts = gateway_counts(now)
    keys = reverse("admin:gateway_apikey_changelist")
    yield Card(
        tone=GOOD if counts.serving_keys else BAD,
        figure=counts.serving_keys,
        title=ngettext("key serves", "keys serve", counts.serving_keys),
        text=_("The chat can answer.")
        if counts.serving_keys
        else _("Without a key no customer gets an answer. Add one."),
        url=keys,
    )
    if counts.waiting_keys:
        yield Card(
            tone=WARNING,
            figure=counts.waiting_keys,
            title=ngettext("key needs you", "keys need you", counts.waiting_keys),
            text=_("Its quota is spent, the provider revoked it, or it must be entered again."),
            url=f"{keys}?standing=attention",
        )
    if counts.due_keys:
        yield Card(
            tone=WARNING,
            figure=counts.due_keys,
            title=ngettext("key is due", "keys are due", counts.due_keys),
            text=_("It expires soon, or is as old as its provider's rule allows. Rotate it."),
            url=keys,
        )
    yield Card(
        tone=_failure_tone(counts.failed_calls, counts.calls),
        figure=counts.calls,
        title=ngettext("call in the last hour", "calls in the last hour", counts.calls),
        text=ngettext("%(count)d failed.", "%(count)d failed.", counts.failed_calls)
        % {"count": counts.failed_calls}
        if counts.failed_calls
        else _("None failed."),
        url=reverse("admin:gateway_call_changelist"),
    )


def _failure_tone(failed: int, calls: int) -> str:
    if not failed:
        return QUIET
    return BAD if failed > calls * ALARMING_SHARE else WARNING
