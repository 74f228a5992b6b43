"""Limits and daily budgets: how much may be asked, and what it may cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway.admin_parts.page import Page, person
from gateway.models import Budget, Limit
from gateway.models.allowance import EACH, Scope
from gateway.services import allowance_delete, budget_save, limit_save
from gateway.subjects import subjects

_NO_BOUND = "—"

EACH_ONE = {
    Scope.PROVIDER: gettext_lazy("each provider by itself"),
    Scope.KEY: gettext_lazy("each API key by itself"),
    Scope.WIDGET: gettext_lazy("each widget by itself"),
    Scope.CUSTOMER: gettext_lazy("each customer by themselves"),
    Scope.ADDRESS: gettext_lazy("each address by itself"),
}


def subject_text(kind: Scope, subject: str) -> str:
    """Return whom a limit or budget is about, in words."""
    if subject == EACH:
        return str(EACH_ONE[kind])
    return f"{kind.label}: {subjects(kind).get(subject, subject)}"


class ScopeForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """One choice of whom it is about, instead of a kind and an id to type."""

    kinds: Iterable[Scope] = ()
    applies_to = forms.ChoiceField(
        label=gettext_lazy("applies to"),
        help_text=gettext_lazy("What is said of one by name goes before what is said of each."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["applies_to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # as declared above
        field.choices = [(kind.label, self._choices(kind)) for kind in self.kinds]
        if self.instance.pk:
            field.initial = f"{self.instance.kind}:{self.instance.subject}"

    def clean(self) -> dict[str, Any]:
        """Take the choice apart, and refuse a second row about the same."""
        super().clean()
        kind, _colon, subject = self.cleaned_data.get("applies_to", "").partition(":")
        self.instance.kind, self.instance.subject = kind, subject
        twins = self._meta.model.objects.filter(kind=kind, subject=subject)
        if twins.exclude(pk=self.instance.pk).exists():
            self.add_error("applies_to", _("There is one for this already. Change that one."))
        return self.cleaned_data

    def _choices(self, kind: Scope) -> list[tuple[str, str]]:
        known = subjects(kind)
        if self.instance.pk and self.instance.kind == kind and self.instance.subject != EACH:
            # It may be gone by now; the row must open all the same.
            known.setdefault(self.instance.subject, self.instance.subject)
        each = {EACH: str(EACH_ONE[kind])} if kind in EACH_ONE else {}
        return [(f"{kind}:{subject}", name) for subject, name in (each | known).items()]


class LimitForm(ScopeForm):
    """What one of a kind may ask for."""

    # Messages of an address are limited at the door, by ADDRESS_MESSAGES_PER_MINUTE: replies
    # do not remember where their question came from.
    kinds = tuple(kind for kind in Scope if kind is not Scope.ADDRESS)

    class Meta:
        model = Limit
        fields = ("requests_per_minute", "burst", "tokens_per_minute", "concurrency")


class BudgetForm(ScopeForm):
    """What a widget or a customer may cost a day."""

    kinds = (Scope.WIDGET, Scope.CUSTOMER)

    class Meta:
        model = Budget
        fields = ("tokens", "money", "currency")


@admin.register(Limit)
class LimitAdmin(Page[Limit]):
    """Where an operator says how fast is too fast."""

    form = LimitForm
    empty_title = gettext_lazy("No limits yet")
    empty_text = gettext_lazy("Everybody may ask as fast as they like. Add a limit to change that.")
    list_display = (
        "about",
        "number_requests",
        "number_burst",
        "number_tokens",
        "number_concurrency",
    )
    list_filter = ("kind",)
    fields = ("applies_to", "requests_per_minute", "burst", "tokens_per_minute", "concurrency")

    def save_model(
        self,
        request: HttpRequest,
        obj: Limit,
        form: forms.ModelForm[Limit],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        limit_save(limit=obj, by=person(request))

    def delete_model(self, request: HttpRequest, obj: Limit) -> None:
        allowance_delete(row=obj, by=person(request))

    @admin.display(description=gettext_lazy("applies to"), ordering="kind")
    def about(self, limit: Limit) -> str:
        return subject_text(Scope(limit.kind), limit.subject)

    @admin.display(description=gettext_lazy("requests per minute"))
    def number_requests(self, limit: Limit) -> str:
        return _number(limit.requests_per_minute)

    @admin.display(description=gettext_lazy("requests at once"))
    def number_burst(self, limit: Limit) -> str:
        return _number(limit.burst or limit.requests_per_minute)

    @admin.display(description=gettext_lazy("tokens per minute"))
    def number_tokens(self, limit: Limit) -> str:
        return _number(limit.tokens_per_minute)

    @admin.display(description=gettext_lazy("answers at a time"))
    def number_concurrency(self, limit: Limit) -> str:
        return _number(limit.concurrency)


@admin.register(Budget)
class BudgetAdmin(Page[Budget]):
    """Where an operator says what a day may cost."""

    form = BudgetForm
    empty_title = gettext_lazy("No budgets yet")
    empty_text = gettext_lazy("Nothing bounds what a day may cost. Add a budget to change that.")
    list_display = ("about", "number_tokens", "number_money")
    fields = ("applies_to", "tokens", "money", "currency")

    def save_model(
        self,
        request: HttpRequest,
        obj: Budget,
        form: forms.ModelForm[Budget],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        budget_save(budget=obj, by=person(request))

    def delete_model(self, request: HttpRequest, obj: Budget) -> None:
        allowance_delete(row=obj, by=person(request))

    @admin.display(description=gettext_lazy("applies to"), ordering="kind")
    def about(self, budget: Budget) -> str:
        return subject_text(Scope(budget.kind), budget.subject)

    @admin.display(description=gettext_lazy("tokens per day"))
    def number_tokens(self, budget: Budget) -> str:
        return _number(budget.tokens)

    @admin.display(description=gettext_lazy("money per day"))
    def number_money(self, budget: Budget) -> str:
        return _NO_BOUND if budget.money is None else f"{budget.money:.2f} {budget.currency}"


def _number(amount: int | None) -> str:
    return _NO_BOUND if amount is None else number_format(amount, force_grouping=True)
