"""Figures of split tests in words: ``{% load splits %}``."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.prompts.evidence import Interval, Mean, Share, Verdict
from conversations.prompts.results import Metric
from gateway.admin_parts.cells import BAD, GOOD, QUIET, RUNNING, UNKNOWN, state_cell

# Where more is better, and where less is; of length nobody but the editor can say.
BETTER = {
    "helpful": Verdict.HIGHER,
    "judged": Verdict.HIGHER,
    "stopped": Verdict.LOWER,
    "failed": Verdict.LOWER,
    "cost": Verdict.LOWER,
}

register = template.Library()


@register.filter
def metric_name(metric: Metric) -> str:
    """Return what a metric counts."""
    names = {
        "helpful": _("Rated helpful, of rated conversations"),
        "judged": _("Judged good by staff, of judged conversations"),
        "stopped": _("Conversations with a stopped answer"),
        "failed": _("Conversations with a failed answer"),
        "length": _("Length of an answer, in tokens"),
        "cost": _("Cost of a conversation, in %(currency)s") % {"currency": metric.currency},
    }
    return names[metric.name]


@register.filter
def figure(found: Share | Mean) -> str:
    """Return a share in percent, or a mean."""
    return _number(found.value, is_share=isinstance(found, Share))


@register.filter
def figure_sure(found: Share | Mean) -> str:
    """Return how sure a figure is, and of how many it is one."""
    count = _("of %(count)d") % {"count": found.count}
    if found.interval is None:
        return count
    return f"{_span(found.interval, is_share=isinstance(found, Share))} {count}"


@register.filter
def figure_apart(metric: Metric) -> str:
    """Return the difference with its interval."""
    found, is_share = metric.comparison, isinstance(metric.control, Share)
    if found.difference is None or found.interval is None:
        return UNKNOWN
    difference = _number(found.difference, is_share=is_share, signed=True)
    return f"{difference} {_span(found.interval, is_share=is_share, signed=True)}"


@register.filter
def metric_verdict(metric: Metric) -> SafeString:
    """Return what may be concluded, as a label."""
    verdict = metric.comparison.verdict
    if verdict is Verdict.NOT_ENOUGH:
        return state_cell(QUIET, _("not enough data"))
    if verdict is Verdict.NO_DIFFERENCE:
        return state_cell(QUIET, _("no difference to be seen"))
    words = _("higher") if verdict is Verdict.HIGHER else _("lower")
    better = BETTER.get(metric.name)
    if better is None:
        return state_cell(RUNNING, words)
    if verdict is better:
        return state_cell(GOOD, _("better: %(how)s") % {"how": words})
    return state_cell(BAD, _("worse: %(how)s") % {"how": words})


@register.filter
def rest_of_hundred(percent: int) -> int:
    """Return the share that is left."""
    return 100 - percent


@register.filter
def share_text(share: Share) -> str:
    """Return a share with its interval and count, in one line."""
    return f"{figure(share)} {figure_sure(share)}"


def _span(interval: Interval, *, is_share: bool, signed: bool = False) -> str:
    low, high = (
        _number(end, is_share=is_share, signed=signed) for end in (interval.low, interval.high)
    )
    return f"({low} … {high})"


def _number(value: float | None, *, is_share: bool, signed: bool = False) -> str:
    if value is None:
        return UNKNOWN
    sign = "+" if signed else ""
    if is_share:
        return f"{value * 100:{sign}.0f} %"
    return f"{value:{sign}.1f}" if abs(value) >= 1 else f"{value:{sign}.5f}"
