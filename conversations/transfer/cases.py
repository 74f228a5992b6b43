"""A test case in a file: what was said and what must be true of the answer, lines as lines."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from conversations.case_errors import CaseError
from conversations.models import PromptCase
from conversations.proving.checks import checks_validate
from conversations.proving.services import NAME_CHARACTERS, CaseContent, turns_validate
from conversations.transfer.jsonlines import Place
from conversations.transfer.reader import Reader

_CASE: Final = {"name": str, "is_active": bool, "variables": dict, "turns": list, "checks": list}
_TURN: Final = {"author": str, "text": list}
_CHECK: Final = {"kind": str, "text": list}


def case_content(case: PromptCase) -> CaseContent:
    """Return what a stored case says."""
    return CaseContent(
        name=case.name,
        turns=case.turns,
        checks=case.checks,
        variables=case.variables,
        is_active=case.is_active,
    )


def case_write(case: CaseContent) -> dict[str, Any]:
    """Return a case as a file shows it."""
    return {
        "name": case.name,
        "is_active": case.is_active,
        "variables": dict(sorted(case.variables.items())),
        "turns": [
            {"author": turn["author"], "text": turn["text"].split("\n")} for turn in case.turns
        ],
        "checks": [
            {"kind": check["kind"], "text": check["text"].split("\n")} for check in case.checks
        ],
    }


def cases_read(reader: Reader, place: Place) -> list[CaseContent]:
    """Return the cases that stand there.

    Raises:
        DocumentError: One of them makes no sense, or two have the same name.
    """
    found: list[CaseContent] = []
    for number in range(len(reader.at(place))):
        case = _case_read(reader, (*place, number))
        if case.name in {other.name for other in found}:
            raise reader.fault((*place, number, "name"), _("another case has this name"))
        found.append(case)
    return found


def _case_read(reader: Reader, place: Place) -> CaseContent:
    body = reader.mapping(place, _CASE)
    if body["name"] != body["name"].strip() or not 0 < len(body["name"]) <= NAME_CHARACTERS:
        words = _("no name of at most %(most)d characters") % {"most": NAME_CHARACTERS}
        raise reader.fault((*place, "name"), words)
    for name, value in body["variables"].items():
        if not isinstance(value, str) or not value:
            raise reader.fault((*place, "variables", name), _("no text"))
    case = CaseContent(
        name=body["name"],
        is_active=body["is_active"],
        variables=body["variables"],
        turns=_rows(reader, (*place, "turns"), _TURN),
        checks=_rows(reader, (*place, "checks"), _CHECK),
    )
    try:
        turns_validate(case.turns)
    except CaseError as error:
        raise reader.fault((*place, "turns"), str(error.explanation)) from error
    try:
        checks_validate(case.checks)
    except CaseError as error:
        raise reader.fault((*place, "checks"), str(error.explanation)) from error
    return case


def _rows(reader: Reader, place: Place, kinds: dict[str, Any]) -> list[dict[str, str]]:
    rows = []
    for number in range(len(reader.at(place))):
        row = reader.mapping((*place, number), kinds)
        rows.append({**row, "text": reader.lines((*place, number, "text"))})
    return rows
