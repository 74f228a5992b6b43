"""Runs of test cases, written down: begun, kept alive, their results, their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.case_errors import CaseRunRunningError, NoCaseError
from conversations.models import (
    CaseRunState,
    PromptCase,
    PromptCaseResult,
    PromptCaseRun,
    PromptTemplate,
    PromptVersion,
    Side,
)
from conversations.prompt_errors import PromptError
from conversations.prompts.content import PromptContent
from conversations.prompts.proof import case_digest, content_digest
from conversations.prompts.services import version_to_edit
from conversations.proving.checks import Check, Verdict
from conversations.proving.costs import answer_cost
from conversations.proving.request import (
    NONE,
    Precautions,
    Purpose,
    precautions_for,
    proving_request,
    turns_read,
)
from gateway.engine.types import ChatRequest, Target, Usage

# A beat comes every two seconds; a busy machine may lose some.
SILENT_AFTER = timedelta(seconds=20)
# Enough to look back a month of work; what is older goes when another run begins.
RUNS_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case on one side.

    Args:
        request: What to ask; None if the prompt cannot be rendered for this case.
        error_code: Why not.
        precautions: What the request was made with.
    """

    case: int
    digest: str
    side: str
    turns: Sequence[Mapping[str, Any]]
    checks: Sequence[Check]
    request: ChatRequest | None
    error_code: str = ""
    precautions: Precautions = NONE


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that was begun, and what it has to do."""

    run: int
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job.

    Args:
        verdicts: Each check's, in order; none if there was no answer.
    """

    job: Job
    answer: str = ""
    verdicts: Sequence[Verdict] = ()
    error_code: str = ""
    target: Target | None = None
    usage: Usage | None = None

    @property
    def is_passed(self) -> bool:
        """Whether there was an answer and every check passed."""
        return (
            not self.error_code
            and len(self.verdicts) == len(self.job.checks)
            and all(verdict.is_passed for verdict in self.verdicts)
        )


@dataclass(frozen=True, slots=True)
class _Body:
    side: str
    content: PromptContent
    version: PromptVersion | None = field(default=None)


def run_begin(*, template: PromptTemplate, by: User | None = None) -> Plan:
    """Begin to run a template's active cases, on the draft and on what is live.

    Where there is no draft, what is live stands for it and is asked once.

    Raises:
        NoCaseError: There is no active case, no prompt, or nobody who could answer.
        CaseRunRunningError: A run is under way.
    """
    runs_interrupt()
    bodies = _bodies(template)
    cases = list(template.cases.filter(is_active=True))
    precautions = precautions_for(template)
    jobs = tuple(_job(case, body, precautions.afresh()) for case in cases for body in bodies)
    if not jobs or not any(job.request is None or job.request.route for job in jobs):
        raise NoCaseError
    digests = {body.side: content_digest(body.content) for body in bodies}
    try:
        with transaction.atomic():
            run = PromptCaseRun.objects.create(
                template=template,
                draft_digest=digests[Side.DRAFT],
                live_digest=digests.get(Side.LIVE, ""),
                live=template.live,
                total=len(jobs),
                started_by=by,
            )
    except IntegrityError as taken:
        raise CaseRunRunningError from taken
    _runs_forget(template)
    return Plan(run.pk, jobs)


def result_keep(run: int, outcome: Outcome) -> None:
    """Write down what became of a job; safe to repeat."""
    job, usage = outcome.job, outcome.usage
    cost = answer_cost(outcome.target, usage) if outcome.target else None
    if not PromptCase.objects.filter(pk=job.case).exists():
        return  # deleted while its answer was on the way
    PromptCaseResult.objects.update_or_create(
        run_id=run,
        case_id=job.case,
        side=job.side,
        defaults={
            "case_digest": job.digest,
            "is_passed": outcome.is_passed,
            "answer": outcome.answer,
            "verdicts": [
                {**check, **asdict(verdict)}
                for check, verdict in zip(job.checks, outcome.verdicts, strict=False)
            ],
            "error_code": outcome.error_code,
            "provider": outcome.target.provider if outcome.target else "",
            "model": outcome.target.model[:120] if outcome.target else "",
            "prompt_tokens": usage.prompt_tokens if usage else None,
            "completion_tokens": usage.completion_tokens if usage else None,
            "cost": cost.amount if cost else None,
            "currency": cost.currency if cost and cost.amount is not None else "",
        },
    )


def run_beat(run: int) -> bool:
    """Say that the run lives, and return whether it shall go on."""
    running = PromptCaseRun.objects.filter(pk=run, state=CaseRunState.RUNNING)
    return bool(running.filter(is_stop_requested=False).update(beat_at=timezone.now()))


def run_stop(*, run: PromptCaseRun) -> None:
    """Ask whichever process works on the run to stop it."""
    PromptCaseRun.objects.filter(pk=run.pk, state=CaseRunState.RUNNING).update(
        is_stop_requested=True
    )


def run_end(run: int, state: CaseRunState) -> None:
    """Write down how a run ended, unless that is written already."""
    running = PromptCaseRun.objects.filter(pk=run, state=CaseRunState.RUNNING)
    running.update(state=state, ended_at=timezone.now())


def runs_interrupt(*, now: datetime | None = None) -> int:
    """Call the runs interrupted whose process has fallen silent, and return how many."""
    moment = now or timezone.now()
    silent = PromptCaseRun.objects.filter(
        state=CaseRunState.RUNNING, beat_at__lt=moment - SILENT_AFTER
    )
    return silent.update(state=CaseRunState.INTERRUPTED, ended_at=moment)


def _runs_forget(template: PromptTemplate) -> None:
    kept = template.case_runs.order_by("-started_at", "-pk").values_list("pk", flat=True)
    template.case_runs.exclude(pk__in=list(kept[:RUNS_KEPT])).delete()


def _bodies(template: PromptTemplate) -> list[_Body]:
    base = version_to_edit(template)
    if base is None:
        raise NoCaseError
    draft = PromptContent.of(base)
    bodies = [_Body(Side.DRAFT.value, draft, None if base.is_draft else base)]
    live = template.live
    if live is not None and content_digest(PromptContent.of(live)) != content_digest(draft):
        bodies.append(_Body(Side.LIVE.value, PromptContent.of(live), live))
    return bodies


def _job(case: PromptCase, body: _Body, precautions: Precautions) -> Job:
    request, error_code = None, ""
    try:
        request = proving_request(
            body.content,
            turns=turns_read(case.turns),
            values=case.variables,
            purpose=Purpose.TEST,
            version=body.version,
            precautions=precautions,
        )
    except PromptError as error:
        error_code = error.code
    return Job(
        case=case.pk,
        digest=case_digest(case),
        side=body.side,
        turns=case.turns,
        checks=case.checks,
        request=request,
        error_code=error_code,
        precautions=precautions,
    )
