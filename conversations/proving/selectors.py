"""Test cases, their runs and results, as editors look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from conversations.models import (
    CaseRunState,
    PromptCaseResult,
    PromptCaseRun,
    PromptTemplate,
    Side,
)
from conversations.prompts.compare import Stretch, text_compare
from conversations.proving.ledger import SILENT_AFTER

RUNS_SHOWN = 10


def runs_listed(template: PromptTemplate) -> QuerySet[PromptCaseRun]:
    """Return the template's newest runs with ``done`` and ``failed``, newest first."""
    return (
        template.case_runs.select_related("started_by", "live")
        .annotate(
            done=Count("results"),
            failed=Count("results", filter=Q(results__is_passed=False, results__side=Side.DRAFT)),
        )
        .order_by("-started_at", "-pk")[:RUNS_SHOWN]
    )


def run_newest(template: PromptTemplate) -> PromptCaseRun | None:
    """Return the template's newest run, or None."""
    return template.case_runs.order_by("-started_at", "-pk").first()


def run_state(run: PromptCaseRun, *, now: datetime | None = None) -> CaseRunState:
    """Return where a run stands; one that has been silent for long is interrupted."""
    state = CaseRunState(run.state)
    is_silent = run.beat_at < (now or timezone.now()) - SILENT_AFTER
    return CaseRunState.INTERRUPTED if state is CaseRunState.RUNNING and is_silent else state


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a run.

    Args:
        draft: The draft's result; None if it is not there yet.
        live: The live version's; None if it is not there yet, or was not asked.
        stretches: From the live answer to the draft's, word by word; empty if one is missing.
    """

    name: str
    case: int
    draft: PromptCaseResult | None
    live: PromptCaseResult | None
    stretches: Sequence[Stretch]

    @property
    def is_changed(self) -> bool:
        """Whether the two answers differ."""
        return bool(self.draft and self.live and self.draft.answer != self.live.answer)

    @property
    def is_worse(self) -> bool:
        """Whether what is live passes and the draft does not."""
        return bool(self.draft and self.live) and self._passed(self.live) > self._passed(self.draft)

    @property
    def is_better(self) -> bool:
        """Whether the draft passes and what is live does not."""
        return bool(self.draft and self.live) and self._passed(self.draft) > self._passed(self.live)

    @staticmethod
    def _passed(result: PromptCaseResult | None) -> bool:
        return bool(result and result.is_passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A run as a page shows it."""

    lines: tuple[CaseLine, ...]
    done: int
    total: int
    state: CaseRunState

    @property
    def worse(self) -> int:
        """How many cases got worse."""
        return sum(line.is_worse for line in self.lines)

    @property
    def changed(self) -> int:
        """How many answers changed."""
        return sum(line.is_changed for line in self.lines)

    @property
    def passed(self) -> int:
        """How many cases pass on the draft."""
        return sum(bool(line.draft and line.draft.is_passed) for line in self.lines)

    @property
    def failed(self) -> int:
        """How many cases fail on the draft."""
        return sum(bool(line.draft and not line.draft.is_passed) for line in self.lines)

    def costs(self) -> dict[str, Decimal]:
        """Return what the answers cost, by currency; those without a price are not in it."""
        sums: dict[str, Decimal] = {}
        for result in self._results():
            if result.cost is not None:
                sums[result.currency] = sums.get(result.currency, Decimal(0)) + result.cost
        return sums

    def unpriced(self) -> int:
        """Return how many answers have no known cost."""
        return sum(result.cost is None and not result.error_code for result in self._results())

    def _results(self) -> list[PromptCaseResult]:
        pairs = ((line.draft, line.live) for line in self.lines)
        return [result for pair in pairs for result in pair if result]


def run_report(run: PromptCaseRun) -> RunReport:
    """Return what a run has found so far: what got worse first, then what fails, then the rest."""
    results = list(run.results.select_related("case"))
    by_case: dict[int, dict[str, PromptCaseResult]] = {}
    for result in results:
        by_case.setdefault(result.case_id, {})[result.side] = result
    lines = [_line(pair) for pair in by_case.values()]
    lines.sort(key=lambda line: (not line.is_worse, _passes(line), line.name))
    return RunReport(lines=tuple(lines), done=len(results), total=run.total, state=run_state(run))


def _passes(line: CaseLine) -> bool:
    return bool(line.draft and line.draft.is_passed)


def _line(pair: dict[str, PromptCaseResult]) -> CaseLine:
    draft, live = pair.get(Side.DRAFT), pair.get(Side.LIVE)
    case = next(iter(pair.values())).case
    stretches = text_compare(live.answer, draft.answer) if draft and live else ()
    return CaseLine(name=case.name, case=case.pk, draft=draft, live=live, stretches=stretches)
