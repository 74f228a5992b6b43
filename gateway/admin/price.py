"""Prices: what a model costs from a day on."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gateway.admin_parts.page import Page, person
from gateway.models import Price
from gateway.services import allowance_delete, price_save


@admin.register(Price)
class PriceAdmin(Page[Price]):
    """Where an operator says what things cost; without a price a cost is unknown, not zero."""

    empty_title = _("No prices yet")
    empty_text = _("Until a model has a price, what its answers cost is unknown.")
    list_display = (
        "model",
        "provider",
        "currency",
        "number_prompt",
        "number_completion",
        "valid_from",
    )
    list_filter = ("provider",)
    list_select_related = ("provider",)
    search_fields = ("model",)

    def save_model(
        self,
        request: HttpRequest,
        obj: Price,
        form: forms.ModelForm[Price],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        price_save(price=obj, by=person(request))

    def delete_model(self, request: HttpRequest, obj: Price) -> None:
        allowance_delete(row=obj, by=person(request))

    @admin.display(description=_("per million prompt tokens"), ordering="prompt_per_million")
    def number_prompt(self, price: Price) -> str:
        return f"{price.prompt_per_million.normalize():f}"

    @admin.display(
        description=_("per million completion tokens"), ordering="completion_per_million"
    )
    def number_completion(self, price: Price) -> str:
        return f"{price.completion_per_million.normalize():f}"
