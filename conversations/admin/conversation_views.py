"""Saved views of the list of conversations: kept, shared, let go of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.admin.conversation_given import is_key
from conversations.models import RatingValue, SavedView
from conversations.review.choices import Sign
from conversations.review.saved_views import query_keep, view_delete, view_save
from conversations.staff_errors import SavedViewError
from gateway.admin_parts.page import person

# What everybody has, by their query strings; the first of them are always in sight.
BUILT_IN = (
    (_("All"), ""),
    (_("Waits for a person"), "team=open"),
    (_("Waits to be read"), "review=waiting"),
    (RatingValue.DOWN.label, f"rating={RatingValue.DOWN}"),
    (_("No answer"), "outcome=none"),
    *((sign.label, f"sign={sign}") for sign in Sign),
)
BUILT_IN_SHOWN = 5
OWN_SHOWN = 2


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at the list: what it is called, what it chooses, who keeps it if anybody."""

    words: str | Promise
    query: str
    is_chosen: bool
    is_saved: bool = False
    shared_by: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """The views in sight, which hold the chosen one wherever it is kept, and the rest."""

    shown: Sequence[View]
    more: Sequence[View]


def views_shown(saved: Sequence[SavedView], chosen: str, owner: User) -> Views:
    """Return the views that stand in a row, and those behind "More views".

    Args:
        saved: The saved views that a person may use, their own first.
        chosen: What the list shows, as ``query_keep`` tells it.
        owner: The person.
    """
    built_in = [View(words, query, query == chosen) for words, query in BUILT_IN]
    kept = [
        View(
            words=view.name,
            query=view.query,
            is_chosen=view.query == chosen,
            is_saved=True,
            shared_by="" if view.owner_id == owner.pk else str(view.owner),
        )
        for view in saved
    ]
    own = [view for view in kept if not view.shared_by]
    important = [*built_in[:BUILT_IN_SHOWN], *own[:OWN_SHOWN]]
    others = [view for view in (*built_in, *kept) if view not in important]
    return Views(
        shown=[*important, *(view for view in others if view.is_chosen)],
        more=[view for view in others if not view.is_chosen],
    )


class SavedViewForm(forms.Form):
    """The name of a view, what it chooses, and whether it is for everybody."""

    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(required=False)
    address = forms.CharField(required=False, max_length=2_000)


def view_save_page(request: HttpRequest) -> HttpResponse:
    """Keep what the list shows under a name."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = SavedViewForm(request.POST)
    kept = query_keep(str(request.POST.get("address", "")))
    if not form.is_valid():
        messages.error(request, _("A view needs a name of at most 60 characters."))
        return _to_list(kept)
    try:
        view = view_save(
            owner=person(request),
            name=form.cleaned_data["name"],
            address=form.cleaned_data["address"],
            is_shared=form.cleaned_data["is_shared"],
        )
    except SavedViewError as error:
        messages.error(request, str(error.text))
        return _to_list(kept)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return _to_list(view.query)


def view_drop_page(request: HttpRequest) -> HttpResponse:
    """Let go of a view of one's own."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    key = str(request.POST.get("view", ""))
    if is_key(key) and view_delete(owner=person(request), view=int(key)):
        messages.success(request, _("The view is deleted; its conversations are untouched."))
    return _to_list("")


def _to_list(query: str) -> HttpResponse:
    address = reverse("admin:conversations_conversation_changelist")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
