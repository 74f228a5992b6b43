"""How conversations are narrowed down in their list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.admin.conversation_given import AlikeFilter, BeganFilter, is_key
from conversations.admin.conversation_words import language_name
from conversations.admin.version_choices import versions_offered
from conversations.models import (
    Judgement,
    Outcome,
    RatingValue,
    TeamMessage,
    Widget,
)
from conversations.privacy.holds import is_held
from conversations.review.choices import (
    OUTCOMES,
    SIGNS,
    WRONG,
    Active,
    Sign,
    active_since,
    language_q,
)
from conversations.review.queue import unreviewed
from conversations.review.sample import SIZES, sample_draw, sample_parse
from conversations.review.selectors import (
    conversations_faulted,
    conversations_judged,
    conversations_rated,
)

Lookups = list[tuple[str, Any]]


class ChoiceFilter(admin.SimpleListFilter):
    """A filter whose choices are known by their names in the address."""

    filters: Mapping[str, Q]
    words: Lookups

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return self.words

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.filters.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class SignFilter(ChoiceFilter):
    """Filters by why staff should look."""

    title = _("worth a look")
    parameter_name = "sign"
    filters = SIGNS
    words = Sign.choices


class OutcomeFilter(ChoiceFilter):
    """Filters by what the newest question has come to."""

    title = _("newest answer")
    parameter_name = "outcome"
    filters = OUTCOMES
    words = [(WRONG, _("Went wrong")), *Outcome.choices]


class ActiveFilter(ChoiceFilter):
    """Filters by when something was last said."""

    title = _("last activity")
    parameter_name = "active"
    words = Active.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen not in Active.values:
            return queryset
        return queryset.filter(active_since(str(chosen), timezone.now()))


class WidgetFilter(admin.SimpleListFilter):
    """Filters by where the customer wrote."""

    title = _("widget")
    parameter_name = "widget"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [(str(pk), name) for pk, name in Widget.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(widget=int(chosen)) if is_key(chosen) else queryset


class LanguageFilter(admin.SimpleListFilter):
    """Filters by the language of the customer's browser."""

    title = _("language")
    parameter_name = "language"
    other = "other"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        named = [(code.partition("-")[0], name) for code, name in settings.LANGUAGES]
        return [*named, (self.other, _("Other"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        families = [code.partition("-")[0] for code, _name in settings.LANGUAGES]
        chosen = self.value()
        if chosen == self.other:
            for family in families:
                queryset = queryset.exclude(language_q(family))
            return queryset
        language = language_q(chosen or "")
        return queryset if language is None else queryset.filter(language)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        chosen = self.value()
        if chosen and chosen not in dict(self.lookup_choices):  # from a report
            yield {
                "selected": True,
                "query_string": changelist.get_query_string(),
                "display": language_name(chosen),
            }


class VersionFilter(admin.SimpleListFilter):
    """Filters by the version of the prompt that a conversation began with."""

    title = _("prompt version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return versions_offered(self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(prompt_version=int(chosen)) if is_key(chosen) else queryset


class RatingFilter(admin.SimpleListFilter):
    """Filters by what the customer thought of any of the answers."""

    title = _("customer's rating")
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [*RatingValue.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return conversations_rated(queryset, chosen) if chosen else queryset


class VerifiedFilter(ChoiceFilter):
    """Filters by whether the customer was signed in."""

    title = _("customer")
    parameter_name = "verified"
    filters = {"yes": Q(customer__isnull=False), "no": Q(customer=None)}
    words = [("yes", _("Verified")), ("no", _("Anonymous"))]


class ReviewFilter(admin.SimpleListFilter):
    """Filters by whether staff have read it."""

    title = _("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [
            ("waiting", _("Waits to be read")),
            ("mine", _("Assigned to me")),
            ("done", _("Read to its end")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "waiting":
                return unreviewed(queryset)
            case "mine":
                return queryset.filter(review__reviewer=request.user.pk)
            case "done":
                return queryset.filter(review__reviewed_count__gte=F("message_count"))
        return queryset


class VerdictFilter(admin.SimpleListFilter):
    """Filters by what staff thought of any of the answers."""

    title = _("verdict")
    parameter_name = "verdict"
    faulted = "faulted"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [(self.faulted, _("Other than good")), *Judgement.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen == self.faulted:
            return queryset.filter(pk__in=conversations_faulted())
        if chosen in Judgement.values:
            return queryset.filter(pk__in=conversations_judged(str(chosen)))
        return queryset


class HoldFilter(admin.SimpleListFilter):
    """Filters by whether a hold keeps it from being erased."""

    title = _("hold")
    parameter_name = "hold"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        return [("yes", _("On hold"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_held()) if self.value() == "yes" else queryset


class TeamFilter(ChoiceFilter):
    """Filters by whether the customer left a message for the team."""

    title = _("for the team")
    parameter_name = "team"
    filters = {
        "open": Q(pk__in=TeamMessage.objects.filter(closed_at=None).values("conversation")),
        "closed": Q(
            pk__in=TeamMessage.objects.filter(closed_at__isnull=False).values("conversation")
        ),
    }
    words = [("open", _("Waits for a person")), ("closed", _("Closed by the team"))]


class SampleFilter(admin.SimpleListFilter):
    """Offers a random sample of what the other filters leave; the list itself takes it, last."""

    title = _("random sample")
    parameter_name = "sample"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Lookups:
        chosen = sample_parse(self.value() or "")
        mine = [(chosen.size, _("Draw others"))] if chosen else []
        sizes = [(size, at_random(size)) for size in SIZES if not chosen or size != chosen.size]
        now = timezone.now()
        return [(str(sample_draw(now, size)), words) for size, words in (*mine, *sizes)]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        chosen = sample_parse(self.value() or "")
        every, *fresh = super().choices(changelist)
        yield {**every, "selected": chosen is None}
        if chosen:
            yield {
                "selected": True,
                "query_string": changelist.get_query_string({self.parameter_name: str(chosen)}),
                "display": at_random(chosen.size),
            }
        yield from ({**choice, "selected": False} for choice in fresh)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


FILTERS = (
    *(SignFilter, TeamFilter, OutcomeFilter, RatingFilter, ReviewFilter, VerdictFilter),
    *(VerifiedFilter, WidgetFilter, LanguageFilter, VersionFilter, ActiveFilter, HoldFilter),
    *(SampleFilter, BeganFilter, AlikeFilter),
)


def at_random(size: int) -> str:
    """Return what a sample of this size is called."""
    return gettext("%(count)d at random") % {"count": size}
