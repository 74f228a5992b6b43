"""What editors fill in: the template's name, its draft, the draft's variables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from conversations.admin.fields import RouteField
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent

MAX_VARIABLES = 50


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A template's name and what it is for."""

    class Meta:
        model = PromptTemplate
        fields = ("name", "description")


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A draft's body; the service saves it, never this form.

    ``seen`` carries the moment of the version the editor started from, so that the service
    can tell whether somebody else wrote in between.
    """

    route = RouteField(
        rows=2,
        required=False,
        label=_("provider and model"),
        help_text=_("One “provider / model” a line, the preferred first; empty for the default."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = PromptVersion
        fields = (
            "instructions",
            "route",
            "temperature",
            "max_output_tokens",
            "history_tokens",
            "may_cache",
            "note",
        )
        widgets = {
            "instructions": forms.Textarea({"rows": 20, "spellcheck": "true"}),
            "temperature": forms.NumberInput({"step": "0.1", "min": "0", "max": "2"}),
        }
        help_texts = {
            "instructions": _("A placeholder is a declared variable in double braces: {{name}}."),
            "temperature": _("From 0, always alike, to 2, full of surprises; empty for neither."),
            "note": _("What changed and why, for your colleagues."),
        }

    def clean_instructions(self) -> str:
        """Return the text with plain newlines, or every line would seem to have changed.

        Browsers send a carriage return before each: HTML, "Constructing the entry list".
        """
        instructions: str = self.cleaned_data["instructions"]
        return instructions.replace("\r\n", "\n")

    def clean_seen(self) -> datetime | None:
        """Return the moment, or None if there was nothing to start from."""
        return parse_datetime(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None


class VariableForm(forms.Form):
    """One declared variable."""

    name = forms.CharField(
        label=_("name"), max_length=40, widget=forms.TextInput({"autocapitalize": "off"})
    )
    default = forms.CharField(label=_("default"), max_length=300, required=False)
    sample = forms.CharField(label=_("sample"), max_length=300, required=False)
    required = forms.BooleanField(label=_("required"), required=False)


VariableFormSet = forms.formset_factory(
    VariableForm, extra=1, can_delete=True, max_num=MAX_VARIABLES, validate_max=True
)


class NoteForm(forms.Form):
    """Why a version goes live."""

    note = forms.CharField(
        label=_("note"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"size": 60}),
        help_text=_("What changes for customers, and why. It is kept in the log."),
    )


class PublishForm(NoteForm):
    """``seen`` is the moment of the draft that the person looked at."""

    seen = forms.CharField(widget=forms.HiddenInput)


class RevertForm(NoteForm):
    """``seen`` is the version that was live when the person looked."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


def draft_initial(version: PromptVersion | None) -> dict[str, Any]:
    """Return what the draft's form starts from."""
    if version is None:
        return {}
    content = PromptContent.of(version).as_fields()
    note = version.note if version.is_draft else ""
    return {**content, "note": note, "seen": version.changed_at.isoformat()}


def content_read(draft: DraftForm, variables: BaseFormSet[VariableForm]) -> PromptContent:
    """Return what the valid forms say as one body."""
    names = ("name", "default", "sample", "required")
    rows = (row.cleaned_data for row in variables.forms)
    return PromptContent(
        # A spare row that was left alone has no cleaned data at all.
        variables=[
            {name: row[name] for name in names} for row in rows if row and not row["DELETE"]
        ],
        **{
            name: draft.cleaned_data[name]
            for name in PromptContent.__dataclass_fields__
            if name != "variables"
        },
    )
