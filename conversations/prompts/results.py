"""How the two versions of a split test fared, and how one version's answers did altogether.

The conversation is what was drawn, so the conversation is what is counted: ten answers in one
chat are one observation, not ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.utils import timezone

from conversations.models import (
    Judgement,
    PromptSplit,
    PromptVersion,
    RatingValue,
    Reply,
    ReplyStatus,
)
from conversations.prompts.evidence import Comparison, Mean, Share, compare
from gateway.selectors import costs_by_conversation

WRONG = (ReplyStatus.FAILED, ReplyStatus.INTERRUPTED)
# Staff judged an attempt; an answer that was given anew is not what they judged.
_JUDGED = Q(verdict__attempt=F("attempt"))
_GOOD = Q(verdict__judgement=Judgement.GOOD)
_OPINIONS = {
    "stopped": Count("pk", filter=Q(status=ReplyStatus.STOPPED)),
    "failed": Count("pk", filter=Q(status__in=WRONG)),
    "ups": Count("pk", filter=Q(rating__value=RatingValue.UP)),
    "downs": Count("pk", filter=Q(rating__value=RatingValue.DOWN)),
    "goods": Count("pk", filter=_JUDGED & _GOOD),
    "bads": Count("pk", filter=_JUDGED & ~_GOOD),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing by which the versions are compared.

    Args:
        name: ``helpful``, ``judged``, ``stopped``, ``failed``, ``length`` or ``cost``.
        control: Of the live version.
        challenger: Of the other one.
        comparison: The second beside the first.
        currency: Of a cost; empty otherwise.
    """

    name: str
    control: Share | Mean
    challenger: Share | Mean
    comparison: Comparison
    currency: str = ""


@dataclass(frozen=True, slots=True)
class SplitResults:
    """Everything known of a split test.

    Args:
        conversations: How many each version has had, the live one's first.
        metrics: By what they are compared.
        unpriced: Calls whose cost nobody knows; they are in no figure.
    """

    conversations: tuple[int, int]
    metrics: tuple[Metric, ...]
    unpriced: int


@dataclass(slots=True)
class _Arm:
    """What is gathered of one version, a value for each conversation."""

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    costs: dict[str, list[float]] = field(default_factory=dict)

    def share(self, hit: str, of: str) -> Share:
        counted = [row for row in self.rows if row[of]]
        return Share(sum(bool(row[hit]) for row in counted), len(counted))

    def praised(self, ups: str, downs: str) -> Share:
        spoken = [row for row in self.rows if row[ups] or row[downs]]
        return Share(sum(not row[downs] for row in spoken), len(spoken))

    def length(self) -> Mean:
        return Mean.of(row["length"] for row in self.rows if row["length"] is not None)


def split_results(split: PromptSplit) -> SplitResults:
    """Return how the two versions fared while the test ran, or until now."""
    arms = {split.control_id: _Arm(), split.challenger_id: _Arm()}
    for row in _conversations(split):
        arms[row["prompt_version"]].rows.append(row)
    unpriced = 0
    for cost in costs_by_conversation(
        prompt_versions=[str(pk) for pk in arms],
        since=split.begun_at,
        until=split.ended_at or timezone.now(),
    ):
        unpriced += cost.unpriced
        if cost.amount is not None:
            arm = arms[int(cost.prompt_version)]
            arm.costs.setdefault(cost.currency, []).append(float(cost.amount))
    control, challenger = arms[split.control_id], arms[split.challenger_id]
    return SplitResults(
        conversations=(len(control.rows), len(challenger.rows)),
        metrics=tuple(_metrics(control, challenger)),
        unpriced=unpriced,
    )


def version_shares(version: PromptVersion) -> dict[str, Share]:
    """Return how a version's answers did: of the rated and the judged, and of all.

    By name: ``helpful``, ``judged``, ``stopped``, ``failed``.
    """
    counts = _final(version.replies.all()).aggregate(
        answers=Count("pk"),
        **_OPINIONS,
    )
    return {
        "helpful": Share(counts["ups"], counts["ups"] + counts["downs"]),
        "judged": Share(counts["goods"], counts["goods"] + counts["bads"]),
        "stopped": Share(counts["stopped"], counts["answers"]),
        "failed": Share(counts["failed"], counts["answers"]),
    }


def _metrics(control: _Arm, challenger: _Arm) -> Iterable[Metric]:
    for name, *thumbs in (("helpful", "ups", "downs"), ("judged", "goods", "bads")):
        yield _metric(name, control.praised(*thumbs), challenger.praised(*thumbs))
    for name in ("stopped", "failed"):
        yield _metric(name, control.share(name, "answers"), challenger.share(name, "answers"))
    yield _metric("length", control.length(), challenger.length())
    for currency in sorted({*control.costs, *challenger.costs}):
        one, other = (Mean.of(arm.costs.get(currency, ())) for arm in (control, challenger))
        yield _metric("cost", one, other, currency)


def _metric(
    name: str, control: Share | Mean, challenger: Share | Mean, currency: str = ""
) -> Metric:
    return Metric(name, control, challenger, compare(control, challenger), currency)


def _conversations(split: PromptSplit) -> Iterable[Mapping[str, Any]]:
    """Yield a row for each conversation that began, and each answer asked for, in the test."""
    until = split.ended_at or timezone.now()
    rows: Iterable[Mapping[str, Any]] = (
        _final(Reply.objects.all())
        .filter(
            prompt_version__in=(split.control_id, split.challenger_id),
            message__conversation__created_at__gte=split.begun_at,
            message__conversation__created_at__lt=until,
            message__created_at__lt=until,
        )
        .values("message__conversation", "prompt_version")
        .annotate(
            answers=Count("pk"),
            **_OPINIONS,
            length=Avg("completion_tokens", filter=Q(status=ReplyStatus.COMPLETE)),
        )
        .order_by()
        .iterator(chunk_size=2000)
    )
    return rows


def _final(replies: Any) -> Any:
    return replies.exclude(status__in=(ReplyStatus.QUEUED, ReplyStatus.RUNNING))
