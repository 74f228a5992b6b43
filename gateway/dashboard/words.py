"""Numbers as the dashboard says them: what is not known is a dash, never a zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format

from gateway.admin_parts import cells


def count(value: float) -> str:
    """Return a whole number with its thousands apart."""
    return number_format(round(value), force_grouping=True)


def rate(value: float) -> str:
    """Return a number for each minute, with a place behind the point where it matters."""
    return count(value) if value >= 10 or value == 0 else number_format(round(value, 1), 1)  # noqa: PLR2004


def percent(share: float | None) -> str:
    """Return a share in percent; only what is whole is 100 %."""
    if share is None:
        return cells.UNKNOWN
    # number_format cuts and does not round: 99.99 % is told as 99.9 %.
    return f"{number_format(share * 100, 1 if 0 < share < 1 else 0)} %"


def duration(milliseconds: float | None) -> str:
    """Return a duration, rounded to the millisecond."""
    return cells.duration(None if milliseconds is None else round(milliseconds))


def costs(spent: Mapping[str, Decimal]) -> str:
    """Return what was spent, each currency for itself."""
    known = [f"{amount:.2f} {currency}" for currency, amount in sorted(spent.items()) if amount]
    return " + ".join(known) or cells.UNKNOWN


def step_start(moment: datetime, step: timedelta) -> str:
    """Return when a step began: its day if it is long, its time of the day if it is short."""
    local = timezone.localtime(moment)
    if step >= timedelta(days=1):
        return date_format(moment, "MONTH_DAY_FORMAT")  # a day on UTC's clock
    if step >= timedelta(hours=1):
        return f"{date_format(local, 'MONTH_DAY_FORMAT')}, {local:%H:%M}"
    return f"{local:%H:%M}"
