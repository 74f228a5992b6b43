"""What a report is about, as its address and its form have it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin.conversation_words import language_name
from conversations.admin.version_choices import versions_offered
from conversations.models import PromptVersion, Widget
from conversations.review.began import MOST_DAYS, Began
from conversations.review.choices import NO_LANGUAGE, language_q
from conversations.review.report import Choice

SPANS = (7, 30, 90)
DEFAULT_DAYS = 30
# At its ends the calendar has no day before, or none after.
YEARS = range(1970, 9999)
LANGUAGES = [
    "en",
    "zh",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "ar",
    "he",
    "fa",
    "hi",
    "th",
    "vi",
    "id",
    "ja",
    "ko",
]


class ReportForm(forms.Form):
    """The days, and which conversations of them; what is left out means all."""

    first = forms.DateField(required=False, label=gettext_lazy("From"))
    last = forms.DateField(required=False, label=gettext_lazy("To"))
    days = forms.TypedChoiceField(
        required=False, coerce=int, choices=[(days, str(days)) for days in SPANS]
    )
    zone = forms.CharField(required=False, max_length=64, label=gettext_lazy("Time zone"))
    widget = forms.ModelChoiceField(
        required=False,
        queryset=Widget.objects.only("name"),
        label=gettext_lazy("Widget"),
        empty_label=gettext_lazy("All"),
    )
    language = forms.CharField(required=False, max_length=8, label=gettext_lazy("Language"))
    version = forms.ModelChoiceField(
        required=False,
        queryset=PromptVersion.objects.none(),
        label=gettext_lazy("Prompt version"),
        empty_label=gettext_lazy("All"),
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="report-%s")
        for name in ("first", "last"):
            self.fields[name].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        self.fields["zone"].widget.attrs["placeholder"] = settings.TIME_ZONE
        named = [(code, language_name(code)) for code in [*LANGUAGES, NO_LANGUAGE]]
        chosen = data.get("language", "")
        if chosen and chosen not in dict(named):
            named.append((chosen, chosen))
        self.fields["language"].widget = forms.Select(choices=[("", _("All")), *named])
        versions = PromptVersion.objects.filter(number__isnull=False)
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]  # of a ModelChoiceField
        offered = versions_offered(data.get("version"))
        self.fields["version"].widget.choices = [("", _("All")), *offered]

    def clean_zone(self) -> str:
        """Refuse a time zone that nobody lives in."""
        zone = str(self.cleaned_data["zone"])
        if zone and zone not in available_timezones():
            raise forms.ValidationError(_("Write a time zone as in Europe/Berlin."))
        return zone

    def clean_language(self) -> str:
        """Refuse what is no language."""
        language = str(self.cleaned_data["language"])
        if language and language_q(language) is None:
            raise forms.ValidationError(_("There is no such language."))
        return language

    def clean(self) -> dict[str, Any]:
        """Refuse days that are in the wrong order, too many, or at the calendar's ends."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        for name, day in (("first", first), ("last", last)):
            if day and day.year not in YEARS:
                self.add_error(name, self.fields[name].error_messages["invalid"])
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        if first and last and (last - first).days >= MOST_DAYS:
            most = {"count": MOST_DAYS}
            self.add_error(
                "first",
                ngettext("At most %(count)d day.", "At most %(count)d days.", MOST_DAYS) % most,
            )
        return self.cleaned_data

    def choice(self, now: datetime) -> Choice:
        """Return what was chosen; where the form has a fault, as if it had been left out."""
        given = self.cleaned_data
        zone = given.get("zone") or settings.TIME_ZONE
        widget, version = given.get("widget"), given.get("version")
        first, last = self._days(given, now.astimezone(ZoneInfo(zone)).date())
        return Choice(
            began=Began(first, last, zone),
            widget=widget.pk if widget else None,
            language=given.get("language") or "",
            version=version.pk if version else None,
        )

    def _days(self, given: dict[str, Any], today: date) -> tuple[date, date]:
        if self.has_error("first") or self.has_error("last"):
            given = {}
        first: date | None = given.get("first")
        last: date | None = given.get("last")
        if first and not last:
            last = max(today, first)
        if not last:
            return today - timedelta(days=int(given.get("days") or DEFAULT_DAYS) - 1), today
        first = first or last - timedelta(days=DEFAULT_DAYS - 1)
        return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def address_of(choice: Choice, **changed: str) -> str:
    """Return the query string of a report, some of it changed; days are taken out by ``days``."""
    began = choice.began
    given = {
        "first": began.first.isoformat(),
        "last": began.last.isoformat(),
        "zone": began.zone if began.zone != settings.TIME_ZONE else "",
        "widget": str(choice.widget or ""),
        "language": choice.language,
        "version": str(choice.version or ""),
        **changed,
    }
    if changed.get("days"):
        given |= {"first": "", "last": ""}
    return urlencode({name: value for name, value in given.items() if value})


def list_query(
    choice: Choice, filters: Mapping[str, str], hour: tuple[int, int] | None = None
) -> str:
    """Return the query string with which the list shows the conversations of a report.

    Args:
        choice: What the report is about.
        filters: Further filters of the list; these take the place of the report's own.
        hour: Only those that began in this hour of the week.
    """
    began = choice.began
    given = {
        "widget": str(choice.widget or ""),
        "language": choice.language,
        "version": str(choice.version or ""),
        "began": str(Began(began.first, began.last, began.zone, hour)),
        **filters,
    }
    return urlencode({name: value for name, value in given.items() if value})
