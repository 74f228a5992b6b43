"""A template with its versions and test cases as one file, to read, compare and keep in git.

Texts are lists of lines, so that a change of one line is one line of a diff. There is nobody's
name in it and nothing secret: who wrote and published stays in the log of the site.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from conversations.prompt_errors import DocumentError, PromptError
from conversations.prompts.content import PromptContent, content_check
from conversations.proving.services import CaseContent
from conversations.transfer.cases import case_write, cases_read
from conversations.transfer.jsonlines import Place, json_read
from conversations.transfer.reader import Reader

FORMAT: Final = "chatsite.prompt/1"
MAX_CHARACTERS: Final = 5_000_000

_TOP: Final = {
    "format": str,
    "name": str,
    "description": str,
    "needs_second_person": bool,
    "live": int | None,
    "versions": list,
    "draft": dict | None,
    "cases": list,
}
_BODY: Final = {
    "note": str,
    "instructions": list,
    "examples": list,
    "translations": dict,
    "variables": list,
    "route": list,
    "temperature": float | int | None,
    "max_output_tokens": int,
    "history_tokens": int,
    "may_cache": bool,
}
_VERSION: Final = {"number": int, "published_at": str, **_BODY}
_VARIABLE: Final = {
    "name": str,
    "type": str,
    "choices": list,
    "source": str,
    "attribute": str,
    "default": str,
    "sample": str,
    "required": bool,
}


@dataclass(frozen=True, slots=True)
class Edition:
    """A version in a file; a draft has neither number nor moment."""

    content: PromptContent
    note: str = ""
    number: int | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A template in a file.

    Args:
        name: Its name, by which it is found again.
        description: What it is for.
        needs_second_person: Whether its author may not publish alone.
        live: The number of the live version, or None.
        versions: The numbered ones, in the order of their numbers.
        draft: What is written and not published, or None.
        cases: What is asked of every change, in the order of their names.
    """

    name: str
    description: str
    needs_second_person: bool
    live: int | None
    versions: Sequence[Edition]
    draft: Edition | None
    cases: Sequence[CaseContent] = field(default_factory=list)


def document_write(document: Document) -> str:
    """Return the file, always the same for the same template."""
    written = {
        "format": FORMAT,
        "name": document.name,
        "description": document.description,
        "needs_second_person": document.needs_second_person,
        "live": document.live,
        "versions": [_edition_write(edition) for edition in document.versions],
        "draft": _edition_write(document.draft) if document.draft else None,
        "cases": [case_write(case) for case in document.cases],
    }
    return json.dumps(written, ensure_ascii=False, indent=2) + "\n"


def document_read(text: str) -> Document:
    """Return what a file says.

    Raises:
        DocumentError: It is no such file; the error names the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(1, _("too long"))
    reader = _Reader(json_read(text))
    top = reader.mapping((), _TOP)
    if top["format"] != FORMAT:
        raise reader.fault(("format",), _("not “%(format)s”") % {"format": FORMAT})
    versions = [reader.edition(("versions", at), _VERSION) for at in range(len(top["versions"]))]
    numbers = [version.number or 0 for version in versions]
    if numbers != sorted(set(numbers)) or any(number < 1 for number in numbers):
        raise reader.fault(("versions",), _("the numbers do not grow from version to version"))
    if top["live"] is not None and top["live"] not in numbers:
        raise reader.fault(("live",), _("no version has this number"))
    if not top["name"].strip():
        raise reader.fault(("name",), _("empty"))
    return Document(
        name=top["name"],
        description=top["description"],
        needs_second_person=top["needs_second_person"],
        live=top["live"],
        versions=versions,
        draft=reader.edition(("draft",), _BODY) if top["draft"] is not None else None,
        cases=cases_read(reader, ("cases",)),
    )


class _Reader(Reader):
    """Knows how a version is written."""

    __slots__ = ()

    def edition(self, place: Place, kinds: Mapping[str, Any]) -> Edition:
        body = self.mapping(place, kinds)
        for number in range(len(body["variables"])):
            spot = (*place, "variables", number)
            variable = self.mapping(spot, _VARIABLE, is_part=True)
            if "choices" in variable:
                self.texts((*spot, "choices"))
        for number in range(len(body["route"])):
            if len(self.texts((*place, "route", number))) != len(("provider", "model")):
                raise self.fault((*place, "route", number), _("no provider and model"))
        content = PromptContent(
            instructions=self.lines((*place, "instructions")),
            examples=self.examples((*place, "examples")),
            translations={
                language: self.translation((*place, "translations", language))
                for language in body["translations"]
            },
            **{name: body[name] for name in _PLAIN},
        )
        self._prove(place, content)
        return Edition(content, body["note"], body.get("number"), self._moment(place, body))

    def translation(self, place: Place) -> dict[str, Any]:
        self.mapping(place, {"instructions": list, "examples": list})
        return {
            "instructions": self.lines((*place, "instructions")),
            "examples": self.examples((*place, "examples")),
        }

    def examples(self, place: Place) -> list[dict[str, str]]:
        sides = {"customer": list, "answer": list}
        found = []
        for number in range(len(self.at(place))):
            spot = (*place, number)
            self.mapping(spot, sides)
            found.append({side: self.lines((*spot, side)) for side in sides})
        return found

    def _moment(self, place: Place, body: Mapping[str, Any]) -> datetime | None:
        if "published_at" not in body:
            return None
        try:
            moment = datetime.fromisoformat(body["published_at"])
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self.fault((*place, "published_at"), _("no moment with its offset"))
        return moment

    def _prove(self, place: Place, content: PromptContent) -> None:
        try:
            content_check(content)
        except PromptError as error:
            raise self.fault(place, str(error.explanation)) from error


_PLAIN: Final = [
    column.name
    for column in fields(PromptContent)
    if column.name not in {"instructions", "examples", "translations"}
]


def _edition_write(edition: Edition) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if edition.number is not None and edition.published_at is not None:
        written = {"number": edition.number, "published_at": edition.published_at.isoformat()}
    body = edition.content.as_fields()
    return {
        **written,
        "note": edition.note,
        **body,
        "instructions": body["instructions"].split("\n"),
        "examples": _examples_write(body["examples"]),
        "translations": {
            language: {
                "instructions": words["instructions"].split("\n"),
                "examples": _examples_write(words["examples"]),
            }
            for language, words in sorted(body["translations"].items())
        },
    }


def _examples_write(examples: Sequence[Mapping[str, str]]) -> list[dict[str, list[str]]]:
    return [
        {side: example[side].split("\n") for side in ("customer", "answer")} for example in examples
    ]
