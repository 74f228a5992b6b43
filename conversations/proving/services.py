"""Test cases are written, changed, taken from a real answer, and deleted here alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.case_errors import InvalidTurnsError, NoAnswerError
from conversations.chat.text import text_clean
from conversations.models import (
    Author,
    Judgement,
    Message,
    PromptCase,
    PromptTemplate,
    Reply,
    Verdict,
)
from conversations.proving.checks import Check, CheckKind, checks_validate
from conversations.proving.openings import conversation_values
from conversations.review.access import names_hide

MAX_TURNS: Final = 40
TURN_CHARACTERS: Final = 10_000
NAME_CHARACTERS: Final = 120

_INNER_QUOTES: Final = str.maketrans(dict.fromkeys('“”„「」«»"', "'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContent:
    """What a case says, apart from who wrote it.

    Args:
        name: What people call it.
        turns: What was said, each ``{author, text}``, the customer last.
        checks: What must be true of the answer, each ``{kind, text}``.
        variables: Values by variable; for others the samples stand in.
        is_active: Whether runs include it.
    """

    name: str
    turns: Sequence[Mapping[str, Any]]
    checks: Sequence[Check]
    variables: Mapping[str, str] = field(default_factory=dict)
    is_active: bool = True


def case_create(
    *, template: PromptTemplate, content: CaseContent, by: User | None = None
) -> PromptCase:
    """Add a case to a template.

    Raises:
        CaseError: The turns or a check make no sense.
        ValidationError: A field is out of bounds, or the name is taken.
    """
    return _case_write(PromptCase(template=template, author=by), content)


def case_change(*, case: PromptCase, content: CaseContent) -> PromptCase:
    """Change what a case says; its results stay, and are called stale from now on.

    Raises:
        CaseError: The turns or a check make no sense.
        ValidationError: A field is out of bounds, or the name is taken.
    """
    return _case_write(case, content)


def case_delete(*, case: PromptCase) -> None:
    """Delete a case with its results."""
    case.delete()


@transaction.atomic
def case_from_reply(*, reply: Reply, author: User) -> tuple[PromptCase, bool]:
    """Return the case of a question that was answered badly, and whether it was made now.

    It begins with the conversation up to the question and the values the site knew, and its one
    check asks a judge whether a new answer is better than the one that was given: what staff
    said of it stands in the rubric. The customer's names are left out: editors read cases, and
    may not know them. It is erased with the conversation. An answer becomes one case, however
    often and by however many people at once it is asked for.

    Raises:
        NoAnswerError: The answer is not finished, or there was none.
    """
    # Held until the end, so that of two presses of a button the second finds the first's case.
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    if not reply.is_answered:
        raise NoAnswerError
    if made := reply.cases.order_by("pk").first():
        return made, False
    question = reply.question
    hide = partial(names_hide, question.conversation)
    said = Message.objects.filter(
        conversation=question.conversation_id, position__lte=question.position
    ).exclude(text="")
    turns = [
        {"author": _speaker(author), "text": hide(text)[:TURN_CHARACTERS]}
        for author, text in said.order_by("-position").values_list("author", "text")[:MAX_TURNS]
    ][::-1]
    template = reply.prompt_version.template
    content = CaseContent(
        name=_name_free(template, hide(question.text)),
        turns=turns,
        checks=[{"kind": CheckKind.JUDGED.value, "text": hide(_rubric(reply))}],
        variables={
            name: hide(value) for name, value in conversation_values(question.conversation).items()
        },
    )
    case = PromptCase(template=template, author=author, from_reply=reply)
    return _case_write(case, content), True


def _speaker(author: str) -> str:
    # Whoever answered, the model is to take it for its own words, as it does in a chat.
    return (Author.CUSTOMER if author == Author.CUSTOMER else Author.ASSISTANT).value


def _rubric(reply: Reply) -> str:
    verdict: Verdict | None = getattr(reply, "verdict", None)
    if verdict and verdict.judgement == Judgement.GOOD:
        demand = _("It says in these words or others: “%(words)s”.")
    else:
        demand = _("It does not repeat this earlier answer: “%(words)s”.")
    lines = [
        _("The answer helps the customer with what they ask."),
        demand % {"words": _quotable(reply.message.text, 900)},
    ]
    if verdict and verdict.reason:
        lines.append(
            _("A colleague found wrong with it: %(reason)s")
            % {"reason": _quotable(verdict.reason, 200)}
        )
    if verdict and verdict.should_have_said:
        lines.append(
            _("It says in these words or others: “%(words)s”.")
            % {"words": _quotable(verdict.should_have_said, 600)}
        )
    return "\n".join(lines)


def _quotable(text: str, characters: int) -> str:
    """Return the beginning of a text without the marks that would end a quotation early."""
    return " ".join(text.split()).translate(_INNER_QUOTES)[:characters]


def _name_free(template: PromptTemplate, question: str) -> str:
    words = " ".join(question.split())[: NAME_CHARACTERS - 10] or _("A customer's question")
    taken = set(template.cases.values_list("name", flat=True))
    numbered = (f"{words} ({number})" for number in range(2, len(taken) + 3))
    return words if words not in taken else next(one for one in numbered if one not in taken)


def _case_write(case: PromptCase, content: CaseContent) -> PromptCase:
    turns = [
        {"author": str(turn["author"]), "text": text_clean(str(turn["text"]))}
        for turn in content.turns
    ]
    turns_validate(turns)
    checks = [
        {"kind": str(check["kind"]), "text": text_clean(str(check.get("text", "")))}
        for check in content.checks
    ]
    checks_validate(checks)
    case.name, case.is_active = content.name.strip(), content.is_active
    case.turns, case.checks = turns, checks
    case.variables = {name: text_clean(value) for name, value in content.variables.items() if value}
    case.changed_at = timezone.now()
    case.full_clean()
    case.save()
    return case


def turns_validate(turns: Sequence[Mapping[str, str]]) -> None:
    """Make sure that something was said, the last of it by a customer.

    Raises:
        InvalidTurnsError: It was not, or by nobody known, or at too great a length.
    """
    if not turns or len(turns) > MAX_TURNS or turns[-1]["author"] != Author.CUSTOMER:
        raise InvalidTurnsError
    for turn in turns:
        if turn["author"] not in {Author.CUSTOMER, Author.ASSISTANT} or not turn["text"]:
            raise InvalidTurnsError
        if len(turn["text"]) > TURN_CHARACTERS:
            raise InvalidTurnsError
