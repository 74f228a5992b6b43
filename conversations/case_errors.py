"""What can go wrong with test cases; editors read ``explanation``.

PromptError
└── CaseError
    ├── InvalidTurnsError     the turns are none, too many, or do not end with the customer
    ├── InvalidCheckError     a check makes no sense as it stands
    ├── NoCaseError           there is nothing to run
    ├── CaseRunRunningError   the template's cases are being run already
    ├── NoAnswerError         an answer that cannot become a case
    ├── CaseDiffersError      a file and the site disagree on what a case says
    └── RedCaseError          publishing with a failing case needs a written reason
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.prompt_errors import PromptError


class CaseError(PromptError):
    """Something is wrong with a test case."""

    code = "case_error"


class InvalidTurnsError(CaseError):
    """There is no question at the end, or too much before it."""

    code = "invalid_turns"
    explanation = _("A case needs something that a customer says, at its end; 40 turns at most.")


class InvalidCheckError(CaseError):
    """A check makes no sense.

    Args:
        explanation: Which one, and what would.
    """

    code = "invalid_check"

    def __init__(self, explanation: str | Promise) -> None:
        super().__init__()
        self.explanation = explanation


class NoCaseError(CaseError):
    """No active case, no draft, or nobody who could answer."""

    code = "no_case"
    explanation = _(
        "There is nothing to run yet: it takes an active case, a prompt and a provider."
    )


class CaseRunRunningError(CaseError):
    """One run at a time: two would only wait for each other."""

    code = "case_run_running"
    explanation = _("The cases are being run already.")


class NoAnswerError(CaseError):
    """The answer is still being written, or its question is gone."""

    code = "no_answer"
    explanation = _("Only a finished answer can become a test case.")


class CaseDiffersError(CaseError):
    """A file and the site disagree on what a case says.

    Args:
        name: The case's name.
    """

    code = "case_differs"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.explanation = _(
            "The test case “%(name)s” says something else here. Import again and choose to replace "
            "what differs."
        ) % {"name": name}


class RedCaseError(CaseError):
    """Test cases fail; whoever publishes all the same must say why.

    Args:
        names: The cases' names.
    """

    code = "red_case"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _(
            "Test cases fail: %(names)s. Say why this is to be published all the same."
        ) % {"names": ", ".join(self.names)}
