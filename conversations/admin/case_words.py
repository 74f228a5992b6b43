"""Test results in words and tones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import CaseRunState, PromptCaseResult
from conversations.prompts.proof import CaseProof, Standing
from conversations.proving.checks import CheckKind
from gateway.admin_parts import cells

RUN_TONES: Mapping[str, str] = {
    CaseRunState.RUNNING: cells.RUNNING,
    CaseRunState.FINISHED: cells.GOOD,
    CaseRunState.STOPPED: cells.QUIET,
    CaseRunState.INTERRUPTED: cells.WARNING,
}

FAULTS: Mapping[str, str | Promise] = {
    "missing_value": gettext_lazy("A required variable has neither value, sample nor default."),
    "unknown_placeholder": gettext_lazy("The instructions name a variable nobody declared."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's verdict, ready to be shown.

    Args:
        state: A label that says how it went.
        check: What was demanded.
        why: What was found instead; empty if nothing needs to be said.
    """

    state: SafeString
    check: str
    why: str


def run_state_cell(state: CaseRunState) -> SafeString:
    """Return where a run stands as a label."""
    return cells.state_cell(RUN_TONES[state], state.label)


def result_cell(result: PromptCaseResult | None) -> SafeString | str:
    """Return how a result was as a label."""
    if result is None:
        return cells.UNKNOWN
    return _passed_cell(is_passed=result.is_passed)


def standing_cell(proof: CaseProof) -> SafeString:
    """Return how a case stands as a label; stale results say so."""
    if proof.standing is Standing.UNTESTED:
        return cells.state_cell(cells.QUIET, _("not run yet"))
    if proof.is_stale:
        word = _("passed before the last change") if _is_green(proof) else _("failed when last run")
        return cells.state_cell(cells.QUIET if _is_green(proof) else cells.BAD, word)
    return _passed_cell(is_passed=_is_green(proof))


def fault_words(error_code: str) -> str:
    """Return why there is no answer, in words."""
    known = FAULTS.get(error_code)
    return str(known) if known else _("No answer came: %(code)s.") % {"code": error_code}


def findings(result: PromptCaseResult) -> list[Finding]:
    """Return each verdict of a result, ready to be shown."""
    return [_finding(verdict) for verdict in result.verdicts]


def check_words(check: Mapping[str, Any]) -> str:
    """Return what a check demands, in words."""
    label = str(CheckKind(check["kind"]).label)
    return f"{label}: {check['text']}" if check.get("text") else label


def _finding(verdict: Mapping[str, Any]) -> Finding:
    if verdict["is_unclear"]:
        state = cells.state_cell(cells.WARNING, _("no verdict"))
    else:
        state = _passed_cell(is_passed=verdict["is_passed"])
    return Finding(state, check_words(verdict), _why(verdict))


def _why(verdict: Mapping[str, Any]) -> str:
    kind, note = CheckKind(verdict["kind"]), str(verdict["note"])
    if verdict["is_unclear"]:
        if kind is CheckKind.MATCHES:
            return _("The expression took too long and was ended.")
        return _("The judge gave no clear yes or no.") + (f" ({note})" if note else "")
    if kind is CheckKind.JUDGED:
        return note
    if kind is CheckKind.MOST_WORDS:
        return _("It has %(count)s.") % {"count": note} if note else ""
    if kind is CheckKind.LANGUAGE and not verdict["is_passed"]:
        return _("It seems to be “%(code)s”.") % {"code": note} if note else _("It is unclear.")
    return ""


def _passed_cell(*, is_passed: bool) -> SafeString:
    if is_passed:
        return cells.state_cell(cells.GOOD, _("passed"))
    return cells.state_cell(cells.BAD, _("failed"))


def _is_green(proof: CaseProof) -> bool:
    return proof.standing is Standing.PASSED
