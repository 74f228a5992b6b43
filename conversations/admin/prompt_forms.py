"""What editors fill in: the template's name, its draft, why it goes live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from conversations.admin.fields import RouteField
from conversations.models import PromptTemplate, PromptVersion


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A template's name and what it is for."""

    class Meta:
        model = PromptTemplate
        fields = ("name", "description", "needs_second_person")


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


class NoteForm(forms.Form):
    """Why a version goes live."""

    note = forms.CharField(
        label=_("note"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"size": 60}),
        help_text=_("What changes for customers, and why. It is kept in the log."),
    )


class WithRunningForm(forms.Form):
    """Whether conversations that have begun go on with the version as well."""

    with_running = forms.BooleanField(
        label=_("running conversations too"),
        required=False,
        help_text=_("Chats of the last 24 hours use it from their next answer on."),
    )


class DespiteForm(forms.Form):
    """Asks for an excuse where test cases fail, and keeps it.

    Args:
        is_red: Whether test cases fail.
    """

    despite = forms.CharField(
        label=_("why it goes live although test cases fail"),
        max_length=150,
        widget=forms.TextInput({"size": 60}),
        help_text=_("Kept in the log, with your name."),
    )

    def __init__(self, *args: Any, is_red: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_red:
            del self.fields["despite"]

    @property
    def excuse(self) -> str:
        """What a valid form says; "" where nothing was asked."""
        return str(self.cleaned_data.get("despite", ""))


class PublishForm(DespiteForm, WithRunningForm, NoteForm):
    """``seen`` is the moment of the draft that the person looked at."""

    seen = forms.CharField(widget=forms.HiddenInput)
    field_order = ("despite", "note", "with_running", "seen")


class RevertForm(WithRunningForm, NoteForm):
    """``seen`` is the version that was live when the person looked."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order: Sequence[str] = ("note", "with_running", "seen")


def draft_initial(version: PromptVersion | None) -> dict[str, Any]:
    """Return what the draft's form starts from."""
    if version is None:
        return {}
    shown = {name: getattr(version, name) for name in DraftForm.base_fields if name != "seen"}
    note = version.note if version.is_draft else ""
    return {**shown, "note": note, "seen": version.changed_at.isoformat()}
