"""What a key's page and its provider's page show: how it stands, fares, and what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway.admin.key_words import REASONS, due_words, key_reason, key_state_cell
from gateway.admin_parts import cells
from gateway.attention import due_of
from gateway.drain import drain_of
from gateway.fullness import Fill, Fullness, Measure
from gateway.models import ApiKey, Call, KeyEvent, Provider
from gateway.models.event import KeyDeed
from gateway.models.provider import KeyState
from gateway.traffic import Rest, Traffic, rests_by_key, traffic_by_key

MAX_EVENTS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One key as an operator thinks of it, every cell ready to be shown."""

    key: ApiKey
    state: SafeString
    reason: str
    share: str
    success: str
    errors: str
    due: SafeString | str
    limits: list[SafeString]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a rotation; ``tone`` says whether it is done, under way or to come."""

    tone: str
    words: str


FILLS = {
    Measure.REQUESTS: gettext_lazy("%(used)s of %(allowed)s requests a minute"),
    Measure.TOKENS: gettext_lazy("%(used)s of %(allowed)s tokens a minute"),
    Measure.ANSWERS: gettext_lazy("%(used)s of %(allowed)s answers at a time"),
}


def key_rows(
    provider: Provider, keys: list[ApiKey], now: datetime, fullness: Fullness
) -> list[KeyRow]:
    """Return the keys of one provider with how the last hour went."""
    traffic, rests = traffic_by_key(provider.slug, now), rests_by_key(provider.slug, now)
    total = sum(one.attempts for one in traffic.values())
    return [
        _row(
            key,
            traffic.get(key.label, Traffic()),
            rests.get(key.label),
            total,
            now,
            meters(fullness.keys.get(key.label, ())),
        )
        for key in keys
    ]


def meters(fills: Iterable[Fill]) -> list[SafeString]:
    """Return how full limits are, each as a bar with its words."""
    return [
        cells.meter_cell(
            fill.used,
            fill.allowed,
            FILLS[fill.measure]
            % {
                "used": number_format(fill.used, force_grouping=True),
                "allowed": number_format(fill.allowed, force_grouping=True),
            },
        )
        for fill in fills
    ]


def limits_of(provider: Provider, fullness: Fullness) -> list[tuple[str, list[SafeString]]]:
    """Return the limits of a provider and of its models with their names; those of keys apart."""
    own = [(provider.name, meters(fullness.provider))] if fullness.provider else []
    return own + [(model, meters(fills)) for model, fills in sorted(fullness.models.items())]


def events_of(**place: object) -> list[dict[str, object]]:
    """Return what was done lately, the newest first, with a person's words for the reason."""
    events = KeyEvent.objects.filter(**place).select_related("key", "by")
    return [
        {
            "at": event.at,
            "who": (event.by.get_full_name() or event.by.get_username()) if event.by else "",
            "deed": KeyDeed(event.deed).label,
            "key": event.key,
            "reason": REASONS.get(event.reason, event.reason),
        }
        for event in events[:MAX_EVENTS]
    ]


def rotation_steps(key: ApiKey, now: datetime) -> list[Step]:
    """Return where the rotation that a key goes out of stands; empty if there is none."""
    return list(_steps(key, now)) if key.successor else []


def _steps(key: ApiKey, now: datetime) -> Iterator[Step]:
    new = key.successor
    assert new is not None  # noqa: S101  # the caller has looked
    yield Step(cells.GOOD, _("“%(label)s” came in.") % {"label": new.label})
    served = Call.objects.filter(
        provider=key.provider.slug, key_label=new.label, started_at__gte=new.created_at
    ).exists()
    yield Step(
        cells.GOOD if served else cells.RUNNING,
        _("It takes traffic.") if served else _("It waits for its first call."),
    )
    if key.state == KeyState.RETIRED:
        yield Step(cells.GOOD, _("The old key has finished its answers and is retired."))
    elif key.state == KeyState.DRAINING:
        drain = drain_of(key, now)
        yield Step(
            cells.RUNNING,
            ngettext(
                "%(count)d answer is still being given with the old key.",
                "%(count)d answers are still being given with the old key.",
                drain.streams,
            )
            % {"count": drain.streams},
        )


def _row(
    key: ApiKey,
    traffic: Traffic,
    rest: Rest | None,
    total: int,
    now: datetime,
    limits: list[SafeString],
) -> KeyRow:
    rate = traffic.success_rate
    errors = ", ".join(f"{count} {code}" for code, count in traffic.errors.most_common(3))
    return KeyRow(
        key=key,
        state=key_state_cell(key, rest),
        reason=key_reason(key, rest),
        share=f"{traffic.attempts / total:.0%}" if total else cells.UNKNOWN,
        success=cells.UNKNOWN if rate is None else f"{rate:.0%}",
        errors=errors or cells.UNKNOWN,
        due=due_words(due_of(key), timezone.localdate(now)),
        limits=limits,
    )
