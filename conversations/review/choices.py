"""What staff can narrow conversations down by: each choice a name in an address and a filter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.finding.signs import EXPENSIVE_TOKENS, LONG_MESSAGES, LOOP_TIMES
from conversations.models import Outcome
from conversations.review.selectors import conversations_stopped


class Sign(models.TextChoices):
    """Why staff should look at a conversation."""

    FAILED = "failed", _("Failed or broke off")
    HUMAN = "human", _("Asked for a human")
    LOOP = "loop", _("In circles")
    LONG = "long", _("Long")
    EXPENSIVE = "expensive", _("Expensive")
    STOPPED = "stopped", _("An answer was stopped")


SIGNS: Mapping[str, Q] = MappingProxyType(
    {
        Sign.FAILED: Q(failed_count__gt=0),
        Sign.HUMAN: Q(has_asked_for_human=True),
        Sign.LOOP: Q(most_repeated__gte=LOOP_TIMES),
        Sign.LONG: Q(message_count__gte=LONG_MESSAGES),
        Sign.EXPENSIVE: Q(tokens__gte=EXPENSIVE_TOKENS),
        Sign.STOPPED: Q(pk__in=conversations_stopped()),
    }
)
WRONG = "wrong"
OUTCOMES: Mapping[str, Q] = MappingProxyType(
    {WRONG: Q(outcome__in=(Outcome.BROKEN, Outcome.NONE))}
    | {outcome: Q(outcome=outcome) for outcome in Outcome.values}
)


class Active(models.TextChoices):
    """How long ago something was last said; relative, so that a saved view stays young."""

    DAY = "day", _("Last 24 hours")
    WEEK = "week", _("Last 7 days")
    MONTH = "month", _("Last 30 days")


DAYS: Mapping[str, int] = MappingProxyType({Active.DAY: 1, Active.WEEK: 7, Active.MONTH: 30})


# The language of a conversation whose browser named none.
NO_LANGUAGE = "none"
_FAMILY = re.compile("[a-z]{1,8}")


def language_family(locale: str) -> str:
    """Return the language of a locale without its region or script: ``zh`` of ``zh-cn``."""
    return locale.lower().partition("-")[0] or NO_LANGUAGE


def language_q(family: str) -> Q | None:
    """Return the filter for conversations of a language; None if it cannot be one."""
    if family == NO_LANGUAGE:
        return Q(locale="")
    if not _FAMILY.fullmatch(family):
        return None
    return Q(locale__iexact=family) | Q(locale__istartswith=f"{family}-")


def active_since(active: str, now: datetime) -> Q:
    """Return the filter for what was active in the time before ``now``."""
    return Q(active_at__gte=now - timedelta(days=DAYS[active]))
