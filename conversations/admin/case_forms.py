"""What editors fill in for a test case: its name, what was said, what must be true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.http import QueryDict
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from conversations.case_errors import InvalidCheckError
from conversations.models import Author, PromptCase
from conversations.prompts.content import PromptContent
from conversations.proving.checks import MAX_CHECKS, CheckKind, check_validate
from conversations.proving.services import (
    MAX_TURNS,
    NAME_CHARACTERS,
    TURN_CHARACTERS,
    CaseContent,
)

SPEAKERS = [(Author.CUSTOMER.value, _("Customer")), (Author.ASSISTANT.value, _("Assistant"))]


class CaseForm(forms.Form):
    """A case's name, and whether runs include it."""

    name = forms.CharField(label=_("name"), max_length=NAME_CHARACTERS)
    is_active = forms.BooleanField(
        label=_("active"),
        required=False,
        initial=True,
        help_text=_("Runs and the question before publishing leave out what is not active."),
    )


class ValuesForm(forms.Form):
    """A value for each variable of the prompt; the samples stand in for empty ones."""

    def __init__(self, data: QueryDict | None, *, names: list[str], values: dict[str, str]) -> None:
        super().__init__(data, initial=values, prefix="value")
        for name in names:
            self.fields[name] = forms.CharField(
                label=lazystr(name), required=False, max_length=1000
            )


class TurnForm(forms.Form):
    """One thing that was said."""

    author = forms.ChoiceField(label=_("who"), choices=SPEAKERS, initial=Author.CUSTOMER.value)
    text = forms.CharField(
        label=_("what"), max_length=TURN_CHARACTERS, widget=forms.Textarea({"rows": 2})
    )


class CheckForm(forms.Form):
    """One thing that must be true of the answer."""

    kind = forms.ChoiceField(
        label=_("the answer"), choices=CheckKind.choices, initial=CheckKind.CONTAINS.value
    )
    text = forms.CharField(label=_("what"), required=False, widget=forms.Textarea({"rows": 1}))

    def clean(self) -> dict[str, Any]:
        """Return a check that can be answered."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "kind" in cleaned and "text" in cleaned:
            try:
                check_validate(cleaned)
            except InvalidCheckError as error:
                self.add_error("text", str(error.explanation))
        return cleaned


TurnFormSet = forms.formset_factory(
    TurnForm, extra=1, can_delete=True, max_num=MAX_TURNS, validate_max=True
)
CheckFormSet = forms.formset_factory(
    CheckForm, extra=1, can_delete=True, max_num=MAX_CHECKS, validate_max=True
)


@dataclass(frozen=True, slots=True)
class CaseForms:
    """The forms of the page, as one."""

    about: CaseForm
    values: ValuesForm
    turns: BaseFormSet[TurnForm]
    checks: BaseFormSet[CheckForm]

    @classmethod
    def make(
        cls, data: QueryDict | None, case: PromptCase | None, content: PromptContent | None
    ) -> CaseForms:
        """Return the forms, bound to ``data`` if there is any, else showing the case."""
        declared = [str(variable["name"]) for variable in content.variables] if content else []
        kept = dict(case.variables) if case else {}
        names = list(dict.fromkeys([*declared, *kept]))
        about = {"name": case.name, "is_active": case.is_active} if case else None
        shown = case if case and data is None else None
        return cls(
            about=CaseForm(data, initial=about),
            values=ValuesForm(data, names=names, values=kept),
            turns=TurnFormSet(data, initial=shown.turns if shown else [], prefix="turns"),
            checks=CheckFormSet(data, initial=shown.checks if shown else [], prefix="checks"),
        )

    def are_valid(self) -> bool:
        """Whether all are, so that all show their errors."""
        return all(
            [
                self.about.is_valid(),
                self.values.is_valid(),
                self.turns.is_valid(),
                self.checks.is_valid(),
            ]
        )

    def content(self) -> CaseContent:
        """Return what the valid forms say."""
        return CaseContent(
            name=self.about.cleaned_data["name"],
            is_active=self.about.cleaned_data["is_active"],
            variables=self.values.cleaned_data,
            turns=_rows(self.turns, "author", "text"),
            checks=_rows(self.checks, "kind", "text"),
        )

    def disable(self) -> None:
        """Show everything to somebody who may only read it."""
        for form in (self.about, self.values, *self.turns.forms, *self.checks.forms):
            for field in form.fields.values():
                field.disabled = True


def _rows(formset: BaseFormSet[Any], *names: str) -> list[dict[str, str]]:
    # A spare row that was left alone has no cleaned data at all.
    rows = (row.cleaned_data for row in formset.forms)
    return [{name: row[name] for name in names} for row in rows if row and not row["DELETE"]]
