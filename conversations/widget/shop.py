"""The sample shop: a website that embeds the widget exactly as any other would."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from conversations.widget.selectors import widget_first


@dataclass(frozen=True)
class Good:
    """One thing on the shelf; its picture is named after it."""

    slug: str
    name: Promise
    price: str
    words: Promise

    @property
    def picture(self) -> str:
        """The address of its picture."""
        return static(f"shop/{self.slug}.svg")


GOODS = (
    Good(
        "jacket",
        _("Skerry rain jacket"),
        "€149",
        _("Waxed cotton, taped seams, pockets for both hands"),
    ),
    Good("lantern", _("Night Watch lantern"), "€54", _("14 hours of warm light on one charge")),
    Good("blanket", _("Fog wool blanket"), "€89", _("130 by 180 cm of lambswool from two mills")),
    Good("mug", _("Low Tide enamel mug"), "€18", _("0.35 l, may be dropped, may go on the fire")),
    Good("tote", _("Ferry canvas tote"), "€39", _("Carries 20 kg, sewn downstairs")),
    Good("soap", _("Pine tar soap"), "€12", _("Smells of the boathouse, 120 g")),
)


@require_safe
@gzip_page
def shop(request: HttpRequest) -> HttpResponse:
    """Answer with the shop's front page, and the first active widget on it."""
    context = {"widget": widget_first(), "locale": get_language(), "goods": GOODS}
    response = render(request, "shop.html", context)
    patch_cache_control(response, no_cache=True)
    return response
