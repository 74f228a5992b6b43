"""Templates leave the site as files and come back: all of a file, or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations.case_errors import CaseDiffersError
from conversations.models import PromptCase, PromptTemplate, PromptVersion
from conversations.prompt_errors import DraftConflictError, PlanChangedError, VersionDiffersError
from conversations.prompts.content import PromptContent
from conversations.prompts.pointer import live_move, template_lock
from conversations.proving.services import CaseContent, case_change, case_create
from conversations.transfer.cases import case_content
from conversations.transfer.document import Document, Edition, document_write
from conversations.transfer.plan import Change, Plan, Step, plan_make


def template_export(template: PromptTemplate) -> str:
    """Return the template with its versions, draft and cases as a file.

    Cases that were made of a customer's conversation are not in it: they hold the customer's
    words, and a file would outlive their erasure.
    """
    numbered = template.versions.filter(number__isnull=False).order_by("number")
    draft = template.versions.filter(number=None).first()
    cases = template.cases.filter(from_reply=None)
    return document_write(
        Document(
            name=template.name,
            description=template.description,
            needs_second_person=template.needs_second_person,
            live=template.live.number if template.live else None,
            versions=[_edition(version) for version in numbered],
            draft=_edition(draft) if draft else None,
            # Databases do not agree on an order of names.
            cases=sorted(map(case_content, cases), key=lambda case: case.name),
        )
    )


@transaction.atomic
def template_import(
    document: Document, *, replace: bool = False, by: User | None = None
) -> PromptTemplate:
    """Bring a template in, or up to date by its name, and return it.

    Versions that are here must say the same in the file; those that are new are added with
    their numbers. The file's live version goes live, and the move is logged. A draft or a case
    that is not in the file stays.

    Args:
        document: What the file says.
        replace: Put the file's draft and cases in the place of those that say something else.
        by: Who imports.

    Raises:
        VersionDiffersError: A version here has the same number and says something else, or a
            new one has a number that was passed by.
        DraftConflictError: There is another draft here, and it is not to be replaced.
        CaseDiffersError: A case here says something else, and it is not to be replaced.
        ValidationError: A field is out of bounds.
    """
    template = _bring(document, replace=replace, by=by)
    live = template.versions.filter(number=document.live).first() if document.live else None
    if live and live.pk != template.live_id:
        live_move(template, to=live, reason=live.note, by=by)
    return template


@transaction.atomic
def template_import_unpublished(
    plan: Plan, *, replace: bool, may_guard: bool, by: User
) -> PromptTemplate:
    """Bring a template in as somebody has been shown, and leave what is live as it is.

    Going live is another deed, with a permission, a second person and test cases in its way.

    Args:
        plan: What that person was shown.
        replace: Put the file's draft and cases in the place of those that say something else.
        may_guard: Whether the file decides if a second person publishes; else that stays.
        by: Who imports.

    Raises:
        PlanChangedError: The site has changed since, and something else would happen.
        PromptError: As ``template_import`` does.
        ValidationError: A field is out of bounds.
    """
    return _bring(plan.document, replace=replace, by=by, expected=plan, may_guard=may_guard)


def _bring(
    document: Document,
    *,
    replace: bool,
    by: User | None,
    expected: Plan | None = None,
    may_guard: bool = True,
) -> PromptTemplate:
    found = PromptTemplate.objects.filter(name=document.name).first()
    template = template_lock(found) if found else PromptTemplate(name=document.name)
    plan = plan_make(document)
    if expected and expected.digest != plan.digest:
        raise PlanChangedError
    template.description = document.description
    if may_guard:
        template.needs_second_person = document.needs_second_person
    template.full_clean()
    template.save()
    for step in plan.steps:
        _step_take(template, step, replace=replace, by=by)
    return template


def _step_take(template: PromptTemplate, step: Step, *, replace: bool, by: User | None) -> None:
    if step.change is Change.SAME:
        return
    if isinstance(step.part, Edition):
        if step.change is Change.REFUSED:
            raise VersionDiffersError(step.part.number or 0)
        if step.change is Change.DIFFERENT and not replace:
            raise DraftConflictError
        _edition_take(template, step.part, step.found, by)
    else:
        if step.change is Change.DIFFERENT and not replace:
            raise CaseDiffersError(step.part.name)
        _case_take(template, step.part, step.found, by)


def _edition_take(
    template: PromptTemplate,
    edition: Edition,
    draft: PromptVersion | PromptCase | None,
    by: User | None,
) -> None:
    version = (
        draft
        if isinstance(draft, PromptVersion)
        else PromptVersion(
            template=template, number=edition.number, published_at=edition.published_at
        )
    )
    for name, value in edition.content.as_fields().items():
        setattr(version, name, value)
    version.note = edition.note
    version.author = by
    version.changed_at = timezone.now()
    version.full_clean()
    version.save()


def _case_take(
    template: PromptTemplate,
    content: CaseContent,
    case: PromptVersion | PromptCase | None,
    by: User | None,
) -> None:
    if isinstance(case, PromptCase):
        case_change(case=case, content=content)
    else:
        case_create(template=template, content=content, by=by)


def _edition(version: PromptVersion) -> Edition:
    return Edition(PromptContent.of(version), version.note, version.number, version.published_at)


def templates_named(names: Iterable[str]) -> list[PromptTemplate]:
    """Return the templates of these names, or all if none is named.

    Raises:
        PromptTemplate.DoesNotExist: One of them is not here.
    """
    rows = PromptTemplate.objects.select_related("live")
    wanted = list(names)
    return [rows.get(name=name) for name in wanted] if wanted else list(rows)
