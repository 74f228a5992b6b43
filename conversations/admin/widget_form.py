"""The form of a widget's settings: lists as lines, hours as times, texts by language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.fields import (
    DayField,
    LinesField,
    MailAddressesField,
    OriginsField,
    RegionsField,
)
from conversations.hours import DAYS
from conversations.models import Offer, PromptTemplate, Widget
from conversations.models.widget import TEAM_FAILURES
from conversations.widget.wording import LIMITS, QUESTIONS_SHOWN

DAY_NAMES = dict(
    zip(
        DAYS,
        (
            gettext_lazy("Monday"),
            gettext_lazy("Tuesday"),
            gettext_lazy("Wednesday"),
            gettext_lazy("Thursday"),
            gettext_lazy("Friday"),
            gettext_lazy("Saturday"),
            gettext_lazy("Sunday"),
        ),
        strict=True,
    )
)
TEXT_NAMES = {
    "title": gettext_lazy("name in the header"),
    "greeting": gettext_lazy("greeting"),
    "questions": gettext_lazy("suggested questions"),
    "placeholder": gettext_lazy("words in the empty field"),
    "label": gettext_lazy("words beside the icon"),
    "away": gettext_lazy("words outside office hours"),
    "team": gettext_lazy("words of the offer to leave a message"),
}
AWAY_HELP = gettext_lazy(
    "Shown in the header; {day} and {time} stand for the next opening. Empty: “Team back {day}, "
    "{time}”. The assistant answers at any hour."
)


def hours_field(day: str) -> str:
    """Return the name of the form's field for a day's hours."""
    return f"hours_{day}"


def text_field(locale: str, name: str) -> str:
    """Return the name of the form's field for a text in a language."""
    return f"text_{locale}_{name}"


def time_zones() -> Iterator[tuple[str, str]]:
    """Yield the time zones there are, the site's own first."""
    yield "", _("the site's own, %(zone)s") % {"zone": settings.TIME_ZONE}
    yield from ((name, name) for name in sorted(available_timezones()))


class WidgetSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A widget's settings; ``WidgetForm`` adds the fields for each day and language."""

    allowed_origins = OriginsField(
        required=False,
        rows=3,
        label=gettext_lazy("allowed origins"),
        help_text=gettext_lazy(
            "The websites that may embed this chat, one a line, as in https://www.example.com."
        ),
    )
    suggested_questions = LinesField(
        required=False,
        rows=QUESTIONS_SHOWN,
        label=gettext_lazy("suggested questions"),
        help_text=gettext_lazy("One a line. The first four are shown until the customer writes."),
    )
    prompt_template = forms.ModelChoiceField(
        PromptTemplate.objects.filter(live__isnull=False),
        label=gettext_lazy("prompt template"),
        help_text=gettext_lazy("Only templates that have a live version can answer."),
    )
    time_zone = forms.ChoiceField(
        choices=time_zones, required=False, label=gettext_lazy("time zone")
    )

    forbidden_regions = RegionsField(
        required=False,
        label=gettext_lazy("forbidden regions"),
        help_text=gettext_lazy(
            "Providers there are never asked, as in us, cn. If you forbid any, providers whose "
            "region is unknown are not asked either."
        ),
    )

    team_offers = forms.MultipleChoiceField(
        choices=Offer.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("offered"),
        help_text=gettext_lazy(
            "Each that applies is enough. None: the chat offers no way to a person."
        ),
    )
    team_failures = forms.IntegerField(
        required=False,
        min_value=1,
        label=gettext_lazy("after so many failed answers"),
    )
    team_recipients = MailAddressesField(
        required=False,
        rows=3,
        label=gettext_lazy("who gets an e-mail"),
        help_text=gettext_lazy(
            "One address a line. They get a link to the conversation, and not a word of it. "
            "Empty: messages wait in the list of conversations alone."
        ),
    )

    class Meta:
        model = Widget
        fields = (
            *("name", "is_active", "prompt_template", "allowed_origins", "is_verified_only"),
            *("accent", "accent_dark"),
            *("greeting", "suggested_questions", "placeholder", "launcher_position"),
            *("launcher_label", "launcher_hidden", "time_zone", "away_text", "retention_days"),
            *("is_masking", "forbidden_regions"),
            *("team_offers", "team_failures", "team_text", "team_recipients"),
        )
        widgets = {
            "accent": forms.TextInput({"type": "color"}),
            "accent_dark": forms.TextInput({"placeholder": "#6ea5f5", "spellcheck": "false"}),
            "greeting": forms.Textarea({"rows": 3}),
            "launcher_position": forms.RadioSelect,
        }
        help_texts = {
            "accent_dark": gettext_lazy(
                "Six digits, as in #6ea5f5. Empty: the same as in the light."
            ),
            "placeholder": gettext_lazy("Empty: “Write a message”."),
            "launcher_label": gettext_lazy("A few words, as in “Ask us”. Empty: the icon alone."),
            "launcher_hidden": gettext_lazy(
                "For pages that open the chat with a button or link of their own."
            ),
            "away_text": AWAY_HELP,
            "is_masking": gettext_lazy(
                "E-mail addresses, telephone, card and account numbers and Chinese identity "
                "numbers are replaced before the model reads them, and put back in its answer. "
                "Names and postal addresses are not."
            ),
            "team_text": gettext_lazy(
                "Shown beside the button. Empty: “Would you like a person to answer? Leave our "
                "team a message.”"
            ),
            "retention_days": gettext_lazy(
                "After their last message, conversations are erased. Empty: they are kept."
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        stored = _initial(options.get("instance"))
        options["initial"] = {**stored, **(options.get("initial") or {})}
        super().__init__(*args, **options)

    def clean_team_failures(self) -> int:
        """Take an empty field for the usual number."""
        return self.cleaned_data["team_failures"] or TEAM_FAILURES

    def clean_suggested_questions(self) -> list[str]:
        """Refuse a question that no button can hold."""
        return _questions(self.cleaned_data["suggested_questions"])

    def clean(self) -> dict[str, Any]:
        """Put hours and texts together, as the widget keeps them."""
        cleaned = super().clean() or self.cleaned_data
        for locale, _name in settings.LANGUAGES:
            name = text_field(locale, "questions")
            try:
                _questions(cleaned.get(name) or [])
            except ValidationError as error:
                self.add_error(name, error)
        self.instance.office_hours = {
            day: hours for day in DAYS if (hours := cleaned.get(hours_field(day)))
        }
        self.instance.texts = {
            locale: own for locale, _name in settings.LANGUAGES if (own := _texts(cleaned, locale))
        }
        return cleaned


def _questions(lines: list[str]) -> list[str]:
    limit = LIMITS["questions"]
    if long := [line for line in lines if len(line) > limit]:
        raise ValidationError(
            _("A question may have %(limit)d characters: %(line)s"),
            params={"limit": limit, "line": long[0]},
        )
    return lines


def _texts(cleaned: dict[str, Any], locale: str) -> dict[str, Any]:
    said = {name: cleaned.get(text_field(locale, name)) for name in LIMITS}
    return {name: text for name, text in said.items() if text}


def _initial(widget: Widget | None) -> dict[str, Any]:
    if widget is None:
        return {}
    hours = widget.office_hours if isinstance(widget.office_hours, dict) else {}
    texts = widget.texts if isinstance(widget.texts, dict) else {}
    return {
        **{hours_field(day): hours.get(day, "") for day in DAYS},
        **{
            text_field(locale, name): text
            for locale, _name in settings.LANGUAGES
            for name, text in texts.get(locale, {}).items()
        },
    }


def _text_make(name: str) -> forms.Field:
    options: dict[str, Any] = {"required": False, "label": TEXT_NAMES[name]}
    if name == "questions":
        return LinesField(rows=QUESTIONS_SHOWN, **options)
    options["max_length"] = LIMITS[name]
    if name == "greeting":
        options["widget"] = forms.Textarea({"rows": 3})
    return forms.CharField(**options)


WidgetForm: type[WidgetSettingsForm] = type(
    "WidgetForm",
    (WidgetSettingsForm,),
    {
        **{
            hours_field(day): DayField(
                required=False, label=name, widget=forms.TextInput({"placeholder": "09:00-17:30"})
            )
            for day, name in DAY_NAMES.items()
        },
        **{
            text_field(locale, name): _text_make(name)
            for locale, _name in settings.LANGUAGES
            for name in LIMITS
        },
    },
)
