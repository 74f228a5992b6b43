"""What the newest test results say of a prompt, asked before it is published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from conversations.case_errors import RedCaseError
from conversations.models import (
    PromptCase,
    PromptCaseResult,
    PromptTemplate,
    PromptVersion,
    Side,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.pointer import version_was_live

REASON_CHARACTERS = 300


class Standing(Enum):
    """How a case stands."""

    PASSED = "passed"
    FAILED = "failed"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class CaseProof:
    """A case, and its newest result.

    Args:
        case: The case.
        standing: What the newest result on a draft says; a failure stands until a run passes.
        is_stale: The result is of other words, or the case has changed since.
    """

    case: PromptCase
    standing: Standing
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """All active cases of a template."""

    cases: tuple[CaseProof, ...]

    @property
    def red(self) -> tuple[PromptCase, ...]:
        """The cases that fail."""
        return tuple(one.case for one in self.cases if one.standing is Standing.FAILED)

    @property
    def is_stale(self) -> bool:
        """Whether some results are of other words than these."""
        return any(one.is_stale for one in self.cases)

    @property
    def untested(self) -> int:
        """How many cases have never been run."""
        return sum(one.standing is Standing.UNTESTED for one in self.cases)


def content_digest(content: PromptContent) -> str:
    """Return a name for a body: equal bodies have equal ones, and no others have."""
    return _digest(content.as_fields())


def case_digest(case: PromptCase) -> str:
    """Return a name for what a case asks and demands."""
    return _digest([case.variables, case.turns, case.checks])


def proof_read(template: PromptTemplate, content: PromptContent) -> Proof:
    """Return how the template's active cases stand for a body."""
    return Proof(tuple(_proofs(template, content_digest(content))))


def proof_demand(
    template: PromptTemplate, version: PromptVersion, *, note: str, despite: str
) -> str:
    """Let a version meet customers, now or later, and return what the log keeps of why.

    No case may fail, or somebody has written why that is all right. What was live before has
    met customers already.

    Args:
        template: The locked template.
        version: What is to go live, to be scheduled or to be tested on customers.
        note: Why.
        despite: Why although cases fail; "" if nobody says so.

    Raises:
        RedCaseError: Cases fail, and ``despite`` is empty.
    """
    if version_was_live(version):
        return note
    red = proof_read(template, PromptContent.of(version)).red
    if red and not despite.strip():
        raise RedCaseError([case.name for case in red])
    return reason_compose(note, despite)


def reason_compose(note: str, despite: str) -> str:
    """Return what the log of moves keeps: the whole excuse, and as much of the note as fits."""
    if not despite.strip():
        return note
    excuse = _("Despite failing test cases: %(why)s") % {"why": despite.strip()}
    room = REASON_CHARACTERS - len(excuse) - len(" · ")
    if not note or room < 1:
        return excuse[:REASON_CHARACTERS]
    kept = note if len(note) <= room else f"{note[: room - 1]}…"
    return f"{kept} · {excuse}"


def _proofs(template: PromptTemplate, digest: str) -> Iterator[CaseProof]:
    newest = PromptCaseResult.objects.filter(case=OuterRef("pk"), side=Side.DRAFT).order_by(
        "-ended_at", "-pk"
    )
    cases = template.cases.filter(is_active=True).annotate(
        newest_passed=Subquery(newest.values("is_passed")[:1]),
        newest_digest=Subquery(newest.values("run__draft_digest")[:1]),
        newest_case=Subquery(newest.values("case_digest")[:1]),
    )
    for case in cases:
        if case.newest_passed is None:
            yield CaseProof(case, Standing.UNTESTED, is_stale=False)
            continue
        is_stale = case.newest_digest != digest or case.newest_case != case_digest(case)
        standing = Standing.PASSED if case.newest_passed else Standing.FAILED
        yield CaseProof(case, standing, is_stale)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
