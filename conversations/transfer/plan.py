"""What bringing in a file would do, told before it is done and followed when it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from conversations.models import PromptCase, PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent
from conversations.proving.services import CaseContent
from conversations.transfer.cases import case_content
from conversations.transfer.document import Document, Edition


class Change(Enum):
    """How a part of the file relates to what is here."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """A version, the draft or a case of the file.

    Args:
        part: What the file says; an edition without a number is the draft.
        change: A version is new, the same or refused, for none ever changes; a draft and a
            case may be different, and are replaced only if somebody says so.
        found: What is here under its number or name.
    """

    part: Edition | CaseContent
    change: Change
    found: PromptVersion | PromptCase | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a file would do.

    Args:
        document: The file.
        template: The template of its name; None if it is new.
        steps: Its versions, then the draft, then the cases.
    """

    document: Document
    template: PromptTemplate | None
    steps: Sequence[Step]

    @property
    def is_refused(self) -> bool:
        """Whether it cannot be brought in at all."""
        return any(step.change is Change.REFUSED for step in self.steps)

    @property
    def has_differences(self) -> bool:
        """Whether something here would have to make way."""
        return any(step.change is Change.DIFFERENT for step in self.steps)

    @property
    def has_news(self) -> bool:
        """Whether anything would be another than it is."""
        return (
            self.changes_description
            or self.changes_rule
            or any(step.change is not Change.SAME for step in self.steps)
        )

    @property
    def changes_description(self) -> bool:
        """Whether what the template is for is said in other words."""
        return self.template is None or self.template.description != self.document.description

    @property
    def changes_rule(self) -> bool:
        """Whether a second person publishes from now on, or no longer."""
        is_asked = self.document.needs_second_person
        return (self.template.needs_second_person if self.template else False) != is_asked

    @property
    def digest(self) -> str:
        """A name for the plan: whoever was shown this one has agreed to no other."""
        seen = [
            [self.changes_description, self.changes_rule],
            *([step.change.value, str(_changed_at(step.found))] for step in self.steps),
        ]
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def plan_make(document: Document) -> Plan:
    """Return what bringing in a file would do to the site as it is."""
    template = PromptTemplate.objects.filter(name=document.name).first()
    versions = list(template.versions.all()) if template else []
    cases = list(template.cases.all()) if template else []
    steps = [*_version_steps(document, versions), *_case_steps(document, cases)]
    return Plan(document, template, steps)


def _version_steps(document: Document, versions: Sequence[PromptVersion]) -> Iterator[Step]:
    known = {version.number: version for version in versions}
    highest = max((number for number in known if number), default=0)
    for edition in document.versions:
        found = known.get(edition.number)
        if found is None:
            is_next = bool(edition.number and edition.number > highest)
            yield Step(edition, Change.NEW if is_next else Change.REFUSED, None)
        else:
            yield Step(edition, Change.SAME if _is_same(found, edition) else Change.REFUSED, found)
    if document.draft:
        yield _compared(document.draft, known.get(None))


def _case_steps(document: Document, cases: Sequence[PromptCase]) -> Iterator[Step]:
    known = {case.name: case for case in cases}
    for case in document.cases:
        yield _compared(case, known.get(case.name))


def _compared(part: Edition | CaseContent, found: PromptVersion | PromptCase | None) -> Step:
    if found is None:
        return Step(part, Change.NEW, None)
    return Step(part, Change.SAME if _is_same(found, part) else Change.DIFFERENT, found)


def _is_same(found: PromptVersion | PromptCase, part: Edition | CaseContent) -> bool:
    if isinstance(found, PromptCase):
        return case_content(found) == part
    return isinstance(part, Edition) and (
        (PromptContent.of(found).as_fields(), found.note) == (part.content.as_fields(), part.note)
    )


def _changed_at(found: PromptVersion | PromptCase | None) -> object:
    return found.changed_at if found else None
